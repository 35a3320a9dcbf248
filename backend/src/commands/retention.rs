//! `baishe retention …`: forgets families whose retention period is over.

use domains::households::retention::{self, Limits};
use domains::workflows::forgetting::forget;
use platform::{App, Result};
use uuid::Uuid;

/// A command on what is kept of families.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Anonymises the files of families whose help has been over, or whose consent has been withdrawn, for longer than the settings say.
    Run {
        /// Only says which they are
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs a command. It prints the number of each file and the reason, neither of which identifies the family. If it is
/// interrupted, each file is either complete or anonymised, and the next run continues.
pub async fn run(app: &App, command: Command, mut say: impl FnMut(String)) -> Result<String> {
    let Command::Run { dry_run } = command;
    let limits = Limits::of(&app.config, app.clock.today());
    let (mut after, mut count) = (Uuid::nil(), 0);
    while let Some((due, last)) = retention::due(app, limits, after).await? {
        after = last;
        for file in due {
            if dry_run || forget(app, file.id, limits).await? {
                say(format!("{} {}", file.file_number, file.reason.code()));
                count += 1;
            }
        }
    }
    if dry_run {
        return Ok(format!("{count} files would be anonymised; nothing was changed"));
    }
    retention::record_run(app, count).await?;
    Ok(format!("{count} files anonymised"))
}
