-- why: the people who answer for grids; another system may own them, so its reference is kept.
create table gewu.worker (
  id uuid primary key,
  source text not null,
  source_id text not null,
  name text not null check (name <> ''),
  phone text,
  organisation text,
  role text not null check (role in ('head', 'full_time', 'part_time', 'instructor', 'reporter')),
  invented boolean not null default false,
  unique (source, source_id)
);

-- why: who serves where, as what, from when until when. a reporter has no grid.
create table gewu.assignment (
  county text not null,
  id uuid not null,
  grid_id uuid not null,
  worker_id uuid not null references gewu.worker,
  role text not null check (role in ('head', 'full_time', 'part_time', 'instructor')),
  rank smallint not null check (rank >= 1),
  valid tstzrange not null check (not isempty(valid)),
  primary key (county, id),
  foreign key (county, grid_id) references gewu.grid (county, id)
) partition by hash (county);
select gewu.partition_by_county('assignment');
create index assignment_grid on gewu.assignment (county, grid_id);
create index assignment_worker on gewu.assignment (worker_id);
-- why: one worker has one assignment of a role in a grid at one time; an import of the same rows twice must not double them.
do $$
begin
  for part in 0..15 loop
    execute format('alter table gewu.%I add constraint %I exclude using gist (grid_id with =, worker_id with =, role with =, valid with &&)',
                   'assignment_' || lpad(part::text, 2, '0'), 'assignment_' || lpad(part::text, 2, '0') || '_once');
  end loop;
end $$;

-- why: somebody stands in for who is away; two absences of one worker never overlap.
create table gewu.absence (
  id uuid primary key,
  worker_id uuid not null references gewu.worker,
  substitute_id uuid references gewu.worker check (substitute_id <> worker_id),
  valid tstzrange not null check (not isempty(valid)),
  exclude using gist (worker_id with =, valid with &&)
);
