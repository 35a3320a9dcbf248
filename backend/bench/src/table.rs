//! The figures, for a person to read.

use std::fmt;
use std::time::Duration;

use crate::load::Figures;

/// One line of a section.
pub struct Line {
    name: &'static str,
    what: What,
}

enum What {
    Told(String),
    Measured { service: Figures, sql: Figures, bare: Figures },
}

impl Line {
    pub fn told(name: &'static str, text: String) -> Self {
        Self { name, what: What::Told(text) }
    }

    pub fn measured(name: &'static str, service: Figures, sql: Figures, bare: Figures) -> Self {
        Self { name, what: What::Measured { service, sql, bare } }
    }
}

#[derive(Default)]
pub struct Table {
    without_database: Vec<Line>,
    sections: Vec<(&'static str, u64, Vec<Line>)>,
}

impl Table {
    /// What needs no database, told before all else.
    pub fn without_database(&mut self, lines: Vec<Line>) {
        self.without_database = lines;
    }

    /// A new section, to be filled.
    pub fn section(&mut self, database: &'static str, pairings: u64) -> &mut Vec<Line> {
        self.sections.push((database, pairings, Vec::new()));
        &mut self.sections.last_mut().expect("just pushed").2
    }
}

const FOOT: &str = "
statements: the same SQL statements by sqlx alone, from as many connections, answered by a handler that does nothing else
bare:       a handler that answers as many bytes and asks no database
share:      the service's requests/s by those of the statements; growth: p99 by that of the smallest data
";

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { name, what } in &self.without_database {
            if let What::Told(text) = what {
                writeln!(f, "{name:36} {text}")?;
            }
        }
        if self.sections.is_empty() {
            return Ok(());
        }
        for (database, pairings, lines) in &self.sections {
            writeln!(f, "\n{database}, {pairings} pairings\n")?;
            writeln!(
                f,
                "{:36} {:>8} {:>8} {:>8}   {:>10} {:>8}   {:>8}   {:>6} {:>7}",
                "", "req/s", "p50 ms", "p99 ms", "statements", "p99 ms", "bare", "share", "growth"
            )?;
            for Line { name, what } in lines {
                match what {
                    What::Told(text) => writeln!(f, "{name:36} {text}")?,
                    What::Measured { service, sql, bare } => writeln!(
                        f,
                        "{name:36} {:8.0} {:>8} {:>8}   {:10.0} {:>8}   {:8.0}   {:5.0}% {:>7}",
                        service.per_second,
                        milliseconds(service.p50),
                        milliseconds(service.p99),
                        sql.per_second,
                        milliseconds(sql.p99),
                        bare.per_second,
                        100.0 * service.per_second / sql.per_second,
                        self.growth(database, name, service)
                    )?,
                }
            }
        }
        f.write_str(FOOT)
    }
}

impl Table {
    fn growth(&self, database: &str, name: &str, now: &Figures) -> String {
        let sections = self.sections.iter().filter(|(other, ..)| *other == database);
        let smallest = sections.min_by_key(|(_, pairings, _)| *pairings);
        let first = smallest.and_then(|(_, _, lines)| {
            lines.iter().find_map(|line| match line {
                Line { name: other, what: What::Measured { service, .. } } if *other == name => Some(service.p99),
                _ => None,
            })
        });
        first.map_or_else(String::new, |first| format!("{:.1}", now.p99.as_secs_f64() / first.as_secs_f64()))
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}
