-- why: rights of the role of a server; to be called again after a table was added. partitions are left out: whoever may read one of them goes
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
    select c.relname from pg_class c
    where c.relnamespace = 'gewu'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
  loop
    execute format('grant select on gewu.%I to %I', relation.relname, server);
  end loop;
  execute format('grant select on all tables in schema gewu_read to %I', server);
  execute format('grant insert, update, delete on gewu.building, gewu.facility, gewu.resource to %I', server);
  execute format('grant insert, update on gewu.collection to %I', server);
  execute format('grant update on gewu.feed to %I', server);
  execute format('grant delete on gewu.change to %I', server);
  execute format('grant execute on function gewu.caller_grids(), gewu.database_identity(), gewu.settle_due() to %I', server);
  -- why: the log is only added to, by one function; who may read it is a matter of its policy.
  execute format('grant execute on function gewu.audit_append(text, text[], text, text, text, uuid[], bigint, uuid[], text), '
    'gewu.break_glass(uuid, text, text[], text, uuid, text, integer, text) to %I', server);
  return true;
end $$;
revoke execute on function gewu.let_serve(name) from public;

select gewu.let_serve('gewu_server');
