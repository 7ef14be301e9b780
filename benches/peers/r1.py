"""R1: leaf and chain of points in any order, beside everything else that answers the question."""

import json
import subprocess

import harness

HERE = harness.ROOT / "benches" / "peers"


def lines(command, timeout=900):
    """What a peer says, an object a line."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def load(cluster, files):
    """The same file as tables of the peer: all levels in one, leaves in another; places count from 0 in the order of the file."""
    cluster.psql(f"""
        create extension if not exists postgis;
        create unlogged table raw (line json, n bigint generated always as identity);
        \\copy raw (line) from '{files / "grids.geojsonl"}' with (format csv, quote e'\\x01', delimiter e'\\x02')
        create table shape as select n, (line #>> '{{properties,level}}')::int as level,
            st_setsrid(st_geomfromgeojson(line -> 'geometry'), 4490) as geom from raw;
        drop table raw;
        create table leaf as select row_number() over (order by n) - 1 as place, geom from shape where level = 6;
        create index on shape using gist (geom);
        create index on leaf using gist (geom);
        create table asked (lon float8, lat float8, n bigint generated always as identity);
        \\copy asked (lon, lat) from '{files / "points.csv"}' with (format csv, header)
        alter table asked add geom geometry(point, 4490);
        update asked set geom = st_setsrid(st_makepoint(lon, lat), 4490);
        vacuum analyze shape; vacuum analyze leaf; vacuum analyze asked;""")


SINGLE = """\\set x random(0, 1000000000)
\\set y random(0, 1000000000)
select {what} from {table} where {predicate}(geom, st_setsrid(st_makepoint(99.05 + 1.9 * :x / 1e9, 25.05 + 1.9 * :y / 1e9), 4490));
"""


def postgis_single(cluster, results, seconds):
    """Prepared statements, four clients; the points are drawn by pgbench from the same square."""
    asks = [("one level", "place", "leaf"), ("all six levels", "n", "shape")]
    for (levels, what, table) in asks:
        for predicate in ("st_contains", "st_covers"):
            script = cluster.directory / "single.sql"
            script.write_text(SINGLE.format(what=what, table=table, predicate=predicate))
            command = [harness.postgres_bin() / "pgbench", "-h", cluster.directory, "-U", "bench", "-n", "-M", "prepared", "-c", "4", "-j", "1",
                       "-T", seconds, "--random-seed=7", "-f", script, "bench"]
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds + 60)
            rate = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
            results.add("r1", peer=f"PostGIS {predicate}, prepared, 4 clients, {levels}", cores=2, per_second=rate)


def postgis_bulk(cluster, results):
    answer = cluster.psql("""
        \\timing on
        select count(*), sum((place + 1) * ((n - 1) % 997 + 1)) from
            (select n, min(place) as place from asked a join leaf l on st_contains(l.geom, a.geom) group by n) found;""")
    row = next(line for line in answer.splitlines() if "|" in line)
    seconds = float(answer.split("Time: ")[1].split()[0]) / 1e3
    found, checksum = map(int, row.split("|"))
    count = int(cluster.psql("select count(*) from asked"))
    results.add("r1", peer="PostGIS st_contains, bulk join", cores=2, points=count, found=found, checksum=checksum, seconds=seconds,
                per_second=count / seconds)


def run(results, cells, points, rounds, seconds):
    files = harness.lattice(cells, points)
    with harness.Cluster() as cluster:
        load(cluster, files)
        for number in range(rounds):
            found = lines([harness.binary("lookup", example=True), cells, files / "points.csv", 1])
            for peer in ("peer_shapely.py", "peer_sedona.py"):
                found += lines([harness.PYTHON, HERE / peer, files, 1])
            for figures in found:
                results.add(**{"round": number, **figures, "part": "r1" if figures["part"] == "r1" else "r1-build"})
            postgis_bulk(cluster, results)
            postgis_single(cluster, results, seconds)
    prove(results)


def prove(results):
    """All peers that say what they found must have found the same."""
    with open(results.directory / "r1.jsonl", encoding="utf-8") as lines_of_file:
        rows = [json.loads(line) for line in lines_of_file]
    latest = {row["peer"]: (row["points"], row["checksum"]) for row in rows if row.get("checksum") is not None}
    harness.say(f"{len(latest)} peers, checksums {set(latest.values())}")
    if len(set(latest.values())) != 1:
        raise SystemExit(f"the peers did not find the same leaves: {latest}")
