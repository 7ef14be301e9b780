//! What axum does on this machine when there is nothing to do: reads lon, lat and crs, answers 30 bytes.

use axum::Router;
use axum::extract::Query;
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

async fn ready() -> &'static str {
    "ready"
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new().route("/v1/resolve", get(resolve)).route("/readyz", get(ready));
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
