//! Logs, metrics and traces.

use std::io::IsTerminal;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::config::{Config, LogFormat};

/// The tracer of requests; unset if no spans are wanted.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();
/// A directive for the target where actix logs errors of clients that spoke no HTTP or went away. The setting can enable it
/// again.
const STRANGERS: &str = "actix_http::h1::dispatcher=off";

/// Starts the log. A second call, as in tests, changes nothing.
pub fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(format!("{STRANGERS},{}", config.log)).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    // Colours only on a terminal.
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // Fails only if a log is already running.
    let _ = match config.log_format {
        LogFormat::Json => {
            registry.with(layer.json().flatten_event(true).with_current_span(true).with_span_list(false)).try_init()
        }
        LogFormat::Pretty => registry.with(layer.with_target(false)).try_init(),
    };
}

/// From now on the log names only the place of a panic. Its message may contain part of somebody's name, as when a text was cut
/// at the wrong byte.
pub fn tell_panics_by_place() {
    std::panic::set_hook(Box::new(|info| {
        tracing::error!(place = info.location().map(tracing::field::display), "a fault of the program");
    }));
}

/// Starts the metrics, and returns the handle that renders them.
///
/// # Errors
/// If metrics were already started.
pub fn start_metrics() -> Result<PrometheusHandle, String> {
    PrometheusBuilder::new()
        .set_buckets(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
        .map_err(|error| error.to_string())?
        .install_recorder()
        .map_err(|error| error.to_string())
}

/// Starts sending the spans of requests to a collector, if one is configured. Shut the returned provider down at the end, so that
/// the last spans arrive.
///
/// # Errors
/// If the address is invalid.
pub fn start_traces(config: &Config) -> Result<Option<SdkTracerProvider>, String> {
    let Some(collector) = &config.otel_exporter_otlp_endpoint else { return Ok(None) };
    let endpoint = format!("{}/v1/traces", collector.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build().map_err(|error| error.to_string())?;
    let resource = Resource::builder().with_service_name("baishe").build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    // Set only once, because a process runs one command.
    let _ = TRACER.set(provider.tracer("baishe"));
    Ok(Some(provider))
}

/// The tracer of requests, if spans are wanted.
pub fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_told_by_its_place_and_not_by_what_it_says() {
        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let before = std::panic::take_hook();
        tracing::subscriber::with_default(log, || {
            tell_panics_by_place();
            let name = String::from("许清水");
            assert!(std::panic::catch_unwind(|| name[..name.len() - 1].len()).is_err());
        });
        std::panic::set_hook(before);
        let told = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(told.contains("a fault of the program") && told.contains("telemetry.rs"), "{told}");
        assert!(!told.contains("许清"), "{told}");
    }
}
