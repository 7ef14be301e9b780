use chrono::{DateTime, TimeZone, Utc};
use geo::{Coord, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;

use super::{END, FORMAT, MAGIC, Saved, SavedError, Stamp, TAIL};
use crate::atlas::equivalence::{any_edits, portrait, state_after};
use crate::atlas::fixture::{away, id, noon, rows, serves, snapshot};
use crate::atlas::{Atlas, Purpose};
use crate::model::{
    Building, Facility, GridId, GridKind, Person, ResourceId, Role, Snapshot, Span, Worker, WorkerId,
};

fn stamp() -> Stamp {
    Stamp {
        version: "0.1.0".into(),
        origin: "localhost:5432/gewu".into(),
        database: "7d44/16384/7391".into(),
        committed: noon(),
        confirmed: Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 1).unwrap(),
    }
}

/// The atlas of bytes, for a purpose.
fn restored_for(bytes: &[u8], purpose: Purpose) -> Result<Atlas, SavedError> {
    Atlas::restore(Saved::open(bytes)?.read()?, purpose)
}

fn restored(bytes: &[u8]) -> Result<Atlas, SavedError> {
    restored_for(bytes, Purpose::Points)
}

fn save(atlas: &Atlas) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = atlas.save(&stamp(), &mut bytes).unwrap();
    assert_eq!(length, bytes.len() as u64);
    bytes
}

/// The fixture with something in every field.
fn full() -> Snapshot {
    let mut full = snapshot();
    let ring = |side: f64| {
        let corner = |x: f64, y: f64| Coord { x: 100.0 + x * side, y: 25.0 + y * side };
        LineString(vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 0.0)])
    };
    // A hole, two parts, and doubles that no decimal rounding gives back.
    let awkward = Polygon::new(ring(0.1 + 0.2), vec![ring(f64::EPSILON.sqrt()), ring(0.01)]);
    full.grids[0].grid.geometry = MultiPolygon(vec![awkward.clone(), Polygon::new(ring(1e-9), vec![])]);
    full.grids[0].grid.kind = Some(GridKind::Micro);
    full.grids[0].grid.households = Some(u32::MAX);
    full.grids[1].valid =
        Span { from: Some(DateTime::from_timestamp(-1, 999_999_999).unwrap()), until: None };
    let mut dated = full.grids[2].clone();
    dated.valid = Span { from: None, until: Some(noon() - chrono::Duration::days(400)) };
    full.grids[2].valid = Span { from: dated.valid.until, until: None };
    full.grids.push(dated);
    full.workers.push(Worker {
        id: WorkerId(id(106)),
        source: String::new(),
        source_id: "\u{0}\u{1f600}".into(),
        name: "欧阳".repeat(100),
        phone: None,
        organisation: Some("社区".into()),
        role: Role::Reporter,
        invented: false,
    });
    full.assignments = vec![serves(101, 11, Role::Head, 255, Span::ALWAYS)];
    full.absences = vec![away(101, Some(102)), away(102, None)];
    let leaf = Some(GridId(id(11)));
    full.buildings = vec![Building {
        id: ResourceId(id(500)),
        number: u64::MAX,
        class: "住宅".into(),
        source_id: "B-1".into(),
        address: Some("人民路1号".into()),
        name: Some("一号楼".into()),
        height_m: Some(0.1),
        floors: Some(u16::MAX),
        households: Some(0),
        footprint: awkward,
        leaf,
    }];
    full.facilities = vec![Facility {
        id: ResourceId(id(501)),
        number: 0,
        class: "hydrant".into(),
        source_id: String::new(),
        name: None,
        address: None,
        position: Point::new(-0.0, f64::MIN_POSITIVE),
        leaf: None,
    }];
    full.people = vec![Person { id: ResourceId(id(502)), position: Point::new(100.001, 25.001), leaf }];
    full
}

#[test]
fn what_was_saved_comes_back_to_the_last_bit() {
    let atlas = Atlas::build(full()).unwrap();
    let bytes = save(&atlas);
    let saved = Saved::open(&bytes).unwrap();
    assert_eq!(saved.stamp(), &stamp());
    let back = restored(&bytes).unwrap();
    let read = back.snapshot();
    assert_eq!(rows(&read), rows(&full()));
    assert_eq!(read.facilities[0].position.x().to_bits(), (-0.0_f64).to_bits());
    assert_eq!(portrait(&back), portrait(&atlas));
    assert_eq!(portrait(&restored_for(&bytes, Purpose::Envelopes).unwrap()), portrait(&atlas));
}

#[test]
fn what_was_worked_out_comes_back_with_it_and_is_not_worked_out_again() {
    let atlas = Atlas::build(snapshot()).unwrap();
    let fresh = restored(&save(&atlas)).unwrap();
    assert!(!fresh.is_prepared());
    assert_eq!(fresh.drawing_bytes(), 0);
    atlas.prepare();
    let bytes = save(&atlas);
    let back = restored(&bytes).unwrap();
    assert!(back.is_prepared());
    assert_eq!(back.drawing_bytes(), atlas.drawing_bytes());
    // As it came, nothing asked of it yet: every byte that was worked out is there.
    assert_eq!(save(&back), bytes);
    assert_eq!(portrait(&back), portrait(&atlas));
}

#[test]
fn an_empty_atlas_is_saved_too() {
    let atlas = Atlas::build(Snapshot::default()).unwrap();
    let back = restored(&save(&atlas)).unwrap();
    assert_eq!(rows(&back.snapshot()), rows(&Snapshot::default()));
}

#[test]
fn every_other_length_of_it_is_refused() {
    let bytes = save(&Atlas::build(full()).unwrap());
    for length in 0..bytes.len() {
        let refused = Saved::open(&bytes[..length]).unwrap_err();
        let wanted = match length < MAGIC.len() {
            true => SavedError::NotOne,
            false => SavedError::CutShort(length),
        };
        assert_eq!(refused, wanted);
    }
    let longer = [&bytes[..], END].concat();
    assert!(matches!(Saved::open(&longer), Err(SavedError::Damaged { what: "length", .. })));
}

#[test]
fn every_flipped_bit_of_it_is_noticed() {
    let bytes = save(&Atlas::build(full()).unwrap());
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        let refused = Saved::open(&flipped).unwrap_err();
        let tail = place >= bytes.len() - TAIL;
        match refused {
            SavedError::NotOne => assert!(place < MAGIC.len()),
            SavedError::Format(_) => assert!((8..12).contains(&place)),
            SavedError::CutShort(_) | SavedError::Damaged { what: "length", .. } => assert!(tail),
            SavedError::Damaged { what, .. } => assert_eq!(what, "checksum"),
            SavedError::Content { .. } | SavedError::Parts(_) | SavedError::Build(_) => panic!("{refused}"),
        }
    }
}

#[test]
fn a_later_format_is_named() {
    let mut bytes = save(&Atlas::build(full()).unwrap());
    bytes[8..12].copy_from_slice(&(FORMAT + 1).to_le_bytes());
    let refused = Saved::open(&bytes).unwrap_err();
    assert_eq!(refused, SavedError::Format(FORMAT + 1));
    assert_eq!(refused.to_string(), "it has format 6, this version of Gewu reads format 5");
}

#[test]
fn a_disk_that_is_full_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = Atlas::build(full()).unwrap().save(&stamp(), &mut Full).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

/// The bytes with a tail that says that they are as they were written.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(bytes);
    [bytes, &(bytes.len() as u64).to_le_bytes(), &sum.to_le_bytes(), END].concat()
}

/// What becomes of bytes whose sum is right: a reason, or an atlas of which everything can be asked.
fn ends_well(bytes: &[u8]) -> Result<Vec<String>, SavedError> {
    restored(&sealed(bytes)).map(|atlas| portrait(&atlas))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn an_atlas_that_followed_any_edits_is_the_same_after_it_was_saved(edits in any_edits(), is_prepared: bool) {
        let atlas = state_after(edits);
        if is_prepared {
            atlas.prepare();
        }
        let back = restored(&save(&atlas)).unwrap();
        prop_assert_eq!(portrait(&back), portrait(&atlas));
    }

    #[test]
    fn any_bytes_are_refused_with_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Saved::open(&bytes).is_err());
        let dressed = [&MAGIC[..], &FORMAT.to_le_bytes(), &bytes, END].concat();
        prop_assert!(Saved::open(&dressed).is_err());
        // Whoever makes the sum right may say anything: it ends, whatever it says.
        _ = ends_well(&[&MAGIC[..], &FORMAT.to_le_bytes(), &bytes].concat());
    }

    #[test]
    fn changed_bytes_behind_a_right_sum_do_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let atlas = Atlas::build(full()).unwrap();
        atlas.prepare();
        let mut bytes = save(&atlas);
        bytes.truncate(bytes.len() - TAIL);
        for (place, value) in changes {
            let place = 12 + place.index(bytes.len() - 12);
            bytes[place] = value;
        }
        if is_cut {
            bytes.truncate(12 + cut.index(bytes.len() - 12));
            prop_assert!(restored(&sealed(&bytes)).is_err());
        } else {
            _ = ends_well(&bytes);
        }
    }
}
