-- why: whoever keeps something that was read from a database must know it again. the row is the same in a copy, so the function adds
-- the number that initdb gave the server and that of the database on it: a dump that is restored elsewhere, or beside, is another one; a
-- physical replica that takes over is the same.
create table gewu.identity (
  singleton boolean primary key default true check (singleton),
  id uuid not null default gen_random_uuid()
);
insert into gewu.identity default values;

create function gewu.database_identity() returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  own text := (select id from gewu.identity) || '/' || (select oid from pg_database where datname = current_database());
begin
  return own || '/' || (select system_identifier from pg_control_system());
exception when insufficient_privilege then
  -- why: some hosts do not let anybody read it; the rest still tells most copies.
  return own;
end $$;
