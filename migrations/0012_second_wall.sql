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

revoke execute on function gewu.caller_grids() from public;
