//! What was made goes to the disk while more is made: in the end there is little to wait for, and a power cut takes little with it.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// A thread that has a file written out.
pub(super) struct Writeback {
    more: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Writeback {
    pub(super) fn of(file: File) -> Self {
        // One that waits stands for all that was written until its turn comes.
        let (more, written) = sync_channel(1);
        let thread = std::thread::spawn(move || written.iter().try_for_each(|()| file.sync_data()));
        Self { more, thread }
    }

    /// More was written. Waits for nothing.
    pub(super) fn more(&self) {
        // It waits already, or the thread ended by an error, which is told in the end.
        let _ = self.more.try_send(());
    }

    /// Waits for what is under way. The last words may still be on their way to the disk.
    ///
    /// # Errors
    /// The first that there was: the system tells each only once.
    pub(super) fn finish(self) -> io::Result<()> {
        drop(self.more);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Write, pipe};
    use std::os::fd::OwnedFd;

    use super::*;

    #[test]
    fn an_error_of_the_disk_on_the_way_is_told_in_the_end() {
        let mut file = tempfile::tempfile().unwrap();
        let writeback = Writeback::of(file.try_clone().unwrap());
        for _ in 0..100 {
            file.write_all(b"tile").unwrap();
            writeback.more();
        }
        writeback.finish().unwrap();
        // A pipe has nothing that can be written out.
        let (_reader, writer) = pipe().unwrap();
        let writeback = Writeback::of(File::from(OwnedFd::from(writer)));
        writeback.more();
        assert!(writeback.finish().is_err());
    }
}
