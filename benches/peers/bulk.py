"""Puts the lattice straight into the tables: the millions of rows that a benchmark needs, without the cleaning of an import.

The statements fill what `gewu import grids` fills (identity, code, version, level names, one revision). Exclusion constraints and
indexes of versions stay in force: it is a fair database, only faster to come by.
"""

import time

import harness

GRIDS = """
set synchronous_commit = off;
create unlogged table raw (line json, n bigint generated always as identity);
\\copy raw (line) from '{file}' with (format csv, quote e'\\x01', delimiter e'\\x02')
create unlogged table shape as
  select n, code, parent_code as parent, level, name, households, md5('bench:' || code)::uuid as id, gewu.county_of(code) as county,
    st_multi(st_setsrid(st_geomfromgeojson(line -> 'geometry'), 4490)) as geom
  from raw, json_to_record(line -> 'properties') as p (code text, parent_code text, level smallint, name text, households int)
  order by n;
drop table raw;
begin;
insert into gewu.level_scheme (level, name, name_en)
  select distinct level, '第' || level || '级', 'Level ' || level from shape on conflict do nothing;
insert into gewu.revision (kind, title) values ('import', 'bench');
insert into gewu.grid (county, id, created_revision) select county, id, (select max(id) from gewu.revision) from shape order by n;
insert into gewu.grid_code (county, scheme, code, grid_id) select county, 'bench', code, id from shape order by n;
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, kind, name, households, invented, geom)
  select county, id, (select max(id) from gewu.revision), tstzrange(now(), null), 'bench', code, level,
    case when parent is not null then gewu.county_of(parent) end,
    md5('bench:' || parent)::uuid, case when level > 4 then 'base' end, name, households, true, geom
  from shape order by n;
commit;
drop table shape;
"""

STAFF = """
set synchronous_commit = off;
create unlogged table staff (source_id text, name text, role text, phone text, organisation text);
\\copy staff from '{workers}' with (format csv, header)
create unlogged table duty (worker text, grid text, role text, rank smallint);
\\copy duty from '{assignments}' with (format csv, header)
begin;
insert into gewu.worker (id, source, source_id, name, phone, organisation, role, invented)
  select md5('bench:' || source_id)::uuid, 'bench', source_id, name, phone, organisation, role, true from staff;
insert into gewu.assignment (county, id, grid_id, worker_id, role, rank, valid)
  select gewu.county_of(grid), md5('bench:' || worker || grid || role)::uuid, md5('bench:' || grid)::uuid, md5('bench:' || worker)::uuid,
    role, rank, tstzrange(now(), null) from duty;
insert into gewu.revision (kind, title) values ('import', 'bench staff');
commit;
drop table staff, duty;
"""


def load(cluster, files, staff):
    """Fills the tables of a fresh database; seconds."""
    with harness.serve(cluster, ready="/healthz"):
        pass  # the first start makes the schema
    began = time.monotonic()
    cluster.psql(GRIDS.format(file=files / "grids.geojsonl"), timeout=3600)
    if staff:
        cluster.psql(STAFF.format(workers=files / "workers.csv", assignments=files / "assignments.csv"), timeout=3600)
    cluster.psql("vacuum analyze")
    return time.monotonic() - began
