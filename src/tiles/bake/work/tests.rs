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
    let contents = std::fs::read(beside(&path, ".contents")).unwrap();
    assert_eq!(contents[CONTENTS as usize..], *b"fieldtown");
    assert_eq!(tiles(&work), pairs(&[(1, "field"), (2, "town"), (5, "field"), (9, "town")]));
}

/// Behind a batch: where the files end, what is done through, how many tiles there are.
type Behind = ([u64; 2], Option<u64>, u64);

/// The files of three batches, and what is behind none and each of them.
fn three_batches(path: &Path) -> ([Vec<u8>; 2], Vec<Behind>) {
    let (mut work, _) = Work::open(path, "a").unwrap();
    let mut ends = vec![([work.records.end, work.contents.end], None, 0)];
    for batch in 0..3_u64 {
        let tiles = [made(10 * batch, "field"), made(10 * batch + 1, &format!("b{batch}"))];
        work.append(&tiles, 10 * batch + 5).unwrap();
        ends.push(([work.records.end, work.contents.end], Some(10 * batch + 5), 2 * (batch + 1)));
    }
    (FILES.map(|file| std::fs::read(beside(path, file)).unwrap()), ends)
}

const FILES: [&str; 2] = [".unfinished", ".contents"];

#[test]
fn wherever_a_file_breaks_off_it_goes_on_after_the_last_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    let (whole, ends) = three_batches(&path);
    for broken in 0..2 {
        for length in ends[0].0[broken]..=whole[broken].len() as u64 {
            for (at, file) in FILES.iter().enumerate() {
                let kept = if at == broken { length as usize } else { whole[at].len() };
                std::fs::write(beside(&path, file), &whole[at][..kept]).unwrap();
            }
            let (work, found) = Work::open(&path, "a").unwrap();
            let (end, through, count) = *ends.iter().rfind(|(end, ..)| end[broken] <= length).unwrap();
            let expected = if through.is_some() { Found::Same(count) } else { Found::Nothing };
            assert_eq!((work.through(), found), (through, expected), "{length} bytes of {}", FILES[broken]);
            let lengths = FILES.map(|file| std::fs::metadata(beside(&path, file)).unwrap().len());
            assert_eq!(lengths, end, "what is behind the last whole batch is gone");
        }
    }
}

#[test]
fn a_damaged_batch_and_all_after_it_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    let ends = {
        let (mut work, _) = Work::open(&path, "a").unwrap();
        work.append(&[made(1, "field")], 1).unwrap();
        let ends = [work.records.end, work.contents.end];
        work.append(&[made(2, "town")], 2).unwrap();
        work.append(&[made(3, "wood")], 3).unwrap();
        ends
    };
    let whole = FILES.map(|file| std::fs::read(beside(&path, file)).unwrap());
    for damaged in 0..2 {
        for at in ends[damaged] as usize..whole[damaged].len() {
            for (number, file) in FILES.iter().enumerate() {
                let mut bytes = whole[number].clone();
                if number == damaged {
                    bytes[at] ^= 0x40;
                }
                std::fs::write(beside(&path, file), bytes).unwrap();
            }
            let (mut work, _) = Work::open(&path, "a").unwrap();
            let through = work.through().unwrap();
            assert!(through < 3, "byte {at} of {} is damaged and nobody noticed", FILES[damaged]);
            if through < 2 {
                work.append(&[made(2, "town")], 2).unwrap();
            }
            work.append(&[made(3, "wood")], 3).unwrap();
            assert_eq!(tiles(&work), pairs(&[(1, "field"), (2, "town"), (3, "wood")]), "byte {at}");
        }
    }
}

#[test]
fn without_its_contents_nothing_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    three_batches(&path);
    std::fs::remove_file(beside(&path, ".contents")).unwrap();
    let (work, found) = Work::open(&path, "a").unwrap();
    assert_eq!((found, work.through(), work.known().len()), (Found::Nothing, None, 0));
    work.remove().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
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
