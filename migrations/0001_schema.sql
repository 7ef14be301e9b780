-- why: everything lives in one schema, and the data need polygons, exclusion constraints and fuzzy names.
create extension if not exists postgis;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create schema if not exists gewu;

-- why: two helpers that the following migrations share. Big tables are split by county, so that a province can
-- spread them over servers; hash partitions need no ddl when a new county arrives.
create function gewu.partition_by_county(parent text) returns void language plpgsql as $$
begin
  for part in 0..15 loop
    execute format('create table gewu.%I partition of gewu.%I for values with (modulus 16, remainder %s)',
                   parent || '_' || lpad(part::text, 2, '0'), parent, part);
  end loop;
end $$;

create function gewu.county_of(code text) returns text language sql immutable parallel safe as $$
  select case when code ~ '^[0-9]{6}' then left(code, 6) else '000000' end
$$;
