//! CSV and NDJSON, row by row.

use serde_json::Value;

use super::*;
use crate::batch::lines::LONGEST_ROW;

#[test]
fn csv_comes_back_with_columns_after_its_own() {
    let body =
        "id,lat,name,lon\r\n7,25.005,\"a \"\"b\"\", c\",100.005\r\n8, 25.015 ,x,\"100.015\"\r\n9,0,,0\r\n";
    assert_eq!(
        csv("code,codes", body),
        "id,lat,name,lon,status,code,code_1,code_2,error\r\n\
         7,25.005,\"a \"\"b\"\", c\",100.005,inside,530001001,530001,530001001,\r\n\
         8, 25.015 ,x,\"100.015\",parent_only,530001,530001,,\r\n\
         9,0,,0,outside,,,,\r\n"
    );
}

#[test]
fn a_bad_row_of_csv_has_an_error_in_its_place_and_keeps_the_columns_aligned() {
    let body = "\u{feff}lon,lat,name\n100.005,25.005,a\nx,25,b\n100.005\n\n25.005,100.005,c\n1,2,3,4\n100.005,25.005,d";
    let text = csv("code,border_m", body);
    let mut reader = ::csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let column = |at: usize| rows.iter().map(|row| row[at].to_owned()).collect::<Vec<_>>();
    assert!(text.starts_with("\u{feff}lon,lat,name,status,border_m,code,error\n"), "{text}");
    assert_eq!(column(2), ["a", "b", "", "c", "3", "d"]);
    assert_eq!(column(5), ["530001001", "", "", "", "", "530001001"]);
    let errors = column(6);
    assert!(errors[1].contains("row 2: lon is \"x\""), "{errors:?}");
    assert!(errors[2].contains("row 3: the row has 1 fields, the header has 3"), "{errors:?}");
    assert!(errors[3].contains("row 4") && errors[3].contains("swapped"), "{errors:?}");
    assert!(errors[4].contains("row 5: the row has 4 fields"), "{errors:?}");
}

#[test]
fn a_quote_that_is_never_closed_is_told_at_the_end() {
    let text = csv("code", "lon,lat,name\n100.005,25.005,a\n100.005,25.005,\"b\n100.005,25.005,c\n");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[2].starts_with(",,,,,") && lines[2].contains("row 2: the stream ends inside quotes"),
        "{text}"
    );
}

#[test]
fn a_row_that_is_too_long_is_refused_and_the_rows_around_it_are_answered() {
    let long = "x".repeat(LONGEST_ROW + 1);
    let body = format!(
        "lon,lat,name\n100.005,25.005,a\n100.005,25.005,{long}\n100.005,25.005,\"{long}\nx\"\n0,0,z\n"
    );
    for piece in [body.len(), 100_000, 4_099] {
        let (out, tally) = answer_pieces([Format::Csv; 2], "code", body.as_bytes().chunks(piece)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), tally), (5, Tally { rows: 4, wrong: 2 }));
        assert!(
            lines[2].contains("row 2: the row is longer") && lines[3].contains("row 3: the row is longer")
        );
        assert_eq!(lines[4], "0,0,z,outside,,");
    }
}

#[test]
fn a_header_without_the_coordinates_is_refused_before_anything_is_answered() {
    let refused = |body: &str| answer([Format::Csv; 2], "code", body.as_bytes()).unwrap_err();
    assert_eq!(refused(""), BatchError::NoHeader);
    assert_eq!(refused("\n \r\n"), BatchError::NoHeader);
    assert!(matches!(refused("a,lat\n"), BatchError::Column { column: "lon", times: 0, .. }));
    assert!(matches!(refused("lon,lat,LON\n"), BatchError::Column { column: "lon", times: 2, .. }));
    assert!(refused("lon;lat\n").to_string().contains("by commas"));
}

#[test]
fn a_name_that_the_row_uses_itself_is_left_to_it() {
    let text = csv("code", "lon,lat,code,gewu_code,Status\n100.005,25.005,a,b,c\n");
    assert!(text.starts_with("lon,lat,code,gewu_code,Status,gewu_status,gewu_gewu_code,error\n"), "{text}");
    let rows = ndjson(
        "code,codes",
        "{\"lon\":100.005,\"code\":\"own\",\"lat\":25.005,\"error\":1}\n{\"lon\":1,\"error\":2}",
    );
    assert_eq!((&rows[0]["code"], &rows[0]["gewu_code"]), (&"own".into(), &"530001001".into()));
    assert_eq!(
        (&rows[1]["error"], rows[1]["gewu_error"].as_str()),
        (&2.into(), Some("row 2: lat is missing"))
    );
}

#[test]
fn a_bad_line_of_ndjson_has_an_error_in_its_place() {
    let body = b"{\"lon\":100.005,\"lat\":25.005,\"k\":[{\"lon\":1}]}\n[100.005,25.005]\n{}\n{\"lon\":\"x\",\"lat\":1}\n\
        {\"lon\":1,\"lon\":2,\"lat\":3}\n[1]\nnull\n{\"lon\":1,\"lat\":2\n\n{\"a\":\"\xff\"}\n{\"l\\u006fn\":100.005,\"lat\":25.005}";
    let (out, tally) = answer([Format::Ndjson; 2], "code", body).unwrap();
    let text = String::from_utf8(out).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tally, Tally { rows: 10, wrong: 7 });
    assert!(text.starts_with(
        "{\"lon\":100.005,\"lat\":25.005,\"k\":[{\"lon\":1}],\"status\":\"inside\",\"code\":\"530001001\"}\n"
    ));
    assert_eq!(
        rows[1],
        serde_json::json!({"lon": 100.005, "lat": 25.005, "status": "inside", "code": "530001001"})
    );
    assert_eq!(rows[9]["code"], "530001001");
    for (row, said) in [
        (2, "lon is missing"),
        (3, "lon is \"\\\"x\\\"\", which is no finite number"),
        (4, "lon is given twice"),
        (5, "an array is [lon, lat]"),
        (6, "neither an object"),
        (7, "a comma or } expected at byte 17"),
        (8, "not UTF-8"),
    ] {
        let error = rows[row]["error"].as_str().unwrap();
        assert!(error.starts_with(&format!("row {}: ", row + 1)) && error.contains(said), "{error}");
    }
}
