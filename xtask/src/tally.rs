//! Counts what passed and what failed.

use std::fmt;

use anyhow::Result;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    pub fn add(&mut self, passed: u64, failed: u64) {
        self.passed += passed;
        self.failed += failed;
    }

    /// Counts a single check, and prints why it failed.
    pub fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                println!("FAILED: {name}: {error:#}");
            }
        }
    }

    /// Adds the counts in a line of a test binary's output, if it is the line with the result.
    pub fn see(&mut self, line: &str) {
        if let Some(seen) = result_in(line) {
            self.add(seen.passed, seen.failed);
        }
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub fn has_failures(self) -> bool {
        self.failed > 0
    }

    pub fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    pub fn minus(self, earlier: Self) -> Self {
        Self { passed: self.passed - earlier.passed, failed: self.failed - earlier.failed }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`, with or without colours.
fn result_in(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |name: &str| counts.split("; ").find_map(|part| part.strip_suffix(name)?.trim().parse().ok());
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_result_lines() {
        let of = |passed, failed| Some(Tally { passed, failed });
        let rest = "0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let ok = format!("test result: ok. 12 passed; 0 failed; {rest}");
        assert_eq!(result_in(&ok), of(12, 0));
        let failed = format!("test result: FAILED. 3 passed; 14 failed; {rest}");
        assert_eq!(result_in(&failed), of(3, 14));
        let coloured = format!("test result: \u{1b}[32mok\u{1b}[0m. 1 passed; 0 failed; {rest}");
        assert_eq!(result_in(&coloured), of(1, 0));
    }

    #[test]
    fn reads_nothing_else() {
        for line in [
            "",
            "test result: ok.",
            "running 3 tests",
            "test a::result ... ok",
            "    test result: ok. 1 passed; 0 failed; 0 ignored",
        ] {
            assert_eq!(result_in(line), None, "{line}");
        }
    }

    #[test]
    fn sums_tests_and_checks() {
        let mut tally = Tally::default();
        assert!(tally.is_empty());
        tally.see("test result: ok. 2 passed; 0 failed; 0 ignored");
        tally.check("fine", Ok(()));
        assert!(!tally.has_failures());
        tally.check("broken", Err(anyhow::anyhow!("no")));
        assert!(tally.has_failures());
        assert_eq!(tally.to_string(), "3 passed, 1 failed");
    }
}
