//! An atlas as text: whatever it can be asked.

use crate::atlas::fixture::rows;
use crate::atlas::{Atlas, Envelope};
use crate::model::LonLat;

/// Everything that an atlas can be asked, in an order that says nothing of how it came to be.
pub(in crate::atlas) fn portrait(atlas: &Atlas) -> Vec<String> {
    let grids = atlas.grids();
    let mut lines = vec![format!("{} {} {:?}", atlas.revision(), atlas.as_of(), atlas.window())];
    for grid in grids.all() {
        let children: Vec<_> = grids.children(grid).iter().map(|child| grids.id(*child)).collect();
        let duties: Vec<_> = atlas
            .staff()
            .on_duty(grids.id(grid), atlas.as_of(), &[])
            .iter()
            .map(|duty| {
                let worker = |index| atlas.staff().worker(index).clone();
                (worker(duty.worker), duty.role, duty.rank, duty.acting_for.map(worker))
            })
            .collect();
        lines.push(format!(
            "{:?} {:?} {:?} {children:?} {duties:?} {:?}",
            grids.version(grid),
            grids.label_point(grid),
            grids.envelope(grid),
            atlas.resources().counts(grid)
        ));
    }
    lines.push(format!("{:?} {}", atlas.resources().unassigned(), atlas.resources().people()));
    lines.push(format!("{:?}", grids.bounds()));
    for x in 0..40_u32 {
        for y in 0..40_u32 {
            let point = LonLat::new(99.995 + f64::from(x) * 0.0025, 24.995 + f64::from(y) * 0.0025).unwrap();
            let cover = atlas.cover(point);
            lines.push(
                format!("{cover:?}")
                    .replace(&format!("{:?}", cover.grid()), "")
                    .split('(')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
            lines.push(format!("{:?}", cover.grid().map(|grid| grids.id(grid))));
            if (x + y).is_multiple_of(3)
                && let Some(grid) = cover.grid()
            {
                let found = atlas.disagreements(grid, point).into_iter();
                let found = found.map(|(above, other)| (grids.id(above), other.map(|other| grids.id(other))));
                lines.push(format!("{:?}", found.collect::<Vec<_>>()));
            }
        }
    }
    for x in 0..6_u32 {
        let corner = 100.0 + f64::from(x) * 0.013;
        let envelope = Envelope { min: [corner, 25.003], max: [corner + 0.011, 25.043] };
        let mut near: Vec<_> = atlas.grids_in(&envelope).map(|grid| grids.id(grid)).collect();
        near.sort_unstable();
        let mut buildings: Vec<_> = atlas.resources().buildings_in(&envelope).map(|one| one.id).collect();
        buildings.sort_unstable();
        let mut facilities: Vec<_> = atlas.resources().facilities_in(&envelope).map(|one| one.id).collect();
        facilities.sort_unstable();
        lines.push(format!("{near:?} {buildings:?} {facilities:?}"));
        let nearest = atlas.nearest_leaf(LonLat::new(corner - 0.1, 24.9).unwrap());
        lines.push(format!("{:?}", nearest.map(|n| (grids.id(n.grid), n.distance_m))));
    }
    lines.extend(crate::atlas::detail::tests::drawing(atlas));
    lines.extend(tiles(atlas));
    lines.extend(rows(&atlas.snapshot()));
    lines
}

/// Tiles of all kinds, byte for byte.
fn tiles(atlas: &Atlas) -> Vec<String> {
    let tilesets = crate::tiles::Tilesets::embedded().unwrap();
    let selection = tilesets.select("grids,buildings,facilities").unwrap();
    let places = [(3, 6, 3), (9, 398, 219), (11, 1593, 875), (13, 6374, 3500), (16, 50975, 27998)];
    let render = |(z, x, y)| {
        let tile = crate::geom::TileId::new(z, x, y).unwrap();
        format!("{tile} {:?}", selection.render(atlas, &crate::access::Principal::open(), tile))
    };
    places.map(render).into()
}
