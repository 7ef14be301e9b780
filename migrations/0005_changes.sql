-- why: a boundary change is drafted by a town, approved by the county, published on a date, and can be undone.
create table gewu.changeset (
  id uuid primary key,
  title text not null,
  region_code text not null,
  state text not null default 'draft' check (state in ('draft', 'submitted', 'approved', 'rejected', 'published', 'reverted')),
  based_on bigint not null,
  drafted_by text not null,
  approved_by text,
  created timestamptz not null default now(),
  submitted timestamptz,
  decided timestamptz,
  effective timestamptz,
  published_revision bigint references gewu.revision,
  check (approved_by is null or approved_by <> drafted_by)
);
create table gewu.operation (
  changeset_id uuid not null references gewu.changeset on delete cascade,
  ordinal integer not null,
  kind text not null check (kind in ('create', 'split', 'merge', 'adjust', 'retire', 'move', 'rename', 'import')),
  arguments jsonb not null,
  primary key (changeset_id, ordinal)
);

-- why: the change feed. transactions commit out of order, so a reader orders by (txid, seq) and reads only below the
-- oldest transaction still running: txid < pg_snapshot_xmin(pg_current_snapshot()).
create table gewu.change (
  txid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  at timestamptz not null default now(),
  entity text not null,
  county text not null,
  entity_id uuid not null,
  action text not null check (action in ('insert', 'update', 'delete')),
  primary key (txid, seq)
);

-- why: who looked at what, and why. identifiers only: no personal data in the log itself.
create table gewu.audit (
  id bigint generated always as identity,
  at timestamptz not null default now(),
  subject text not null,
  roles text[] not null,
  purpose text,
  action text not null,
  entity text not null,
  entity_ids uuid[] not null default '{}',
  area uuid[] not null default '{}',
  primary key (at, id)
) partition by range (at);
create table gewu.audit_default partition of gewu.audit default;

-- why: services authenticate by keys that are stored only as hashes.
create table gewu.api_key (
  id uuid primary key,
  hash bytea not null unique,
  label text not null,
  roles text[] not null,
  area uuid[] not null default '{}',
  created timestamptz not null default now(),
  expires timestamptz,
  revoked timestamptz
);
