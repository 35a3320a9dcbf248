//! Lists the tests that took longest, because everyone waits for them.

use std::fmt;

/// How many tests are listed.
const NAMED: usize = 10;

/// Makes a test binary report how long each test took. The option is unstable: only a nightly compiler accepts it, or a binary
/// that runs with `RUSTC_BOOTSTRAP`. The compiler itself must not see the variable, or it would build all crates again.
pub const REPORT: [&str; 3] = ["-Z", "unstable-options", "--report-time"];
pub const RUNNER: &str = "target.'cfg(all())'.runner = ['env', 'RUSTC_BOOTSTRAP=1']";

#[derive(Debug, Default)]
pub struct Slowest(Vec<(f64, String)>);

impl Slowest {
    /// Reads the time of a test from a line of a test binary's output, if it has one.
    pub fn see(&mut self, line: &str) {
        self.0.extend(time_in(line).map(|(seconds, name)| (seconds, name.to_owned())));
    }
}

impl fmt::Display for Slowest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by(|one, other| other.0.total_cmp(&one.0));
        write!(f, "The slowest tests:")?;
        all.iter().take(NAMED).try_for_each(|(seconds, name)| write!(f, "\n{seconds:>8.1} s  {name}"))
    }
}

/// Reads `test a::b ... ok <1.234s>`, with or without colours.
fn time_in(line: &str) -> Option<(f64, &str)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let time = outcome.rsplit_once('<')?.1.split_once("s>")?.0;
    Some((time.parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times() {
        assert_eq!(time_in("test a::b ... ok <1.250s>"), Some((1.25, "a::b")));
        assert_eq!(time_in("test a::b ... FAILED <12.000s>"), Some((12.0, "a::b")));
        assert_eq!(time_in("test a::b ... \u{1b}[32mok\u{1b}[0m\u{1b}[33m <0.500s>\u{1b}[0m"), Some((0.5, "a::b")));
        for line in ["", "test a::b ... ok", "test a::b has been running for over 60 seconds", "running 2 tests", "a <1.2s>"] {
            assert_eq!(time_in(line), None, "{line}");
        }
    }

    #[test]
    fn names_the_slowest_first_and_ten_at_most() {
        let mut slowest = Slowest::default();
        (1..=12).for_each(|seconds| slowest.see(&format!("test t{seconds} ... ok <{seconds}.000s>")));
        let told = slowest.to_string();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 11);
        assert_eq!((lines[1], lines[10]), ("    12.0 s  t12", "     3.0 s  t3"));
    }
}
