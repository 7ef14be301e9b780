-- why: who looked at what, and why, in a log to which rows are only added. each row holds the hash of itself and of the row before, and the numbers
-- have no gap: so whoever removes, changes or moves a row is found out, and whoever cuts off the end is found out by those who kept an older head.
-- identifiers only: no personal data in the log itself. nothing was written into the table that stood here.
drop table gewu.audit;
create table gewu.audit (
  id bigint primary key check (id > 0),
  at timestamptz not null,
  subject text not null check (octet_length(subject) between 1 and 512),
  roles text[] not null check (cardinality(roles) <= 32),
  purpose text check (char_length(purpose) <= 100),
  action text not null check (action ~ '^[a-z_]{1,40}$'),
  entity text not null check (entity ~ '^[a-z][a-z0-9_]{0,62}$'),
  -- why: many are parted into several rows, so that none is left out. of an import only the number is known.
  entity_ids uuid[] not null default '{}' check (cardinality(entity_ids) <= 1000),
  rows bigint not null check (rows >= 0),
  -- why: the grids below which it was allowed; null is everywhere.
  area uuid[] check (cardinality(area) <= 1000),
  origin text not null check (octet_length(origin) between 1 and 100),
  hash bytea not null check (octet_length(hash) = 32)
);
create index audit_subject on gewu.audit (subject, id);
create index audit_entity on gewu.audit (entity, id);

-- why: the text of a row of which the hash is made. every field stands behind its length in bytes, so no two rows have one text.
create function gewu.audit_field(value text) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-') || ','
$$;
create function gewu.audit_list(items text[]) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(cardinality(items) || '[' || coalesce(string_agg(gewu.audit_field(item), '' order by place), '') || ']', '-') || ','
  from unnest(items) with ordinality as one(item, place)
$$;
create function gewu.audit_text(entry gewu.audit) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select gewu.audit_field((entry).id::text)
      || gewu.audit_field((extract(epoch from (entry).at) * 1000000)::bigint::text)
      || gewu.audit_field((entry).subject) || gewu.audit_list((entry).roles) || gewu.audit_field((entry).purpose)
      || gewu.audit_field((entry).action) || gewu.audit_field((entry).entity) || gewu.audit_list((entry).entity_ids::text[])
      || gewu.audit_field((entry).rows::text) || gewu.audit_list((entry).area::text[]) || gewu.audit_field((entry).origin)
$$;

-- why: the only way in. one transaction after the other, until it commits, so that numbers have no gap; whoever adds does so as the last thing.
create function gewu.audit_append(
  subject text, roles text[], purpose text, action text, entity text, entity_ids uuid[], rows bigint, area uuid[], origin text
) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last gewu.audit;
  entry gewu.audit;
begin
  perform pg_advisory_xact_lock(x'676577750003'::bigint);
  select * into last from gewu.audit a order by a.id desc limit 1;
  entry := row(
    coalesce(last.id, 0) + 1, greatest(clock_timestamp(), last.at), subject, roles, purpose, action, entity, entity_ids, rows, area, origin, null
  );
  entry.hash := sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || convert_to(gewu.audit_text(entry), 'UTF8'));
  insert into gewu.audit select entry.*;
  return entry.id;
end $$;

-- why: what is done by the command line, or by hand, is done by whoever logged in.
create function gewu.audit_login(action text, entity text, entity_ids uuid[], rows bigint, area uuid[]) returns bigint
language sql set search_path = pg_catalog, pg_temp as $$
  select gewu.audit_append('database:' || session_user, '{}', null, action, entity, entity_ids, rows, area, coalesce(host(inet_client_addr()), 'local'))
$$;

create function gewu.audit_stays() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'rows of the audit log are added, and never changed or taken away' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_stays before update or delete or truncate on gewu.audit for each statement execute function gewu.audit_stays();

-- why: read by those who say that they read it for an auditor, who logs that first.
alter table gewu.audit enable row level security;
create policy audit_of_auditors on gewu.audit for select using (current_setting('gewu.auditor', true) = 'on');

-- why: every change of rights, whoever writes it. by the names of the triggers this comes after the keys' new state: always the same order of locks.
create function gewu.audit_api_keys() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  key record;
begin
  if tg_op = 'TRUNCATE' then
    perform gewu.audit_login('rights', 'api_key', '{}', 0, null);
    return null;
  end if;
  for key in select k.id, case when not k.everywhere then k.area[:1000] end as area from audited k order by k.id loop
    perform gewu.audit_login('rights', 'api_key', array[key.id], 1, key.area);
  end loop;
  return null;
end $$;
create trigger api_key_made_audited after insert on gewu.api_key
  referencing new table as audited for each statement execute function gewu.audit_api_keys();
create trigger api_key_set_audited after update on gewu.api_key
  referencing new table as audited for each statement execute function gewu.audit_api_keys();
create trigger api_key_lost_audited after delete on gewu.api_key
  referencing old table as audited for each statement execute function gewu.audit_api_keys();
create trigger api_key_void_audited after truncate on gewu.api_key for each statement execute function gewu.audit_api_keys();

-- why: in an incident a commander may need another area than the usual one, at once. so it is opened on the caller's own word, for a reason that
-- auditors read, and it closes by itself. nothing is changed or taken away afterwards; a grant holds while `until` is not over.
create table gewu.break_glass (
  id uuid primary key,
  subject text not null check (octet_length(subject) between 1 and 512),
  area uuid not null,
  reason text not null check (char_length(reason) between 10 and 500),
  granted timestamptz not null default clock_timestamp(),
  until timestamptz not null check (until > granted and until <= granted + interval '8 hours')
);
create index break_glass_until on gewu.break_glass (until);
create trigger break_glass_stays before update or delete or truncate on gewu.break_glass for each statement execute function gewu.audit_stays();
-- why: servers look for it as they look for API keys.
create trigger break_glass_changed after insert on gewu.break_glass for each statement execute function gewu.note_api_keys();

create function gewu.break_glass(
  id uuid, subject text, roles text[], purpose text, area uuid, reason text, minutes integer, origin text
) returns gewu.break_glass language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  given gewu.break_glass;
begin
  insert into gewu.break_glass as b (id, subject, area, reason, granted, until)
  select break_glass.id, break_glass.subject, break_glass.area, break_glass.reason, now, now + make_interval(mins => minutes) from clock_timestamp() now
  returning * into given;
  perform gewu.audit_append(subject, roles, purpose, 'break_glass', 'break_glass', array[given.id], 1, array[given.area], origin);
  return given;
end $$;

-- why: the reasons are for auditors; a server only has to know what is open.
create view gewu.open_glass as select id, subject, area, granted, until from gewu.break_glass where until > now();
alter table gewu.break_glass enable row level security;
create policy break_glass_of_auditors on gewu.break_glass for select using (current_setting('gewu.auditor', true) = 'on');

revoke execute on function gewu.audit_field(text), gewu.audit_list(text[]), gewu.audit_text(gewu.audit),
  gewu.audit_append(text, text[], text, text, text, uuid[], bigint, uuid[], text), gewu.audit_login(text, text, uuid[], bigint, uuid[]),
  gewu.audit_stays(), gewu.audit_api_keys(), gewu.break_glass(uuid, text, text[], text, uuid, text, integer, text) from public;
