//! SIGINT and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::Failure;

/// Turns true at the first SIGINT or SIGTERM; the second ends the process at once. To be called on a runtime.
pub(super) fn watch_signals() -> Result<watch::Receiver<bool>, Failure> {
    let install =
        |kind| signal(kind).map_err(|error| Failure::Environment(format!("cannot take signals: {error}")));
    let (interrupt, terminate) = (install(SignalKind::interrupt())?, install(SignalKind::terminate())?);
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(relay(interrupt, terminate, sender));
    Ok(receiver)
}

async fn relay(mut interrupt: Signal, mut terminate: Signal, end: watch::Sender<bool>) {
    let mut asked = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    asked().await;
    tracing::info!("ending");
    let _ = end.send(true);
    asked().await;
    std::process::exit(130);
}
