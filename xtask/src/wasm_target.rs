//! Compiles for the browser: with the target from rustup, or with Debian's compiler if rustup has none.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::provision;

pub const TRIPLE: &str = "wasm32-unknown-unknown";

pub enum WasmTarget {
    /// The toolchain that builds everything else has the standard library of the target.
    Installed,
    /// Debian's compiler and the matching sources of its standard library, which cargo builds too.
    FromSource { linker: PathBuf },
}

impl WasmTarget {
    /// Finds the target, or installs it first.
    pub fn ensure() -> Result<Self> {
        if is_installed()? {
            return Ok(Self::Installed);
        }
        if provision::find_program("rustup").is_some() {
            println!("The target {TRIPLE} is missing: rustup target add {TRIPLE}");
            let added = process::status(Command::new("rustup").args(["target", "add", TRIPLE]))?;
            if added.success() && is_installed()? {
                return Ok(Self::Installed);
            }
        }
        if provision::may_install_packages() {
            println!("rustup has no {TRIPLE}: taking Debian's rustc-web, for the app only");
            if !provision::have_packages(&DEBIAN_PACKAGES) {
                provision::install_packages(&DEBIAN_PACKAGES)?;
            }
            return Ok(Self::FromSource { linker: find_linker()? });
        }
        bail!(
            "the Rust target {TRIPLE} is missing, and could not be added. Install it with either of\n  \
             rustup target add {TRIPLE}\n  \
             apt-get install --no-install-recommends rustc-web rust-web-src   (Debian, as root)"
        );
    }

    /// Adds what cargo needs to compile for the target, including `--target`.
    pub fn apply(&self, cargo: &mut Command) {
        cargo.args(["--target", TRIPLE]);
        if let Self::FromSource { linker } = self {
            cargo
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
    }
}

/// Both packages come from the security archive, because browsers need them. So they are recent, and always of the same version.
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

fn is_installed() -> Result<bool> {
    Ok(rustc(&["--print", "target-libdir", "--target", TRIPLE]).is_ok_and(|folder| PathBuf::from(folder).is_dir()))
}

/// Debian's compiler has no linker for the target, but the usual toolchain has one.
fn find_linker() -> Result<PathBuf> {
    let version = rustc(&["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?);
    let bundled = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if bundled.exists() {
        return Ok(bundled);
    }
    if provision::find_program("wasm-ld").is_none() {
        provision::install_packages(&["lld"])?;
    }
    provision::find_program("wasm-ld").context("lld brought no wasm-ld")
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    let output = process::output(command.args(arguments).stderr(Stdio::null()))?;
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}
