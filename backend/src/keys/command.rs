//! `baishe keys …`: rotation from the command line.

use std::fmt::Write;
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use clap::Subcommand;
use platform::App;

use super::{Resealed, count, left, reseal};
use crate::startup::BoxError;

/// A command on the keys of personal data.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Adds a key and seals all personal data anew under it; the service may run meanwhile. Goes on where an earlier run was interrupted.
    Rotate,
    /// Says how much is sealed under each key, and which may be removed.
    Status,
}

/// Longer than any request, so that all requests from before the newest key have ended.
const LONGEST_REQUEST: Duration = Duration::from_secs(15 * 60);
/// How often a rotation reports its progress.
const TELLING: Duration = Duration::from_secs(2);
/// How many of the values that no key opens are listed.
const NAMED: usize = 20;

/// Runs a command and returns its output. `say` prints meanwhile.
///
/// # Errors
/// A message for the operator about what is left to do, or an error of the database or the file system.
pub async fn run(app: &App, command: Command, mut say: impl FnMut(String)) -> Result<String, BoxError> {
    match command {
        Command::Status => status(app).await,
        Command::Rotate => {
            let mut done = Resealed::default();
            if left(app).await? > 0 {
                say(format!("going on under key {}", app.vault.newest_id()));
                done = reseal(app, telling(&mut say)).await?;
            }
            // Values that no key opens are no sign of an interrupted rotation, and do not prevent a new one.
            if done.sealed == 0 && done.busy == 0 {
                say(format!("new key: {}", app.vault.add_key()?.display()));
                done = reseal(app, telling(&mut say)).await?;
            }
            let mut told = status(app).await?;
            if done.busy > 0 {
                write!(told, "\n{} values are left under old keys: run it again", done.busy)?;
            }
            if !done.lost.is_empty() {
                write!(told, "\n{} values are opened by no key that is here, and stay as they are:", done.lost.len())?;
                done.lost.iter().take(NAMED).try_for_each(|(place, id)| write!(told, "\n  {place} {id}"))?;
                if done.lost.len() > NAMED {
                    write!(told, "\n  …")?;
                }
                write!(told, "\nput back the key file that is missing, or what a backup has of them; all else is sealed anew")?;
            }
            if done.busy == 0 && done.lost.is_empty() { Ok(told) } else { Err(told.into()) }
        }
    }
}

/// Reports the progress now and then.
fn telling(say: &mut impl FnMut(String)) -> impl FnMut(&str, u64) {
    let (mut said, mut place) = (None::<Instant>, String::new());
    move |table, sealed| {
        if place != table || said.is_none_or(|at| at.elapsed() >= TELLING) {
            (place, said) = (table.to_owned(), Some(Instant::now()));
            say(format!("{table}: {sealed} sealed anew"));
        }
    }
}

async fn status(app: &App) -> Result<String, BoxError> {
    app.vault.refresh()?;
    let (keys, mut counts) = (app.vault.keys(), count(app).await?);
    let settled = keys.last().is_some_and(|newest| age(newest.since) >= LONGEST_REQUEST);
    let mut text = String::new();
    for (place, key) in keys.iter().enumerate() {
        let sealed = counts.remove(&Some(key.id.clone())).unwrap_or(0);
        let since = DateTime::<Utc>::from(key.since).format("%Y-%m-%d %H:%M");
        let state = match (place + 1 == keys.len(), sealed) {
            (true, _) => "seals",
            (false, 0) if settled => "no longer needed but for backups from before: its file may be removed",
            (false, 0) => "nothing is left under it; ask again in a quarter of an hour, when all that was under way has ended",
            (false, _) => "run `baishe keys rotate`",
        };
        writeln!(text, "{} ({}), since {since} UTC: {sealed} values; {state}", key.name, key.id)?;
    }
    for (key, sealed) in counts {
        match key {
            Some(id) => writeln!(text, "{id}: {sealed} values, AND ITS FILE IS GONE: they cannot be opened")?,
            None => writeln!(text, "files that were not sealed: {sealed}; run `baishe keys rotate`")?,
        }
    }
    Ok(text.trim_end().to_owned())
}

fn age(since: SystemTime) -> Duration {
    since.elapsed().unwrap_or_default()
}
