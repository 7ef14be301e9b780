//! Every format against single calls, and formats against one another.

use super::*;
use crate::model::LonLat;
use crate::resolve::{Question, Resolution, resolve};

#[test]
fn every_format_says_what_single_calls_say() {
    let atlas = atlas();
    let places: Vec<(f64, f64)> = (0..900)
        .map(|n| {
            (
                fixture::WEST - 0.005 + 0.001 * f64::from(n % 30),
                fixture::SOUTH - 0.005 + 0.001 * f64::from(n / 30),
            )
        })
        .collect();
    let single = |(lon, lat): (f64, f64)| -> Resolution<'_> {
        let point = LonLat::new(lon, lat).unwrap();
        let question = Question { point, accuracy_m: 0.0, at: fixture::noon(), roles: Vec::new() };
        resolve(&atlas, &Principal::open(), &question)
    };
    let body: String = places.iter().map(|(lon, lat)| format!("[{lon},{lat}]\n")).collect();
    let lines = ndjson(ALL, &body);
    let table: String = places.iter().map(|(lon, lat)| format!("{lon},{lat}\n")).collect();
    let table = csv(ALL, &format!("lon,lat\n{table}"));
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<std::collections::HashMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    let columns =
        vec![("lon", doubles(places.iter().map(|p| p.0))), ("lat", doubles(places.iter().map(|p| p.1)))];
    let (stream, _) = answer([Format::Arrow; 2], ALL, &arrow_stream(columns)).unwrap();
    let batches = read_arrow(&stream);
    assert_eq!((batches.len(), lines.len(), rows.len()), (1, 900, 900));
    let arrow_codes = texts(&batches[0], "code_2");
    let arrow_people = texts(&batches[0], "responsible_names");
    for (at, place) in places.iter().enumerate() {
        let single = single(*place);
        let expected = serde_json::to_value(&single).unwrap();
        let line = &lines[at];
        let code = single.grid.as_ref().map(|grid| grid.code.to_owned());
        assert_eq!(line["code"], serde_json::json!(code), "{place:?}");
        for field in ["status", "chain", "responsible", "border_m"] {
            assert_eq!(line[field], expected[field], "{field} of {place:?}");
        }
        let row = &rows[at];
        assert_eq!((&row["code"], &row["error"]), (&code.unwrap_or_default(), &String::new()));
        assert_eq!(serde_json::json!(row["status"]), expected["status"]);
        assert_eq!(row["border_m"].parse().ok(), single.border_m);
        let level = |level| single.chain.iter().find(|link| link.level == level);
        assert_eq!(row["name_1"], level(1).map(|link| link.name.to_owned()).unwrap_or_default());
        assert_eq!(row["id_2"], level(2).map(|link| link.id.to_string()).unwrap_or_default());
        let names: Vec<_> = single.responsible.iter().map(|worker| &*worker.name).collect();
        assert_eq!(row["responsible_names"], names.join(";"));
        assert_eq!(arrow_codes[at], level(2).map(|link| link.code.to_owned()));
        assert_eq!(arrow_people[at].clone().unwrap_or_default(), names.join(";"));
    }
}

#[test]
fn in_another_format_an_answer_has_row_and_position_instead_of_other_columns() {
    let body = b"id,lon,lat\n7,100.005,25.005\n8,x,25\n";
    let (out, _) = answer([Format::Csv, Format::Ndjson], "code", body).unwrap();
    let text = String::from_utf8(out).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    assert_eq!(
        first,
        "{\"row\":1,\"lon\":100.005,\"lat\":25.005,\"status\":\"inside\",\"code\":\"530001001\"}"
    );
    assert!(second.starts_with("{\"row\":2,\"error\":\"row 2: lon is "), "{second}");
    let (out, _) = answer([Format::Ndjson, Format::Csv], "code", b"[100.005,25.005]\n{\"lon\":1}\n").unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "row,lon,lat,status,code,error\n1,100.005,25.005,inside,530001001,\n2,,,,,row 2: lat is missing\n"
    );
    let (out, _) = answer([Format::Csv, Format::Arrow], "code", body).unwrap();
    let batch = &read_arrow(&out)[0];
    assert_eq!(
        batch.schema().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(),
        ["row", "lon", "lat", "status", "code", "error"]
    );
    assert_eq!(texts(batch, "status"), [Some("inside".to_owned()), None]);
}
