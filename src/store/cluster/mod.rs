//! A private PostGIS cluster: own data, a unix socket and no port, from the machine's PostgreSQL packages.
//!
//! Why not the crate `postgresql_embedded` (0.22, read in its source): it starts the server as the user of the
//! calling process, which PostgreSQL refuses for root; it always opens a TCP port, with or without a socket; it knows
//! one process a cluster, whose end is the end of the server; and its own way to a server is a download. It would save
//! three calls, of `initdb` and `pg_ctl`, out of what is here.

mod account;
mod error;
mod installation;
mod lock;
mod place;
mod postmaster;
mod private;
mod server;
mod settings;
mod wanted;

pub use error::ClusterError;
pub use private::{Cluster, Reviver};
