-- why: a resource lies in the leaf that covers its position, whoever moves the resource or the boundary: gewu, psql, qgis. imports and the api find the
-- leaf of what they write themselves, in one go with the rest; whoever gives leaves with the rows says so by `set gewu.leaves = 'given'`.
create function gewu.leaves_are_given() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(current_setting('gewu.leaves', true), '') = 'given'
$$;

-- why: while a resource is placed no boundary may change, and the other way round: what is not committed yet nobody else sees. the lock is that of imports.
-- it is taken before the first row is, so that nobody who has a row waits for it.
create function gewu.hold_boundaries() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_argv[0] = 'change' then
    perform pg_advisory_xact_lock(x'676577750001'::bigint);
  else
    perform pg_advisory_xact_lock_shared(x'676577750001'::bigint);
  end if;
  return null;
end $$;

-- why: the instants at which boundaries that were written ahead begin or end.
create table gewu.due (at timestamptz primary key);

-- why: functions of postgis are named with their schema, whichever it is, so that what runs with the owner's rights runs nothing else.
do $make$
declare
  gis text := (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'postgis');
  made text;
begin
  foreach made in array array[$anchor$
-- why: a footprint belongs where a point on its surface lies.
create function gewu.anchor_of(shape @.geometry) returns @.geometry language sql immutable parallel safe as $body$
  select case when @.geometrytype(shape) = 'POINT' then shape else @.st_pointonsurface(shape) end
$body$
$anchor$, $leaf$
-- why: on a shared border the leaf with the lowest code, as resolve says. the cheap questions come first: `offset 0` keeps their order.
create function gewu.leaf_of(anchor @.geometry, at timestamptz) returns table (county text, grid_id uuid) language sql stable as $body$
  select l.county, l.grid_id from (
    select v.county, v.grid_id, v.code, v.geom from (
      select v.county, v.grid_id, v.code, v.geom from gewu.grid_version v where v.geom operator(@.&&) anchor and v.valid @> at offset 0) v
    where not exists (select from gewu.grid_version c where c.parent_county = v.county and c.parent_id = v.grid_id and c.valid @> at)
    offset 0) l
  where @.st_covers(l.geom, anchor) order by l.code limit 1
$body$
$leaf$, $settle$
-- why: gives resources the leaf that holds them, and is no reason to place them once more. a few are looked up one by one; of many, the leaves are gone through instead, so that postgis prepares each
-- polygon once.
create function gewu.settle(target text, counties text[], ids uuid[], at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set client_min_messages = warning as $body$
declare
  given text := coalesce(current_setting('gewu.leaves', true), '');
begin
  if coalesce(cardinality(ids), 0) = 0 then
    return;
  end if;
  perform set_config('gewu.leaves', 'given', true);
  if cardinality(ids) <= 500 then
    execute format($move$
      update gewu.%1$I t set county = coalesce(w.county, '000000'), leaf_id = w.grid_id
      from (select r.county as was, r.id, l.county, l.grid_id from unnest($1, $2) k (county, id)
            join gewu.%1$I r on r.county = k.county and r.id = k.id
            left join lateral gewu.leaf_of(gewu.anchor_of(r.geom), $3) l on true) w
      where t.county = w.was and t.id = w.id and (t.county, t.leaf_id) is distinct from (coalesce(w.county, '000000'), w.grid_id)
      $move$, target) using counties, ids, at;
  else
    drop table if exists pg_temp.gewu_moving, pg_temp.gewu_leaf;
    execute format($moving$
      create temp table gewu_moving on commit drop as
      select r.county, r.id, gewu.anchor_of(r.geom) as anchor from unnest($1, $2) k (county, id)
      join gewu.%1$I r on r.county = k.county and r.id = k.id
      $moving$, target) using counties, ids;
    create index on pg_temp.gewu_moving using gist (anchor);
    create temp table gewu_leaf on commit drop as
      select v.county, v.grid_id, v.code, v.geom from gewu.grid_version v where v.valid @> at
      and not exists (select from gewu.grid_version c where c.parent_county = v.county and c.parent_id = v.grid_id and c.valid @> at);
    analyze pg_temp.gewu_moving, pg_temp.gewu_leaf;
    execute format($move$
      update gewu.%1$I t set county = coalesce(w.county, '000000'), leaf_id = w.grid_id
      from (select m.county as was, m.id, l.county, l.grid_id from pg_temp.gewu_moving m left join (
              select distinct on (m.id) m.id, l.county, l.grid_id
              from pg_temp.gewu_leaf l join pg_temp.gewu_moving m on l.geom operator(@.&&) m.anchor and @.st_covers(l.geom, m.anchor)
              order by m.id, l.code) l using (id)) w
      where t.county = w.was and t.id = w.id and (t.county, t.leaf_id) is distinct from (coalesce(w.county, '000000'), w.grid_id)
      $move$, target);
    drop table pg_temp.gewu_moving, pg_temp.gewu_leaf;
  end if;
  perform set_config('gewu.leaves', given, true);
end $body$
$settle$, $resource$
-- why: a resource that is new, or moved, is placed. who changes its leaf alone means to.
create function gewu.place_resources() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
declare
  counties text[];
  ids uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(n.county), array_agg(n.id) into counties, ids from new_rows n;
  else
    select array_agg(n.county), array_agg(n.id) into counties, ids from new_rows n
    where not exists (select from old_rows o where o.id = n.id and @.st_asbinary(o.geom) = @.st_asbinary(n.geom));
  end if;
  perform gewu.settle(tg_argv[0], counties, ids, clock_timestamp());
  return null;
end $body$
$resource$, $grid$
-- why: what lies in or beside boundaries that changed is placed anew: what belongs to them or to a leaf near them, and what is in no leaf. only leaves hold resources: a grid
-- that has children beside those that changed with it is passed over, and the parent of one that changed counts where this made it a leaf, or took that from it.
create function gewu.place_near(touched_counties text[], touched uuid[], parent_counties text[], parents uuid[], touched_areas @.geometry[], at timestamptz)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
declare
  target text;
  changed uuid[];
  areas @.geometry[];
  near_counties text[];
  near_ids uuid[];
  counties text[];
  ids uuid[];
begin
  with own (county, grid_id, area) as (
    select t.county, t.grid_id, t.area from unnest(touched_counties, touched, touched_areas) t (county, grid_id, area)
    union all
    select v.county, v.grid_id, @.st_envelope(v.geom) from (select distinct county, id from unnest(parent_counties, parents) p (county, id)) p
    join gewu.grid_version v on v.county = p.county and v.grid_id = p.id and v.valid @> at)
  select array_agg(distinct o.grid_id), array_agg(o.area) into changed, areas from own o
  where not exists (select from gewu.grid_version c where c.parent_county = o.county and c.parent_id = o.grid_id and c.valid @> at
                    and c.grid_id not in (select unnest(touched)));
  if changed is null then
    return;
  end if;
  if cardinality(areas) > 1000 then
    select array[@.st_envelope(@.st_collect(a.area))] into areas from unnest(areas) a (area);
  end if;
  select array_agg(n.county), array_agg(n.grid_id) into near_counties, near_ids from (
    select g.county, g.id as grid_id from gewu.grid g where g.id = any(changed)
    union
    select v.county, v.grid_id from unnest(areas) a (area) join gewu.grid_version v on v.geom operator(@.&&) a.area and v.valid @> at) n;
  foreach target in array array['building', 'facility', 'person', 'resource'] loop
    execute format($find$
      select array_agg(county), array_agg(id) from (
        select r.county, r.id from (select distinct unnest($1) as county) c join gewu.%1$I r on r.county = c.county and r.leaf_id = any($2)
        union
        select r.county, r.id from gewu.%1$I r where r.leaf_id is null and exists (select from unnest($3) a (area) where r.geom operator(@.&&) a.area)) r
      $find$, target) into counties, ids using near_counties, near_ids, areas;
    perform gewu.settle(target, counties, ids, at);
  end loop;
end $body$
$grid$, $boundary$
-- why: a new name moves nothing. what begins or ends later is noted, and waits for `gewu.settle_due`.
create function gewu.follow_boundaries() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
declare
  at timestamptz := clock_timestamp();
  rows text;
  counties text[];
  ids uuid[];
  parent_counties text[];
  parents uuid[];
  areas @.geometry[];
begin
  rows := case tg_op when 'INSERT' then 'select * from new_rows' when 'DELETE' then 'select * from old_rows' else $rows$
    select r.* from old_rows o full join new_rows n on n.grid_id = o.grid_id and n.revision = o.revision,
      lateral (values (o.county, o.grid_id, o.parent_county, o.parent_id, o.valid, o.geom), (n.county, n.grid_id, n.parent_county, n.parent_id, n.valid, n.geom))
        r (county, grid_id, parent_county, parent_id, valid, geom)
    where (o.county, o.parent_county, o.parent_id, o.valid, o.code) is distinct from (n.county, n.parent_county, n.parent_id, n.valid, n.code)
    or @.st_asbinary(o.geom) <> @.st_asbinary(n.geom)
    $rows$ end;
  execute format('select array_agg(county), array_agg(grid_id), array_agg(parent_county), array_agg(parent_id), array_agg(@.st_envelope(geom)) from (%s) r where valid @> $1', rows)
    into counties, ids, parent_counties, parents, areas using at;
  perform gewu.place_near(counties, ids, parent_counties, parents, areas, at);
  if tg_op <> 'DELETE' then
    insert into gewu.due select distinct b.bound from new_rows n, lateral (values (lower(n.valid)), (upper(n.valid))) b (bound)
    where b.bound > at and isfinite(b.bound) on conflict do nothing;
  end if;
  return null;
end $body$
$boundary$, $due$
-- why: boundaries that were written ahead of their time: what lies in them is placed when it has come. a server that follows the database calls this then.
create function gewu.settle_due() returns integer language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
declare
  moment timestamptz := clock_timestamp();
  bounds timestamptz[];
begin
  if not exists (select from gewu.due d where d.at <= moment) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(x'676577750001'::bigint);
  moment := clock_timestamp();
  with done as (delete from gewu.due d where d.at <= moment returning d.at) select array_agg(done.at) into bounds from done;
  perform gewu.place_near(array_agg(v.county), array_agg(v.grid_id), array_agg(v.parent_county), array_agg(v.parent_id), array_agg(@.st_envelope(v.geom)), moment)
  from gewu.grid_version v where lower(v.valid) = any(bounds) or upper(v.valid) = any(bounds);
  return coalesce(cardinality(bounds), 0);
end $body$
$due$] loop
    execute replace(made, '@.', gis || '.');
  end loop;
end $make$;

-- why: as `gewu.follow` does, on each table and each of its partitions.
create function gewu.follow_leaves(name text, entity text) returns void language plpgsql as $$
declare
  part name;
  is_boundary boolean := entity = 'grid_version';
  action text := case when is_boundary then 'gewu.follow_boundaries()' else format('gewu.place_resources(%L)', entity) end;
  mine constant text := 'for each statement when (not gewu.leaves_are_given()) execute function ';
begin
  execute format('create trigger leaf_wait before insert or update or delete on gewu.%I ' || mine || 'gewu.hold_boundaries(%L)',
                 name, case when is_boundary then 'change' else 'keep' end);
  execute format('create trigger leaf_insert after insert on gewu.%I referencing new table as new_rows ' || mine || action, name);
  execute format('create trigger leaf_update after update on gewu.%I referencing old table as old_rows new table as new_rows ' || mine || action, name);
  if is_boundary then
    execute format('create trigger leaf_delete after delete on gewu.%I referencing old table as old_rows ' || mine || action, name);
  end if;
  for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = format('gewu.%I', name)::regclass loop
    perform gewu.follow_leaves(part, entity);
  end loop;
end $$;
select gewu.follow_leaves(name, name) from unnest(array['grid_version', 'building', 'facility', 'person', 'resource']) name;

-- why: whoever writes a table fires its triggers, and asks whether they are to; nobody else is to call these.
do $$
begin
  execute (select 'revoke execute on function ' || string_agg(oid::regprocedure::text, ', ') || ' from public'
           from pg_proc where pronamespace = 'gewu'::regnamespace
           and proname in ('hold_boundaries', 'anchor_of', 'leaf_of', 'settle', 'place_resources', 'place_near', 'follow_boundaries', 'settle_due', 'follow_leaves'));
end $$;
