//! Gzip for tiles: by libdeflate, which knows the whole of them at once and so takes half the time of a stream of zlib for some hundredths less
//! bytes (`benches/README.md`).

use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor};

/// Any higher one takes half as long again at least, and leaves a fiftieth fewer bytes (a twentieth of the largest tiles).
const LEVEL: i32 = 1;

/// Bytes of room that a thread keeps for the next tile.
const KEPT: usize = 4 << 20;

thread_local! {
    static PACKER: RefCell<Packer> = RefCell::new(Packer::new());
}

/// A compressor, and the room that it writes into: fresh memory for the worst case of each tile would cost more than the copy of what came out.
struct Packer {
    compressor: Compressor,
    room: Vec<u8>,
}

impl Packer {
    fn new() -> Self {
        let level = CompressionLvl::new(LEVEL).unwrap_or_default();
        Self { compressor: Compressor::new(level), room: Vec::new() }
    }

    fn pack(&mut self, body: &[u8]) -> Vec<u8> {
        let bound = self.compressor.gzip_compress_bound(body.len());
        if self.room.len() < bound {
            self.room.resize(bound, 0);
        }
        let packed = self.compressor.gzip_compress(body, &mut self.room);
        self.room[..packed.expect("the room is that of the worst case")].to_vec()
    }
}

/// A gzip file of these bytes: the same for the same bytes, since no name and no time are in it.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    PACKER.with_borrow_mut(|packer| {
        let packed = packer.pack(body);
        packer.room.truncate(KEPT);
        packer.room.shrink_to(KEPT);
        packed
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::Command;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn another_library_reads_what_was_packed() {
        for body in [
            Vec::new(),
            b"tile".to_vec(),
            (0..100_000_u64).flat_map(|n| (n * n % 251).to_le_bytes()).collect(),
        ] {
            let mut read = Vec::new();
            GzDecoder::new(&gzip(&body)[..]).read_to_end(&mut read).unwrap();
            assert_eq!(read, body);
            assert_eq!(gzip(&body), gzip(&body));
        }
    }

    /// GDAL uses the libdeflate of the system. If this program offered its own one to it, GDAL would use parts of both (see `build.rs`).
    #[test]
    fn gdal_keeps_its_own_libdeflate() {
        let own = std::env::current_exe().unwrap();
        let told = Command::new("nm").args(["-D", "--defined-only"]).arg(own).output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let offered = String::from_utf8_lossy(&told.stdout);
        assert!(!offered.contains("libdeflate_"), "{offered}");
    }
}
