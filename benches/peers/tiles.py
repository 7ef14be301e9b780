"""T1 to T3: tiles of the leaves beside martin on the same database, the same tiles, the same attributes; runs alternate.

T1 asks without caches, z5 to z15; T2 with the caches of both full, beside axum that sends as many bytes from memory; T3 bakes z0 to z14
into one file. martin is given the leaves in a table of their own with an index, once in longitude and latitude, as they are kept, and once in
Web Mercator, which spares it the projection. Some tiles are decoded: who shows which leaves, in how many bytes.
"""

import contextlib
import gzip
import http.client
import json
import math
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.parse

import bulk
import harness
import r2

ZOOMS = range(5, 16)
# Below this zoom a peer may need a second for a tile: fewer at a time, for longer.
HEAVY = 9
# More than any tile of the lattice has: over its budget a tile is drawn more coarsely than a peer draws it.
BUDGET_KB = 16_000
# The region of the lattice without its rim, as longitudes and latitudes.
INSIDE = (99.05, 25.05, 100.95, 26.95)
MARTIN = "martin@1.14.0"
FEATURES = "postgres,mbtiles,pmtiles,geojson,metrics"

CATALOGUE = """
name = "leaves"
title = "leaves"
max_zoom = 16
[[layer]]
id = "leaves"
source = "grids"
description = "leaves"
min_zoom = 0
[layer.fields]
code = ""
name = ""
level = ""
kind = ""
households = ""
"""

# Above the leaves nothing is drawn before z16: the catalogue has one layer a level.
LEAVES = """
update gewu.level_scheme set min_zoom = 16 where level < (select max(level) from gewu.level_scheme);
create table leaves as
  select row_number() over (order by code)::int as id, code, name, level, kind, households, st_transform(geom, 4326) as geom
  from gewu.current_grid where level = (select max(level) from gewu.level_scheme) order by geom;
create table leaves_3857 as select id, code, name, level, kind, households, st_transform(geom, 3857) as geom from leaves;
create index on leaves using gist (geom);
create index on leaves_3857 using gist (geom);
vacuum analyze leaves;
vacuum analyze leaves_3857;
"""

MARTIN_SETTINGS = """
listen_addresses: 127.0.0.1:{port}
worker_processes: 2
cache_size_mb: {cache}
postgres:
  connection_string: {url}
  pool_size: 16
  auto_publish: false
  tables:
    leaves: &leaves
      schema: public
      table: leaves
      srid: 4326
      geometry_column: geom
      geometry_type: MULTIPOLYGON
      id_column: id
      extent: 4096
      buffer: 64
      clip_geom: true
      properties: {{code: text, name: text, level: int2, kind: text, households: int4}}
    leaves_3857:
      <<: *leaves
      table: leaves_3857
      srid: 3857
"""


def martin(name="martin"):
    """Built once, in a place of its own: eight minutes."""
    path = harness.WORK / "bin" / name
    if not path.exists():
        harness.say(f"building {MARTIN}")
        subprocess.run(["cargo", "install", MARTIN, "--locked", "--no-default-features", "--features", FEATURES, "--root", harness.WORK],
                       check=True, timeout=3600)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_settings(directory, cluster, cache):
    """A file of settings for martin; the port that it names."""
    port, path = free_port(), pathlib.Path(directory) / f"martin-{cache}.yaml"
    path.write_text(MARTIN_SETTINGS.format(port=port, cache=cache, url=cluster.url))
    return path, port


def serve_martin(directory, cluster, cache, log):
    path, port = write_settings(directory, cluster, cache)
    return harness.Server([martin(), "--config", path], ready="/health", origin=f"http://127.0.0.1:{port}", log=log)


def tiles(zoom):
    """The tiles of a zoom inside the region: `z x y`."""
    def column(lon):
        return int((lon + 180) / 360 * 2**zoom)

    def row(lat):
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)

    west, south, east, north = INSIDE
    return [(zoom, x, y) for x in range(column(west), column(east) + 1) for y in range(row(north), row(south) + 1)]


def wrk(server, path, wanted, seconds, connections):
    """Random tiles of a list for some seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=harness.WORK) as listed:
        listed.writelines(f"{z} {x} {y}\n" for z, x, y in wanted)
        listed.flush()
        return harness.run_wrk("tiles.lua", server.origin, seconds, [listed.name, path], connections=connections)


def settle(server, patience=180):
    """Waits until a server that has just become ready has nothing left to prepare."""
    deadline = time.monotonic() + patience
    before = server.cpu_seconds()
    while time.monotonic() < deadline:
        time.sleep(2)
        now = server.cpu_seconds()
        if now - before < 0.05:
            return
        before = now


class Fetcher:
    """Asks for tiles on one connection."""

    def __init__(self, server, path):
        self.connection = http.client.HTTPConnection(urllib.parse.urlparse(server.origin).netloc, timeout=60)
        self.path = path

    def __call__(self, tile):
        self.connection.request("GET", self.path % tile)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 204):
            raise SystemExit(f"{self.path % tile}: {answer.status} {body[:300]}")
        return body


def decoded(body):
    """The codes of a tile, decoded by a program of neither."""
    code = "import sys, json, mapbox_vector_tile as m; t = m.decode(sys.stdin.buffer.read()); " \
           "print(json.dumps([f['properties']['code'] for layer in t.values() for f in layer['features']]))"
    done = subprocess.run([harness.PYTHON, "-c", code], input=body, capture_output=True, timeout=120, check=True)
    return json.loads(done.stdout)


def contents(results, peers, count=12):
    """What some tiles of each zoom weigh and show, peer by peer."""
    for zoom in ZOOMS:
        wanted = tiles(zoom)
        wanted = wanted[:: max(1, len(wanted) // count)][:count]
        shown = {}
        for name, (server, path) in peers.items():
            bodies = [Fetcher(server, path)(tile) for tile in wanted]
            shown[name] = [decoded(body) if body else [] for body in bodies]
            results.add("t1-tiles", peer=name, zoom=zoom, tiles=len(bodies), bytes_each=sum(map(len, bodies)) / len(bodies),
                        gzip_bytes_each=sum(len(gzip.compress(body, 6)) for body in bodies) / len(bodies),
                        features_each=sum(map(len, shown[name])) / len(bodies),
                        twice=sum(len(codes) - len(set(codes)) for codes in shown[name]))
        (one, first), (other, second) = list(shown.items())[:2]
        results.add("t1-tiles", zoom=zoom, only=one, leaves=sum(len(set(a) - set(b)) for a, b in zip(first, second)))
        results.add("t1-tiles", zoom=zoom, only=other, leaves=sum(len(set(b) - set(a)) for a, b in zip(first, second)))


def rates(results, part, peers, zoom, rounds, seconds, **more):
    """Runs in turns; the ratios of each round are to the first peer."""
    wanted = tiles(zoom)
    seconds, connections = (max(seconds, 8), 4) if zoom < HEAVY else (seconds, 32)
    for server, path in peers.values():
        wrk(server, path, wanted, min(seconds, 2), connections)
    for number in range(rounds):
        found = {}
        for name, (server, path) in peers.items():
            cpu = server.cpu_seconds()
            figures = wrk(server, path, wanted, seconds, connections)
            found[name] = figures["per_second"]
            results.add(part, peer=name, zoom=zoom, round=number, **figures, own_cpu_seconds=round(server.cpu_seconds() - cpu, 3),
                        rss_mib=server.rss_mib(), **more)
        first, *others = found
        for other in others:
            results.add(part, zoom=zoom, round=number, ratio=found[first] / found[other], of=first, to=other)


def fill(server, path, zooms):
    fetch = Fetcher(server, path)
    sizes = {zoom: [len(fetch(tile)) for tile in tiles(zoom)] for zoom in zooms}
    return {zoom: sum(found) // len(found) for zoom, found in sizes.items()}


def save_atlas(cluster, directory):
    """The data directory of a server that has run: its atlas is saved there with all that is worked out of it."""
    home, log = pathlib.Path(directory) / "served", pathlib.Path(directory) / "served.log"
    with harness.serve(cluster, data_dir=home, log=log):
        deadline = time.monotonic() + 180
        while "is_prepared=true" not in log.read_text():
            if time.monotonic() > deadline:
                raise SystemExit("the server saves no atlas")
            time.sleep(0.2)
    return home


def bake(results, cluster, directory, catalogue, rounds, last=14):
    """T3: the leaves of z0 to z14 in one file; by a bake that reads PostGIS, and by one beside a server, whose saved atlas it finds."""
    settings, _ = write_settings(directory, cluster, 0)
    west, south, east, north = 99, 25, 101, 27
    homes = {"gewu bake": pathlib.Path(directory) / "bake", "gewu bake, saved atlas": save_atlas(cluster, directory)}
    for number in range(rounds):
        took = {}
        # Whoever comes first behind martin-cp gets its memory from the machine below: in turns.
        for peer, home in sorted(homes.items(), reverse=number % 2):
            out = pathlib.Path(directory) / "gewu.pmtiles"
            took[peer], said = harness.gewu(cluster, "bake", "--out", out, "--zoom", f"0-{last}", "--tilesets", "leaves", "--catalogue",
                                            catalogue, "--tile-budget-kb", BUDGET_KB, "--data-dir", home)
            results.add("t3", peer=peer, round=number, seconds=took[peer], bytes=out.stat().st_size, said=said.strip().split(": ", 1)[-1])
            out.unlink()
        for source in ["leaves", "leaves_3857"]:
            out = pathlib.Path(directory) / "martin.mbtiles"
            began = time.monotonic()
            done = subprocess.run([martin("martin-cp"), "--config", settings, "--source", source, "--output-file", out, "--min-zoom", "0",
                                   "--max-zoom", str(last), f"--bbox={west},{south},{east},{north}", "--concurrency", "4",
                                   "--mbtiles-type", "flat"], capture_output=True, text=True, timeout=3600)
            if done.returncode:
                raise SystemExit(f"martin-cp: {done.stderr[-2000:]}")
            seconds = time.monotonic() - began
            results.add("t3", peer=f"martin-cp {source}", round=number, seconds=seconds, bytes=out.stat().st_size,
                        ratio={peer: seconds / own for peer, own in took.items()})
            out.unlink()


def run(results, cells, points, rounds, seconds, profile="release"):
    martin()
    files = harness.lattice(cells, points)
    results.add("machine", martin=harness.output(str(martin()), "--version"))
    with contextlib.ExitStack() as opened:
        enter = opened.enter_context
        directory = pathlib.Path(enter(tempfile.TemporaryDirectory(prefix="tiles-", dir=harness.WORK)))
        catalogue = directory / "catalogue"
        catalogue.mkdir()
        (catalogue / "leaves.toml").write_text(CATALOGUE)
        cluster = enter(harness.Cluster())
        bulk.load(cluster, files, staff=False)
        cluster.psql(LEAVES)
        log = results.directory / "martin.log"
        settings = {"catalogue": catalogue, "tile_budget_kb": BUDGET_KB}
        with harness.serve(cluster, tile_cache_mb=0, **settings) as gewu, serve_martin(directory, cluster, 0, log) as peer:
            settle(gewu)
            peers = {"gewu": (gewu, "/tiles/leaves/%d/%d/%d"), "martin": (peer, "/leaves/%d/%d/%d"),
                     "martin 3857": (peer, "/leaves_3857/%d/%d/%d")}
            contents(results, peers)
            for zoom in ZOOMS:
                rates(results, "t1", peers, zoom, rounds, seconds)
        with harness.serve(cluster, **settings) as gewu, serve_martin(directory, cluster, 512, log) as peer:
            settle(gewu)
            for zoom in [11, 13]:
                mean = fill(gewu, "/tiles/leaves/%d/%d/%d", [zoom])[zoom]
                fill(peer, "/leaves/%d/%d/%d", [zoom])
                with harness.Server([r2.bare_axum(profile), mean]) as bare:
                    peers = {"gewu": (gewu, "/tiles/leaves/%d/%d/%d"), "martin": (peer, "/leaves/%d/%d/%d"),
                             "bare axum": (bare, "/tiles/%d/%d/%d")}
                    rates(results, "t2", peers, zoom, rounds, seconds, body_bytes=mean)
        bake(results, cluster, directory, catalogue, rounds)
