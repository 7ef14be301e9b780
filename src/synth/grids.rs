//! Codes, names and identities for the divided territories.

use geo::{Centroid, Coord, MultiPolygon};
use rand::RngExt;
use uuid::Uuid;

use super::counts::share_out;
use super::divide::{CountyDivision, CountyTerritories};
use super::inputs::{Place, RegionInputs};
use super::random::{pick, stream};
use crate::model::{Code, County, Grid, GridId, GridKind, Level};

/// The namespace of all identities that are invented here (a UUID drawn once).
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_5e0a_3f52_4a8e_9b07_2d41_c8f3_5329);

/// The identity that belongs to a name, the same for ever.
pub(super) fn identity(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{name}").as_bytes())
}

/// A leaf as those see it who place things in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    /// Its place in the list of grids.
    pub(super) grid: usize,
    /// Its village in the sorted inputs.
    pub(super) village: usize,
    /// Mesh nodes per square kilometre: how densely it is settled.
    pub(super) density: f64,
}

/// The grids of a region, parents before children, and its leaves.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// Every grid.
    pub(super) grids: Vec<Grid>,
    /// The leaves.
    pub(super) leaves: Vec<Leaf>,
}

/// What the name of a dedicated grid says.
const DEDICATED: [&str; 7] = ["农贸市场", "工业园区", "学校园区", "公园", "医院", "客运站", "景区"];

struct Draft<'a> {
    code: String,
    name: String,
    level: i64,
    parent: Option<usize>,
    kind: Option<GridKind>,
    invented: bool,
    households: u32,
    territory: &'a MultiPolygon<f64>,
}

impl Assembly {
    /// Adds the prefecture; the counties follow.
    pub(super) fn new(inputs: &RegionInputs, territory: &MultiPolygon<f64>) -> Self {
        let mut assembly = Self::default();
        assembly.push(Draft {
            code: inputs.prefecture.code.to_string(),
            name: inputs.prefecture.name.clone(),
            level: 1,
            parent: None,
            kind: None,
            invented: inputs.invented,
            households: 0,
            territory,
        });
        assembly
    }

    /// Adds a county with all that is below it.
    pub(super) fn add_county(
        &mut self,
        inputs: &RegionInputs,
        county: usize,
        division: &CountyDivision,
        territories: &CountyTerritories,
        seed: u64,
    ) {
        let given = &inputs.counties[county];
        let above = self.push(Draft {
            code: given.code.to_string(),
            name: given.name.clone(),
            level: 2,
            parent: Some(0),
            kind: None,
            invented: inputs.invented,
            households: 0,
            territory: &territories.county,
        });
        let first_town = inputs.towns.partition_point(|town| town.code < given.code);
        for (label, territory) in &territories.towns {
            let town = self.push_place(&inputs.towns[first_town + *label as usize], 3, above, territory);
            let code = self.grids[town].code.clone();
            for (village, territory) in &territories.villages {
                let place = &inputs.villages[*village as usize];
                if place.code.as_str().starts_with(code.as_str()) {
                    let parent = self.push_place(place, 4, town, territory);
                    self.add_bases(division, territories, *village as usize, parent, seed);
                }
            }
        }
    }

    fn push_place(
        &mut self,
        place: &Place,
        level: i64,
        parent: usize,
        territory: &MultiPolygon<f64>,
    ) -> usize {
        self.push(Draft {
            code: place.code.to_string(),
            name: place.name.clone(),
            level,
            parent: Some(parent),
            kind: None,
            invented: true,
            households: 0,
            territory,
        })
    }

    fn add_bases(
        &mut self,
        division: &CountyDivision,
        territories: &CountyTerritories,
        village: usize,
        parent: usize,
        seed: u64,
    ) {
        let bases: Vec<u32> = (0..division.bases.len() as u32)
            .filter(|base| division.bases[*base as usize].village == village)
            .collect();
        let places: Vec<&MultiPolygon<f64>> = bases.iter().map(|base| &territories.bases[base]).collect();
        let (code, name) = (self.grids[parent].code.clone(), short_name(&self.grids[parent].name));
        let mut rng = stream(seed, &format!("grids {code}"));
        for (number, index) in (1..).zip(reading_order(&places)) {
            let base = &division.bases[bases[index] as usize].divisible;
            let (kind, title) = match base.quota.dedicated {
                true => (GridKind::Dedicated, format!("{name}{}专属网格", pick(&mut rng, &DEDICATED))),
                false => (GridKind::Base, format!("{name}第{}网格", numeral(number))),
            };
            let grid = self.push(Draft {
                code: format!("{code}{number:03}"),
                name: title,
                level: 5,
                parent: Some(parent),
                kind: Some(kind),
                invented: true,
                households: 0,
                territory: places[index],
            });
            let leaf = Leaf { grid, village, density: base.density };
            self.add_micro_grids(division, territories, bases[index], leaf, base.quota.households, &mut rng);
        }
    }

    fn add_micro_grids(
        &mut self,
        division: &CountyDivision,
        territories: &CountyTerritories,
        base: u32,
        whole: Leaf,
        households: u32,
        rng: &mut rand_chacha::ChaCha8Rng,
    ) {
        let from = division.leaves.partition_point(|owner| *owner < base) as u32;
        let until = division.leaves.partition_point(|owner| *owner <= base) as u32;
        if until - from < 2 {
            self.count_households(whole.grid, households);
            self.leaves.push(whole);
            return;
        }
        let places: Vec<&MultiPolygon<f64>> = (from..until).map(|leaf| &territories.leaves[&leaf]).collect();
        let weights: Vec<f64> = places.iter().map(|_| rng.random_range(0.82..1.18)).collect();
        let shares = share_out(households as usize, &weights, 1);
        let (code, name) = (self.grids[whole.grid].code.clone(), self.grids[whole.grid].name.clone());
        for (number, index) in (1..).zip(reading_order(&places)) {
            let grid = self.push(Draft {
                code: format!("{code}{number:02}"),
                name: format!("{name}{number}号微网格"),
                level: 6,
                parent: Some(whole.grid),
                kind: Some(GridKind::Micro),
                invented: true,
                households: 0,
                territory: places[index],
            });
            self.count_households(grid, shares[index] as u32);
            self.leaves.push(Leaf { grid, ..whole });
        }
    }

    fn push(&mut self, draft: Draft<'_>) -> usize {
        let scheme =
            ["division", "division", "division", "division", "grid15", "micro"][draft.level as usize - 1];
        let code =
            Code::parse(&draft.code).expect("digits appended to a code are a code, far below 64 characters");
        self.grids.push(Grid {
            id: GridId(identity(scheme, &draft.code)),
            county: County::of(&code),
            code,
            scheme: scheme.to_owned(),
            level: Level::new(draft.level).expect("the levels written here are 1 to 6"),
            parent: draft.parent.map(|parent| self.grids[parent].id),
            kind: draft.kind,
            name: draft.name,
            households: Some(draft.households),
            invented: draft.invented,
            geometry: draft.territory.clone(),
        });
        self.grids.len() - 1
    }

    /// Adds households to a leaf; [`Assembly::roll_up`] brings them to those above.
    fn count_households(&mut self, grid: usize, households: u32) {
        self.grids[grid].households = Some(households);
    }

    /// Gives every parent the sum of its children: they come after it, so one walk backwards does it.
    pub(super) fn roll_up(&mut self) {
        let place: std::collections::HashMap<GridId, usize> =
            self.grids.iter().enumerate().map(|(place, grid)| (grid.id, place)).collect();
        for child in (1..self.grids.len()).rev() {
            let households = self.grids[child].households.unwrap_or(0);
            if let Some(parent) = self.grids[child].parent.and_then(|id| place.get(&id).copied()) {
                *self.grids[parent].households.get_or_insert(0) += households;
            }
        }
    }
}

/// The name of a village without the words for its committee.
pub(super) fn short_name(name: &str) -> String {
    for (ending, rest) in [("居民委员会", ""), ("村民委员会", "村"), ("居委会", ""), ("村委会", "村")]
    {
        if let Some(stem) = name.strip_suffix(ending) {
            return if stem.ends_with('村') && rest == "村" {
                stem.to_owned()
            } else {
                format!("{stem}{rest}")
            };
        }
    }
    name.to_owned()
}

/// West to east within bands from north to south, as codes are numbered (DB11/T 2157-2023): the places in order.
fn reading_order(places: &[&MultiPolygon<f64>]) -> Vec<usize> {
    let middle = |i: usize| places[i].centroid().map_or(Coord { x: 0.0, y: 0.0 }, |c| c.0);
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| middle(*b).y.total_cmp(&middle(*a).y));
    let band = (places.len() as f64).sqrt().ceil().max(1.0) as usize;
    for row in order.chunks_mut(band) {
        row.sort_by(|a, b| middle(*a).x.total_cmp(&middle(*b).x));
    }
    order
}

/// 1 to 99 in Chinese numerals, larger numbers in digits.
pub(super) fn numeral(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, units) => DIGITS[units].to_owned(),
        (1, units) => format!("十{}", DIGITS[units]),
        (tens @ 2..=9, units) => format!("{}十{}", DIGITS[tens], DIGITS[units]),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_chinese_numerals() {
        let read: Vec<String> = [1, 10, 11, 20, 45, 120].into_iter().map(numeral).collect();
        assert_eq!(read, ["一", "十", "十一", "二十", "四十五", "120"]);
    }

    #[test]
    fn the_committee_is_no_part_of_the_short_name() {
        let names = ["文献社区居委会", "龙下登村委会", "洱滨村村民委员会", "双廊社区"].map(short_name);
        assert_eq!(names, ["文献社区", "龙下登村", "洱滨村", "双廊社区"]);
    }
}
