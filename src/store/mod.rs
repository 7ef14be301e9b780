//! The only room with SQL: the pool, the migrations, a private cluster, rows in and rows out.
//!
//! PostGIS is the truth. Writers go through an [`ImportTransaction`]; the atlas is built from a [`Snapshot`] that
//! [`Store::read_snapshot`] reads at one instant; a few questions about the past go straight to the database.
//!
//! [`Snapshot`]: crate::model::Snapshot

mod cluster;
mod copy;
mod error;
mod ewkb;
mod import;
mod lookup;
mod pool;
mod snapshot;
mod span;

pub use cluster::{Cluster, ClusterError, Reviver};
pub use error::StoreError;
pub use import::{
    Counts, GridCounts, ImportKind, ImportTransaction, LeafCounts, StoredGrid, StoredTerritory, StoredWorker,
};
pub use lookup::{CodeStatus, GridVersionRow, Successor};
pub use pool::{PoolLimits, Store};
/// How to reach a database; from a URL by [`Store::connect_url`], or from [`Cluster::connect_options`].
pub use sqlx::postgres::PgConnectOptions;
