//! Sealed values against published vectors, and against whoever moves, changes or forges them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use aws_lc_rs::aead::{Aad, Nonce};
use proptest::prelude::*;
use uuid::Uuid;

use super::data_key::{DataKey, sealing_key};
use super::envelope::Envelope;
use super::*;

const ROW: Uuid = Uuid::from_u128(7);

fn keyring() -> (tempfile::TempDir, Keyring) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.key");
    Keyring::add_key(&file).unwrap();
    let keys = Keyring::read(&file).unwrap();
    (folder, keys)
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Test cases 13, 14 and 16 of McGrew and Viega, The Galois/Counter Mode of Operation, appendix B.
#[test]
fn it_is_aes_256_gcm_as_published() {
    let zero = "00".repeat(32);
    let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    let text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    let sealed = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                  8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";
    for (key, nonce, aad, text, sealed) in [
        (zero.as_str(), "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            zero.as_str(),
            "000000000000000000000000",
            "",
            "00000000000000000000000000000000",
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        ),
        (key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", text, sealed),
    ] {
        let key = sealing_key(&bytes(key).try_into().unwrap()).unwrap();
        let nonce = Nonce::try_assume_unique_for_key(&bytes(nonce)).unwrap();
        let mut text = bytes(text);
        key.seal_in_place_append_tag(nonce, Aad::from(bytes(aad)), &mut text).unwrap();
        assert_eq!(text, bytes(sealed));
    }
}

#[test]
fn what_is_sealed_tells_nothing_and_opens_again() {
    let (_folder, keys) = keyring();
    let sealed = keys.seal(Field::PersonName, ROW, "欧阳修").unwrap();
    assert!(is_sealed(&sealed) && !sealed.contains("欧阳修"));
    assert_ne!(sealed, keys.seal(Field::PersonName, ROW, "欧阳修").unwrap(), "each has a nonce of its own");
    assert_eq!(keys.open(Field::PersonName, ROW, sealed).unwrap(), "欧阳修");
    assert_eq!(
        keys.open(Field::PersonName, ROW, "张三".into()).unwrap(),
        "张三",
        "what is in the clear stays"
    );
    assert!(!format!("{keys:?}").contains("gewu-key"), "{keys:?}");
}

#[test]
fn a_value_of_another_row_or_column_is_refused() {
    let (_folder, keys) = keyring();
    let sealed = keys.seal(Field::PersonName, ROW, "李四").unwrap();
    for (field, row) in [
        (Field::PersonName, Uuid::from_u128(8)),
        (Field::PersonPhone, ROW),
        (Field::PersonAddress, ROW),
        (Field::WorkerName, ROW),
    ] {
        let error = keys.open(field, row, sealed.clone()).unwrap_err();
        assert!(matches!(error, SealError::Broken { .. }), "{error}");
        assert!(error.to_string().contains(&row.to_string()) && !error.to_string().contains("李四"));
    }
}

#[test]
fn no_character_can_be_changed() {
    let (_folder, keys) = keyring();
    let sealed = keys.seal(Field::PersonPhone, ROW, "13812345678").unwrap();
    for at in PREFIX.len()..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(keys.open(Field::PersonPhone, ROW, changed).is_err(), "{at}");
    }
    for end in PREFIX.len()..sealed.len() {
        assert!(keys.open(Field::PersonPhone, ROW, sealed[..end].to_owned()).is_err(), "{end}");
    }
}

#[test]
fn equals_have_one_tag_however_they_are_written_and_only_where_they_are_looked_for() {
    let (_folder, keys) = keyring();
    let tag = |field, row, text| keys.seal(field, row, text).unwrap()[..TAG_LENGTH].to_owned();
    let other = Uuid::from_u128(9);
    for written in ["138-1234-5678", "+86 138 1234 5678", "１３８１２３４５６７８", "(0086)13812345678"]
    {
        assert_eq!(tag(Field::PersonPhone, ROW, "13812345678"), tag(Field::PersonPhone, other, written));
        let beginnings = keys.beginnings(Field::PersonPhone, written).unwrap();
        assert!(beginnings.contains(&tag(Field::PersonPhone, ROW, "13812345678")));
    }
    assert_eq!(tag(Field::PersonName, ROW, "买买提·艾力"), tag(Field::PersonName, other, " 买买提• 艾力"));
    assert_ne!(tag(Field::PersonName, ROW, "张三"), tag(Field::PersonName, ROW, "张四"));
    assert_ne!(tag(Field::PersonPhone, ROW, "13812345678"), tag(Field::PersonPhone, ROW, "23812345678"));
    assert_eq!(tag(Field::PersonAddress, ROW, "甲"), tag(Field::PersonAddress, ROW, "乙"), "no tag at all");
    let (_folder, others) = keyring();
    let beginnings = |keys: &Keyring| keys.beginnings(Field::PersonName, "张三").unwrap();
    assert_ne!(beginnings(&others), beginnings(&keys));
}

#[test]
fn an_import_sees_what_is_unchanged_and_nobody_else_sees_which_rows_are_equal() {
    let (_folder, keys) = keyring();
    let exact = |row, text| keys.seal(Field::PersonAddress, row, text).unwrap()[..EXACT_LENGTH].to_owned();
    assert_eq!(exact(ROW, "一号"), exact(ROW, "一号"));
    assert_ne!(exact(ROW, "一号"), exact(ROW, "二号"));
    assert_ne!(exact(ROW, "一号"), exact(Uuid::from_u128(8), "一号"));
}

#[test]
fn a_new_key_seals_and_the_former_ones_open_without_a_restart() {
    let (folder, keys) = keyring();
    let file = folder.path().join("data.key");
    let former = keys.seal(Field::WorkerName, ROW, "王五").unwrap();
    let newest = Keyring::add_key(&file).unwrap();
    let now = Keyring::read(&file).unwrap();
    assert_eq!(now.ids(), [newest, keys.newest()]);
    let sealed = now.seal(Field::WorkerName, ROW, "王五").unwrap();
    assert!(sealed.starts_with(&now.newest_beginning()) && !former.starts_with(&now.newest_beginning()));
    assert_eq!(
        keys.open(Field::WorkerName, ROW, sealed).unwrap(),
        "王五",
        "the running one read the file again"
    );
    assert_eq!(keys.newest(), newest);
    assert_eq!(now.open(Field::WorkerName, ROW, former.clone()).unwrap(), "王五");
    let (_folder, others) = keyring();
    let error = others.open(Field::WorkerName, ROW, former).unwrap_err().to_string();
    assert!(error.contains("put that key back"), "{error}");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("gewu-key-1:").count(), 2);
    assert!(text.starts_with("# Data keys") && text.matches("# key ").count() == 2, "{text}");
}

#[test]
fn a_file_that_others_can_read_or_that_holds_no_key_is_refused() {
    let (folder, _) = keyring();
    let file = folder.path().join("data.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Keyring::read(&file).unwrap_err(), SealError::Open { mode: 0o640, .. }));
    let write = |text: &str| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        Keyring::read(&file).unwrap_err().to_string()
    };
    assert!(write("# nothing\n").contains("has no key"));
    let wrong = write("# a\ngewu-key-1:tooshort\n");
    assert!(wrong.contains("line 2") && !wrong.contains("tooshort"), "{wrong}");
    assert!(Keyring::add_key(&file).is_err(), "it is left as it is");
    assert!(Keyring::read(&folder.path().join("none")).unwrap_err().to_string().contains("none"));
    assert!(Keyring::read(folder.path()).is_err());
}

#[test]
fn a_text_that_looks_sealed_or_is_too_long_is_refused() {
    let (_folder, keys) = keyring();
    for text in ["gewu1:x".to_owned(), "长".repeat(30_000)] {
        assert!(matches!(keys.seal(Field::PersonName, ROW, &text), Err(SealError::Unfit { .. })));
    }
    assert!(Sealer::default().seal(Field::PersonName, ROW, "gewu1:x").is_err());
    let sealed = keys.seal(Field::PersonName, ROW, "张三").unwrap();
    assert!(matches!(Sealer::default().open(Field::PersonName, ROW, sealed), Err(SealError::NoKey)));
}

fn sealed_file(keys: &Keyring, bytes: &[u8]) -> Vec<u8> {
    let mut writer = keys.sealing(Vec::new()).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_file_opens_as_it_was_written_or_not_at_all() {
    let (_folder, keys) = keyring();
    for length in [0, 1, 1 << 20, (1 << 20) + 1, 2 << 20, 2_500_000] {
        let bytes: Vec<u8> = (0..length).map(|at: u32| at.wrapping_mul(2_654_435_761) as u8).collect();
        let sealed = sealed_file(&keys, &bytes);
        assert!(is_sealed_file(&sealed) && sealed != bytes);
        assert_eq!(keys.opened(sealed.clone()).unwrap(), bytes, "{length}");
        for at in [0, 20, 40, 52, sealed.len() / 2, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.opened(changed.clone()).map_or(true, |opened| opened == changed), "{length} {at}");
        }
        for end in [sealed.len() - 1, sealed.len() / 2, 52, 30] {
            assert!(keys.opened(sealed[..end].to_vec()).is_err(), "{length} cut at {end}");
        }
    }
    let long = sealed_file(&keys, &vec![7; 3 << 20]);
    let chunk = (1 << 20) + 16;
    // Without its last chunk, and with two that changed places.
    assert!(keys.opened(long[..52 + 2 * chunk].to_vec()).is_err());
    let mut swapped = long.clone();
    swapped[52..52 + chunk].copy_from_slice(&long[52 + chunk..52 + 2 * chunk]);
    assert!(keys.opened(swapped).is_err());
    assert_eq!(keys.opened(b"plain".to_vec()).unwrap(), b"plain");
    let (_folder, others) = keyring();
    assert!(others.opened(long).unwrap_err().to_string().contains("put that key back"));
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_again(text in ".{0,80}", row in any::<u128>(), key in any::<[u8; 32]>()) {
        let key = DataKey::new(&key).unwrap();
        let row = Uuid::from_u128(row);
        for field in Field::ALL {
            let sealed = key.seal(field, row, &text).unwrap();
            prop_assert_eq!(key.open(field, row, Envelope::read(&sealed).unwrap()).unwrap(), text.clone());
        }
    }

    #[test]
    fn whatever_stands_there_is_read_or_refused(stored in "(gewu1:)?[A-Za-z0-9_-]{0,120}|.{0,40}") {
        if let Some(envelope) = Envelope::read(&stored) {
            prop_assert_eq!(envelope.written(), stored);
        }
    }
}
