//! A batch from a reader to a writer: files and pipes.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use thiserror::Error;

use super::{Answered, BatchError, Chunk, Format, Intake, Job, Plan};
use crate::atlas::Atlas;

/// Chunks that are answered or wait to be written at one time; it bounds the memory of a batch.
pub const IN_FLIGHT: usize = 4;
const PIECE: usize = 128 << 10;

/// What came of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that have an error in their place.
    pub wrong: u64,
}

/// Why a batch did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// It could not begin, or its answer cannot be written in the format.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The input could not be read.
    #[error("cannot read the input: {0}")]
    Read(io::Error),
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Write(io::Error),
}

type Waiting = Receiver<Answered>;

/// Answers everything that a reader gives, in its order, on all cores. Holds [`IN_FLIGHT`] chunks, whatever the length.
///
/// # Errors
/// [`RunError`]; what was written before stays written.
pub fn run(
    atlas: Arc<Atlas>,
    plan: Plan,
    [from, to]: [Format; 2],
    mut input: impl Read + Send,
    mut output: impl Write,
) -> Result<Tally, RunError> {
    let mut intake = Intake::new(from, &plan);
    let mut piece = vec![0; PIECE];
    let opening = loop {
        if let Some(opening) = intake.open()? {
            break opening;
        }
        read_piece(&mut input, &mut piece, &mut intake)?;
    };
    let job = Arc::new(Job::new(atlas, plan, opening, to)?);
    let (mut writer, begin) = job.writer()?;
    output.write_all(&begin).map_err(RunError::Write)?;
    let (queue, answers) = sync_channel::<Waiting>(IN_FLIGHT);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| take_in(&job, intake, input, piece, queue));
        let mut tally = Tally::default();
        for waiting in answers {
            // A sender that is gone without an answer cannot be: a job that panics sends one too.
            let Ok(answered) = waiting.recv() else { continue };
            tally.rows += answered.rows;
            tally.wrong += answered.wrong;
            output.write_all(&writer.write(answered)?).map_err(RunError::Write)?;
        }
        output.write_all(&writer.finish()?).and_then(|()| output.flush()).map_err(RunError::Write)?;
        match reading.join() {
            Ok(outcome) => outcome.map(|()| tally),
            Err(_) => Err(RunError::Read(io::Error::other("the reader gave up"))),
        }
    })
}

fn read_piece(input: &mut impl Read, piece: &mut [u8], intake: &mut Intake) -> Result<(), RunError> {
    loop {
        match input.read(piece) {
            Ok(0) => {
                intake.end();
                return Ok(());
            }
            Ok(length) => {
                intake.feed(&piece[..length]);
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(RunError::Read(error)),
        }
    }
}

/// Reads to the end, and hands each chunk to the first core that is free. Ends when nobody takes answers any more.
fn take_in(
    job: &Arc<Job>,
    mut intake: Intake,
    mut input: impl Read,
    mut piece: Vec<u8>,
    queue: SyncSender<Waiting>,
) -> Result<(), RunError> {
    loop {
        while let Some(chunk) = intake.next() {
            let (answer, waiting) = sync_channel(1);
            if queue.send(waiting).is_err() {
                return Ok(());
            }
            let job = Arc::clone(job);
            rayon::spawn_fifo(move || {
                let _ = answer.send(answer_guarded(&job, chunk));
            });
        }
        if intake.is_over() {
            return Ok(());
        }
        read_piece(&mut input, &mut piece, &mut intake)?;
    }
}

/// Answers a chunk; a panic costs the chunk, not the process, and is told in its place.
pub fn answer_guarded(job: &Job, chunk: Chunk) -> Answered {
    let row = chunk.first_row();
    catch_unwind(AssertUnwindSafe(|| job.answer(chunk))).unwrap_or_else(|_| {
        job.lost(row, "something went wrong here with this row and some after it; please report it")
    })
}
