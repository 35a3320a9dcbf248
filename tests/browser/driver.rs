//! Chromium and its driver. Both end with the journey.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// How long to wait for something on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many drivers are started until one finds a port.
const STARTS: usize = 3;
/// The interval between two looks.
pub const LOOK: Duration = Duration::from_millis(40);

/// What Chromium needs to run as root, in a container, and without contacting its vendor.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
];

/// A running driver.
pub struct Driver {
    process: Child,
    port: u16,
    /// This stays open, because the driver ends when it writes to a closed pipe.
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a driver on a port that it finds free itself. By the time that it also asks for it by the other protocol, a service of
    /// another test may have taken it; then the driver ends at once, and the next one finds another port.
    pub fn start() -> Self {
        let program = program("BAISHE_CHROMEDRIVER", &["/usr/bin/chromedriver"]);
        (0..STARTS).find_map(|_| Self::begin(&program)).unwrap_or_else(|| panic!("{} ends at once", program.display()))
    }

    fn begin(program: &Path) -> Option<Self> {
        let mut command = Command::new(program);
        // Shows dates as a Chinese user sees them.
        command.arg("--port=0").env("LANGUAGE", "zh_CN").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut driver = Self { process, port: 0, output };
        driver.port = driver.told_port()?;
        Some(driver)
    }

    /// The port that it says it has found; `None` if it has ended.
    fn told_port(&mut self) -> Option<u16> {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("its output") > 0 {
            let told = line.trim_end().trim_end_matches('.').rsplit_once("started successfully on port ");
            if let Some(port) = told.and_then(|(_, port)| port.parse().ok()) {
                return Some(port);
            }
            line.clear();
        }
        None
    }

    /// Opens a browser that stores its data in a folder.
    pub async fn open(&self, folder: &Path) -> WebDriver {
        let chromium = program("BAISHE_CHROMIUM", &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]);
        let capabilities = capabilities(&chromium, folder).expect("capabilities");
        let builder = WebDriver::builder(format!("http://127.0.0.1:{}", self.port), capabilities);
        let poller = ElementPollerWithTimeout::new(PATIENCE, LOOK);
        builder.poller(Arc::new(poller)).connect().await.expect("a browser")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn capabilities(chromium: &Path, folder: &Path) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(&chromium.to_string_lossy())?;
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", folder.join("profile").display()))?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    // Leaves the question on leaving a page to the test.
    capabilities.set("unhandledPromptBehavior", "ignore")?;
    Ok(capabilities)
}

fn program(variable: &str, usual: &[&str]) -> PathBuf {
    let given = env::var_os(variable).map(PathBuf::from);
    given.or_else(|| usual.iter().map(PathBuf::from).find(|path| path.exists())).unwrap_or_else(|| {
        panic!("{} is wanted: run `cargo xtask test`, which installs it where it can,\nor set {variable}.", usual[0])
    })
}
