//! A vector file of any format that GDAL reads, opened at one layer.

use std::path::{Path, PathBuf};
use std::sync::Once;

use encoding_rs::Encoding;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{LayerAccess, OGRwkbGeometryType};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};

use super::transcoded::Transcoded;
use super::{IngestError, encoding};

/// How a file is to be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceOptions {
    /// The layer; needed where a file has several.
    pub layer: Option<String>,
    /// The encoding of its text, where the operator declares it.
    pub encoding: Option<String>,
}

/// An open file, and which of its layers is read.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file as the operator named it.
    pub label: String,
    /// Names of the fields.
    pub fields: Vec<String>,
    /// What the file says of its coordinates.
    pub spatial_ref: Option<SpatialRef>,
    /// How text bytes are to be decoded.
    pub text: TextRule,
    pub(super) dataset: Dataset,
    pub(super) layer: usize,
    path: PathBuf,
    /// Kept as long as GDAL reads from it.
    _transcoded: Option<Transcoded>,
}

/// How the text of a source becomes Unicode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TextRule {
    /// GDAL gives Unicode; the encoding is named in messages only.
    Ready(&'static Encoding),
    /// GDAL gives bytes as ISO-8859-1, in this encoding.
    Bytes(&'static Encoding),
    /// GDAL gives bytes as ISO-8859-1, and nothing declares their encoding: it is guessed from all of them.
    Guess,
}

impl TextRule {
    /// The name of the encoding for a message.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Ready(encoding) | Self::Bytes(encoding) => encoding::label(encoding),
            Self::Guess => "UTF-8 / GBK",
        }
    }
}

impl Source {
    /// Opens a file, or a `.zip` around one.
    pub(crate) fn open(path: &Path, options: &SourceOptions) -> Result<Self, IngestError> {
        quiet_gdal();
        let declared = options.encoding.as_deref().map(encoding::find).transpose()?;
        let inside = inside_archive(path);
        let first = open_with(&inside, path, &[])?;
        let driver = first.driver().short_name();
        let (dataset, transcoded) = match (driver.as_str(), declared) {
            ("ESRI Shapefile", _) => {
                let bytes = format!("ENCODING={}", encoding::TRANSPARENT);
                (open_with(&inside, path, &[&bytes])?, None)
            }
            (name, Some(declared)) if Transcoded::suits(name) => {
                drop(first);
                let copy = Transcoded::new(path, declared)?;
                (open_with(copy.path(), path, table_options(name))?, Some(copy))
            }
            ("CSV", None) => (open_with(&inside, path, table_options("CSV"))?, None),
            _ => (first, None),
        };
        let layer = choose_layer(&dataset, path, options.layer.as_deref())?;
        let text = text_rule(&dataset, layer, &driver, declared)?;
        Self::describe(path, dataset, layer, text, transcoded)
    }

    fn describe(
        path: &Path,
        dataset: Dataset,
        layer: usize,
        text: TextRule,
        transcoded: Option<Transcoded>,
    ) -> Result<Self, IngestError> {
        let opened = dataset.layer(layer).map_err(|error| unreadable(path, error))?;
        let fields = opened.defn().fields().map(|field| field_name(&field.name(), text)).collect();
        let spatial_ref = opened.spatial_ref();
        let label = path.display().to_string();
        Ok(Self {
            label,
            fields,
            spatial_ref,
            text,
            dataset,
            layer,
            path: path.to_owned(),
            _transcoded: transcoded,
        })
    }

    /// The place of a field, however its letters are cased.
    pub(crate) fn field(&self, key: &'static str, name: &str) -> Result<usize, IngestError> {
        let exact = self.fields.iter().position(|field| field == name);
        exact.or_else(|| self.fields.iter().position(|field| field.eq_ignore_ascii_case(name))).ok_or_else(
            || IngestError::UnknownField {
                path: self.path.clone(),
                key,
                field: name.to_owned(),
                fields: self.fields.join(", "),
            },
        )
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Field names of a Shapefile are in the encoding of its text too.
fn field_name(name: &str, text: TextRule) -> String {
    let Some(bytes) = encoding::bytes_of(name) else { return name.to_owned() };
    match text {
        TextRule::Ready(_) => name.to_owned(),
        TextRule::Bytes(encoding) => encoding::decode(&bytes, encoding),
        TextRule::Guess => encoding::decode(&bytes, encoding::guess(std::iter::once(bytes.as_slice()))),
    }
}

/// GDAL prints warnings to standard error unless told otherwise; what matters of them is in the report.
fn quiet_gdal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        gdal::config::set_error_handler(|class, number, message| {
            tracing::debug!(?class, number, message, "gdal");
        });
    });
}

fn open_with(inside: &Path, path: &Path, open_options: &[&str]) -> Result<Dataset, IngestError> {
    let flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR;
    let options =
        DatasetOptions { open_flags: flags, open_options: Some(open_options), ..DatasetOptions::default() };
    if !inside.starts_with("/vsizip") && !inside.starts_with("/vsimem") && !inside.exists() {
        return Err(IngestError::Unreadable {
            path: path.to_owned(),
            reason: "没有这个文件 there is no such file".to_owned(),
        });
    }
    Dataset::open_ex(inside, options).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: gdal::errors::GdalError) -> IngestError {
    let reason = match error {
        gdal::errors::GdalError::NullPointer { msg, .. } | gdal::errors::GdalError::CplError { msg, .. } => {
            msg
        }
        other => other.to_string(),
    };
    IngestError::Unreadable { path: path.to_owned(), reason }
}

/// The path by which GDAL looks into a `.zip`; a FileGDB inside one is a directory that must be named.
fn inside_archive(path: &Path) -> PathBuf {
    let zipped = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !zipped {
        return path.to_owned();
    }
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let archive = PathBuf::from(format!("/vsizip/{}", absolute.display()));
    let entries = gdal::vsi::read_dir(&archive, false).unwrap_or_default();
    let geodatabase =
        entries.into_iter().find(|entry| entry.extension().is_some_and(|e| e.eq_ignore_ascii_case("gdb")));
    match geodatabase {
        Some(entry) if entry.starts_with("/vsizip") => entry,
        Some(entry) => archive.join(entry),
        None => archive,
    }
}

/// How the columns of a CSV file that hold coordinates may be called.
fn table_options(driver: &str) -> &'static [&'static str] {
    if driver != "CSV" {
        return &[];
    }
    &[
        "X_POSSIBLE_NAMES=lon,lng,longitude,x,经度",
        "Y_POSSIBLE_NAMES=lat,latitude,y,纬度",
        "GEOM_POSSIBLE_NAMES=wkt,geometry,geom,the_geom",
        "KEEP_GEOM_COLUMNS=NO",
    ]
}

fn choose_layer(dataset: &Dataset, path: &Path, wanted: Option<&str>) -> Result<usize, IngestError> {
    let layers: Vec<(usize, String, bool)> = dataset
        .layers()
        .enumerate()
        .map(|(index, layer)| (index, layer.name(), has_geometry(&layer)))
        .collect();
    let names = || layers.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = wanted {
        let found = layers.iter().find(|(_, name, _)| name == wanted);
        return found.map(|(index, ..)| *index).ok_or_else(|| IngestError::UnknownLayer {
            path: path.to_owned(),
            layer: wanted.to_owned(),
            layers: names(),
        });
    }
    let spatial: Vec<usize> =
        layers.iter().filter(|(.., spatial)| *spatial).map(|(index, ..)| *index).collect();
    match (spatial.as_slice(), layers.as_slice()) {
        ([only], _) => Ok(*only),
        ([], [(only, ..)]) => Ok(*only),
        (_, []) => Err(IngestError::Unreadable {
            path: path.to_owned(),
            reason: "其中没有图层 it has no layer".to_owned(),
        }),
        _ => Err(IngestError::ChooseLayer { path: path.to_owned(), layers: names() }),
    }
}

fn has_geometry(layer: &gdal::vector::Layer<'_>) -> bool {
    layer.defn().geometry_type() != OGRwkbGeometryType::wkbNone
}

fn text_rule(
    dataset: &Dataset,
    layer: usize,
    driver: &str,
    declared: Option<&'static Encoding>,
) -> Result<TextRule, IngestError> {
    if driver != "ESRI Shapefile" {
        return Ok(TextRule::Ready(declared.unwrap_or(encoding_rs::UTF_8)));
    }
    if let Some(declared) = declared {
        return Ok(TextRule::Bytes(declared));
    }
    let layer = dataset.layer(layer).map_err(|error| IngestError::Interrupted(error.to_string()))?;
    let of_file = |key| layer.metadata_item(key, "SHAPEFILE").filter(|name| !name.is_empty());
    // The language byte 87 only says "the writer's own code page"; GDAL reports it as ISO-8859-1, which no Chinese file is in.
    let name = of_file("ENCODING_FROM_CPG")
        .or_else(|| of_file("ENCODING_FROM_LDID").filter(|name| name != encoding::TRANSPARENT));
    Ok(match name.and_then(|name| encoding::find(&name).ok()) {
        Some(encoding) => TextRule::Bytes(encoding),
        None => TextRule::Guess,
    })
}
