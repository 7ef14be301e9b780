//! What axum does on this machine when there is nothing to do: reads lon, lat and crs, answers 30 bytes; or reads the numbers of a tile
//! and answers as many bytes as the first argument says.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    lon: f64,
    lat: f64,
    crs: String,
}

const ANSWER: &str = "{\"status\":\"inside\",\"n\":123456}";
const _: () = assert!(ANSWER.len() == 30);

async fn resolve(Query(asked): Query<Asked>) -> Result<&'static str, StatusCode> {
    let sound = asked.lon.is_finite() && asked.lat.is_finite() && asked.crs == "cgcs2000";
    if sound { Ok(ANSWER) } else { Err(StatusCode::BAD_REQUEST) }
}

async fn tile(Path((z, _, _)): Path<(u8, u32, u32)>, tile: Bytes) -> Result<Bytes, StatusCode> {
    if z < 25 { Ok(tile) } else { Err(StatusCode::BAD_REQUEST) }
}

async fn ready() -> &'static str {
    "ready"
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let length = std::env::args().nth(1).and_then(|length| length.parse().ok()).unwrap_or(0);
    let bytes = Bytes::from(vec![0; length]);
    let router = Router::new()
        .route("/v1/resolve", get(resolve))
        .route("/tiles/{z}/{x}/{y}", get(move |path| tile(path, bytes.clone())))
        .route("/readyz", get(ready));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    let quiet = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(quiet, router)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
}
