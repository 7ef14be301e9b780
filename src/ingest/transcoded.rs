//! A text file in another encoding, given to GDAL as a UTF-8 copy in memory.

use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use uuid::Uuid;

use super::IngestError;

/// The copy; it goes when dropped.
#[derive(Debug)]
pub(crate) struct Transcoded {
    path: PathBuf,
}

/// GDAL drivers whose files are one text file that must be UTF-8.
const TEXT_DRIVERS: [&str; 8] =
    ["GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON", "CSV", "KML", "LIBKML", "GML"];

impl Transcoded {
    /// Does transcoding make sense for files of this driver?
    pub(crate) fn suits(driver: &str) -> bool {
        TEXT_DRIVERS.contains(&driver)
    }

    /// Reads the file and keeps a UTF-8 copy; invalid bytes become U+FFFD.
    pub(crate) fn new(path: &Path, encoding: &'static Encoding) -> Result<Self, IngestError> {
        let failed = |reason: String| IngestError::Unreadable { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let (text, _, _) = encoding.decode(&bytes);
        let name = path.file_name().unwrap_or(path.as_os_str());
        let copy = Path::new("/vsimem").join(format!("gewu-{}", Uuid::now_v7())).join(name);
        let text = declare_utf8(&text).into_bytes();
        gdal::vsi::create_mem_file(&copy, text).map_err(|error| failed(error.to_string()))?;
        Ok(Self { path: copy })
    }

    /// Where GDAL finds the copy.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Transcoded {
    fn drop(&mut self) {
        if let Err(error) = gdal::vsi::unlink_mem_file(&self.path) {
            tracing::debug!(%error, "a copy in memory stays until the process ends");
        }
    }
}

/// An XML file says its encoding in its first line; the copy's is UTF-8.
fn declare_utf8(text: &str) -> String {
    let Some(end) = text.find("?>").filter(|_| text.trim_start().starts_with("<?xml")) else {
        return text.to_owned();
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"{}", &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_of_an_xml_file_declares_utf_8() {
        let xml = "<?xml version='1.0' encoding='GBK'?><kml/>";
        assert_eq!(declare_utf8(xml), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><kml/>");
        assert_eq!(declare_utf8("{\"a\": \"?>\"}"), "{\"a\": \"?>\"}");
    }
}
