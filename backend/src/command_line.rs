//! The command line of the service.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use domains::areas;
use domains::auth::password::{OneTime, Place};
use domains::users;
use domains::villages;
use platform::clock::Clock;
use platform::config::Config;
use platform::{App, Tx, telemetry, token};
use rustix::fs::Mode;
use rustix::process::umask;

use crate::backup::{self, Summary, Terms};
use crate::commands;
use crate::startup::{self, BoxError};
use crate::{demo, keys};

#[derive(Parser)]
#[command(
    name = "baishe",
    version,
    about = "Baishe (百社): pairs social organisations with villages",
    after_help = "Settings come from baishe.toml in the working directory and from the environment: DATABASE_URL, and BAISHE_ with the name in capitals, \
                  such as BAISHE_BIND and BAISHE_DATA_DIR. The README lists them all."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves app and API; applies missing migrations first.
    Serve,
    /// Applies missing migrations.
    Migrate,
    /// Fills an empty database with demo data; its accounts and their password are printed.
    Seed,
    /// Prints the OpenAPI document.
    Openapi,
    /// Answers whether the service on the configured port is ready.
    Healthcheck,
    /// Writes the database and the attachments into one file; the service may run meanwhile.
    Backup {
        /// Where the backup goes
        file: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        overwrite: bool,
    },
    /// Puts back what a backup holds; the service must be stopped, and everybody signs in again.
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        terms: Terms,
    },
    /// Works on accounts, also when nobody can sign in any more.
    #[command(subcommand)]
    User(commands::user::Command),
    /// Works on the tree of areas.
    #[command(subcommand)]
    Areas(AreasCommand),
    /// Works on the audit trail.
    #[command(subcommand)]
    Audit(commands::audit::Command),
    /// Works on the keys that families' data is sealed with.
    #[command(subcommand)]
    Keys(keys::command::Command),
    /// Works on how long families are known by name.
    #[command(subcommand)]
    Retention(commands::retention::Command),
    /// Works on the keys that sign access tokens.
    #[command(subcommand)]
    Tokens(TokensCommand),
}

#[derive(Subcommand)]
enum AreasCommand {
    /// Loads areas from a CSV file with the columns code, name, level, parent_code.
    Import {
        /// The CSV file, in UTF-8
        file: PathBuf,
        /// Only says which known areas would get another name
        #[arg(long)]
        dry_run: bool,
    },
    /// Lets a village replace another of its town, which ends; what is live follows. This is not undone.
    Replace {
        /// Code of the village that ends
        from: String,
        /// Code of the village that goes on
        to: String,
        /// Its last day
        #[arg(long, value_name = "YYYY-MM-DD")]
        on: String,
        /// Why, such as the number of the decision
        #[arg(long)]
        note: String,
        /// Only says what would follow and what stands in the way
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum TokensCommand {
    /// Adds a key that signs from the next start on; the old ones stay good until their files are removed.
    Rotate {
        /// Name of its file, without `.pem`: the last by name signs
        name: String,
    },
}

/// An error that the process ends with. Its `Debug` output, which Rust prints, is the message alone.
pub struct InWords(BoxError);

impl std::fmt::Debug for InWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Runs the command that the process was started with.
///
/// The function is in the library because an `async fn` is compiled in each crate that polls it. In the binary it would be
/// compiled only after everything else.
///
/// # Errors
/// The error of the command.
#[actix_web::main]
pub async fn main() -> Result<(), InWords> {
    // Every file from here on is for its owner alone: database, attachments, keys and backups.
    umask(Mode::RWXG | Mode::RWXO);
    run(Cli::parse()).await.map_err(InWords)
}

/// Prints a text. A closed pipe is no error, because `baishe openapi | head` reads only the beginning.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

async fn run(cli: Cli) -> Result<(), BoxError> {
    if matches!(cli.command, Command::Openapi) {
        return Ok(print(&format!("{}\n", serde_json::to_string_pretty(&crate::api::operations().document())?))?);
    }
    let config = Config::load()?;
    telemetry::start_log(&config);
    telemetry::tell_panics_by_place();
    match cli.command {
        Command::Openapi => Ok(()),
        Command::Serve => serve(config).await,
        Command::Migrate => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await
        }
        Command::Seed => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            demo::seed(&app).await?;
            let holds_demo = users::service::any_demo(&app.database.read).await?;
            let kept = || "The database holds data of its own: no demo data was loaded.".to_owned();
            Ok(print(&format!("{}\n", if holds_demo { demo::accounts() } else { kept() }))?)
        }
        Command::Backup { file, overwrite } => {
            let done = backup::create(&config, &file, overwrite).await?;
            Ok(print(&format!("{}: {} migrations, {} attachments\n", file.display(), done.migrations, done.attachments))?)
        }
        Command::Restore { file, terms } => {
            let (Summary { migrations, attachments }, told) = backup::restore(&config, &file, terms).await?;
            let done = format!("restored: {migrations} migrations, {attachments} attachments; everybody signs in again\n");
            Ok(print(&told.iter().fold(done, |text, line| format!("{text}{line}\n")))?)
        }
        Command::Healthcheck => healthcheck(&config),
        Command::User(command) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            demo::set_clock(&app).await?;
            Ok(print(&commands::user::run(&app, command).await?)?)
        }
        Command::Audit(command) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            demo::set_clock(&app).await?;
            let (said, good) = commands::audit::run(&app, command).await?;
            print(&format!("{said}\n"))?;
            if good { Ok(()) } else { Err("the audit trail is not as it was sealed".into()) }
        }
        Command::Areas(AreasCommand::Import { file, dry_run }) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            let tx = Tx::system(&app).await?;
            let loaded =
                areas::import::load(&tx, File::open(&file)?).await?.map_err(|bad| format!("{}: {bad}", file.display()))?;
            let renamed = loaded.renamed.iter().map(|area| format!("{area}\n"));
            let told: String = renamed.chain(loaded.ended.iter().map(|area| format!("{area}\n"))).collect();
            if dry_run {
                return Ok(print(&format!("{told}{} areas; nothing was loaded\n", loaded.rows))?);
            }
            villages::service::complete(&tx, "").await?;
            tx.commit().await?;
            Ok(print(&format!("{told}{} areas loaded\n", loaded.rows))?)
        }
        Command::Areas(AreasCommand::Replace { from, to, on, note, dry_run }) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            demo::set_clock(&app).await?;
            let input = serde_json::json!({ "successor_code": to, "ended_on": on, "note": note, "dry_run": dry_run });
            Ok(print(&commands::areas::replace(&app, &from, input).await?)?)
        }
        Command::Keys(command) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            // A closed pipe must not stop the work.
            let said = keys::command::run(&app, command, |line| drop(print(&format!("{line}\n")))).await?;
            Ok(print(&format!("{said}\n"))?)
        }
        Command::Retention(command) => {
            let app = startup::prepare(config, Clock::system()).await?;
            startup::migrate(&app).await?;
            demo::set_clock(&app).await?;
            let said = commands::retention::run(&app, command, |line| drop(print(&format!("{line}\n")))).await?;
            Ok(print(&format!("{said}\n"))?)
        }
        Command::Tokens(TokensCommand::Rotate { name }) => {
            Ok(print(&format!("{}\n", token::create_key(&config.keys_dir(), &name)?.display()))?)
        }
    }
}

async fn serve(config: Config) -> Result<(), BoxError> {
    if !config.secure_cookies && !config.bind.ip().is_loopback() {
        tracing::warn!("refresh cookies travel without TLS: keep this to an intranet you trust");
    }
    if let Err(error) = startup::raise_file_limit() {
        tracing::warn!(%error, "no more connections than the system begins with");
    }
    let figures = startup::serve_metrics(&config)?;
    let traces = telemetry::start_traces(&config)?;
    let listener = TcpListener::bind(config.bind)?;
    let app = startup::prepare(config, Clock::system()).await?;
    startup::migrate(&app).await?;
    if !app.config.allow_demo && users::service::any_demo(&app.database.read).await? {
        return Err("the database holds demo data: serve it with allow_demo, or take another database".into());
    }
    demo::set_clock(&app).await?;
    first_run(&app).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    actix_web::rt::spawn(startup::follow_keys(app.clone()));
    actix_web::rt::spawn(startup::tick(app.clone()));
    if let Some(figures) = figures {
        actix_web::rt::spawn(figures);
    }
    startup::serve_until_stopped(app, listener).await?;
    if let Some(Err(error)) = traces.map(|traces| traces.shutdown()) {
        tracing::warn!(%error, "the last spans did not arrive");
    }
    Ok(())
}

/// Gives an empty database the bundled areas and an administrator, whose password is printed once and stored only as a hash.
async fn first_run(app: &App) -> Result<(), BoxError> {
    let tx = Tx::system(app).await?;
    startup::start_alone(&tx.connection).await?;
    if users::service::any(&tx.connection).await? {
        return Ok(());
    }
    areas::import::load(&tx, areas::import::JINJIANG.as_bytes()).await?.map_err(|bad| bad.to_string())?;
    villages::service::complete(&tx, "").await?;
    let administrator = contract::users::UserInput {
        account: "admin".to_owned(),
        display_name: "系统管理员".to_owned(),
        role: contract::Role::Admin,
        area_code: Some("350582".to_owned()),
        organisation_id: None,
        institution_id: None,
        reason: None,
    };
    let made = users::service::create(&tx, administrator, OneTime::new(&Place::wait().await?).await?).await?;
    tx.commit().await?;
    let password = made.one_time_password.unwrap_or_default();
    let told = "shown once; it must be changed at the first sign-in";
    Ok(print(&format!("First administrator: admin, one-time password {password} ({told})\n"))?)
}

fn healthcheck(config: &Config) -> Result<(), BoxError> {
    use std::io::Read;
    let limit = Some(std::time::Duration::from_secs(3));
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", config.bind.port()))?;
    stream.set_read_timeout(limit)?;
    stream.set_write_timeout(limit)?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    if status.ends_with(b"200") { Ok(()) } else { Err("not ready".into()) }
}
