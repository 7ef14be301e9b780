-- why: the atlas follows the database by a feed of what changed, whoever wrote it: gewu, psql, qgis. an identity is handed
-- out when a transaction begins to write, so identities become visible out of order; reading only below the oldest running
-- transaction would be safe, and would keep every reader waiting behind one long import. so a revision has a number as well,
-- which it is given while it commits, one transaction after the other: number n + 1 is never seen before number n. the price:
-- commits that write what is followed wait for each other's write to disk. numbers rise, and may jump after a crash.
alter table gewu.revision
  add column number bigint unique,
  add column committed timestamptz,
  add column xid xid8 default pg_current_xact_id();
update gewu.revision set number = id, committed = at;
create sequence gewu.revision_number owned by gewu.revision.number;
select setval('gewu.revision_number', coalesce(max(number), 1), max(number) is not null) from gewu.revision;
-- why: a transaction finds its own revision by these; those of others that have no number yet cannot be seen.
create index revision_own on gewu.revision (xid, id) where number is null;
create index revision_at on gewu.revision (at);

-- why: runs while the transaction commits. the lock is held until others see the commit; the notification only rings a
-- bell, what it says is never relied upon. what was seen must not be lost by a crash, nor its number given again: a session that
-- does not wait for the disk waits this time.
create function gewu.number_revision() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  given bigint;
begin
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'local', true);
  end if;
  perform pg_advisory_xact_lock(x'676577750002'::bigint);
  update gewu.revision set number = nextval('gewu.revision_number'), committed = clock_timestamp()
  where id = new.id and number is null returning number into given;
  if given is not null then
    perform pg_notify('gewu_revision', given::text);
  end if;
  return null;
end $$;
create constraint trigger revision_number after insert on gewu.revision deferrable initially deferred
  for each row execute function gewu.number_revision();

-- why: the feed, ordered by the number of the revision, then by seq. a level has no uuid; a statement that touched too much to be told
-- row by row is one row 'bulk' without identity. no foreign key to the revision: it would double the cost of a row.
drop table gewu.change;
create table gewu.change (
  revision_id bigint not null,
  seq bigint generated always as identity,
  entity text not null,
  county text,
  entity_id uuid,
  action text not null check (action in ('insert', 'update', 'delete', 'bulk')),
  primary key (revision_id, seq)
);
create unique index change_bulk on gewu.change (revision_id, entity) where action = 'bulk';

-- why: the feed is pruned; who stands before this number must read everything again. what was written before there was a
-- feed counts as pruned.
create table gewu.feed (
  singleton boolean primary key default true check (singleton),
  pruned_to bigint not null
);
insert into gewu.feed (pruned_to) select coalesce(max(number), 0) from gewu.revision;

-- why: who writes by hand does not know of revisions; the first write of a transaction makes one. a savepoint that is rolled back
-- takes it along, and the next write makes another. an import has made its own before it writes.
create function gewu.own_revision() returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  own bigint;
begin
  select id into own from gewu.revision where xid = pg_current_xact_id() and number is null order by id desc limit 1;
  if own is null then
    insert into gewu.revision (at, kind, title, author)
    values (clock_timestamp(), 'other', '直接写入 direct write', coalesce(nullif(current_setting('role'), 'none'), session_user))
    returning id into own;
  end if;
  return own;
end $$;

create function gewu.note_bulk(entity text) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into gewu.change (revision_id, entity, action) values (gewu.own_revision(), entity, 'bulk') on conflict do nothing
$$;

create function gewu.note_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform gewu.note_bulk(tg_argv[0]);
  return null;
end $$;

-- why: makes the function that notes the changes of one entity; `county` and `identity` are expressions over its rows. a row
-- that changes its county or identity is told under both.
create function gewu.make_note(entity text, county text, identity text) returns void language plpgsql as $make$
begin
  execute format($note$
    create function gewu.note_%1$s() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
    declare
      rows bigint;
    begin
      if tg_op = 'DELETE' then
        select count(*) into rows from (select from old_rows limit 5001) r;
      else
        select count(*) into rows from (select from new_rows limit 5001) r;
      end if;
      if rows > 5000 then
        perform gewu.note_bulk('%1$s');
      elsif rows > 0 and tg_op = 'INSERT' then
        insert into gewu.change (revision_id, entity, county, entity_id, action)
        select own, '%1$s', county, identity, 'insert' from gewu.own_revision() own,
          (select distinct %2$s as county, %3$s as identity from new_rows) r;
      elsif rows > 0 and tg_op = 'UPDATE' then
        insert into gewu.change (revision_id, entity, county, entity_id, action)
        select own, '%1$s', county, identity, 'update' from gewu.own_revision() own,
          (select %2$s as county, %3$s as identity from new_rows union select %2$s, %3$s from old_rows) r;
      elsif rows > 0 then
        insert into gewu.change (revision_id, entity, county, entity_id, action)
        select own, '%1$s', county, identity, 'delete' from gewu.own_revision() own,
          (select distinct %2$s as county, %3$s as identity from old_rows) r;
      end if;
      return null;
    end $body$ $note$, entity, county, identity);
end $make$;

-- why: postgresql fires the statement triggers of the table that a statement names, and of no other: a partition that is named directly
-- needs its own. truncating a table truncates its partitions, so only these tell it. a partition that is attached later
-- is to be followed by this too.
create function gewu.follow(name text, entity text) returns void language plpgsql as $$
declare
  partitioned boolean := (select relkind = 'p' from pg_class where oid = format('gewu.%I', name)::regclass);
  part name;
begin
  execute format('create trigger follow_insert after insert on gewu.%I referencing new table as new_rows
                  for each statement execute function gewu.note_%s()', name, entity);
  execute format('create trigger follow_update after update on gewu.%I referencing old table as old_rows new table as new_rows
                  for each statement execute function gewu.note_%s()', name, entity);
  execute format('create trigger follow_delete after delete on gewu.%I referencing old table as old_rows
                  for each statement execute function gewu.note_%s()', name, entity);
  if not partitioned then
    execute format('create trigger follow_truncate after truncate on gewu.%I
                    for each statement execute function gewu.note_truncate(%L)', name, entity);
  end if;
  for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
              where i.inhparent = format('gewu.%I', name)::regclass loop
    perform gewu.follow(part, entity);
  end loop;
end $$;

select gewu.make_note('grid', 'county', 'grid_id');
select gewu.make_note(entity, 'county', 'id') from unnest(array['assignment', 'building', 'facility', 'person', 'resource']) entity;
select gewu.make_note(entity, 'null::text', 'id') from unnest(array['worker', 'absence']) entity;
select gewu.make_note('level', 'null::text', 'null::uuid');

select gewu.follow('grid_version', 'grid');
select gewu.follow('level_scheme', 'level');
select gewu.follow(name, name)
from unnest(array['worker', 'assignment', 'absence', 'building', 'facility', 'person', 'resource']) name;

-- why: they run with the owner's rights, so that rights to a table are enough to write it; nobody else is to call them.
revoke execute on all functions in schema gewu from public;
grant execute on function gewu.county_of(text) to public;
