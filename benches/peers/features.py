"""Q1: features of the leaves as OGC API Features beside tipg on the same database: boxes, pages, single ones, filters; runs alternate.

tipg is given the leaves in a table of their own with an index, in longitude and latitude, and one worker of uvicorn. Before anything is timed the two are
asked for some of the same boxes, and a run in which they show other leaves fails.
"""

import contextlib
import json
import os
import pathlib
import random
import subprocess
import tempfile
import urllib.parse
import urllib.request

import bulk
import harness
import tiles

PACKAGES = ["tipg", "uvicorn"]
# The side of a box in degrees: some fifty leaves of 30,276.
SIDE = 0.065
LIMIT = 100

LEAVES = """
create table leaves as
  select row_number() over (order by code)::int as id, code, name, level, kind, households, st_transform(geom, 4326)::geometry(multipolygon, 4326) as geom
  from gewu.current_grid where level = (select max(level) from gewu.level_scheme) order by geom;
alter table leaves add primary key (id);
create index on leaves using gist (geom);
create index on leaves (code);
vacuum analyze leaves;
"""


def ensure_tipg():
    check = subprocess.run([harness.PYTHON, "-c", "import tipg, uvicorn"], capture_output=True)
    if check.returncode:
        harness.say("installing " + " ".join(PACKAGES))
        subprocess.run([harness.PYTHON, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, timeout=600)


def serve_tipg(cluster, log):
    port = tiles.free_port()
    url = f"postgresql://bench@{urllib.parse.quote(str(cluster.directory), safe='')}/bench"
    settings = {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["public"]', "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    command = ["env", *(f"{key}={value}" for key, value in settings.items()), harness.PYTHON, "-m", "uvicorn", "tipg.main:app", "--port", str(port),
               "--log-level", "error"]
    return harness.Server(command, ready="/collections", origin=f"http://127.0.0.1:{port}", log=log)


def boxes(count=500):
    drawn = random.Random(1126)
    corners = [(drawn.uniform(99.05, 100.85), drawn.uniform(25.05, 26.85)) for _ in range(count)]
    return [(f"{x:.6f},{y:.6f},{x + SIDE:.6f},{y + SIDE:.6f}") for x, y in corners]


def paths(work, deepest, codes, ids):
    """The same questions to both."""
    gewu, tipg = "/collections/grids/items", "/collections/public.leaves/items"
    only = f"level={deepest}"
    if work == "box":
        return [[f"{gewu}?{only}&bbox={box}&limit={LIMIT}" for box in boxes()], [f"{tipg}?bbox={box}&limit={LIMIT}" for box in boxes()]]
    if work == "filter":
        asked = [urllib.parse.quote(f"code LIKE '{code[:9]}%' AND households > 350") for code in codes[::61]]
        return [[f"{gewu}?{only}&filter={text}&limit={LIMIT}" for text in asked],
                [f"{tipg}?filter={text}&filter-lang=cql2-text&limit={LIMIT}" for text in asked]]
    if work == "page":
        return [[f"{gewu}?{only}&limit=1000&sortby=code"], [f"{tipg}?limit=1000&sortby=code"]]
    return [[f"{gewu}/{code}" for code in codes[::7]], [f"{tipg}/{number}" for number in ids[::7]]]


def codes_of(server, path):
    with urllib.request.urlopen(server.origin + path, timeout=60) as answer:
        found = json.load(answer)
    return sorted(feature["properties"]["code"] for feature in found.get("features", [found])), found.get("numberMatched")


def agree(results, work, servers, asked):
    """Both show the same leaves."""
    features = 0
    for pair in list(zip(*asked))[:40]:
        (one, matched), (other, counted) = [codes_of(server, path) for server, path in zip(servers, pair)]
        # Of more than the limit each may choose its own.
        if (matched, len(one)) != (counted, len(other)) or (len(one) < LIMIT and one != other):
            raise SystemExit(f"{pair}: {len(one)} of {matched} and {len(other)} of {counted} leaves")
        features += len(one)
    results.add("q1", work=work, asked=min(40, len(asked[0])), features_each=features / min(40, len(asked[0])))


def rates(results, work, names, servers, asked, rounds, seconds):
    with contextlib.ExitStack() as opened:
        lists = []
        for wanted in asked:
            listed = opened.enter_context(tempfile.NamedTemporaryFile("w", suffix=".txt", dir=harness.WORK))
            listed.writelines(f"{path}\n" for path in wanted)
            listed.flush()
            lists.append(listed.name)
        for number in range(rounds):
            found = {}
            for name, server, listed in zip(names, servers, lists):
                cpu = server.cpu_seconds()
                figures = harness.run_wrk("paths.lua", server.origin, seconds, [listed], connections=16)
                found[name] = figures["per_second"]
                results.add("q1", work=work, peer=name, round=number, **figures, own_cpu_seconds=round(server.cpu_seconds() - cpu, 3),
                            rss_mib=server.rss_mib())
            results.add("q1", work=work, round=number, ratio=found["gewu"] / found["tipg"], of="gewu", to="tipg")


def run(results, cells, points, rounds, seconds):
    ensure_tipg()
    files = harness.lattice(cells, points)
    results.add("machine", tipg=harness.output(str(harness.PYTHON), "-c", "import tipg; print(tipg.__version__)"))
    with contextlib.ExitStack() as opened:
        cluster = opened.enter_context(harness.Cluster())
        bulk.load(cluster, files, staff=False)
        cluster.psql(LEAVES)
        deepest = cluster.psql("select max(level) from gewu.level_scheme")
        codes = cluster.psql("select code from leaves order by id").split()
        log = pathlib.Path(tempfile.gettempdir()) / f"tipg-{os.getpid()}.log"
        gewu = opened.enter_context(harness.serve(cluster))
        tipg = opened.enter_context(serve_tipg(cluster, log))
        tiles.settle(gewu)
        for work in ["box", "page", "filter", "one"]:
            asked = paths(work, deepest, codes, list(range(1, len(codes) + 1)))
            agree(results, work, [gewu, tipg], asked)
            rates(results, work, ["gewu", "tipg"], [gewu, tipg], asked, rounds, seconds)
