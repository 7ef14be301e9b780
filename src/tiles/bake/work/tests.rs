use std::collections::HashMap;

use super::*;

fn made(number: u64, content: &str) -> Made {
    let mut digest = [0; 16];
    digest[..content.len()].copy_from_slice(content.as_bytes());
    Made { number, digest, content: Some(content.as_bytes().to_vec()), coarsened: number.is_multiple_of(3) }
}

fn tiles(work: &Work) -> Vec<(u64, String)> {
    let mut tiles = Vec::new();
    let mut contents = HashMap::new();
    work.each(&mut |number, digest, content| {
        if let Some(content) = content {
            contents.insert(digest, String::from_utf8(content.to_vec()).unwrap());
        }
        tiles.push((number, contents[&digest].clone()));
        Ok(())
    })
    .unwrap();
    tiles
}

fn pairs(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(number, content)| (*number, (*content).to_owned())).collect()
}

#[test]
fn what_was_appended_comes_back_in_order_and_equal_contents_are_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    let (mut work, found) = Work::open(&path, "a").unwrap();
    assert_eq!((found, work.through()), (Found::Nothing, None));
    work.append(&[made(1, "field"), made(2, "town"), made(5, "field")], 6).unwrap();
    work.append(&[made(9, "town")], 12).unwrap();
    assert_eq!((work.tiles(), work.known().len(), work.through()), (4, 2, Some(12)));
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    // Once as a digest a tile, once as the content.
    assert_eq!(text.matches("field").count(), 3);
    assert_eq!(tiles(&work), pairs(&[(1, "field"), (2, "town"), (5, "field"), (9, "town")]));
}

#[test]
fn wherever_a_file_breaks_off_it_goes_on_after_the_last_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    let mut ends = Vec::new();
    {
        let (mut work, _) = Work::open(&path, "a").unwrap();
        ends.push((work.end, None, 0));
        for batch in 0..3_u64 {
            work.append(
                &[made(10 * batch, "field"), made(10 * batch + 1, &format!("b{batch}"))],
                10 * batch + 5,
            )
            .unwrap();
            ends.push((work.end, Some(10 * batch + 5), 2 * (batch + 1)));
        }
    }
    let whole = std::fs::read(&path).unwrap();
    for length in ends[0].0..=whole.len() as u64 {
        std::fs::write(&path, &whole[..length as usize]).unwrap();
        let (work, found) = Work::open(&path, "a").unwrap();
        let (end, through, count) = *ends.iter().rfind(|(end, ..)| *end <= length).unwrap();
        assert_eq!((work.end, work.through(), found), (end, through, Found::Same(count)), "{length} bytes");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), end);
    }
}

#[test]
fn a_damaged_batch_and_all_after_it_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    let middle = {
        let (mut work, _) = Work::open(&path, "a").unwrap();
        work.append(&[made(1, "field")], 1).unwrap();
        let middle = work.end;
        work.append(&[made(2, "town")], 2).unwrap();
        work.append(&[made(3, "wood")], 3).unwrap();
        middle
    };
    let whole = std::fs::read(&path).unwrap();
    for at in middle as usize..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        std::fs::write(&path, &damaged).unwrap();
        let (mut work, _) = Work::open(&path, "a").unwrap();
        let through = work.through().unwrap();
        assert!(through < 3, "byte {at} is damaged and nobody noticed");
        if through < 2 {
            work.append(&[made(2, "town")], 2).unwrap();
        }
        work.append(&[made(3, "wood")], 3).unwrap();
        assert_eq!(tiles(&work), pairs(&[(1, "field"), (2, "town"), (3, "wood")]), "byte {at}");
    }
}

#[test]
fn another_order_begins_anew_and_a_second_process_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    {
        let (mut work, _) = Work::open(&path, "revision 1").unwrap();
        work.append(&[made(1, "field")], 1).unwrap();
        assert!(matches!(Work::open(&path, "revision 1"), Err(BakeError::Busy(_))));
    }
    let (work, found) = Work::open(&path, "revision 2").unwrap();
    assert_eq!((found, work.through(), work.tiles()), (Found::Other, None, 0));
}
