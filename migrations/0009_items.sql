-- why: features are paged in the order of their identity, and asked for by it alone; every partition answers from its own index.
create index building_id on gewu.building (id);
create index facility_id on gewu.facility (id);
create index resource_id on gewu.resource (id);

-- why: what a collection shows of a resource, with the code of the leaf that holds it now. a subquery is worked out only for rows that are
-- shown; nothing here leads to people.
create view gewu.building_item as
  select t.id, t.class, t.name, t.address, t.height_m, t.floors, t.households,
    (select g.code from gewu.current_grid g where g.county = t.county and g.grid_id = t.leaf_id) as grid,
    t.source, t.source_id, t.properties as attributes, t.invented, t.geom
  from gewu.building t;
create view gewu.facility_item as
  select t.id, t.class, t.name, t.address,
    (select g.code from gewu.current_grid g where g.county = t.county and g.grid_id = t.leaf_id) as grid,
    t.source, t.source_id, t.properties as attributes, t.invented, t.geom
  from gewu.facility t;
create view gewu.resource_item as
  select t.id, t.collection, t.class, t.name, t.address,
    (select g.code from gewu.current_grid g where g.county = t.county and g.grid_id = t.leaf_id) as grid,
    t.source, t.source_id, t.properties as attributes, t.invented, t.geom
  from gewu.resource t;

-- why: of the seven kinds of element that lie in grids, people, buildings and facilities have tables of their own; these are the others.
insert into gewu.collection (id, title, title_en) values
  ('legal_entities', '法人', 'Legal entities'), ('land', '土地', 'Land'), ('organisations', '组织', 'Organisations'),
  ('components', '部件', 'Components'), ('events', '事件', 'Events')
on conflict do nothing;
