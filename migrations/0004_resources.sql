-- why: buildings, facilities and people lie in exactly one leaf grid, or in none ('000000', leaf null).
-- a building's footprint is a polygon or a point; heights make the panorama.
create table gewu.building (
  county text not null check (county ~ '^[0-9]{6}$'),
  id uuid not null,
  source text not null,
  source_id text not null,
  class text not null,
  name text,
  address text,
  height_m real check (height_m >= 0),
  floors smallint check (floors >= 0),
  households integer check (households >= 0),
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  leaf_id uuid,
  invented boolean not null default false,
  geom geometry(geometry, 4490) not null check (not st_isempty(geom)),
  primary key (county, id),
  unique (county, source, source_id),
  foreign key (county, leaf_id) references gewu.grid (county, id)
) partition by hash (county);
select gewu.partition_by_county('building');
create index building_leaf on gewu.building (county, leaf_id);
create index building_geom on gewu.building using gist (geom);

-- why: what protects and what helps: schools, clinics, shelters, hydrants, cameras.
create table gewu.facility (
  county text not null check (county ~ '^[0-9]{6}$'),
  id uuid not null,
  source text not null,
  source_id text not null,
  class text not null,
  name text,
  address text,
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  leaf_id uuid,
  invented boolean not null default false,
  geom geometry(geometry, 4490) not null check (not st_isempty(geom)),
  primary key (county, id),
  unique (county, source, source_id),
  foreign key (county, leaf_id) references gewu.grid (county, id)
) partition by hash (county);
select gewu.partition_by_county('facility');
create index facility_leaf on gewu.facility (county, leaf_id);
create index facility_class on gewu.facility (county, class);
create index facility_geom on gewu.facility using gist (geom);

-- why: the minimum about a person: a name, a household, an address point, a phone and service tags. nothing else has a
-- column, and there is no free-form one, so that nothing else is kept.
create table gewu.person (
  county text not null check (county ~ '^[0-9]{6}$'),
  id uuid not null,
  source text not null,
  source_id text not null,
  household text,
  name text not null,
  phone text,
  address text,
  tags text[] not null default '{}' check (tags <@ array['lives_alone', 'mobility_impaired', 'meal_delivery']),
  leaf_id uuid,
  invented boolean not null default false,
  geom geometry(point, 4490) not null check (not st_isempty(geom)),
  primary key (county, id),
  unique (county, source, source_id),
  foreign key (county, leaf_id) references gewu.grid (county, id)
) partition by hash (county);
select gewu.partition_by_county('person');
create index person_leaf on gewu.person (county, leaf_id);

-- why: any further collection of the catalogue: legal entities, land, organisations, components, events.
create table gewu.collection (
  id text primary key check (id ~ '^[a-z][a-z0-9_]{0,62}$'),
  title text not null,
  title_en text not null,
  definition jsonb not null default '{}'
);
create table gewu.resource (
  county text not null check (county ~ '^[0-9]{6}$'),
  id uuid not null,
  collection text not null references gewu.collection,
  source text not null,
  source_id text not null,
  class text not null,
  name text,
  address text,
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  leaf_id uuid,
  invented boolean not null default false,
  geom geometry(geometry, 4490) not null check (not st_isempty(geom)),
  primary key (county, id),
  unique (county, collection, source, source_id),
  foreign key (county, leaf_id) references gewu.grid (county, id)
) partition by hash (county);
select gewu.partition_by_county('resource');
create index resource_leaf on gewu.resource (county, collection, leaf_id);
create index resource_geom on gewu.resource using gist (geom);
