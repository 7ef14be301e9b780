//! The batch that streams both ways.
//!
//! One task reads pieces and hands chunks to the cores; the response body takes their answers in order. Between them stands a queue of
//! a few chunks: while nobody takes answers, nothing is read, so a slow reader slows the sender and fills no memory. A caller who goes
//! away drops the queue, which ends the task.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::timeout;

use crate::batch::{
    Answered, BatchError, Chunk, Format, IN_FLIGHT, Intake, Job, Opening, Plan, Writer, answer_guarded,
};
use crate::http::answer::from_atlas;
use crate::http::{AppState, FieldError, Problem};

/// Bytes of a piece that are cut at once, so that a large piece does not hold the thread.
const PIECE: usize = 128 << 10;
/// A sender that pauses this long gets the answers to what it has sent.
const PAUSE: Duration = Duration::from_millis(100);
/// How long either side may do nothing.
const IDLE: Duration = Duration::from_secs(120);

/// What the response body takes next. A queue that ends without the end was broken off.
enum Next {
    Answer(oneshot::Receiver<Answered>),
    End,
}

/// Begins to answer a stream. Comes back when its header was read; the rest is in the response body.
pub(super) async fn answer(
    state: &AppState,
    plan: Plan,
    [from, to]: [Format; 2],
    body: Body,
) -> Result<Response, Problem> {
    let Ok(permit) = Arc::clone(state.streams()).try_acquire_owned() else {
        let detail = "this server answers as many streams as it may at once; try again in a moment";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    };
    let mut source =
        Source { pieces: body.into_data_stream(), piece: Bytes::new(), intake: Intake::new(from, &plan) };
    let opening = source.open().await?;
    let atlas = state.atlas_at(plan.at).await?;
    let job = Arc::new(Job::new(Arc::clone(&atlas), plan, opening, to).map_err(|error| malformed(&error))?);
    let (writer, begin) = job.writer().map_err(|error| malformed(&error))?;
    let (queue, answers) = mpsc::channel(IN_FLIGHT);
    tokio::spawn(take_in(job, source, queue, permit));
    let body = Body::from_stream(answers_in_order(begin, writer, answers));
    let media = HeaderValue::from_static(to.media_type());
    Ok(from_atlas(&atlas, ([(header::CONTENT_TYPE, media)], body).into_response()))
}

fn malformed(error: &BatchError) -> Problem {
    Problem::fields(vec![FieldError { field: "body".to_owned(), detail: error.to_string() }])
}

/// The stream that comes in.
struct Source {
    pieces: BodyDataStream,
    /// What was received and not yet cut.
    piece: Bytes,
    intake: Intake,
}

impl Source {
    /// What stands before the first row.
    async fn open(&mut self) -> Result<Opening, Problem> {
        loop {
            if let Some(opening) = self.intake.open().map_err(|error| malformed(&error))? {
                return Ok(opening);
            }
            self.read()
                .await
                .map_err(|why| Problem::fields(vec![FieldError { field: "body".to_owned(), detail: why }]))?;
        }
    }

    /// Feeds the next piece, or the end; the error says why there is none.
    async fn read(&mut self) -> Result<(), String> {
        while self.piece.is_empty() {
            match self.pieces.next().await {
                None => {
                    self.intake.end();
                    return Ok(());
                }
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(error)) => return Err(format!("the body breaks off: {error}")),
            }
        }
        let part = self.piece.split_to(self.piece.len().min(PIECE));
        self.intake.feed(&part);
        Ok(())
    }
}

/// Reads to the end, and hands each chunk to the first core that is free.
async fn take_in(
    job: Arc<Job>,
    mut source: Source,
    queue: mpsc::Sender<Next>,
    _permit: OwnedSemaphorePermit,
) {
    loop {
        while let Some(chunk) = source.intake.next() {
            if !hand_over(&job, chunk, &queue).await {
                return;
            }
        }
        if source.intake.is_over() {
            break;
        }
        let paused = tokio::select! {
            () = queue.closed() => return,
            read = timeout(PAUSE, source.read()) => read.map_err(|_| ()),
        };
        let read = match paused {
            Ok(read) => read,
            Err(()) => {
                if let Some(chunk) = source.intake.flush()
                    && !hand_over(&job, chunk, &queue).await
                {
                    return;
                }
                tokio::select! {
                    () = queue.closed() => return,
                    read = timeout(IDLE, source.read()) => read.unwrap_or_else(|_| {
                        Err(format!("nothing has come for {} s", IDLE.as_secs()))
                    }),
                }
            }
        };
        if let Err(why) = read {
            break_off(&job, &mut source, &queue, &why).await;
            break;
        }
    }
    let _ = timeout(IDLE, queue.send(Next::End)).await;
}

/// Has a chunk answered; false when nobody takes answers any more.
async fn hand_over(job: &Arc<Job>, chunk: Chunk, queue: &mpsc::Sender<Next>) -> bool {
    // The place in the queue comes first: no work is begun that cannot be taken.
    let Ok(Ok(place)) = timeout(IDLE, queue.reserve()).await else { return false };
    let (answer, answered) = oneshot::channel();
    place.send(Next::Answer(answered));
    let job = Arc::clone(job);
    rayon::spawn_fifo(move || {
        if !answer.is_closed() {
            let _ = answer.send(answer_guarded(&job, chunk));
        }
    });
    true
}

/// Answers the rows that are whole, and says behind them why there are no more.
async fn break_off(job: &Arc<Job>, source: &mut Source, queue: &mpsc::Sender<Next>, why: &str) {
    if let Some(chunk) = source.intake.flush() {
        hand_over(job, chunk, queue).await;
    }
    let (answer, answered) = oneshot::channel();
    let _ = answer.send(job.lost(source.intake.next_row(), why));
    let _ = timeout(IDLE, queue.send(Next::Answer(answered))).await;
}

/// The response body. An error in it breaks the connection off, so that no caller takes a part for the whole.
fn answers_in_order(
    begin: Vec<u8>,
    writer: Writer,
    answers: mpsc::Receiver<Next>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let first = futures::stream::iter([Ok(Bytes::from(begin))]);
    let rest = futures::stream::unfold(Some((writer, answers)), |state| async {
        let (mut writer, mut answers) = state?;
        match take(&mut writer, &mut answers).await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some((writer, answers)))),
            Ok(None) => Some((writer.finish().map(Bytes::from).map_err(io::Error::other), None)),
            Err(error) => Some((Err(error), None)),
        }
    });
    let pieces =
        first.chain(rest).filter(|piece| std::future::ready(!piece.as_ref().is_ok_and(Bytes::is_empty)));
    // What compresses the answer asks once more behind the end.
    pieces.fuse()
}

/// The bytes of the next answer; `None` at the end.
async fn take(writer: &mut Writer, answers: &mut mpsc::Receiver<Next>) -> io::Result<Option<Bytes>> {
    match answers.recv().await {
        Some(Next::Answer(answered)) => {
            let answered = answered.await.map_err(io::Error::other)?;
            writer.write(answered).map(|bytes| Some(bytes.into())).map_err(io::Error::other)
        }
        Some(Next::End) => Ok(None),
        None => Err(io::Error::other("the batch was broken off")),
    }
}
