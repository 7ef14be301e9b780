//! Arrow IPC streams: messages in, record batches with more columns out.

mod answer;
mod codes;
mod intake;

pub(super) use answer::{ArrowAnswer, ArrowWriter};
pub(super) use intake::{ArrowIntake, Message};
