//! A private PostgreSQL server for one run of the tests. It is fast, and removed afterwards.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{self, Running};
use crate::provision;

pub struct Postgres {
    pub url: String,
    server: Running,
    // Declared after `server`, so that it is dropped after the server has ended.
    _folder: TempDir,
}

impl Postgres {
    /// Starts a server with the programs in a folder. `durable` says whether it waits for its disk.
    pub fn start(programs: &Path, durable: bool) -> Result<Self> {
        let user = User::for_server()?;
        let folder = tempfile::Builder::new().prefix("baishe-postgres-").tempdir()?;
        let password_file = folder.path().join("password");
        let password = random_password()?;
        fs::write(&password_file, &password)?;
        fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
        if let Some(user) = &user {
            for path in [folder.path(), &password_file] {
                chown(path, Some(user.id), Some(user.group))?;
            }
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(folder.path());
            if let Some(user) = &user {
                command.uid(user.id).gid(user.group);
            }
            command
        };

        let data = folder.path().join("data");
        process::output(
            program("initdb")
                .arg("--pgdata")
                .arg(&data)
                .args(["--username=postgres", "--auth=password", "--no-sync"])
                .args(["--locale=C.UTF-8", "--encoding=UTF8"])
                .arg("--pwfile")
                .arg(&password_file),
        )?;

        let port = free_port()?;
        let log = folder.path().join("log");
        let mut server = program("postgres");
        server.arg("-D").arg(&data);
        for setting in settings(port, durable) {
            server.arg("-c").arg(setting);
        }
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
        let mut postgres = Self {
            url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
            server: Running::start(&mut server)?,
            _folder: folder,
        };
        postgres.wait_until_ready(&programs.join("pg_isready"), port, &log)?;
        Ok(postgres)
    }

    fn wait_until_ready(&mut self, pg_isready: &Path, port: u16, log: &PathBuf) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let mut ask = Command::new(pg_isready);
            ask.args(["--quiet", "--host=127.0.0.1", "--port"]).arg(port.to_string());
            if process::status(&mut ask)?.success() {
                return Ok(());
            }
            if self.server.has_ended() || Instant::now() > deadline {
                let log = fs::read_to_string(log).unwrap_or_default();
                bail!("PostgreSQL did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT ends the connections, then the server.
        self.server.stop(Signal::INT, Duration::from_secs(10));
    }
}

/// The settings of the server. Unless it is `durable`, it does not wait for the disk, because nothing has to survive.
fn settings(port: u16, durable: bool) -> [String; 9] {
    let on = if durable { "on" } else { "off" };
    [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "max_connections=400".into(),
        format!("fsync={on}"),
        format!("synchronous_commit={on}"),
        format!("full_page_writes={on}"),
        "max_wal_size=4GB".into(),
        "timezone=UTC".into(),
    ]
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn random_password() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

struct User {
    id: u32,
    group: u32,
}

impl User {
    /// The user that runs the server, which refuses to run as root.
    fn for_server() -> Result<Option<Self>> {
        if !provision::is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Self::find(&users, name))
            .map(Some)
            .context("neither a user postgres nor a user nobody to run PostgreSQL as")
    }

    fn find(users: &str, name: &str) -> Option<Self> {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?
            .skip(1);
        Some(Self { id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::User;

    #[test]
    fn finds_a_user() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:109:117::/var/lib:/bin/sh\n";
        let user = User::find(users, "postgres").unwrap();
        assert_eq!((user.id, user.group), (109, 117));
        assert!(User::find(users, "post").is_none());
    }
}
