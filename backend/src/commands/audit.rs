//! `baishe audit …`: sealing and verifying from the command line.

use std::fmt::Write;

use clap::Subcommand;
use domains::audit::verify::{self, Head, Verdict};
use domains::audit::{noted, seal};
use platform::{App, Error, Result};

/// A command on the audit trail.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Seals what waits; the service does so by itself every ten minutes.
    Seal,
    /// Adds a key that new events are proved with; the service may run meanwhile. The old ones prove what was written before.
    Rotate,
    /// Finds what was changed, removed, added or moved since it was written or sealed; fails if anything was.
    Verify {
        /// A block that was noted elsewhere, as this command prints it: NUMBER:DIGEST; by default the one that is noted beside the keys
        #[arg(long)]
        head: Option<Head>,
    },
}

/// Runs a command. Returns its output, and whether the audit trail is in order.
pub async fn run(app: &App, command: Command) -> Result<(String, bool)> {
    match command {
        Command::Seal => Ok((format!("{} events sealed", seal::all(app).await?), true)),
        Command::Rotate => {
            let file = app.proofs.add_key().map_err(Error::internal)?;
            Ok((
                format!(
                    "new key: {}\nthe old files may go when all from before is sealed: in a quarter of an hour",
                    file.display()
                ),
                true,
            ))
        }
        Command::Verify { head } => {
            let head = head.or_else(|| noted::read(&app.config.keys_dir()));
            let verdict = verify::verify(app, head.as_ref()).await?;
            Ok((summary(&verdict), verdict.findings.is_empty()))
        }
    }
}

fn summary(verdict: &Verdict) -> String {
    let mut text = String::new();
    for finding in &verdict.findings {
        let _ = writeln!(text, "{finding}");
    }
    let Verdict { blocks, events, unsealed, head, findings } = verdict;
    let _ = write!(text, "{blocks} blocks, {events} sealed events, {unsealed} waiting to be sealed, {} findings", findings.len());
    if let Some(head) = head {
        let _ = write!(text, "\nhead {head}");
    }
    text
}
