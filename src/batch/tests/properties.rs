//! Whatever the bytes and the pieces that they come in.

use proptest::prelude::*;

use super::*;

/// Bytes of which a stream of the format could be made, and others.
fn nearly(format: Format) -> BoxedStrategy<Vec<u8>> {
    let tokens: &[&[u8]] = match format {
        Format::Ndjson => &[
            b"{",
            b"}",
            b"[",
            b"]",
            b"\"lon\":",
            b"\"lat\":25.005",
            b"100.005",
            b",",
            b":",
            b"\n",
            b"\r\n",
            b"\"a\\\"\"",
            b"\xff",
            b"{\"lon\":100.005,\"lat\":25.005}\n",
            b"[100.015,25.005]\n",
            b" ",
            b"\"",
            b"null",
        ],
        _ => &[
            b",",
            b"\"",
            b"\"\"",
            b"\n",
            b"\r\n",
            b"100.005",
            b"25.005",
            b"x",
            b"\xff",
            b"\r",
            b" ",
            b"a\"b",
            b"\"q\nr\"",
            b"100.005,25.005,z\n",
            b"\xEF\xBB\xBF",
        ],
    };
    prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..40)
        .prop_map(|tokens| tokens.concat())
        .boxed()
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
