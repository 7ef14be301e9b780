-- why: the second wall. who may see what is decided by the server (access); a handler that forgets to ask must still show nothing. so
-- a server reads and writes as a role that owns nothing and is no superuser: rows of residents are there for it only in a transaction that
-- says for which grids, keys only to be compared, and the log only to be added to.

-- why: the places of residents are counted in memory; nothing else of them is needed for that. runs with the rights of its owner.
create view gewu.person_place as select county, id, leaf_id, geom from gewu.person;

-- why: the grids in and under the areas that the transaction names (`gewu.areas`: identities parted by commas); none where it names none. asked
-- once a statement. levels rise along a chain, so there are at most six steps down.
create function gewu.caller_grids() returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with recursive below as (
    select v.county, v.grid_id from gewu.grid_version v
    where v.grid_id = any (string_to_array(nullif(current_setting('gewu.areas', true), '*'), ',')::uuid[]) and v.valid @> now()
    union
    select v.county, v.grid_id from below b
    join gewu.grid_version v on (v.parent_county, v.parent_id) = (b.county, b.grid_id) and v.valid @> now()
  )
  select coalesce(array_agg(grid_id), '{}') from below
$$;

alter table gewu.person enable row level security;
-- why: `*` is all grids, and those who live in none. whoever names nothing sees nobody.
create policy person_of_the_area on gewu.person for select
  using (current_setting('gewu.areas', true) = '*' or leaf_id = any ((select gewu.caller_grids())::uuid[]));

-- why: rights of the role of a server, which may be called again after a table was added. partitions are left out: whoever may read one of them goes
-- past the policy of the whole. a role belongs to all databases of a server, and not everybody may make one: see gewu.let_read.
create function gewu.let_serve(server name) returns boolean language plpgsql as $$
declare
  relation record;
begin
  if not exists (select from pg_roles where rolname = server) then
    begin
      execute format('create role %I nologin', server);
    exception
      when insufficient_privilege then
        raise warning 'the role % is not there and may not be made by %; let whoever may create it and grant it to %, then: select gewu.let_serve(%)',
          server, current_user, current_user, quote_literal(server);
        return false;
      when duplicate_object or unique_violation then null;
    end;
  end if;
  if not pg_has_role(server, 'member') then
    begin
      execute format('grant %I to current_user', server);
    exception
      when insufficient_privilege then
        raise warning 'the role % may not be taken by %; let whoever may: grant % to %, then: select gewu.let_serve(%)',
          server, current_user, server, current_user, quote_literal(server);
        return false;
      when unique_violation then null;
    end;
  end if;
  execute format('grant usage on schema gewu, gewu_read to %I', server);
  for relation in
    select c.relname, c.relkind from pg_class c
    where c.relnamespace = 'gewu'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relname <> 'audit'
  loop
    execute format('grant select on gewu.%I to %I', relation.relname, server);
  end loop;
  execute format('grant select on all tables in schema gewu_read to %I', server);
  execute format('grant insert, update, delete on gewu.building, gewu.facility, gewu.resource to %I', server);
  execute format('grant insert, update on gewu.collection to %I', server);
  execute format('grant update on gewu.feed to %I', server);
  execute format('grant delete on gewu.change to %I', server);
  execute format('grant execute on function gewu.caller_grids(), gewu.database_identity() to %I', server);
  return true;
end $$;
revoke execute on function gewu.let_serve(name), gewu.caller_grids() from public;

select gewu.let_serve('gewu_server');
