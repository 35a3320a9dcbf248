//! Builds the service, and starts it with its environment.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process;
use crate::workspace::Workspace;

#[derive(Args)]
#[group(id = "service")]
pub struct Options {
    /// Where app and API are served, on this machine only
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// `postgres://…` or `sqlite://…`; by default a file in the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the service keeps its files; ./data of the repository by default
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Start without demo data and demo accounts
    #[arg(long)]
    pub no_demo: bool,
}

pub struct Service {
    pub binary: PathBuf,
    root: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Service {
    pub fn new(workspace: &Workspace, options: &Options, profile: &str) -> Result<Self> {
        let data = match &options.data_dir {
            Some(folder) => std::path::absolute(folder)?,
            None => workspace.root.join("data"),
        };
        fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let database = match &options.database_url {
            Some(url) => url.clone(),
            None => database_in(data.strip_prefix(&workspace.root).unwrap_or(&data))?,
        };
        Ok(Self {
            binary: workspace.service_binary(profile),
            root: workspace.root.clone(),
            environment: vec![
                ("DATABASE_URL", database),
                ("BAISHE_BIND", format!("127.0.0.1:{}", options.port)),
                ("BAISHE_DATA_DIR", data.display().to_string()),
                ("BAISHE_SPA_DIR", workspace.spa().display().to_string()),
                // It serves only this machine, without TLS, for development.
                ("BAISHE_SECURE_COOKIES", "false".to_owned()),
                ("BAISHE_ALLOW_DEMO", (!options.no_demo).to_string()),
                ("BAISHE_LOG_FORMAT", "pretty".to_owned()),
                // The log of the start would push the accounts off the screen.
                (
                    "BAISHE_LOG",
                    env::var("BAISHE_LOG").unwrap_or_else(|_| "info,sea_orm_migration=warn,actix_server=warn".to_owned()),
                ),
            ],
        })
    }

    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(subcommand).current_dir(&self.root).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Migrates the database, and fills an empty one with the demo data.
    pub fn prepare(&self, options: &Options) -> Result<()> {
        process::run(&mut self.command("migrate"))?;
        if !options.no_demo {
            process::run(&mut self.command("seed"))?;
        }
        Ok(())
    }
}

pub fn build(workspace: &Workspace, profile: &str) -> Result<()> {
    let mut cargo = workspace.cargo();
    process::run(cargo.args(["build", "--package", "baishe", "--bin", "baishe", "--profile", profile]))
}

/// Checks the port before a build that takes minutes.
pub fn check_port(port: u16) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!("something else listens on 127.0.0.1:{port}; choose another port with --port");
    }
    Ok(())
}

fn database_in(folder: &Path) -> Result<String> {
    let path = folder.join("baishe.db");
    let path = path.to_str().context("the data directory's name is not UTF-8")?;
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    Ok(format!("sqlite://{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_a_file_in_the_data_directory() {
        let url = |folder: &str| database_in(Path::new(folder)).unwrap();
        assert_eq!(url("data"), "sqlite://data/baishe.db");
        assert_eq!(url("/srv/百社"), "sqlite:///srv/百社/baishe.db");
        assert_eq!(url("/a?b#c%d"), "sqlite:///a%3Fb%23c%25d/baishe.db");
    }
}
