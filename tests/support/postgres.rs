//! A separate PostgreSQL server whose disk can fill up.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::databases::try_query;
use super::process::eventually;

/// A server with its data in one folder, killed when it is dropped.
pub struct Postgres {
    programs: PathBuf,
    user: (u32, u32),
    data: PathBuf,
    port: u16,
    child: Child,
    pub url: String,
}

impl Postgres {
    /// Sets up a server in a folder and starts it. Returns `None` if its programs or its system user are missing.
    pub async fn start(folder: &Path) -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|version| version.path().join("bin"));
        let programs = versions.filter(|programs| programs.join("initdb").exists()).max()?;
        let user = user("postgres")?;
        let (data, port) = (folder.join("data"), free_port());
        std::os::unix::fs::chown(folder, Some(user.0), Some(user.1)).ok()?;
        let made = Command::new(programs.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8", "--wal-segsize=1"])
            .arg(&data)
            .current_dir(folder)
            .uid(user.0)
            .gid(user.1)
            .output()
            .ok()?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let child = spawn(&programs, user, &data, port);
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut server = Self { programs, user, data, port, child, url };
        server.ready().await;
        Some(server)
    }

    /// Waits until it answers. Starts it again if it has ended, since it cannot even recover on a full disk.
    pub async fn ready(&mut self) {
        let server = std::sync::Mutex::new(self);
        eventually("PostgreSQL answers", || {
            let mut this = server.lock().expect("never poisoned");
            if this.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                this.child = spawn(&this.programs, this.user, &this.data, this.port);
            }
            let url = this.url.clone();
            async move { try_query(&url, "SELECT COUNT(*) FROM pg_database").await.is_ok() }
        })
        .await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGQUIT ends all of its processes at once.
        let _ = Command::new("sh").args(["-c", &format!("kill -QUIT {}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}

fn spawn(programs: &Path, user: (u32, u32), data: &Path, port: u16) -> Child {
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "fsync=off".to_owned(),
        "min_wal_size=2MB".to_owned(),
        "max_wal_size=16MB".to_owned(),
        "shared_buffers=16MB".to_owned(),
        "max_connections=60".to_owned(),
    ];
    Command::new(programs.join("postgres"))
        .arg("-D")
        .arg(data)
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .uid(user.0)
        .gid(user.1)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("PostgreSQL starts")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn user(name: &str) -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
