-- why: level names differ from place to place, so they are rows.
create table gewu.level_scheme (
  level smallint primary key check (level between 1 and 6),
  name text not null check (name <> ''),
  name_en text not null,
  min_zoom smallint not null default 0 check (min_zoom between 0 and 22),
  max_zoom smallint not null default 22 check (max_zoom between 0 and 22),
  check (min_zoom <= max_zoom)
);

-- why: every answer names the revision it was given from; a publication or an import is one revision.
create table gewu.revision (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null check (kind in ('import', 'changeset', 'revert', 'sample', 'other')),
  title text not null,
  author text not null default current_user
);

-- why: the identity of a grid outlives its code, name and boundary. not partitioned, unlike what refers to it: a whole country
-- is a million short rows that every server may hold, and a foreign key to a partitioned table costs five times as much a row.
create table gewu.grid (
  county text not null check (county ~ '^[0-9]{6}$'),
  id uuid not null unique,
  created_revision bigint not null references gewu.revision,
  primary key (county, id)
);

-- why: a code belongs to one grid for ever; a retired code is never given to another. not partitioned, so that this holds
-- across counties.
create table gewu.grid_code (
  county text not null,
  scheme text not null,
  code text not null check (code ~ '^[A-Za-z0-9_.-]{1,64}$'),
  grid_id uuid not null,
  primary key (scheme, code),
  unique (county, scheme, code, grid_id),
  foreign key (county, grid_id) references gewu.grid (county, id)
);
-- why: "what is 532901001001003?" does not name a scheme, and a grid asks for its former codes.
create index grid_code_code on gewu.grid_code (code);
create index grid_code_grid on gewu.grid_code (county, grid_id);

-- why: what holds of a grid holds during a span; the old state stays queryable for ever.
create table gewu.grid_version (
  county text not null,
  grid_id uuid not null,
  revision bigint not null references gewu.revision,
  valid tstzrange not null check (not isempty(valid)),
  scheme text not null,
  code text not null,
  level smallint not null references gewu.level_scheme,
  parent_county text,
  parent_id uuid,
  kind text check (kind in ('base', 'dedicated', 'micro')),
  name text not null,
  households integer check (households >= 0),
  invented boolean not null default false,
  geom geometry(multipolygon, 4490) not null check (not st_isempty(geom)),
  primary key (county, grid_id, revision),
  foreign key (county, grid_id) references gewu.grid (county, id),
  foreign key (county, scheme, code, grid_id) references gewu.grid_code (county, scheme, code, grid_id),
  foreign key (parent_county, parent_id) references gewu.grid (county, id),
  check ((parent_id is null) = (parent_county is null))
) partition by hash (county);
select gewu.partition_by_county('grid_version');
-- why: boundaries are read whole and often; compressing what does not fit a page costs more than it saves.
alter table gewu.grid_version alter column geom set storage external;
create index grid_version_geom on gewu.grid_version using gist (geom);
create index grid_version_code on gewu.grid_version (county, code);
create index grid_version_parent on gewu.grid_version (parent_county, parent_id);
create index grid_version_level on gewu.grid_version (county, level);

-- why: one grid has one version at one time. postgresql 15 takes exclusion constraints on partitions only, which is
-- enough: a grid never leaves its county, so all its versions share a partition.
do $$
begin
  for part in 0..15 loop
    execute format('alter table gewu.%I add constraint %I exclude using gist (grid_id with =, valid with &&)',
                   'grid_version_' || lpad(part::text, 2, '0'), 'grid_version_' || lpad(part::text, 2, '0') || '_one_at_a_time');
  end loop;
end $$;

-- why: pay and liability follow who was responsible then, through splits and merges.
create table gewu.lineage (
  revision bigint not null references gewu.revision,
  from_county text not null,
  from_id uuid not null,
  to_county text not null,
  to_id uuid not null,
  share double precision not null check (share > 0 and share <= 1),
  primary key (revision, from_county, from_id, to_county, to_id),
  foreign key (from_county, from_id) references gewu.grid (county, id),
  foreign key (to_county, to_id) references gewu.grid (county, id)
);
create index lineage_from on gewu.lineage (from_county, from_id);
create index lineage_to on gewu.lineage (to_county, to_id);

-- why: the many readers of "as of now" should not each write the same join.
create view gewu.current_grid as
  select county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, kind, name, households, invented, geom
  from gewu.grid_version where valid @> now();
