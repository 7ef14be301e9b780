-- why: analysts read with psql, QGIS and whatever else speaks PostgreSQL. the tables may change with each version; these views are
-- a promise: their names, columns and types stay. they show no people, and those who serve only as the API shows them.
create schema gewu_read;
comment on schema gewu_read is '给分析人员的只读视图 Views for analysts: stable names and columns, no personal data. Read as a member of gewu_reader.';

-- why: what lies in a grid lies in those above it, too; with the codes of the chain in the row a count by any level is a group by.
-- joins and no function: the planner goes by the index for one row and reads once for all, and the catalogue takes views on it,
-- which it does not where a function might read what nobody sees. a chain has at most six grids, since levels rise along it.
create view gewu.current_chain as
  select g.county, g.grid_id, g.code,
    case 1 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_1,
    case 2 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_2,
    case 3 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_3,
    case 4 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_4,
    case 5 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_5,
    case 6 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_6
  from gewu.grid_version g
  left join gewu.grid_version a on (a.county, a.grid_id) = (g.parent_county, g.parent_id) and a.valid @> now()
  left join gewu.grid_version b on (b.county, b.grid_id) = (a.parent_county, a.parent_id) and b.valid @> now()
  left join gewu.grid_version c on (c.county, c.grid_id) = (b.parent_county, b.parent_id) and c.valid @> now()
  left join gewu.grid_version d on (d.county, d.grid_id) = (c.parent_county, c.parent_id) and d.valid @> now()
  left join gewu.grid_version e on (e.county, e.grid_id) = (d.parent_county, d.parent_id) and e.valid @> now()
  where g.valid @> now();

create view gewu_read.level as
  select level as id, name, name_en from gewu.level_scheme;
comment on view gewu_read.level is '层级 The levels and what they are called here';

create view gewu_read.grid_version as
  select v.grid_id || '.' || r.number as id, grid_id, county, scheme, code, level, name, v.kind, households, parent_id, parent_county, invented, valid,
    number as revision, geom
  from gewu.grid_version v left join gewu.revision r on r.id = v.revision;
comment on view gewu_read.grid_version is '网格的所有版本 Every version of every grid, past, present and to come: valid says when it holds';

create view gewu_read.grid as
  select g.grid_id as id, g.scheme, g.code, g.level, g.name, g.kind, g.households, g.parent_id,
    not exists (select from gewu.current_grid c where (c.parent_county, c.parent_id) = (g.county, g.grid_id)) as leaf,
    code_1, code_2, code_3, code_4, code_5, code_6, g.invented, lower(g.valid) as valid_from, upper(g.valid) as valid_until, g.geom
  from gewu.current_grid g join gewu.current_chain using (county, grid_id);
comment on view gewu_read.grid is '现行网格 The grids that hold now, of all levels';

-- why: pay and liability follow the grids of that day. it reads views that whoever may call it may read, so that the planner sees
-- through it, and a filter by place uses the index.
create function gewu_read.grid_at(at timestamptz) returns setof gewu_read.grid language sql stable parallel safe begin atomic
  select g.grid_id as id, g.scheme, g.code, g.level, g.name, g.kind, g.households, g.parent_id,
    not exists (select from gewu_read.grid_version c where (c.parent_county, c.parent_id) = (g.county, g.grid_id) and c.valid @> at) as leaf,
    case 1 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_1,
    case 2 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_2,
    case 3 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_3,
    case 4 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_4,
    case 5 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_5,
    case 6 when g.level then g.code when a.level then a.code when b.level then b.code when c.level then c.code when d.level then d.code when e.level then e.code end as code_6,
    g.invented, lower(g.valid) as valid_from, upper(g.valid) as valid_until, g.geom
  from gewu_read.grid_version g
  left join gewu_read.grid_version a on (a.county, a.grid_id) = (g.parent_county, g.parent_id) and a.valid @> at
  left join gewu_read.grid_version b on (b.county, b.grid_id) = (a.parent_county, a.parent_id) and b.valid @> at
  left join gewu_read.grid_version c on (c.county, c.grid_id) = (b.parent_county, b.parent_id) and c.valid @> at
  left join gewu_read.grid_version d on (d.county, d.grid_id) = (c.parent_county, c.parent_id) and d.valid @> at
  left join gewu_read.grid_version e on (e.county, e.grid_id) = (d.parent_county, d.parent_id) and e.valid @> at
  where g.valid @> at;
end;
comment on function gewu_read.grid_at is '某一时刻的网格 The grids that held at an instant, or are to hold, as gewu_read.grid shows those of now: select * from gewu_read.grid_at(''2026-03-03 08:00+08'')';

create view gewu_read.building as
  select id, source, source_id, class, r.name, address, height_m, floors, r.households, properties, leaf_id as grid_id, code as grid_code,
    code_1, code_2, code_3, code_4, code_5, code_6, r.invented, r.geom
  from gewu.building r left join gewu.current_chain c on (c.county, c.grid_id) = (r.county, r.leaf_id);
comment on view gewu_read.building is '建筑物 Buildings, with the codes of the grids that hold them now; points or footprints';

create view gewu_read.facility as
  select id, source, source_id, class, r.name, address, properties, leaf_id as grid_id, code as grid_code,
    code_1, code_2, code_3, code_4, code_5, code_6, r.invented, r.geom
  from gewu.facility r left join gewu.current_chain c on (c.county, c.grid_id) = (r.county, r.leaf_id);
comment on view gewu_read.facility is '设施 Facilities, with the codes of the grids that hold them now; points or areas';

create view gewu_read.resource as
  select id, collection, source, source_id, class, r.name, address, properties, leaf_id as grid_id, code as grid_code,
    code_1, code_2, code_3, code_4, code_5, code_6, r.invented, r.geom
  from gewu.resource r left join gewu.current_chain c on (c.county, c.grid_id) = (r.county, r.leaf_id);
comment on view gewu_read.resource is '其他资源 Further collections of the catalogue, with the codes of the grids that hold them now; any geometry';

-- why: the same people as the API names, masked in the same way: substitutes in the place of the absent, to the end of their chain, nobody
-- where it ends with nobody or runs in a circle, nobody twice in a grid. a security barrier: no condition of a reader is asked before
-- the rows are chosen.
create view gewu_read.duty with (security_barrier) as
  with recursive away as (
    select worker_id, substitute_id from gewu.absence where valid @> now()),
  standing (worker_id, present_id, passed) as (
    select worker_id, substitute_id, array[worker_id] from away where substitute_id is not null
    union all
    select s.worker_id, a.substitute_id, s.passed || s.present_id
    from standing s join away a on a.worker_id = s.present_id
    where a.substitute_id is not null and a.substitute_id <> all (s.passed || s.present_id)),
  present as (
    select id as worker_id, id as present_id from gewu.worker w where not exists (select from away a where a.worker_id = w.id)
    union all
    select worker_id, present_id from standing s where not exists (select from away a where a.worker_id = s.present_id)),
  serving as (
    select distinct on (g.county, g.grid_id, p.present_id) s.id, g.grid_id, g.code, g.level, p.present_id, s.role, s.rank,
      nullif(s.worker_id, p.present_id) as acting_for
    from gewu.assignment s join gewu.current_grid g using (county, grid_id) join present p using (worker_id)
    where s.valid @> now()
    order by g.county, g.grid_id, p.present_id, s.rank,
      array_position(array['head', 'full_time', 'part_time', 'instructor'], s.role), s.worker_id, lower(s.valid) nulls first, s.id)
  select s.id, s.grid_id, s.code as grid_code, s.level, s.present_id as worker_id,
    left(w.name, 1) || repeat('*', greatest(length(w.name) - 1, 1)) as name,
    case when length(w.phone) >= 11 then left(w.phone, 3) || repeat('*', length(w.phone) - 7) || right(w.phone, 4)
      else repeat('*', length(w.phone) - least(2, length(w.phone) / 2)) || right(w.phone, least(2, length(w.phone) / 2)) end as phone,
    s.role, s.rank, s.acting_for
  from serving s join gewu.worker w on w.id = s.present_id;
comment on view gewu_read.duty is '在岗人员 Who is on duty in each grid now; names and phones are masked. A grid without a row is answered for by the one above it';

-- why: the columns that several views have mean the same in each.
do $$
declare
  meaning jsonb := '{
    "id": "唯一标识 Tells the rows apart",
    "grid_id": "网格标识 Identity of the grid; it stays when code, name or boundary change",
    "grid_code": "所在末级网格代码 Code of the grid; of a resource: of the leaf that holds it, null when none does now",
    "county": "县级行政区划代码 Division code of the county, by which tables are partitioned",
    "parent_county": "上级网格的县级代码 County of the grid above",
    "scheme": "编码规则 Scheme that the code is of",
    "code": "代码 Code",
    "level": "层级 Level, 1 at the top to 6",
    "name": "名称 Name; of people: masked",
    "name_en": "英文名称 Name in English",
    "kind": "网格类型 base, dedicated or micro; null for administrative divisions",
    "households": "户数 Resident households",
    "parent_id": "上级网格标识 Identity of the grid above; null at the top",
    "leaf": "是否末级 Has it no grid below it?",
    "code_1": "第1级代码 Code of the grid of level 1 in the chain, itself included; null when there is none",
    "code_2": "第2级代码 Code of the grid of level 2 in the chain, itself included; null when there is none",
    "code_3": "第3级代码 Code of the grid of level 3 in the chain, itself included; null when there is none",
    "code_4": "第4级代码 Code of the grid of level 4 in the chain, itself included; null when there is none",
    "code_5": "第5级代码 Code of the grid of level 5 in the chain, itself included; null when there is none",
    "code_6": "第6级代码 Code of the grid of level 6 in the chain, itself included; null when there is none",
    "invented": "是否虚构 True: sample data, made up",
    "valid": "有效期 When it holds",
    "valid_from": "生效时间 The first instant that it holds; null: always did",
    "valid_until": "失效时间 The first instant that it no longer holds; null: open",
    "revision": "版本号 Number of the revision that brought it, as the API counts; null while that is not committed",
    "geom": "空间位置 Geometry in degrees of CGCS2000 (EPSG:4490)",
    "source": "来源系统 System that owns it",
    "source_id": "来源系统中的标识 Its identity there",
    "collection": "资源目录 Collection of the catalogue",
    "class": "类别 Class",
    "address": "地址 Address",
    "height_m": "高度 Height in metres",
    "floors": "层数 Floors above ground",
    "properties": "其他属性 Further attributes",
    "worker_id": "在岗人员标识 Identity of whoever is on duty",
    "phone": "电话（脱敏） Telephone, masked",
    "role": "岗位 head, full_time, part_time or instructor",
    "rank": "顺位 1: primary; 2 and more: deputies",
    "acting_for": "代谁在岗 Identity of the absent worker whose place it is; null: the own one"}';
  described record;
begin
  for described in
    select c.relname, a.attname, meaning ->> a.attname as text from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'gewu_read'::regnamespace and c.relkind = 'v' and a.attnum > 0
  loop
    execute format('comment on column gewu_read.%I.%I is %L', described.relname, described.attname, described.text);
  end loop;
end $$;

-- why: a role of the server that may read the views, and nothing else; people get it by `grant gewu_reader to anna`. whoever
-- migrates a database of a host may not be allowed to make roles: then somebody who may makes one, and this is called again.
create function gewu.let_read(reader name) returns boolean language plpgsql as $$
begin
  if not exists (select from pg_roles where rolname = reader) then
    begin
      execute format('create role %I nologin', reader);
    exception
      when insufficient_privilege then
        raise warning 'the role % is not there and may not be made by %; let whoever may create it, then: select gewu.let_read(%)',
          reader, current_user, quote_literal(reader);
        return false;
      -- why: roles are of the whole server, and another of its databases may be migrated at the same time.
      when duplicate_object or unique_violation then null;
    end;
  end if;
  execute format('grant usage on schema gewu_read to %I', reader);
  execute format('grant select on all tables in schema gewu_read to %I', reader);
  execute format('grant execute on function gewu_read.grid_at(timestamptz) to %I', reader);
  return true;
end $$;
revoke execute on function gewu.let_read(name), gewu_read.grid_at(timestamptz) from public;
select gewu.let_read('gewu_reader');
