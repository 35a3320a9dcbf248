//! Runs other programs. None of them outlives this one, even if it is interrupted.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

static CATCHES_SIGNALS: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Makes Ctrl-C and SIGTERM end the running children from now on. The running command sees an error, so that it can clean up.
/// Without this, the signals end the process at once.
pub fn catch_signals() -> Result<()> {
    CATCHES_SIGNALS.store(true, Ordering::SeqCst);
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        for group in groups().iter() {
            signal_group(*group, Signal::TERM);
        }
    })
    .context("cannot catch signals")
}

pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Runs a program to its end, with the input and output of the terminal. Fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let mut running = Running::start(command)?;
    let status = running.wait();
    refuse_if_interrupted()?;
    status
}

/// Runs a program and returns its standard output. Fails if it fails.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let mut output = Vec::new();
    running.child.stdout.take().context("no standard output")?.read_to_end(&mut output)?;
    let status = running.wait()?;
    refuse_if_interrupted()?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(output)
}

/// Runs a program and passes each line of its standard output to `see` at once.
pub fn lines(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let stdout = running.child.stdout.take().context("no standard output")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).split(b'\n') {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    // Waits for the end of the program, not for the end of its output. A process that it left behind may keep that open.
    let mut ended = None;
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => see(&String::from_utf8_lossy(&line)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => ended = running.child.try_wait()?,
        }
    }
    let status = running.wait();
    refuse_if_interrupted()?;
    status
}

fn refuse_if_interrupted() -> Result<()> {
    if interrupted() {
        bail!("interrupted");
    }
    Ok(())
}

/// A child process, which ends when this value is dropped. It has a process group of its own if signals are caught.
pub struct Running {
    child: Child,
    name: String,
    grouped: bool,
}

impl Running {
    pub fn start(command: &mut Command) -> Result<Self> {
        refuse_if_interrupted()?;
        let grouped = CATCHES_SIGNALS.load(Ordering::SeqCst);
        if grouped {
            command.process_group(0);
        }
        let name = name(command);
        let child = command.spawn().with_context(|| format!("cannot run {name}"))?;
        if grouped {
            groups().push(child.id());
        }
        // A signal that came since the check above found no child to end.
        if interrupted() {
            signal_group(child.id(), Signal::TERM);
        }
        Ok(Self { child, name, grouped })
    }

    pub fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends `signal` to the group of the child, and kills the child after `patience`. A child without a group is killed at once.
    pub fn stop(&mut self, signal: Signal, patience: Duration) {
        if self.grouped {
            signal_group(self.child.id(), signal);
        } else {
            let _ = self.child.kill();
        }
        let deadline = std::time::Instant::now() + patience;
        while !self.has_ended() {
            if std::time::Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.stop(Signal::TERM, Duration::from_secs(5));
        }
        if self.grouped {
            // Ends what the child started and left behind, such as a browser.
            signal_group(self.child.id(), Signal::TERM);
            groups().retain(|group| *group != self.child.id());
        }
    }
}

fn groups() -> std::sync::MutexGuard<'static, Vec<u32>> {
    GROUPS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn signal_group(group: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, signal);
    }
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut name = program.file_name().unwrap_or_default().to_os_string();
    for argument in command.get_args().take(4) {
        name.push(" ");
        name.push(argument);
    }
    name.to_string_lossy().into_owned()
}
