//! What Prometheus reads: requests and their times by route, the revision, its age, the pool.

use axum::http::StatusCode;
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

/// Upper bounds of the classes of request times, in seconds.
const BUCKETS_S: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The figures of one server.
pub(super) struct Meter(PrometheusRecorder);

impl Default for Meter {
    fn default() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS_S);
        let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
        let unitless = |name: &'static str, about: &'static str| (name.into(), None, about.into());
        let describe = |(name, unit, about)| recorder.describe_gauge(name, unit, about);
        describe(unitless("gewu_revision", "Revision that answers are given from"));
        describe(unitless(
            "gewu_stale_seconds",
            "Seconds since the database last confirmed the revision; 0: fresh",
        ));
        describe(unitless("gewu_grids", "Grids in the atlas"));
        describe(unitless("gewu_memory_bytes", "Resident memory of the process"));
        describe(unitless(
            "gewu_free_request_slots",
            "Requests that could be taken at once beside those in flight",
        ));
        describe(unitless("gewu_tile_cache_bytes", "Bytes of tiles that are kept"));
        describe(unitless("gewu_event_listeners", "Callers who listen to events"));
        describe(unitless("gewu_break_glass", "Areas that commanders opened and that are open now"));
        describe(unitless("gewu_pool_connections", "Connections to the database"));
        describe(unitless("gewu_pool_idle_connections", "Connections to the database that are idle"));
        recorder.describe_counter(
            "gewu_requests_total".into(),
            None,
            "Requests by route, method and status class".into(),
        );
        recorder.describe_histogram(
            "gewu_request_seconds".into(),
            None,
            "Time to answer by route and method".into(),
        );
        Self(recorder)
    }
}

/// The figures of one route, registered once so that a request only adds.
pub(super) struct RouteMeter {
    seconds: Histogram,
    classes: [Counter; 5],
}

impl RouteMeter {
    /// Counts an answer.
    pub(super) fn count(&self, status: StatusCode, seconds: f64) {
        self.seconds.record(seconds);
        let class = usize::from(status.as_u16() / 100).clamp(1, self.classes.len());
        self.classes[class - 1].increment(1);
    }
}

impl Meter {
    /// The figures of a route.
    pub(super) fn route(&self, route: &'static str, method: &'static str) -> RouteMeter {
        let labels =
            vec![Label::from_static_parts("route", route), Label::from_static_parts("method", method)];
        let class = |class: &'static str| {
            let mut labels = labels.clone();
            labels.push(Label::from_static_parts("status", class));
            self.0.register_counter(&Key::from_parts("gewu_requests_total", labels), &metadata())
        };
        RouteMeter {
            classes: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(class),
            seconds: self
                .0
                .register_histogram(&Key::from_parts("gewu_request_seconds", labels.clone()), &metadata()),
        }
    }

    /// A figure that only grows.
    pub(super) fn counter(&self, name: &'static str, about: &'static str) -> Counter {
        self.0.describe_counter(name.into(), None, about.into());
        self.0.register_counter(&Key::from_static_name(name), &metadata())
    }

    /// Sets a figure.
    pub(super) fn set(&self, name: &'static str, value: f64) {
        self.0.register_gauge(&Key::from_static_name(name), &metadata()).set(value);
    }

    /// Sorts what was recorded since into the classes of the histograms. The recorder keeps every single time until then, so where
    /// nobody reads the figures this must be done all the same.
    pub(super) fn condense(&self) {
        self.0.handle().run_upkeep();
    }

    /// All figures in the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        self.condense();
        self.0.handle().render()
    }
}

fn metadata() -> Metadata<'static> {
    Metadata::new(module_path!(), Level::INFO, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_are_condensed_while_nobody_reads_them_are_all_there_when_somebody_does() {
        let meter = Meter::default();
        let route = meter.route("/v1/resolve", "GET");
        for _ in 0..3 {
            (0..1_000).for_each(|_| route.count(StatusCode::OK, 0.003));
            meter.condense();
        }
        route.count(StatusCode::NOT_FOUND, 0.2);
        let figures = meter.render();
        let labels = r#"route="/v1/resolve",method="GET""#;
        for line in [
            format!(r#"gewu_request_seconds_bucket{{{labels},le="0.005"}} 3000"#),
            format!(r#"gewu_request_seconds_bucket{{{labels},le="0.25"}} 3001"#),
            format!(r#"gewu_requests_total{{{labels},status="4xx"}} 1"#),
        ] {
            assert!(figures.contains(&line), "{line}: {figures}");
        }
    }
}
