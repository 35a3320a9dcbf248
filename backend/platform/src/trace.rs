//! The trace of a request (W3C Trace Context), and the service's span in it, which is sent to a collector if one is configured.

use std::borrow::Cow;
use std::fmt;

use actix_web::dev::ServiceResponse;
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};

/// A trace, and the service's own span in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The id of the trace: 32 hexadecimal digits, the caller's if given.
    pub trace_id: String,
    /// The caller's span, if the trace is the caller's.
    pub parent_id: Option<String>,
    /// The service's span: 16 hexadecimal digits.
    pub span_id: String,
    flags: u8,
}

impl Trace {
    /// Parses a `traceparent`. Returns `None` if it is invalid, since the recommendation says to ignore it then.
    pub fn parse(traceparent: &str) -> Option<Self> {
        // A future version may have more fields behind another dash.
        let known = match traceparent.as_bytes().get(55) {
            None => traceparent,
            Some(b'-') if !traceparent.starts_with("00") => traceparent.get(..55)?,
            Some(_) => return None,
        };
        let parts: Vec<_> = known.split('-').collect();
        let [version, trace_id, parent_id, flags] = parts[..] else { return None };
        let hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let id = |text: &str, length| hex(text, length) && text.bytes().any(|byte| byte != b'0');
        if !hex(version, 2) || version == "ff" || !id(trace_id, 32) || !id(parent_id, 16) || !hex(flags, 2) {
            return None;
        }
        Some(Self {
            trace_id: trace_id.to_owned(),
            parent_id: Some(parent_id.to_owned()),
            span_id: format!("{:016x}", rand::random_range(1..=u64::MAX)),
            // Only the flags "sampled" and "random" are passed on.
            flags: u8::from_str_radix(flags, 16).ok()? & 0b11,
        })
    }
}

/// The span of a running request. It is sent when it is dropped, and contains what the log says about a request, except the
/// caller.
pub struct Exported(Span);

impl Exported {
    /// Begins a span, in the caller's trace if there is one. Then the caller decides whether it is sampled.
    pub fn begin(tracer: &SdkTracer, caller: Option<&Trace>, method: &'static str, request_id: &str) -> Self {
        let parent = caller.and_then(|trace| {
            let (trace_id, parent_id) = (TraceId::from_hex(&trace.trace_id), SpanId::from_hex(trace.parent_id.as_ref()?));
            let flags = TraceFlags::new(trace.flags);
            Some(SpanContext::new(trace_id.ok()?, parent_id.ok()?, flags, true, TraceState::NONE))
        });
        let parent = parent.map_or_else(Context::new, |parent| Context::new().with_remote_span_context(parent));
        let known = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.request.header.x-request-id", request_id.to_owned()),
        ];
        let builder = SpanBuilder::from_name(method).with_kind(SpanKind::Server).with_attributes(known);
        Self(tracer.build_with_context(builder, &parent))
    }

    /// The trace for the answer, with this span in it.
    pub fn trace(&self, caller: Option<Trace>) -> Trace {
        let own = self.0.span_context();
        let (trace_id, span_id) = (own.trace_id().to_string(), own.span_id().to_string());
        Trace { trace_id, span_id, flags: own.trace_flags().to_u8(), parent_id: caller.and_then(|caller| caller.parent_id) }
    }

    /// Ends the span with the answer. It contains the pattern of the path, because the path itself may contain typed text.
    pub fn answered<B>(mut self, method: &'static str, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        if let Some(route) = outcome.as_ref().ok().and_then(|response| response.request().match_pattern()) {
            self.0.update_name(format!("{method} {route}"));
            self.0.set_attribute(KeyValue::new("http.route", route));
        }
        self.0.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            self.0.set_status(Status::Error { description: Cow::Borrowed("") });
        }
    }
}

/// Formats it as `traceresponse` and `traceparent`, with the service's span.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_is_taken_up() {
        let trace = Trace::parse(&format!("00-{TRACE}-00f067aa0ba902b7-01")).unwrap();
        assert_eq!((trace.trace_id.as_str(), trace.parent_id.as_deref()), (TRACE, Some("00f067aa0ba902b7")));
        assert_ne!(Some(&trace.span_id), trace.parent_id.as_ref());
        assert_eq!(trace.to_string(), format!("00-{TRACE}-{}-01", trace.span_id));
        // The known part of a future version.
        assert!(Trace::parse(&format!("cc-{TRACE}-00f067aa0ba902b7-01-what-else")).is_some());
    }

    #[test]
    fn what_is_no_trace_is_as_none() {
        for bad in [
            String::new(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("cc-{TRACE}-00f067aa0ba902b7-01.more"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-00f067aa0ba902b7-0x"),
            format!("00-{TRACE} -00f067aa0ba902b-01"),
        ] {
            assert_eq!(Trace::parse(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in ".{0,80}") {
            let _ = Trace::parse(&text);
        }
    }
}
