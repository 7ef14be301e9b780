//! Arrow streams.

use arrow_array::{Float32Array, new_null_array};
use arrow_schema::{UnionFields, UnionMode};

use super::*;

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
    let (out, tally) =
        answer([Format::Arrow; 2], "code", &arrow_batches(&[columns(0.0), columns(1.0)])).unwrap();
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

/// A row that is lost has a null in every column: of these none could be made, or one that fills the memory.
#[test]
fn columns_whose_null_has_no_form_or_no_end_are_refused_before_any_row() {
    let nothing = DataType::Union(UnionFields::empty(), UnionMode::Sparse);
    let large = DataType::FixedSizeBinary(i32::MAX);
    let list =
        |size: i32, of: DataType| DataType::FixedSizeList(Arc::new(Field::new("item", of, true)), size);
    for (kind, said) in [
        (nothing.clone(), "the column odd is of a union without members"),
        (list(2, nothing), "the column odd is of a union without members"),
        (large, "a value of the column odd takes 2147483647 bytes; 1048576 are the most"),
        (list(70_000, DataType::Int64), "a value of the column odd takes 1120000 bytes"),
        (list(i32::MAX, list(i32::MAX, list(i32::MAX, DataType::Int8))), "a value of the column odd takes"),
    ] {
        let fields = ["lon", "lat"].map(|name| Field::new(name, DataType::Float64, true));
        let schema = Schema::new([&fields[..], &[Field::new("odd", kind.clone(), true)]].concat());
        let body = StreamWriter::try_new(Vec::new(), &schema).unwrap().into_inner().unwrap();
        let error = answer([Format::Arrow; 2], "code", &body).unwrap_err().to_string();
        assert!(error.contains(said), "{kind}: {error}");
    }
    let small = list(3, DataType::Float64);
    let column = new_null_array(&small, 2);
    let columns = vec![("lon", doubles([100.005; 2])), ("lat", doubles([25.005; 2])), ("odd", column)];
    assert_eq!(answer([Format::Arrow; 2], "code", &arrow_batches(&[columns])).unwrap().1.rows, 2);
}

#[test]
fn an_arrow_stream_that_breaks_off_says_where_in_a_last_row() {
    let columns =
        vec![("lon", doubles([100.005; 64])), ("lat", doubles([25.005; 64])), ("n", doubles([1.0; 64]))];
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
    let more =
        vec![("lon", doubles(large.clone())), ("lat", doubles(large.clone())), ("pad", doubles(large))];
    let (out, tally) = answer([Format::Arrow; 2], "code", &arrow_batches(&[columns, more])).unwrap();
    assert_eq!(tally, Tally { rows: 2, wrong: 1 });
    let error = texts(read_arrow(&out).last().unwrap(), "error")[0].clone().unwrap();
    assert!(error.starts_with("row 2: ") && error.contains("send smaller ones"), "{error}");
}
