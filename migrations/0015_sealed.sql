-- why: names, phones, addresses and households are sealed by gewu before they come here, by a key that is not here (src/seal): whoever reads the tables, a dump or
-- a backup reads none of them. a sealed value is a text in the column of the plain one, so both can stand side by side: what was there before, and what somebody writes by hand,
-- stays readable until `gewu data-key rekey` seals it. it begins with a prefix, the key's identity (8 characters) and the tag by which equals are found (20 more).
create function gewu.is_sealed(value text) returns boolean language sql immutable parallel safe as $$
  select starts_with(value, 'gewu1:')
$$;

-- why: a sealed value is another one each time. its first characters are the same where row, text and key are: by these an import sees that nothing changed.
create function gewu.content_of(value text) returns text language sql immutable parallel safe as $$
  select case when gewu.is_sealed(value) then left(value, 46) else value end
$$;

-- why: what views show of those who serve is masked, and cannot be made of what is sealed.
alter table gewu.worker add column masked_name text, add column masked_phone text;
comment on column gewu.worker.masked_name is 'shown where the name is sealed';
comment on column gewu.worker.masked_phone is 'shown where the phone is sealed';
create or replace view gewu_read.duty with (security_barrier) as
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
    case when gewu.is_sealed(w.name) then w.masked_name else left(w.name, 1) || repeat('*', greatest(length(w.name) - 1, 1)) end as name,
    case when gewu.is_sealed(w.phone) then w.masked_phone
      when length(w.phone) >= 11 then left(w.phone, 3) || repeat('*', length(w.phone) - 7) || right(w.phone, 4)
      else repeat('*', length(w.phone) - least(2, length(w.phone) / 2)) || right(w.phone, least(2, length(w.phone) / 2)) end as phone,
    s.role, s.rank, s.acting_for
  from serving s join gewu.worker w on w.id = s.present_id;

-- why: residents are found by exactly one name or phone, by their tags. row-level security asks of a plain index only what cannot tell anything, and `left` is not
-- among that; so the view, which runs with the rights of its owner, keeps to the areas of the transaction by itself.
create index person_name_tag on gewu.person (left(name, 34));
create index person_phone_tag on gewu.person (left(phone, 34));
create index person_id on gewu.person (id);
-- why: whether a name or phone is in the clear is asked at every start, and not answered by reading millions of rows: here are those that are.
create index person_plain on gewu.person (id) where not gewu.is_sealed(name) or not gewu.is_sealed(phone);
create view gewu.person_tag as
  select id, left(name, 34) as name_tag, left(phone, 34) as phone_tag from gewu.person
  where current_setting('gewu.areas', true) = '*' or leaf_id = any ((select gewu.caller_grids())::uuid[]);

-- why: who opens this database with other keys is told so at once, and not row by row. no secret: an identity is made of the key by a one-way function.
create table gewu.data_key (
  id text primary key check (id ~ '^[0-9a-f]{12}$'),
  since timestamptz not null default clock_timestamp()
);

-- why: who was erased, by an identity that means nothing any more. after a backup was restored the same are erased again.
create table gewu.erased (
  id uuid primary key,
  at timestamptz not null default clock_timestamp()
);

-- why: sealing anew changes nothing that is shown, so nobody has to be told; a million rows would be a million lines of the feed.
create function gewu.is_sealing() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(current_setting('gewu.sealing', true), '') = 'on'
$$;
do $$
declare
  entity text;
begin
  foreach entity in array array['worker', 'person'] loop
    execute format('drop trigger follow_update on gewu.%I', entity);
    execute format('create trigger follow_update after update on gewu.%1$I referencing old table as old_rows new table as new_rows
                    for each statement when (not gewu.is_sealing()) execute function gewu.note_%1$s()', entity);
  end loop;
end $$;

-- why: the server reads the view of tags.
select gewu.let_serve('gewu_server');
