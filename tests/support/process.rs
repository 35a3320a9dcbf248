//! The service as a separate process, and links between processes.

use std::future::Future;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::client::{Client, Token};
use super::world::{PASSWORD, Who};

/// Sieges take turns: two at once take each other's processor, so that nobody else is served.
pub static ONE_SIEGE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `baishe serve`, killed when it is dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    printed: std::thread::JoinHandle<String>,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Service {
    /// Starts it over a database and a folder, on a free port.
    pub async fn start(url: &str, folder: &Path) -> Self {
        Self::start_with(url, folder, &[]).await
    }

    /// The same, with other settings.
    pub async fn start_with(url: &str, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let (url, folder) = (url.to_owned(), folder.to_owned());
        let settings: Vec<_> = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        tokio::task::spawn_blocking(move || Self::start_blocking(&url, &folder, settings)).await.expect("the service starts")
    }

    fn start_blocking(url: &str, folder: &Path, settings: Vec<(String, String)>) -> Self {
        // Like a supervisor that lets writes beyond the size limit fail instead of ending the process.
        let mut child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; umask 022; exec \"$0\" serve"])
            .arg(program())
            .current_dir(folder)
            .env("DATABASE_URL", url)
            .env("BAISHE_DATA_DIR", folder)
            .env("BAISHE_BIND", "127.0.0.1:0")
            .env("BAISHE_REQUIRE_SECOND_FACTOR", "false")
            .env("BAISHE_SECURE_COOKIES", "false")
            .env("BAISHE_RATE_LIMIT", "0")
            .env("BAISHE_LOG", "info")
            .env("BAISHE_LOG_FORMAT", "json")
            .envs(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; `cargo build -p baishe` makes it", program().display()));
        let mut stdout = child.stdout.take().expect("its output");
        let printed = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stdout.read_to_string(&mut text);
            text
        });
        let mut log = BufReader::new(child.stderr.take().expect("its log"));
        let mut said = String::new();
        let address = loop {
            let begin = said.len();
            if log.read_line(&mut said).expect("its log") == 0 {
                panic!("the service ended with {:?}:\n{said}", child.wait());
            }
            let line: Value = serde_json::from_str(&said[begin..]).unwrap_or_default();
            if line["message"] == "serving" {
                break line["address"].as_str().and_then(|address| address.parse().ok()).expect("an address");
            }
        };
        // Reads on, because a full pipe would block the service.
        let kept = Arc::new(Mutex::new(said.into_bytes()));
        let keeping = kept.clone();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while log.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                keeping.lock().expect("never poisoned").append(&mut line);
            }
        });
        Self { child, address, printed, log: kept }
    }

    /// Limits the size of its files; `None` removes the limit.
    pub fn limit_files(&self, kilobytes: Option<u64>) {
        let limit = kilobytes.map_or("unlimited".to_owned(), |kilobytes| (kilobytes * 1024).to_string());
        let limit = ["--pid".to_owned(), self.child.id().to_string(), format!("--fsize={limit}:unlimited")];
        let set = Command::new("prlimit").args(limit).status();
        assert!(set.is_ok_and(|status| status.success()), "the limit is set");
    }

    /// Its log so far.
    pub fn logged(&self) -> Vec<u8> {
        self.log.lock().expect("never poisoned").clone()
    }

    /// Its peak memory so far, in megabytes, without the pages of its program: those of an unoptimised one grow with each domain, and
    /// the system drops them when it needs memory.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
            line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
        };
        (kilobytes("VmHWM:") - kilobytes("RssFile:")) / 1024
    }

    /// How long its successful answers took by its own account, from receiving the head of a request.
    pub fn answered_in(&self) -> Vec<Duration> {
        let log = self.logged();
        let lines = log.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let answered =
            lines.filter(|line| line["message"] == "answered" && line["status"].as_u64().is_some_and(|code| code < 300));
        answered.filter_map(|line| line["elapsed_us"].as_u64().map(Duration::from_micros)).collect()
    }

    /// Kills it, whatever it is doing.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIGTERM is sent");
    }

    /// Waits for its end, and returns its exit status and output.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let mut child = std::mem::replace(&mut self.child, Command::new("true").spawn().expect("a placeholder"));
        let printed = std::mem::replace(&mut self.printed, std::thread::spawn(String::new));
        tokio::task::spawn_blocking(move || (child.wait().expect("it ends"), printed.join().expect("its output")))
            .await
            .expect("an end")
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        client(self.address, Token::None)
    }

    /// A client that has signed in.
    pub async fn signed_in(&self, who: Who) -> Client {
        client(self.address, Token::Fixed(sign_in(&self.anonymous(), who).await))
    }

    /// A client at another address of this machine, with or without a token.
    pub fn elsewhere(&self, token: Option<&str>) -> Client {
        let elsewhere = IpAddr::from([127, 0, 0, 2]);
        let http = reqwest::Client::builder().local_address(elsewhere).timeout(PATIENCE).build().expect("a client");
        Client::new(http, self.address, token.map_or(Token::None, |token| Token::Fixed(token.to_owned())))
    }

    /// A client with a token from another process.
    pub fn with_token(&self, token: &str) -> Client {
        client(self.address, Token::Fixed(token.to_owned()))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(address: SocketAddr, token: Token) -> Client {
    // One connection for each request, so that a proxy can send each to another process.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(PATIENCE).build().expect("a client");
    Client::new(http, address, token)
}

/// Signs in, and returns the access token.
pub async fn sign_in(client: &Client, who: Who) -> String {
    let answer = client.post("/auth/login", json!({ "account": who.account(), "password": PASSWORD })).await.is(200);
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// Runs a command of the program in a folder until it ends. `read` says how much of its output is read.
pub fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], read: Reading) -> Output {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .current_dir(folder)
        .env("BAISHE_LOG", "off")
        .env_remove("DATABASE_URL")
        .envs(variables.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    if read == Reading::Nothing {
        drop(child.stdout.take());
    }
    child.wait_with_output().expect("its end")
}

/// Runs a command of the program until it prints a line with these words, and kills it then.
pub fn killed(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], words: &str) {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).env("BAISHE_LOG", "off").envs(variables.iter().copied());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let said = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(words)));
    child.kill().expect("it is killed");
    let ended = child.wait().expect("its end");
    assert!(said.is_some() && !ended.success(), "it ended before it said {words}");
}

/// How much of a command's output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Everything,
    /// The reader closes the pipe at once, like `| head` at its end.
    Nothing,
}

/// The service's program: from `BAISHE_BIN`, or the one that cargo built beside these tests.
fn program() -> PathBuf {
    std::env::var_os("BAISHE_BIN").map(PathBuf::from).unwrap_or_else(|| {
        let tests = std::env::current_exe().expect("the path of the tests");
        tests.parent().and_then(Path::parent).expect("target/debug").join("baishe")
    })
}

/// What a [`Link`] does with its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Up,
    /// It ends connections, new ones at once.
    Cut,
    /// Connections stay open, but nothing passes.
    Dead,
}

/// Passes connections on to one of several services in turn, as a proxy does, and can be cut.
pub struct Link {
    pub address: SocketAddr,
    line: watch::Sender<Line>,
}

impl Link {
    pub async fn to(targets: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (line, watched) = watch::channel(Line::Up);
        let turn = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if *watched.borrow() != Line::Cut {
                    tokio::spawn(carry(stream, targets.clone(), turn.clone(), watched.clone()));
                }
            }
        });
        Self { address, line }
    }

    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    pub fn go_dead(&self) {
        self.line.send_replace(Line::Dead);
    }

    pub fn mend(&self) {
        self.line.send_replace(Line::Up);
    }

    /// A client of the services behind it.
    pub fn client(&self) -> Client {
        client(self.address, Token::None)
    }

    pub fn with_token(&self, token: &str) -> Client {
        client(self.address, Token::Fixed(token.to_owned()))
    }
}

async fn carry(mut near: TcpStream, targets: Vec<SocketAddr>, turn: Arc<AtomicUsize>, mut line: watch::Receiver<Line>) {
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for number in 0..targets.len() {
        let Ok(mut far) = TcpStream::connect(targets[(first + number) % targets.len()]).await else { continue };
        loop {
            let now = *line.borrow_and_update();
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far), if now == Line::Up => return,
                changed = line.changed() => if changed.is_err() || *line.borrow() == Line::Cut { return },
            }
        }
    }
}

/// Waits until a condition holds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let began = Instant::now();
    let mut turns = tokio::time::interval(Duration::from_millis(20));
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "not even after {PATIENCE:?}: {what}");
        turns.tick().await;
    }
}
