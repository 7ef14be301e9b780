//! What holds for every format: any bytes, any pieces, every order.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Float32Array, Float64Array, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::access::Principal;
use crate::atlas::{Atlas, fixture};
use crate::geom::Crs;
use crate::model::{LonLat, Role, Span};
use crate::resolve::{Question, Resolution, resolve};

const ALL: &str = "code,codes,chain,responsible,border_m";

fn atlas() -> Arc<Atlas> {
    let serves = |worker, grid| fixture::serves(worker, grid, Role::FullTime, 1, Span::ALWAYS);
    Arc::new(fixture::atlas_with(vec![serves(101, 11), serves(102, 1), serves(103, 11)], vec![]))
}

fn plan(fields: &str) -> Plan {
    Plan {
        crs: Crs::Wgs84,
        fields: Fields::parse(fields).unwrap(),
        at: fixture::noon(),
        roles: Vec::new(),
        who: Principal::open(),
    }
}

/// The answer to a stream that comes in these pieces.
fn answer_pieces<'a>(
    formats: [Format; 2],
    fields: &str,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<(Vec<u8>, Tally), BatchError> {
    let mut intake = Intake::new(formats[0], &plan(fields));
    let mut pieces = pieces.fuse();
    let mut feed = |intake: &mut Intake| match pieces.next() {
        Some(piece) => intake.feed(piece),
        None => intake.end(),
    };
    let opening = loop {
        if let Some(opening) = intake.open()? {
            break opening;
        }
        feed(&mut intake);
    };
    let job = Job::new(atlas(), plan(fields), opening, formats[1])?;
    let (mut writer, mut out) = job.writer()?;
    let mut tally = Tally::default();
    loop {
        while let Some(chunk) = intake.next() {
            let answered = job.answer(chunk);
            tally.rows += answered.rows;
            tally.wrong += answered.wrong;
            out.extend_from_slice(&writer.write(answered)?);
        }
        if intake.is_over() {
            out.extend_from_slice(&writer.finish()?);
            return Ok((out, tally));
        }
        feed(&mut intake);
    }
}

fn answer(formats: [Format; 2], fields: &str, body: &[u8]) -> Result<(Vec<u8>, Tally), BatchError> {
    answer_pieces(formats, fields, std::iter::once(body))
}

fn csv(fields: &str, body: &str) -> String {
    let (out, _) = answer([Format::Csv; 2], fields, body.as_bytes()).unwrap();
    String::from_utf8(out).unwrap()
}

fn ndjson(fields: &str, body: &str) -> Vec<Map<String, Value>> {
    let (out, _) = answer([Format::Ndjson; 2], fields, body.as_bytes()).unwrap();
    out.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect()
}

fn arrow(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    arrow_batches(&[columns])
}

fn arrow_batches(batches: &[Vec<(&str, ArrayRef)>]) -> Vec<u8> {
    let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let schema = Arc::new(Schema::new(batches[0].iter().map(field).collect::<Vec<_>>()));
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
    for batch in batches {
        let columns = batch.iter().map(|(_, column)| Arc::clone(column)).collect();
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()).unwrap();
    }
    writer.into_inner().unwrap()
}

fn doubles(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn read_arrow(stream: &[u8]) -> Vec<RecordBatch> {
    StreamReader::try_new(stream, None).unwrap().collect::<Result<_, _>>().unwrap()
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap();
    let text = |column: &StringArray, row: usize| (!column.is_null(row)).then(|| column.value(row).to_owned());
    match column.data_type() {
        DataType::Dictionary(..) => {
            let column: &DictionaryArray<Int32Type> = column.as_dictionary();
            let values = column.values().as_string::<i32>();
            let key = |row| column.key(row).map(|key| values.value(key).to_owned());
            (0..column.len()).map(key).collect()
        }
        _ => (0..column.len()).map(|row| text(column.as_string(), row)).collect(),
    }
}

#[test]
fn csv_comes_back_with_columns_after_its_own() {
    let body = "id,lat,name,lon\r\n7,25.005,\"a \"\"b\"\", c\",100.005\r\n8, 25.015 ,x,\"100.015\"\r\n9,0,,0\r\n";
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
    assert!(lines[2].starts_with(",,,,,") && lines[2].contains("row 2: the stream ends inside quotes"), "{text}");
}

#[test]
fn a_row_that_is_too_long_is_refused_and_the_rows_around_it_are_answered() {
    let long = "x".repeat(lines::LONGEST_ROW + 1);
    let body = format!("lon,lat,name\n100.005,25.005,a\n100.005,25.005,{long}\n100.005,25.005,\"{long}\nx\"\n0,0,z\n");
    for piece in [body.len(), 100_000, 4_099] {
        let (out, tally) = answer_pieces([Format::Csv; 2], "code", body.as_bytes().chunks(piece)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), tally), (5, Tally { rows: 4, wrong: 2 }));
        assert!(lines[2].contains("row 2: the row is longer") && lines[3].contains("row 3: the row is longer"));
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
    let rows = ndjson("code,codes", "{\"lon\":100.005,\"code\":\"own\",\"lat\":25.005,\"error\":1}\n{\"lon\":1,\"error\":2}");
    assert_eq!((&rows[0]["code"], &rows[0]["gewu_code"]), (&"own".into(), &"530001001".into()));
    assert_eq!((&rows[1]["error"], rows[1]["gewu_error"].as_str()), (&2.into(), Some("row 2: lat is missing")));
}

#[test]
fn a_bad_line_of_ndjson_has_an_error_in_its_place() {
    let body = b"{\"lon\":100.005,\"lat\":25.005,\"k\":[{\"lon\":1}]}\n[100.005,25.005]\n{}\n{\"lon\":\"x\",\"lat\":1}\n\
        {\"lon\":1,\"lon\":2,\"lat\":3}\n[1]\nnull\n{\"lon\":1,\"lat\":2\n\n{\"a\":\"\xff\"}\n{\"l\\u006fn\":100.005,\"lat\":25.005}";
    let (out, tally) = answer([Format::Ndjson; 2], "code", body).unwrap();
    let text = String::from_utf8(out).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tally, Tally { rows: 10, wrong: 7 });
    assert!(text.starts_with("{\"lon\":100.005,\"lat\":25.005,\"k\":[{\"lon\":1}],\"status\":\"inside\",\"code\":\"530001001\"}\n"));
    assert_eq!(rows[1], serde_json::json!({"lon": 100.005, "lat": 25.005, "status": "inside", "code": "530001001"}));
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

#[test]
fn every_format_says_what_single_calls_say() {
    let atlas = atlas();
    let places: Vec<(f64, f64)> = (0..900)
        .map(|n| (fixture::WEST - 0.005 + 0.001 * f64::from(n % 30), fixture::SOUTH - 0.005 + 0.001 * f64::from(n / 30)))
        .collect();
    let single = |(lon, lat): (f64, f64)| -> Resolution {
        let point = LonLat::new(lon, lat).unwrap();
        let question = Question { point, accuracy_m: 0.0, at: fixture::noon(), roles: Vec::new() };
        resolve(&atlas, &Principal::open(), &question)
    };
    let body: String = places.iter().map(|(lon, lat)| format!("[{lon},{lat}]\n")).collect();
    let lines = ndjson(ALL, &body);
    let table: String = places.iter().map(|(lon, lat)| format!("{lon},{lat}\n")).collect();
    let table = csv(ALL, &format!("lon,lat\n{table}"));
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<std::collections::HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let columns = vec![("lon", doubles(places.iter().map(|p| p.0))), ("lat", doubles(places.iter().map(|p| p.1)))];
    let (stream, _) = answer([Format::Arrow; 2], ALL, &arrow(columns)).unwrap();
    let batches = read_arrow(&stream);
    assert_eq!((batches.len(), lines.len(), rows.len()), (1, 900, 900));
    let arrow_codes = texts(&batches[0], "code_2");
    let arrow_people = texts(&batches[0], "responsible_names");
    for (at, place) in places.iter().enumerate() {
        let single = single(*place);
        let expected = serde_json::to_value(&single).unwrap();
        let line = &lines[at];
        let code = single.grid.as_ref().map(|grid| grid.code.clone());
        assert_eq!(line["code"], serde_json::json!(code), "{place:?}");
        for field in ["status", "chain", "responsible", "border_m"] {
            assert_eq!(line[field], expected[field], "{field} of {place:?}");
        }
        let row = &rows[at];
        assert_eq!((&row["code"], &row["error"]), (&code.unwrap_or_default(), &String::new()));
        assert_eq!(serde_json::json!(row["status"]), expected["status"]);
        assert_eq!(row["border_m"].parse().ok(), single.border_m);
        let level = |level| single.chain.iter().find(|link| link.level == level);
        assert_eq!(row["name_1"], level(1).map(|link| link.name.clone()).unwrap_or_default());
        assert_eq!(row["id_2"], level(2).map(|link| link.id.to_string()).unwrap_or_default());
        let names: Vec<_> = single.responsible.iter().map(|worker| worker.name.clone()).collect();
        assert_eq!(row["responsible_names"], names.join(";"));
        assert_eq!(arrow_codes[at], level(2).map(|link| link.code.clone()));
        assert_eq!(arrow_people[at].clone().unwrap_or_default(), names.join(";"));
    }
}

#[test]
fn columns_of_arrow_pass_through_and_nulls_are_errors() {
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("甲"), None, Some("c")]));
    let places: DictionaryArray<Int32Type> = [Some("x"), Some("y"), None].into_iter().collect();
    let columns = |shift: f32| -> Vec<(&'static str, ArrayRef)> {
        vec![
            ("name", Arc::clone(&names)),
            ("Lat", Arc::new(Float64Array::from(vec![Some(25.005), None, Some(25.005)]))),
            ("place", Arc::new(places.clone())),
            ("lon", Arc::new(Float32Array::from(vec![100.005, 100.005, 1000.0 + shift]))),
        ]
    };
    let (out, tally) = answer([Format::Arrow; 2], "code", &arrow_batches(&[columns(0.0), columns(1.0)])).unwrap();
    assert_eq!(tally, Tally { rows: 6, wrong: 4 });
    let batches = read_arrow(&out);
    for (at, batch) in batches.iter().enumerate() {
        for (column, (name, expected)) in columns(at as f32).into_iter().enumerate() {
            assert_eq!(batch.schema().field(column).name(), name);
            assert_eq!(batch.column(column), &expected);
        }
        assert_eq!(texts(batch, "code"), [Some("530001001".to_owned()), None, None]);
        let errors = texts(batch, "error");
        assert_eq!(errors[1], Some(format!("row {}: lat is null", 3 * at + 2)));
        assert!(errors[2].as_ref().unwrap().contains("outside"), "{errors:?}");
    }
}

#[test]
fn an_arrow_stream_that_breaks_off_says_where_in_a_last_row() {
    let columns = vec![("lon", doubles([100.005; 64])), ("lat", doubles([25.005; 64])), ("n", doubles([1.0; 64]))];
    let body = arrow_batches(&[columns.clone(), columns]);
    let whole = answer([Format::Arrow; 2], "code", &body).unwrap().1;
    assert_eq!(whole, Tally { rows: 128, wrong: 0 });
    for length in 0..body.len() {
        match answer([Format::Arrow; 2], "code", &body[..length]) {
            Err(error) => assert!(matches!(error, BatchError::NotArrow(_)), "{error}"),
            Ok((out, tally)) => {
                let batches = read_arrow(&out);
                let last = batches.last().and_then(|batch| texts(batch, "error").pop().flatten());
                assert_eq!(tally.wrong, u64::from(last.is_some()), "cut at {length}");
                assert!(tally.wrong == 1 || tally.rows % 64 == 0, "cut at {length}: {tally:?}");
                assert!(last.is_none_or(|error| error.contains("in the middle of a message")));
            }
        }
    }
}

#[test]
fn a_record_batch_that_is_too_large_is_refused_before_it_is_kept() {
    let columns = vec![("lon", doubles([100.005])), ("lat", doubles([25.005])), ("pad", doubles([1.0]))];
    let large = vec![0.5; 4 << 20];
    let more = vec![("lon", doubles(large.clone())), ("lat", doubles(large.clone())), ("pad", doubles(large))];
    let (out, tally) = answer([Format::Arrow; 2], "code", &arrow_batches(&[columns, more])).unwrap();
    assert_eq!(tally, Tally { rows: 2, wrong: 1 });
    let error = texts(read_arrow(&out).last().unwrap(), "error")[0].clone().unwrap();
    assert!(error.starts_with("row 2: ") && error.contains("send smaller ones"), "{error}");
}

#[test]
fn in_another_format_an_answer_has_row_and_position_instead_of_other_columns() {
    let body = b"id,lon,lat\n7,100.005,25.005\n8,x,25\n";
    let (out, _) = answer([Format::Csv, Format::Ndjson], "code", body).unwrap();
    let text = String::from_utf8(out).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    assert_eq!(first, "{\"row\":1,\"lon\":100.005,\"lat\":25.005,\"status\":\"inside\",\"code\":\"530001001\"}");
    assert!(second.starts_with("{\"row\":2,\"error\":\"row 2: lon is "), "{second}");
    let (out, _) = answer([Format::Ndjson, Format::Csv], "code", b"[100.005,25.005]\n{\"lon\":1}\n").unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "row,lon,lat,status,code,error\n1,100.005,25.005,inside,530001001,\n2,,,,,row 2: lat is missing\n"
    );
    let (out, _) = answer([Format::Csv, Format::Arrow], "code", body).unwrap();
    let batch = &read_arrow(&out)[0];
    assert_eq!(batch.schema().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), [
        "row", "lon", "lat", "status", "code", "error"
    ]);
    assert_eq!(texts(batch, "status"), [Some("inside".to_owned()), None]);
}

/// Bytes of which a stream of the format could be made, and others.
fn nearly(format: Format) -> BoxedStrategy<Vec<u8>> {
    let tokens: &[&[u8]] = match format {
        Format::Ndjson => &[
            b"{", b"}", b"[", b"]", b"\"lon\":", b"\"lat\":25.005", b"100.005", b",", b":", b"\n", b"\r\n", b"\"a\\\"\"",
            b"\xff", b"{\"lon\":100.005,\"lat\":25.005}\n", b"[100.015,25.005]\n", b" ", b"\"", b"null",
        ],
        _ => &[
            b",", b"\"", b"\"\"", b"\n", b"\r\n", b"100.005", b"25.005", b"x", b"\xff", b"\r", b" ", b"a\"b", b"\"q\nr\"",
            b"100.005,25.005,z\n", b"\xEF\xBB\xBF",
        ],
    };
    prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..40).prop_map(|tokens| tokens.concat()).boxed()
}

fn with_header(body: Vec<u8>) -> Vec<u8> {
    [b"lon,lat,rest\n".to_vec(), body].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_split_of_the_same_bytes_gives_the_same_answer(
        csv in nearly(Format::Csv), ndjson in nearly(Format::Ndjson), size in 1_usize..9
    ) {
        for (format, body) in [(Format::Csv, with_header(csv)), (Format::Ndjson, ndjson)] {
            let whole = answer([format; 2], ALL, &body).unwrap();
            let split = answer_pieces([format; 2], ALL, body.chunks(size)).unwrap();
            prop_assert_eq!(String::from_utf8_lossy(&whole.0), String::from_utf8_lossy(&split.0));
            prop_assert_eq!(whole.1, split.1);
        }
    }

    #[test]
    fn any_bytes_are_answered_or_refused(body in nearly(Format::Csv), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in Format::ALL {
            for to in Format::ALL {
                let _ = answer([format, to], ALL, &body);
                let _ = answer([format, to], ALL, &bytes);
            }
        }
    }

    #[test]
    fn every_line_of_an_answer_in_ndjson_is_json(body in nearly(Format::Ndjson)) {
        let (out, tally) = answer([Format::Ndjson; 2], ALL, &body).unwrap();
        let lines: Vec<_> = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        prop_assert_eq!(lines.len() as u64, tally.rows);
        for line in lines {
            let read = serde_json::from_slice::<Map<String, Value>>(line);
            prop_assert!(read.is_ok(), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn columns_of_csv_come_back_as_another_reader_reads_them(
        rows in prop::collection::vec(prop::collection::vec("[a-z\",\\r\\n 格]{0,6}", 2), 0..20), crlf in any::<bool>()
    ) {
        let end = if crlf { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') };
        let mut writer = ::csv::WriterBuilder::new().terminator(end).from_writer(Vec::new());
        writer.write_record(["first", "lon", "lat", "last"]).unwrap();
        for row in &rows {
            writer.write_record([&row[0], "100.005", "25.005", &row[1]]).unwrap();
        }
        let (out, tally) = answer([Format::Csv; 2], "code", &writer.into_inner().unwrap()).unwrap();
        prop_assert_eq!(tally, Tally { rows: rows.len() as u64, wrong: 0 });
        let mut reader = ::csv::Reader::from_reader(out.as_slice());
        let back: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(back.len(), rows.len());
        for (row, back) in rows.iter().zip(back) {
            prop_assert_eq!((&back[0], &back[3], &back[5]), (row[0].as_str(), row[1].as_str(), "530001001"));
        }
    }

    #[test]
    fn an_arrow_stream_with_a_byte_changed_is_answered_or_refused(at in 0_usize..4_000, byte in any::<u8>(), size in 1_usize..3_000) {
        let names: ArrayRef = Arc::new(StringArray::from_iter_values((0..50).map(|n| format!("名{n}"))));
        let columns = vec![("lon", doubles([100.005; 50])), ("lat", doubles([25.005; 50])), ("name", names)];
        let mut body = arrow_batches(&[columns.clone(), columns]);
        let at = at % body.len();
        body[at] = byte;
        let whole = answer([Format::Arrow; 2], "code", &body);
        let split = answer_pieces([Format::Arrow; 2], "code", body.chunks(size));
        prop_assert_eq!(whole, split);
    }
}
