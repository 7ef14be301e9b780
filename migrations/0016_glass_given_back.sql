-- why: an incident may be over sooner than was thought, and an auditor may see that there was none. so what was opened is ended before its time: by a row beside
-- it, since the grant itself stays as it was given.
create table gewu.break_glass_end (
  id uuid primary key references gewu.break_glass,
  at timestamptz not null default clock_timestamp(),
  subject text not null check (octet_length(subject) between 1 and 512)
);
create trigger break_glass_end_stays before update or delete or truncate on gewu.break_glass_end for each statement execute function gewu.audit_stays();
create trigger break_glass_end_changed after insert on gewu.break_glass_end for each statement execute function gewu.note_api_keys();
alter table gewu.break_glass_end enable row level security;
create policy break_glass_end_of_auditors on gewu.break_glass_end for select using (current_setting('gewu.auditor', true) = 'on');

create or replace view gewu.open_glass as
  select id, subject, area, granted, until from gewu.break_glass
  where until > now() and not exists (select from gewu.break_glass_end e where e.id = break_glass.id);

-- why: the only way in, as for the grant. `one`: this one; `opened_by`: those of this subject; both: it, if it is of the subject. who ends several waits for others once, at the
-- beginning, in the order of everybody who changes rights: first their state, then the log.
create function gewu.end_break_glass(one uuid, opened_by text, subject text, roles text[], purpose text, origin text)
returns setof gewu.open_glass language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  glass gewu.open_glass;
begin
  perform from gewu.api_key_state for update;
  for glass in
    select o.* from gewu.open_glass o where o.id = one and (opened_by is null or o.subject = opened_by) or one is null and o.subject = opened_by
    order by o.granted, o.id
  loop
    insert into gewu.break_glass_end (id, subject) values (glass.id, end_break_glass.subject);
    perform gewu.audit_append(subject, roles, purpose, 'break_glass_end', 'break_glass', array[glass.id], 1, array[glass.area], origin);
    return next glass;
  end loop;
end $$;
revoke execute on function gewu.end_break_glass(uuid, text, text, text[], text, text) from public;

-- why: what a server may do has grown by one thing. whoever had to give it its role by hand calls the same function as before.
alter function gewu.let_serve(name) rename to let_serve_at_first;
create function gewu.let_serve(server name) returns boolean language plpgsql as $$
begin
  if not gewu.let_serve_at_first(server) then
    return false;
  end if;
  execute format('grant execute on function gewu.end_break_glass(uuid, text, text, text[], text, text) to %I', server);
  return true;
end $$;
revoke execute on function gewu.let_serve(name) from public;

select gewu.let_serve('gewu_server');
