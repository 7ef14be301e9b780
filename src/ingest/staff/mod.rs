//! `gewu import workers` and `gewu import assignments`: CSV files of staff and of who serves where.

mod assignments;
mod table;
mod workers;

pub use assignments::import_assignments;
pub use workers::import_workers;

/// How a CSV file of staff is to be read.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct StaffMapping {
    /// Encoding of the file, such as gbk; default: UTF-8, or GBK where its bytes are not UTF-8.
    #[arg(long)]
    pub encoding: Option<String>,
    /// The system that the identities come from, unless a column `source` says.
    #[arg(long, default_value = "staff")]
    pub source: String,
}
