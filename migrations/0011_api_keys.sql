-- why: a key says what it opens: roles by name, and either everywhere or the subtrees of some grids, by identity, so that a recode changes nothing.
-- it always ends. keys made before this had no use; they end too.
update gewu.api_key set expires = created + interval '90 days' where expires is null;
alter table gewu.api_key
  add column everywhere boolean not null default false,
  alter column expires set not null,
  add constraint api_key_hash_check check (octet_length(hash) = 32),
  add constraint api_key_area_check check (not everywhere or area = '{}'),
  add constraint api_key_label_check check (char_length(label) between 1 and 100);

-- why: every server holds all keys in memory, and looks a few times a second whether they are still the same. one row, written in the
-- same transaction whoever writes the keys, so that who has seen the new value sees the new keys. it is no number: a database that comes back
-- from a backup must not have the same one for other keys.
create table gewu.api_key_state (
  singleton boolean primary key default true check (singleton),
  version uuid not null default gen_random_uuid()
);
insert into gewu.api_key_state default values;

create function gewu.note_api_keys() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update gewu.api_key_state set version = gen_random_uuid();
  return null;
end $$;
create trigger api_key_changed after insert or update or delete or truncate on gewu.api_key
  for each statement execute function gewu.note_api_keys();
revoke execute on function gewu.note_api_keys() from public;
