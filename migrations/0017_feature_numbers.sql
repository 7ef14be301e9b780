-- why: a feature of a tile has a number for an id. part of a UUID is neither short nor certain: seven bytes that nothing packs, a twelfth of the tiles of grids
-- and a sixth of those of buildings, and two of a million could have shared one. so whatever tiles show gets a number once, and keeps it through every version,
-- move and dump. the order in which rows are stored is that of a curve through space, so that neighbours have numbers that pack well.
create sequence gewu.feature_number;
-- why: whoever may add a row, by a right of its own, takes a number.
grant usage on sequence gewu.feature_number to public;

alter table gewu.grid add column number bigint not null unique default nextval('gewu.feature_number');
alter table gewu.building add column number bigint not null default nextval('gewu.feature_number');
alter table gewu.facility add column number bigint not null default nextval('gewu.feature_number');
