//! Finds the programs of the machine, and installs missing ones if that is possible without asking.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub fn may_install_packages() -> bool {
    is_root() && find_program("apt-get").is_some()
}

pub fn have_packages(packages: &[&str]) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}\\n"]).args(packages).stderr(Stdio::null());
    process::output(&mut query).is_ok_and(|states| {
        let states = String::from_utf8_lossy(&states);
        states.lines().count() == packages.len() && states.lines().all(|state| state == "installed")
    })
}

pub fn install_packages(packages: &[&str]) -> Result<()> {
    println!("Installing from Debian: {}", packages.join(" "));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::run(apt().args(["update", "--quiet=2"]))?;
    process::run(apt().args(["install", "--quiet=2", "--yes", "--no-install-recommends"]).args(packages))
}

/// The programs that the tests run.
pub struct Programs {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
    pub npm: PathBuf,
    /// The folder of `initdb` and `postgres`. `None` if the tests are given a server.
    pub postgres: Option<PathBuf>,
}

impl Programs {
    /// Finds all programs, and installs missing ones first.
    pub fn ensure(with_postgres: bool) -> Result<Self> {
        install_missing(&missing_packages(with_postgres))?;
        let (Some(chromium), Some(chromedriver), Some(npm)) = (find_chromium(), find_chromedriver(), find_program("npm")) else {
            bail!("chromium, chromedriver or npm are not on the PATH, though their packages are there");
        };
        let postgres = with_postgres.then(postgres).transpose()?;
        Ok(Self { chromium, chromedriver, npm, postgres })
    }
}

/// The folder of `initdb` and `postgres`, which are installed first if they are missing.
pub fn postgres() -> Result<PathBuf> {
    if find_postgres().is_none() {
        install_missing(&["postgresql"])?;
    }
    find_postgres().context("no initdb in /usr/lib/postgresql/*/bin, though its package is there")
}

fn install_missing(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    if !may_install_packages() {
        bail!(
            "this needs what the machine does not have: {0}. On Debian, as root:\n  \
             apt-get update && apt-get install --no-install-recommends {0}",
            packages.join(" ")
        );
    }
    install_packages(packages)
}

fn missing_packages(with_postgres: bool) -> Vec<&'static str> {
    let wanted = [
        ("chromium", find_chromium().is_some()),
        ("chromium-l10n", has_chinese_dates()),
        ("chromium-driver", find_chromedriver().is_some()),
        ("fonts-noto-cjk", has_chinese_font()),
        ("npm", find_program("npm").is_some()),
        ("postgresql", !with_postgres || find_postgres().is_some()),
    ];
    wanted.into_iter().filter_map(|(package, present)| (!present).then_some(package)).collect()
}

fn find_chromium() -> Option<PathBuf> {
    from_environment("BAISHE_CHROMIUM")
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program))
}

fn find_chromedriver() -> Option<PathBuf> {
    from_environment("BAISHE_CHROMEDRIVER").or_else(|| find_program("chromedriver"))
}

fn from_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// Without such a font, screens are full of boxes and texts have another width.
fn has_chinese_font() -> bool {
    let mut list = Command::new("fc-list");
    process::output(list.arg(":lang=zh-cn")).is_ok_and(|fonts| !fonts.is_empty())
}

/// Debian has the texts of the browser itself, such as those of date fields, in a separate package.
fn has_chinese_dates() -> bool {
    find_chromium().is_some_and(|program| program != Path::new("/usr/bin/chromium"))
        || Path::new("/usr/lib/chromium/locales/zh-CN.pak").exists()
}

/// The programs of the highest version of PostgreSQL that is installed as on Debian, or those on the PATH.
fn find_postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    versions
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").exists().then_some((version, programs))
        })
        .max()
        .map(|(_, programs)| programs)
        .or_else(|| find_program("initdb")?.parent().map(Path::to_owned))
}
