//! A new key takes the place of an old one while servers answer, in pieces, and may be ended in between.

use std::fs;

use gewu::seal::Keyring;
use gewu::store::SealedTable;

use crate::common::output;
use crate::marked::{MARKERS, Marked};

const ITEMS: &str = "/collections/people/items?limit=100";
/// More than two batches.
const MANY: &str = "insert into gewu.person (county, id, source, source_id, name, phone, leaf_id, geom)
select g.county, gen_random_uuid(), 'many', n, '标记人' || n, '1399999' || lpad(n::text, 4, '0'), g.grid_id, st_pointonsurface(g.geom)
from gewu.current_grid g, generate_series(1, 2500) n where g.code = '532902'";

/// The file without the keys but the first.
fn forget_former_keys(marked: &Marked) {
    let text = fs::read_to_string(marked.key_file()).unwrap();
    let newest = text.lines().find(|line| line.starts_with("gewu-key-1:")).unwrap().to_owned();
    fs::write(marked.key_file(), newest).unwrap();
}

#[test]
fn a_server_goes_on_answering_while_all_is_sealed_anew_and_the_old_key_goes() {
    let marked = Marked::start();
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    let before = server.get(ITEMS, &worker).text();
    let first = Keyring::read(&marked.key_file()).unwrap().newest().to_string();
    let second = marked.run(&["data-key", "new"]).trim().to_owned();
    assert_eq!(server.get(ITEMS, &worker).text(), before);
    let status = marked.run(&["data-key", "status"]);
    assert!(status.contains(&format!("person.name\t{first}\t12")), "{status}");
    marked.run(&["data-key", "rekey"]);
    let found = server.get(&format!("{ITEMS}&filter=phone%3D%2713999990000%27"), &worker).json();
    assert_eq!(found["numberReturned"], 1, "{found}");
    assert_eq!(server.get(ITEMS, &worker).text(), before, "it read the file again");
    let status = marked.run(&["data-key", "status"]);
    assert!(status.contains(&second) && !status.contains(&first), "{status}");
    assert_eq!(marked.texts("select id from gewu.data_key"), std::slice::from_ref(&second));
    forget_former_keys(&marked);
    assert_eq!(marked.server_for(&worker).get(ITEMS, &worker).text(), before);
    // Too early is said, too.
    marked.run(&["data-key", "new"]);
    let both = fs::read_to_string(marked.key_file()).unwrap();
    forget_former_keys(&marked);
    let (code, _, error) = output(&mut marked.gewu(&["data-key", "rekey"]));
    assert_eq!(code, Some(2));
    assert!(error.contains(&second), "{error}");
    fs::write(marked.key_file(), both).unwrap();
    marked.run(&["data-key", "rekey"]);
    assert_eq!(server.get(ITEMS, &worker).text(), before);
}

#[test]
fn sealing_anew_goes_on_where_it_was_ended() {
    let marked = Marked::empty();
    marked.sql(MANY);
    let store = marked.store();
    let batch = marked.world.wait(store.reseal(SealedTable::Person, Default::default())).unwrap();
    assert_eq!((batch.rows, batch.broken.len(), batch.next.is_some()), (1_000, 0, true));
    let next = marked.world.wait(store.reseal(SealedTable::Person, batch.next.unwrap())).unwrap();
    assert_eq!(next.rows, 1_000);
    let (done, left): (String, String) = {
        let counts = marked.texts("select count(*)::text from gewu.person group by gewu.is_sealed(name) order by gewu.is_sealed(name)");
        (counts[1].clone(), counts[0].clone())
    };
    assert_eq!((done.as_str(), left.as_str()), ("2000", "539"));
    assert_eq!(marked.run(&["data-key", "rekey"]).trim(), (539 + 7).to_string());
    assert!(marked.found(&MARKERS).is_empty());
    assert_eq!(marked.texts("select count(distinct id)::text from gewu.person"), ["2539"]);
    let noted = "select concat_ws(' ', entity, rows) from gewu.audit where action = 'rekey' order by id";
    assert_eq!(marked.texts(noted), ["workers 7", "people 539"]);
}

#[test]
fn rows_that_are_imported_meanwhile_are_sealed_by_the_newest_key() {
    let marked = Marked::start();
    marked.run(&["data-key", "new"]);
    marked.import_named("标记人新");
    let newest = Keyring::read(&marked.key_file()).unwrap().newest_beginning();
    let sealed = marked.texts("select name from gewu.person where source_id like 'M%' union all select phone from gewu.worker where source_id = 'w1'");
    assert!(sealed.len() == 13 && sealed.iter().all(|name| name.starts_with(&newest)), "{sealed:?}");
}
