"""Answers of past moments beside those of now: one connection, one question after another, a region in which a tenth of the leaves changed."""

import datetime
import random
import time

import bulk
import harness
from t4 import Asker, percentile

YEARS = 10

# A tenth of the leaves had another name and a simpler border until a moment of their own.
HISTORY = """
begin;
insert into gewu.revision (kind, title) values ('other', 'bench history');
update gewu.grid_version set valid = tstzrange(now() - interval '{years} years', null);
update gewu.assignment set valid = tstzrange(now() - interval '{years} years', null);
create temporary table changed on commit drop as
  select county, grid_id, now() - random() * interval '{days} days' as at
  from gewu.grid_version where level = 6 and abs(hashtext(code)) % 10 = 0;
update gewu.grid_version g set valid = tstzrange(c.at, null)
  from changed c where (c.county, c.grid_id) = (g.county, g.grid_id);
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, kind, name, households, invented, geom)
  select g.county, g.grid_id, (select max(id) from gewu.revision), tstzrange(now() - interval '{years} years', c.at), scheme, code, level,
    parent_county, parent_id, kind, '旧' || name, households, invented, st_multi(st_simplifypreservetopology(geom, 1e-4))
  from gewu.grid_version g join changed c on (c.county, c.grid_id) = (g.county, g.grid_id);
commit;
vacuum analyze;
select count(*) from gewu.grid_version where upper(valid) is not null;
"""


def moments(count):
    """Instants of the last years, drawn by a fixed generator."""
    draw, now = random.Random(7), datetime.datetime.now(datetime.timezone.utc)
    for _ in range(count):
        yield now - datetime.timedelta(days=draw.uniform(1, YEARS * 365 - 40))


def ask(asker, point, at):
    began = time.monotonic()
    answer = asker.resolve(*point, at)
    return time.monotonic() - began, answer


def run(results, cells, points, rounds, count=3_000):
    files = harness.lattice(cells, points)
    with open(files / "points.csv", encoding="utf-8") as lines:
        places = [line.strip().split(",") for line, _ in zip(lines, range(count + 1))][1:]
    with harness.Cluster() as cluster:
        bulk.load(cluster, files, staff=True)
        former = int(cluster.psql(HISTORY.format(years=YEARS, days=YEARS * 365 - 100)).splitlines()[-1])
        with harness.serve(cluster) as server:
            asker = Asker(server.origin)
            ask(asker, places[0], None)
            for number in range(rounds):
                for what, instants in (("now", [None] * count), ("past", moments(count))):
                    asked = [ask(asker, place, at and at.isoformat().replace("+00:00", "Z")) for place, at in zip(places, instants)]
                    took = [seconds * 1e3 for seconds, _ in asked]
                    old = sum((answer["grid"] or {"name": ""})["name"].startswith("旧") for _, answer in asked)
                    unfound = sum(answer["grid"] is None for _, answer in asked)
                    results.add("past", what=what, round=number, cells=cells, former_versions=former, asked=len(took), answered_by_former=old,
                                unfound=unfound, p50_ms=percentile(took, 0.5), p99_ms=percentile(took, 0.99), max_ms=max(took))
