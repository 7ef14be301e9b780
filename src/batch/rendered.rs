//! What the answers of one grid have in common, written once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::atlas::GridIndex;

const PAGE: usize = 256;
/// Bytes of text that one batch keeps; beyond, text is written anew each time.
const KEPT: usize = 32 << 20;

type Page = Box<[OnceLock<Box<[u8]>>]>;

/// Text by grid, filled in as grids are met; shared by the threads of a batch.
pub(super) struct Rendered {
    pages: Vec<OnceLock<Page>>,
    kept: AtomicUsize,
}

impl Rendered {
    /// Room for so many grids.
    pub(super) fn new(grids: usize) -> Self {
        let pages = std::iter::repeat_with(OnceLock::new).take(grids.div_ceil(PAGE)).collect();
        Self { pages, kept: AtomicUsize::new(0) }
    }

    /// Appends the text of a grid, which `write` writes when it is met for the first time.
    pub(super) fn append(&self, out: &mut Vec<u8>, grid: GridIndex, write: impl FnOnce(&mut Vec<u8>)) {
        let place = grid.0 as usize;
        let page = self.pages[place / PAGE]
            .get_or_init(|| std::iter::repeat_with(OnceLock::new).take(PAGE).collect());
        let slot = &page[place % PAGE];
        if let Some(text) = slot.get() {
            out.extend_from_slice(text);
            return;
        }
        let start = out.len();
        write(out);
        let text = &out[start..];
        if self.kept.fetch_add(text.len(), Ordering::Relaxed) < KEPT {
            let _ = slot.set(text.into());
        }
    }
}
