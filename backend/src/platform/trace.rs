//! The trace that a request is a part of (W3C Trace Context).

use std::fmt;

/// A trace, and this service's own span in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hexadecimal digits, as the caller gave them.
    pub trace_id: String,
    /// The caller's span.
    pub parent_id: String,
    /// Ours, 16 hexadecimal digits.
    pub span_id: String,
    flags: u8,
}

impl Trace {
    /// Takes a `traceparent` up; none where it is not valid, as if there were none: so says the recommendation.
    pub fn parse(traceparent: &str) -> Option<Self> {
        // A version to come may say more behind another dash.
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
            parent_id: parent_id.to_owned(),
            span_id: format!("{:016x}", rand::random_range(1..=u64::MAX)),
            // Of the flags, "sampled" and "random" are passed on; what is not known is not.
            flags: u8::from_str_radix(flags, 16).ok()? & 0b11,
        })
    }
}

/// As `traceresponse` and `traceparent` have it, with our span.
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
        assert_eq!((trace.trace_id.as_str(), trace.parent_id.as_str()), (TRACE, "00f067aa0ba902b7"));
        assert_ne!(trace.span_id, trace.parent_id);
        assert_eq!(trace.to_string(), format!("00-{TRACE}-{}-01", trace.span_id));
        // Of a version to come, what is known of it.
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
