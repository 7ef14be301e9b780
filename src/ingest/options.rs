//! What every import is told, and what every import does at its end.

use std::path::PathBuf;

use indicatif::ProgressBar;

use super::{IngestError, Report};
use crate::store::{Counts, ImportTransaction};

/// How an import behaves.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Write the accepted rows even though others were rejected.
    pub allow_rejects: bool,
    /// Do everything but write.
    pub dry_run: bool,
    /// Shows rows as they are read; hidden where nobody looks.
    pub progress: ProgressBar,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { allow_rejects: false, dry_run: false, progress: ProgressBar::hidden() }
    }
}

impl ImportOptions {
    /// The title of the revision.
    pub(super) fn title(&self, files: &[PathBuf]) -> String {
        let names: Vec<_> =
            files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy()).collect();
        format!("导入 import {}", names.join(", "))
    }
}

impl Report {
    /// Must the import stop without writing?
    pub(super) fn stops(&self, allow_rejects: bool) -> bool {
        self.rejected_rows > 0 && !allow_rejects
    }

    pub(super) fn count(&mut self, counts: Counts) {
        self.inserted += counts.inserted as usize;
        self.updated += counts.updated as usize;
        self.unchanged += counts.unchanged as usize;
    }

    /// Commits, unless it is a dry run or there is nothing to write; `more` when something beside the rows was changed.
    pub(super) async fn finish(
        &mut self,
        transaction: ImportTransaction,
        more: bool,
    ) -> Result<(), IngestError> {
        if self.dry_run {
            return Ok(());
        }
        if self.inserted + self.updated > 0 || more {
            self.revision = Some(transaction.commit().await?);
        }
        self.committed = true;
        Ok(())
    }
}

/// Runs what computes or reads files on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, IngestError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| IngestError::Interrupted(error.to_string()))
}
