//! Debug builds that are rebuilt when sources change.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use notify::event::{AccessKind, EventKind, MetadataKind, ModifyKind};
use notify::{RecursiveMode, Watcher};
use rustix::process::Signal;

use crate::process::{self, Running};
use crate::service::{self, Service};
use crate::spa;
use crate::workspace::Workspace;

const PROFILE: &str = "dev";

/// How long no change must come before a build. Editors write a file in several steps, and switching branches writes many files.
const QUIET: Duration = Duration::from_millis(300);

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    service: service::Options,
}

#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Changes {
    app: bool,
    service: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    service::check_port(options.service.port)?;
    process::catch_signals()?;
    let service = Service::new(workspace, &options.service, PROFILE)?;

    // Watching starts before the first build, so that a change during it is not lost.
    let (sender, receiver) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        let _ = sender.send(event);
    })?;
    for folder in ["backend", "openapi", "frontend"] {
        watcher.watch(&workspace.root.join(folder), RecursiveMode::Recursive)?;
    }

    let mut running = None;
    let mut changes = Changes { app: true, service: true };
    while !process::interrupted() {
        follow(workspace, options, &service, changes, &mut running);
        changes = next_changes(&receiver, &workspace.root, &mut running);
    }
    stop(&mut running);
    Ok(ExitCode::SUCCESS)
}

/// Builds what changed. If the build fails, the running service stays as it is.
fn follow(workspace: &Workspace, options: &Options, service: &Service, changes: Changes, running: &mut Option<Running>) {
    let built = || -> Result<()> {
        if changes.app {
            println!("[dev] Building the app");
            spa::build(workspace, true)?;
        }
        if changes.service {
            println!("[dev] Building the service");
            service::build(workspace, PROFILE)?;
        }
        Ok(())
    };
    let outcome = built().and_then(|()| {
        // A change of the app needs a restart too, because the service has its files in memory.
        stop(running);
        if changes.service {
            service.prepare(&options.service)?;
        }
        *running = Some(Running::start(&mut service.command("serve"))?);
        Ok(())
    });
    match outcome {
        Ok(()) => println!("[dev] Reload the page: http://127.0.0.1:{} (Ctrl-C stops)", options.service.port),
        Err(_) if process::interrupted() => {}
        Err(error) => println!("[dev] {error:#}. Waiting for the next change"),
    }
}

fn stop(running: &mut Option<Running>) {
    if let Some(mut service) = running.take() {
        service.stop(Signal::TERM, Duration::from_secs(10));
    }
}

/// Waits for a change that matters, and then until no more come. Returns no changes if interrupted.
fn next_changes(events: &Receiver<notify::Result<notify::Event>>, root: &Path, running: &mut Option<Running>) -> Changes {
    let mut changes = Changes::default();
    loop {
        match events.recv_timeout(QUIET) {
            Ok(Ok(event)) if is_edit(event.kind) => changes.add(root, &event.paths),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) if changes == Changes::default() => {
                if running.as_mut().is_some_and(Running::has_ended) && !process::interrupted() {
                    *running = None;
                    println!("[dev] The service has ended. Waiting for the next change");
                }
            }
            Err(_) => return changes,
        }
        if process::interrupted() {
            return Changes::default();
        }
    }
}

/// Whether an event is a change. Reading a file, as the compiler does, is an event too.
fn is_edit(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(notify::event::AccessMode::Write),
        EventKind::Modify(ModifyKind::Metadata(kind)) => kind == MetadataKind::WriteTime,
        _ => true,
    }
}

impl Changes {
    fn add(&mut self, root: &Path, paths: &[PathBuf]) {
        for path in paths {
            let Ok(path) = path.strip_prefix(root) else {
                continue;
            };
            // `cargo xtask openapi` writes this file, and no build uses it.
            if path == Path::new("openapi/openapi.json") {
                continue;
            }
            let of = |folder| path.starts_with(folder);
            self.app |= of("frontend") || of("openapi");
            self.service |= of("backend") || of("openapi");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(path: &str) -> Changes {
        let mut changes = Changes::default();
        changes.add(Path::new("/r"), &[PathBuf::from(path)]);
        changes
    }

    #[test]
    fn a_change_rebuilds_what_it_is_part_of() {
        let of = |app, service| Changes { app, service };
        assert_eq!(changes("/r/frontend/style/a.css"), of(true, false));
        assert_eq!(changes("/r/backend/src/main.rs"), of(false, true));
        assert_eq!(changes("/r/openapi/src/lib.rs"), of(true, true));
        assert_eq!(changes("/r/openapi/openapi.json"), of(false, false));
        assert_eq!(changes("/r/target/x"), of(false, false));
        assert_eq!(changes("/elsewhere/backend/x"), of(false, false));
    }
}
