"""T4: from a row committed by psql to the answer, the event and the tile that show it, for small edits of several kinds."""

import http.client
import json
import math
import subprocess
import threading
import time
import urllib.parse

import bulk
import harness

PLACES = """
select g.code, g.grid_id, g.county, st_x(p.at), st_y(p.at), a.worker_id, d.id
from (select * from gewu.current_grid where level = (select max(level) from gewu.level_scheme)
      order by md5(code) limit {count}) g
cross join lateral (select st_pointonsurface(g.geom) as at) p
join gewu.assignment a on (a.county, a.grid_id) = (g.county, g.grid_id) and a.rank = 1
left join lateral (select id from gewu.assignment d where (d.county, d.grid_id) = (g.county, g.grid_id) and d.rank > 1 limit 1) d on true
where a.worker_id not in (select worker_id from gewu.assignment group by 1 having count(*) > 40);
"""


class Psql:
    """One session of psql; a statement has committed when its echo is read."""

    def __init__(self, cluster):
        self.process = subprocess.Popen(cluster.psql_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def commit(self, statement):
        """Seconds from sending to the word that it has committed."""
        began = time.monotonic()
        self.process.stdin.write(statement + "\n\\echo committed\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line.strip() != "committed":
            raise SystemExit(f"psql ended at {statement}: {line}")
        return time.monotonic() - began

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Asker:
    """Asks for a point on one connection."""

    def __init__(self, origin):
        self.connection = http.client.HTTPConnection(urllib.parse.urlparse(origin).netloc, timeout=10)

    def resolve(self, lon, lat, at=None):
        when = f"&at={at}" if at else ""
        self.connection.request("GET", f"/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000{when}")
        answer = self.connection.getresponse()
        return json.loads(answer.read())


    def tile(self, lon, lat, zoom=14):
        """The grids of the tile that holds a place, as they are sent without compression."""
        x = int((lon + 180) / 360 * 2**zoom)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
        self.connection.request("GET", f"/tiles/grids/{zoom}/{x}/{y}")
        return self.connection.getresponse().read()


class Listener:
    """Listens to events on a thread of its own; when the last one came."""

    def __init__(self, origin):
        self.connection = http.client.HTTPConnection(urllib.parse.urlparse(origin).netloc, timeout=600)
        self.connection.request("GET", "/v1/events")
        self.answer = self.connection.getresponse()
        self.came = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while line := self.answer.readline():
            if line.startswith(b"data:"):
                self.came.append(time.monotonic())

    def wait(self, known, committed, patience):
        """Seconds from a commit to the first event beyond those that were known; None when none comes."""
        while len(self.came) <= known:
            if time.monotonic() > committed + patience:
                return None
            time.sleep(0.0005)
        return max(0.0, self.came[known] - committed)


def edits(places):
    """Statement, point, and how to see it, one after another: phone, surname, rank, name of the grid."""
    surnames = "赵钱孙李周吴郑王冯陈"
    for number, (code, grid, county, lon, lat, worker, deputy) in enumerate(places):
        kind = ("phone", "worker_name", "rank", "grid_name")[number % 4]
        if kind == "phone":
            last = f"{number % 10_000:04}"
            yield (kind, f"update gewu.worker set phone = '1390000{last}' where id = '{worker}';", lon, lat,
                   lambda seen, last=last: any((who["phone"] or "").endswith(last) for who in seen["responsible"]))
        elif kind == "worker_name":
            name = surnames[number // 4 % 10]
            yield (kind, f"update gewu.worker set name = '{name}某某' where id = '{worker}';", lon, lat,
                   lambda seen, name=name: any(who["name"].startswith(name) for who in seen["responsible"]))
        elif kind == "rank" and deputy:
            rank = 3 + number // 4 % 90
            yield (kind, f"update gewu.assignment set rank = {rank} where county = '{county}' and id = '{deputy}';", lon, lat,
                   lambda seen, rank=rank: any(who["rank"] == rank for who in seen["responsible"]))
        else:
            name = f"改名网格{number}"
            yield ("grid_name", f"update gewu.grid_version set name = '{name}' where county = '{county}' and grid_id = '{grid}' and valid @> now();",
                   lon, lat, lambda seen, name=name: seen["grid"]["name"] == name)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def read_places(cluster, count):
    rows = [line.split("|") for line in cluster.psql(PLACES.format(count=count)).splitlines()]
    return [(code, grid, county, float(lon), float(lat), worker, deputy) for code, grid, county, lon, lat, worker, deputy in rows]


def run(results, cells, points, count, revise, by_import, patience=10.0):
    """`revise`: every edit also writes a revision, as Gewu's own writers do."""
    files = harness.lattice(cells, points)
    with harness.Cluster() as cluster:
        if by_import:
            harness.import_lattice(cluster, files, staff=True)
        else:
            bulk.load(cluster, files, staff=True)
        places = read_places(cluster, count)
        with harness.serve(cluster, log=results.directory / "t4.log") as server:
            psql, asker, listener = Psql(cluster), Asker(server.origin), Listener(server.origin)
            took, unseen, deaf = {}, 0, 0
            for kind, statement, lon, lat, visible in edits(places):
                if visible(asker.resolve(lon, lat)):
                    continue
                if revise:
                    statement = f"begin; {statement} insert into gewu.revision (kind, title) values ('other', 'bench'); commit;"
                known = len(listener.came)
                commit_seconds = psql.commit(statement)
                committed = time.monotonic()
                while not visible(asker.resolve(lon, lat)) and time.monotonic() < committed + patience:
                    time.sleep(0.001)
                seconds = time.monotonic() - committed
                seen = seconds < patience
                unseen += not seen
                took.setdefault(kind, []).append(seconds)
                heard = listener.wait(known, committed, patience)
                deaf += heard is None
                took.setdefault("event", []).append(patience if heard is None else heard)
                if kind == "grid_name":
                    name = statement.split("name = '", 1)[1].split("'", 1)[0].encode()
                    while name not in asker.tile(lon, lat) and time.monotonic() < committed + patience:
                        time.sleep(0.001)
                    took.setdefault("tile", []).append(time.monotonic() - committed)
                results.add("t4-edits", kind=kind, commit_ms=commit_seconds * 1e3, visible_ms=seconds * 1e3, seen=seen,
                            event_ms=None if heard is None else heard * 1e3)
                if unseen == 5 and unseen == len(took["event"]):
                    harness.say("the first five edits were never seen: the server does not follow edits; giving up")
                    break
            psql.close()
            answers = [value for kind, values in took.items() if kind not in ("event", "tile") for value in values]
            for kind, values in [*took.items(), ("all", answers)]:
                results.add("t4", cells=cells, kind=kind, edits=len(values), p50_ms=percentile(values, 0.5) * 1e3,
                            p99_ms=percentile(values, 0.99) * 1e3, max_ms=max(values) * 1e3, unseen={"all": unseen, "event": deaf}.get(kind))
