//! Points that are all there at once, as a JSON body has them.

use std::sync::Arc;

use rayon::prelude::*;

use super::intake::{Chunk, Opening, Rows, Start};
use super::table::{Source, Table, Wrong};
use super::{BatchError, Format, Job, Plan};
use crate::atlas::Atlas;

/// Answers points, in their order, in a format; a point that is none comes with what is wrong with it.
///
/// # Errors
/// [`BatchError`] when the answer cannot be written.
pub fn answer_points(
    atlas: Arc<Atlas>,
    plan: Plan,
    points: &[Result<(f64, f64), String>],
    to: Format,
) -> Result<Vec<u8>, BatchError> {
    let most = plan.chunk_rows();
    let job = Job::new(atlas, plan, Opening(Start::Points), to)?;
    let chunks: Vec<_> = points.chunks(most).enumerate().collect();
    let answers: Vec<_> = chunks
        .into_par_iter()
        .map(|(at, points)| job.answer(Chunk(Rows::Table(table((at * most) as u64 + 1, points)))))
        .collect();
    let (mut writer, mut out) = job.writer()?;
    for answered in answers {
        out.extend_from_slice(&writer.write(answered)?);
    }
    out.extend_from_slice(&writer.finish()?);
    Ok(out)
}

fn table(first_row: u64, points: &[Result<(f64, f64), String>]) -> Table {
    let nowhere = (f64::NAN, f64::NAN);
    let (x, y) = points.iter().map(|point| *point.as_ref().unwrap_or(&nowhere)).unzip();
    let wrong = points.iter().enumerate().filter_map(|(row, point)| {
        let text = point.as_ref().err()?.clone();
        Some(Wrong { row: row as u32, text, missing: 0 })
    });
    Table { first_row, x, y, wrong: wrong.collect(), source: Source::Points }
}
