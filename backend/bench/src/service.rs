//! The service as a process of its own, as it is deployed.

use std::fmt::{self, Display, Formatter};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::load::{BoxError, Call, Connection};

pub struct Service {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
}

impl Service {
    pub async fn start(binary: &Path, database_url: &str, folder: &Path, connections: u32) -> Result<Self, BoxError> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = Instant::now();
        let child = Command::new(binary)
            .arg("serve")
            .current_dir(folder)
            .env("DATABASE_URL", database_url)
            .env("BAISHE_REQUIRE_SECOND_FACTOR", "false")
            .env("BAISHE_BIND", address.to_string())
            .env("BAISHE_DATA_DIR", folder)
            .env("BAISHE_RATE_LIMIT", "0")
            .env("BAISHE_MAX_CONNECTIONS", connections.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut service = Self { child, address, started_in: Duration::ZERO };
        while service.ready().await.is_err() {
            if let Some(status) = service.child.try_wait()? {
                return Err(format!("the service ended with {status}").into());
            }
            if begun.elapsed() > Duration::from_secs(60) {
                return Err("the service does not answer".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        service.started_in = begun.elapsed();
        Ok(service)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Connection::open(self.address, "").await?.succeed(Call::get("/readyz")).await.map(drop)
    }

    /// Memory that is in use now.
    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim_matches([' ', ':', '\t', 'k', 'B']).parse::<f64>().unwrap_or_default() / 1024.0
        };
        Memory { resident: field("VmRSS"), own: field("RssAnon") }
    }

    /// Waits for some work, and tells the most memory that the service had of its own meanwhile, in MB.
    pub async fn watch<T>(&self, work: impl Future<Output = T>) -> (T, f64) {
        let mut most = self.memory().own;
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return (done, most.max(self.memory().own)),
                _ = ticks.tick() => most = most.max(self.memory().own),
            }
        }
    }
}

/// Memory of a process in MB.
pub struct Memory {
    /// All of it, with the parts of the program and of a SQLite file that are mapped: each connection maps that file, and each is counted.
    resident: f64,
    /// What is nobody else's.
    pub own: f64,
}

impl Display for Memory {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} MB, {:.0} of its own", self.resident, self.own)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
