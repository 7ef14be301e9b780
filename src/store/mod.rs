//! The only room with SQL: the pool, the migrations, a private cluster, rows in and rows out.
//!
//! PostGIS is the truth. Writers go through an [`ImportTransaction`]; the atlas is built from a [`Snapshot`] that
//! [`Store::read_snapshot`] reads at one instant, and follows by [`Store::read_delta`]; a few questions about the past, and tables that
//! a deployment registers ([`Store::table_tile`]), go straight to the database.
//!
//! [`Snapshot`]: crate::model::Snapshot

mod api_keys;
mod audit;
mod backoff;
mod break_glass;
mod cluster;
mod copy;
mod edit;
mod error;
mod ewkb;
mod feed;
mod identity;
mod import;
mod known;
mod lookup;
mod people;
mod pool;
mod rows;
mod sealed;
mod snapshot;
mod span;
mod table;
mod unheld;

pub use api_keys::{KeyWatch, Rights};
pub use backoff::Backoff;
pub use cluster::{Cluster, ClusterError, Reviver};
pub use edit::{Edit, Edited};
pub use error::StoreError;
pub use feed::{Action, Bell, Change, FeedPosition, Following, Reason, Standing};
pub use import::{
    Counts, GridCounts, ImportKind, ImportTransaction, LeafCounts, StoredGrid, StoredTerritory, StoredWorker,
};
pub use known::KnownCollection;
pub use lookup::{CodeStatus, GridVersionRow, Successor};
pub use people::{ResidentFields, ResidentsQuery};
pub use pool::{PoolLimits, Store};
pub use sealed::{Cursor, Erased, Resealed, SealedColumn, SealedTable};
/// How to reach a database; from a URL by [`Store::connect_url`], or from [`Cluster::connect_options`].
pub use sqlx::postgres::PgConnectOptions;
pub use table::{
    Column, ColumnKind, ItemsQuery, MOST_PAGE_VERTICES, Page, PageRoom, Period, Position, SortKey, Table,
    TableError, TableFilter, Window,
};
pub use unheld::{Unheld, UnheldCollection, UnheldResource};
