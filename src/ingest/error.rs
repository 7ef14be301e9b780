//! Why an import cannot even begin, or had to stop.

use std::path::PathBuf;

use thiserror::Error;

use crate::seal::SealError;
use crate::store::StoreError;

/// An import that stopped; nothing was written.
#[derive(Debug, Error)]
pub enum IngestError {
    /// GDAL cannot read the file.
    #[error(
        "无法读取 cannot read {path}: {reason}; 请检查路径与格式 check the path and that GDAL reads this format (ogrinfo --formats)"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What GDAL or the system says.
        reason: String,
    },
    /// Several layers and no choice.
    #[error("{path} 含有多个图层 has several layers: {layers}; 请用 --layer 选择 choose one with --layer")]
    ChooseLayer {
        /// The file.
        path: PathBuf,
        /// Names, separated by commas.
        layers: String,
    },
    /// The layer that was asked for is not there.
    #[error("{path} 没有图层 has no layer {layer:?}; 现有 it has: {layers}")]
    UnknownLayer {
        /// The file.
        path: PathBuf,
        /// As asked for.
        layer: String,
        /// Names, separated by commas.
        layers: String,
    },
    /// A mapped field is not in the layer.
    #[error("{path} 没有字段 has no field {field:?} (--{key}); 现有 it has: {fields}")]
    UnknownField {
        /// The file.
        path: PathBuf,
        /// The setting that names it.
        key: &'static str,
        /// As asked for.
        field: String,
        /// Names, separated by commas.
        fields: String,
    },
    /// A setting without which the file cannot be read.
    #[error("缺少设置 missing setting --{key}: {hint}; 现有字段 fields: {fields}")]
    MissingSetting {
        /// The setting.
        key: &'static str,
        /// What to give.
        hint: &'static str,
        /// Names of the fields of the layer, separated by commas.
        fields: String,
    },
    /// A setting whose value cannot be used.
    #[error("设置有误 bad setting --{key} {value:?}: {reason}")]
    BadSetting {
        /// The setting.
        key: &'static str,
        /// As given.
        value: String,
        /// What was expected.
        reason: String,
    },
    /// The mapping file cannot be used.
    #[error("映射文件有误 bad mapping file {path}: {reason}")]
    BadMapping {
        /// The TOML file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// The file says nothing about its coordinate system.
    #[error(
        "{path} 未声明坐标系 declares no coordinate system; 请用 --crs 指明 say which with --crs (EPSG:4490, EPSG:4544, gcj02, bd09...)"
    )]
    NoCrs {
        /// The file.
        path: PathBuf,
    },
    /// A coordinate system that PROJ cannot bring to EPSG:4490.
    #[error("{path} 坐标系无法转换 coordinate system {crs} cannot be brought to EPSG:4490: {reason}")]
    BadCrs {
        /// The file.
        path: PathBuf,
        /// Its coordinate system.
        crs: String,
        /// What GDAL says.
        reason: String,
    },
    /// A delimited file that cannot be read as such.
    #[error("{path}: {reason}")]
    BadTable {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// The full report could not be written.
    #[error("无法写入报告 cannot write the report {path}: {reason}")]
    ReportNotWritten {
        /// Where it should have gone.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The reading thread failed.
    #[error("读取中断 reading stopped: {0}")]
    Interrupted(String),
    /// The database refused or went away; the transaction was rolled back.
    #[error("数据库 database: {0}")]
    Store(#[from] StoreError),
}

impl IngestError {
    /// The exit code of the command: 1 the data were found wanting, 2 usage, 3 environment.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreadable { .. } | Self::BadCrs { .. } | Self::BadTable { .. } => 1,
            Self::Store(error) => store_code(error),
            Self::Interrupted(_) | Self::ReportNotWritten { .. } => 3,
            _ => 2,
        }
    }
}

/// What the database refuses for the data's sake is no fault of the environment.
fn store_code(error: &StoreError) -> u8 {
    match error {
        StoreError::RetiredCode { .. }
        | StoreError::CodeTwice { .. }
        | StoreError::Twice { .. }
        | StoreError::Overlap { .. }
        | StoreError::PersonProperty { .. }
        | StoreError::Property { .. }
        | StoreError::Sealed(SealError::Unfit { .. }) => 1,
        StoreError::UnknownCollection(_) => 2,
        _ => 3,
    }
}
