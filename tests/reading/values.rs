//! What the views show of the sample region is what the atlas, and so the API, shows of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gewu::access::Principal;
use gewu::atlas::{Atlas, GridIndex};
use gewu::model::GridId;
use gewu::resolve::responsible;
use sqlx::Row;
use uuid::Uuid;

use crate::common::database;
use crate::place::{place, witness};

type Codes = [Option<String>; 6];

/// The codes of the chain of a grid by level, as `/v1/resolve` lists it.
fn chain(atlas: &Atlas, grid: Option<GridIndex>) -> Codes {
    let mut codes = Codes::default();
    for link in grid.into_iter().flat_map(|grid| atlas.grids().chain(grid)) {
        codes[usize::from(atlas.grids().level(link).number()) - 1] =
            Some(atlas.grids().code(link).to_string());
    }
    codes
}

const GRIDS: &str = "select id, code, leaf, array[code_1, code_2, code_3, code_4, code_5, code_6], parent_id from gewu_read.grid";

#[tokio::test(flavor = "multi_thread")]
async fn every_grid_is_there_with_the_chain_that_resolve_names() {
    let (atlas, database) = place().await;
    let grids = atlas.grids();
    let rows: Vec<(Uuid, String, bool, Vec<Option<String>>, Option<Uuid>)> =
        sqlx::query_as(GRIDS).fetch_all(&mut witness(&database).await).await.unwrap();
    assert_eq!(rows.len(), grids.len());
    for (id, code, leaf, codes, parent) in rows {
        let grid = grids.find_id(GridId(id)).unwrap();
        assert_eq!(code, grids.code(grid).as_str());
        assert_eq!(leaf, grids.is_leaf(grid), "{code}");
        assert_eq!(codes, chain(&atlas, Some(grid)), "{code}");
        assert_eq!(parent, grids.parent(grid).map(|parent| grids.id(parent).0), "{code}");
    }
}

const RESOURCES: &str = "select id, grid_id, grid_code, array[code_1, code_2, code_3, code_4, code_5, code_6] from gewu_read.building
    union all select id, grid_id, grid_code, array[code_1, code_2, code_3, code_4, code_5, code_6] from gewu_read.facility";

#[tokio::test(flavor = "multi_thread")]
async fn every_building_and_facility_has_the_chain_of_its_leaf() {
    let (atlas, database) = place().await;
    let resources = atlas.resources();
    let leaves = resources.buildings().map(|one| (one.id.0, one.leaf));
    let leaves: BTreeMap<Uuid, Option<GridId>> =
        leaves.chain(resources.facilities().map(|one| (one.id.0, one.leaf))).collect();
    let rows: Vec<(Uuid, Option<Uuid>, Option<String>, Vec<Option<String>>)> =
        sqlx::query_as(RESOURCES).fetch_all(&mut witness(&database).await).await.unwrap();
    assert_eq!(rows.len(), leaves.len());
    assert!(rows.len() > 100_000);
    for (id, grid_id, grid_code, codes) in rows {
        let leaf = leaves[&id].and_then(|leaf| atlas.grids().find_id(leaf));
        assert_eq!(grid_id, leaves[&id].map(|leaf| leaf.0));
        assert_eq!(grid_code.as_deref(), leaf.map(|leaf| atlas.grids().code(leaf).as_str()));
        assert_eq!(codes, chain(&atlas, leaf));
    }
}

type Served = (Uuid, Uuid, String, Option<String>, String, i16, Option<Uuid>);

const DUTY: &str = "select grid_id, worker_id, name, phone, role, rank, acting_for from gewu_read.duty";

/// Everybody who is on duty now, as the API names them.
fn on_duty(atlas: &Atlas, at: DateTime<Utc>) -> Vec<Served> {
    let grids = atlas.grids();
    let mut all = Vec::new();
    for grid in grids.all().filter(|grid| atlas.staff().has_duty(grids.id(*grid), at)) {
        for who in responsible(atlas, &Principal::open(), grid, at, &[]) {
            let phone = who.phone.map(Into::into);
            let (name, role) = (who.name.into_owned(), who.role.to_owned());
            all.push((
                grids.id(grid).0,
                who.worker_id,
                name,
                phone,
                role,
                i16::from(who.rank),
                who.acting_for,
            ));
        }
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn those_on_duty_are_those_whom_the_api_names_masked_in_the_same_way() {
    let (atlas, database) = place().await;
    let mut witness = witness(&database).await;
    let at: DateTime<Utc> = sqlx::query_scalar("select now()").fetch_one(&mut witness).await.unwrap();
    let mut rows: Vec<Served> = sqlx::query_as(DUTY).fetch_all(&mut witness).await.unwrap();
    rows.sort();
    let expected = on_duty(&atlas, at);
    assert!(
        expected.len() > 10_000 && expected.iter().any(|served| served.6.is_some()),
        "some stand in for others"
    );
    assert!(rows == expected, "{} rows, {} expected", rows.len(), expected.len());
}

/// One grid, and workers who are away: 1 for 2 for 3, who is there; 4 and 5 for each other; 6 for nobody; 3 serves by herself as well.
const AWAY: &str = "
insert into gewu.level_scheme values (1, '州', 'prefecture');
insert into gewu.revision (kind, title) values ('other', 'test');
insert into gewu.grid select '532901', md5('grid')::uuid, max(id) from gewu.revision;
insert into gewu.grid_code values ('532901', 's', '532901', md5('grid')::uuid);
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, name, geom)
  select '532901', md5('grid')::uuid, max(id), '[2020-01-01,)', 's', '532901', 1, '大理市',
    st_multi(st_makeenvelope(100, 25, 101, 26, 4490)) from gewu.revision;
insert into gewu.worker (id, source, source_id, name, phone, role)
  select md5(n::text)::uuid, 'hr', n, (array['张', '李四', '欧阳小明', '王五', '赵六', '孙七'])[n],
    (array['13812341234', null, '8721234', '1', '138123412345', '13'])[n], 'full_time' from generate_series(1, 6) n;
insert into gewu.assignment (county, id, grid_id, worker_id, role, rank, valid)
  select '532901', md5('a' || n)::uuid, md5('grid')::uuid, md5(n::text)::uuid, 'part_time', n, '(,)' from generate_series(1, 6) n;
insert into gewu.absence (id, worker_id, substitute_id, valid)
  select md5('b' || n)::uuid, md5(n::text)::uuid, md5(s::text)::uuid, '[2020-01-01,)'
  from (values (1, 2), (2, 3), (4, 5), (5, 4), (6, null)) v (n, s);";

#[tokio::test(flavor = "multi_thread")]
async fn substitutes_are_followed_to_the_end_and_nobody_is_named_twice() {
    let database = database().await;
    sqlx::raw_sql(AWAY).execute(&mut witness(&database).await).await.unwrap();
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let rows: Vec<Served> = sqlx::query_as(DUTY).fetch_all(&mut witness(&database).await).await.unwrap();
    assert_eq!(rows, on_duty(&atlas, Utc::now()));
    let [(.., name, phone, role, rank, acting_for)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(
        (name.as_str(), phone.as_deref(), role.as_str(), *rank),
        ("欧***", Some("*****34"), "part_time", 1)
    );
    assert!(acting_for.is_some(), "in the place of the first, before her own");
    // With everybody back, all masks are seen.
    sqlx::query("delete from gewu.absence").execute(&mut witness(&database).await).await.unwrap();
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let mut rows: Vec<Served> = sqlx::query_as(DUTY).fetch_all(&mut witness(&database).await).await.unwrap();
    rows.sort();
    assert_eq!((rows.len(), &rows), (6, &on_duty(&atlas, Utc::now())));
}

const RETIRED: &str = "
update gewu.grid_version set valid = tstzrange(lower(valid), '2024-01-01') where code = '532901001';
update gewu.grid_version set valid = tstzrange('2024-01-01', null) where code = '532901002';";

/// A county that was one grid until 2024, and another one since.
const TWO_TIMES: &str = "
insert into gewu.level_scheme values (2, '县', 'county'), (3, '网格', 'grid');
insert into gewu.revision (kind, title) values ('other', 'test');
insert into gewu.grid select '532901', md5(code)::uuid, max(id) from gewu.revision, unnest(array['532901', '532901001', '532901002']) code group by code;
insert into gewu.grid_code select '532901', 's', code, md5(code)::uuid from unnest(array['532901', '532901001', '532901002']) code;
insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, name, parent_county, parent_id, geom)
  select '532901', md5(code)::uuid, (select max(id) from gewu.revision), '[2020-01-01,)', 's', code, case length(code) when 6 then 2 else 3 end, code,
    case when length(code) > 6 then '532901' end, case when length(code) > 6 then md5('532901')::uuid end,
    st_multi(st_makeenvelope(100, 25, 101, 26, 4490)) from unnest(array['532901', '532901001', '532901002']) code;";

#[tokio::test(flavor = "multi_thread")]
async fn the_grids_of_a_day_are_those_that_held_then_with_the_chain_of_that_day() {
    let database = database().await;
    let mut witness = witness(&database).await;
    sqlx::raw_sql(TWO_TIMES).execute(&mut witness).await.unwrap();
    sqlx::raw_sql(RETIRED).execute(&mut witness).await.unwrap();
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    for day in ["2019-06-01", "2023-06-01", "2024-01-01", "2026-01-01"] {
        let at: DateTime<Utc> = format!("{day}T00:00:00Z").parse().unwrap();
        let rows = sqlx::query(
            "select id, code, leaf, array[code_1, code_2, code_3, code_4, code_5, code_6] from gewu_read.grid_at($1) order by level, code",
        );
        let rows = rows.bind(at).fetch_all(&mut witness).await.unwrap();
        let then = atlas.at(at);
        let expected: Vec<_> = then.grids().all().collect();
        assert_eq!(rows.len(), expected.len(), "{day}");
        for (row, grid) in rows.iter().zip(expected) {
            assert_eq!(row.get::<Uuid, _>(0), then.grids().id(grid).0, "{day}");
            assert_eq!(row.get::<bool, _>(2), then.grids().is_leaf(grid), "{day}");
            assert_eq!(row.get::<Vec<Option<String>>, _>(3), chain(&then, Some(grid)), "{day}");
        }
    }
}

const OTHERS: &str = "select count(*) from (select g::text from gewu_read.grid g except all select g::text from gewu_read.grid_at(now()) g) o";

#[tokio::test(flavor = "multi_thread")]
async fn the_grids_of_now_are_the_same_by_the_function_as_by_the_view() {
    let (_atlas, database) = place().await;
    let others: i64 = sqlx::query_scalar(OTHERS).fetch_one(&mut witness(&database).await).await.unwrap();
    assert_eq!(others, 0);
}
