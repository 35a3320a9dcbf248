//! `cargo xtask bench` starts this: it fills a database, starts the service on it, and asks.

mod assignment;
mod data;
mod families;
mod floor;
mod load;
mod operations;
mod service;
mod suppression;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use baishe::startup;
use chrono::Utc;
use clap::Parser;
use platform::clock::Clock;
use platform::config::{Config, LogFormat};
use platform::{App, token};
use sea_orm::{ConnectOptions, ConnectionTrait, Statement};

use crate::data::{Kind, id};
use crate::floor::{Floor, Recording};
use crate::load::{BoxError, Call, Connection};
use crate::operations::Operation;
use crate::service::Service;
use crate::table::{Line, Table};

#[derive(Parser)]
#[command(about)]
struct Options {
    /// The built service
    #[arg(long)]
    binary: PathBuf,
    /// A server where databases may be created; without it SQLite alone is measured
    #[arg(long, env = "BENCH_POSTGRES_URL", hide_env_values = true)]
    postgres_url: Option<String>,
    /// Leave SQLite out
    #[arg(long)]
    no_sqlite: bool,
    /// Sizes of the data in pairings; half of them lie in one county
    #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
    sizes: Vec<u64>,
    /// How long each operation is asked for
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Requests at once
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// Only operations with one of these in their names
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

/// Connections of the service to its database, and of the floor.
const CONNECTIONS: u32 = 16;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    let folder = std::env::temp_dir().join(format!("baishe-bench-{}", std::process::id()));
    let mut table = Table::default();
    let outcome = all(&options, &folder, &mut table).await;
    let _ = std::fs::remove_dir_all(folder);
    // What was measured before something failed took its time too.
    print!("{table}");
    outcome
}

async fn all(options: &Options, folder: &Path, table: &mut Table) -> Result<(), BoxError> {
    if options.wants(assignment::NAME) {
        table.without_database(assignment::lines()?);
    }
    if options.wants(suppression::NAME) {
        table.without_database(suppression::lines());
    }
    if !options.only.is_empty() && options.only.iter().all(|only| [assignment::NAME, suppression::NAME].contains(&only.as_str()))
    {
        return Ok(());
    }
    for database in ["SQLite", "PostgreSQL"] {
        for &size in &options.sizes {
            let folder = folder.join(format!("{database}-{size}"));
            std::fs::create_dir_all(&folder)?;
            let name = format!("baishe_bench_{}_{size}", std::process::id());
            let (url, admin) = match (database, &options.postgres_url) {
                ("SQLite", _) if !options.no_sqlite => (format!("sqlite://{}", folder.join("bench.db").display()), None),
                ("PostgreSQL", Some(server)) => {
                    let admin = sea_orm::Database::connect(server).await?;
                    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                    let (base, _) = server.rsplit_once('/').ok_or("a URL with the name of a database")?;
                    (format!("{base}/{name}"), Some(admin))
                }
                _ => continue,
            };
            println!("{database}, {size} pairings");
            let outcome = measure(options, &url, &folder, size, table.section(database, size)).await;
            if let Some(admin) = admin {
                admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
            }
            std::fs::remove_dir_all(&folder)?;
            outcome?;
        }
    }
    Ok(())
}

async fn measure(options: &Options, url: &str, folder: &Path, size: u64, lines: &mut Vec<Line>) -> Result<(), BoxError> {
    let recorder = prepare(url, folder).await?;
    startup::migrate(&recorder).await?;
    // One connection, and one that takes the time a million rows take: the service's own are told to give up after some seconds.
    let loader = sea_orm::Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await?;
    data::load(&loader, size).await?;
    families::load(&recorder, size).await?;
    data::settle(&loader).await?;
    loader.close().await?;
    drop(recorder);
    let token = {
        let tokens = token::Tokens::load(&folder.join("keys"))?;
        move |user: u64| tokens.issue(id(Kind::User, user), id(Kind::Session, user), Utc::now())
    };
    let recorder = Recorder::start(url, folder).await?;
    let (floor, floor_address) = Floor::start(prepare(url, folder).await?.database)?;
    let service = Service::start(&options.binary, url, folder, CONNECTIONS).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    lines.push(Line::told("start to first answer", format!("{} ms", service.started_in.as_millis())));
    lines.push(Line::told("idle memory", service.memory().to_string()));

    let count = Arc::new(AtomicU64::new(0));
    let time = Duration::from_secs_f64(options.seconds);
    let wanted = |name: &str| options.wants(name);
    for Operation { name, users, at_most, ask } in operations::all(size).into_iter().filter(|operation| wanted(operation.name)) {
        let tokens = users.clone().map(&token).collect::<Result<Vec<_>, _>>()?;
        // Some of each kind, so that the floor does not ask for the same row each time either.
        let mut recordings = Vec::new();
        for _ in 0..if ask(0).body.is_empty() { 32 } else { 1 } {
            recordings.push(recorder.record(&tokens[0], ask(count.fetch_add(1, Ordering::Relaxed))).await?);
        }
        floor.replay(recordings);
        let run = async |address, tokens: &[String], ask: &load::Ask, at_most: u64| {
            let run = load::run(address, tokens, options.concurrency, time, at_most, ask, &count);
            run.await.map_err(|error| format!("{name}: {error}"))
        };
        let measured = run(service.address, &tokens, &ask, at_most).await?;
        let [sql, bare]: [load::Ask; 2] = [Arc::new(|_| Call::get("/sql")), Arc::new(|_| Call::get("/bare"))];
        let sql = run(floor_address, &tokens, &sql, u64::MAX).await?;
        let bare = run(floor_address, &tokens, &bare, u64::MAX).await?;
        println!("  {name}: {:.0}/s, statements alone {:.0}/s", measured.per_second, sql.per_second);
        lines.push(Line::measured(name, measured, sql, bare));
    }

    if wanted("import") {
        let rows = 20_000;
        let call = operations::import(rows);
        // Opened when there is something to ask: the service waits some seconds for a first request, and the workbook takes its time on a busy machine.
        let mut connection = Connection::open(service.address, &token(0)?).await?;
        for (name, path) in [("import, checked only", "?dry_run=true"), ("import", "")] {
            let call = Call { path: format!("{}{path}", call.path), ..call.clone() };
            let begun = Instant::now();
            connection.succeed(call).await?;
            lines.push(Line::told(name, format!("{:.0} rows/s", f64::from(rows) / begun.elapsed().as_secs_f64())));
        }
    }
    if wanted("export") {
        let mut connection = Connection::open(service.address, &token(0)?).await?;
        let before = service.memory().own;
        let begun = Instant::now();
        // Half a million rows may take longer than a request does: that is told, and the rest still printed.
        let text = match service.watch(connection.succeed(Call::get(operations::EXPORT))).await {
            (Ok(book), most) => format!(
                "{:.1} s for {:.1} MB; {before:.0} MB of its own before, {most:.0} at most",
                begun.elapsed().as_secs_f64(),
                book.len() as f64 / 1e6,
            ),
            (Err(error), _) => format!("none after {:.1} s: {error}", begun.elapsed().as_secs_f64()),
        };
        lines.push(Line::told("export of the county's organisations", text));
    }
    lines.push(Line::told("memory after the load", service.memory().to_string()));
    Ok(())
}

async fn prepare(url: &str, folder: &Path) -> Result<App, BoxError> {
    let config = Config {
        database_url: Some(url.to_owned().into()),
        database_password_file: None,
        data_dir: folder.to_owned(),
        bind: ([127, 0, 0, 1], 0).into(),
        metrics_bind: None,
        otel_exporter_otlp_endpoint: None,
        spa_dir: None,
        keys_dir: None,
        log: "off".to_owned(),
        log_format: LogFormat::Json,
        secure_cookies: true,
        trust_proxy: false,
        allow_demo: false,
        separate_duties: false,
        require_second_factor: false,
        max_connections: CONNECTIONS,
        rate_limit: 0,
        max_requests: 512,
        session_idle_days: 14,
        session_days: 90,
        sessions: 20,
        security_contact: None,
        keep_lifted_months: 36,
        keep_withdrawn_months: 6,
        workers: None,
    };
    startup::prepare(config, Clock::system()).await
}

/// The service once more, in this process, where its statements can be seen.
struct Recorder {
    address: std::net::SocketAddr,
    statements: mpsc::Receiver<Statement>,
}

impl Recorder {
    async fn start(url: &str, folder: &Path) -> Result<Self, BoxError> {
        let mut app = prepare(url, folder).await?;
        let (sender, statements) = mpsc::channel();
        app.database.on_statement(move |info| drop(sender.send(info.statement.clone())));
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move { startup::serve(app, listener)?.await.map_err(BoxError::from) })
        });
        Ok(Self { address, statements })
    }

    async fn record(&self, token: &str, call: Call) -> Result<Recording, BoxError> {
        while self.statements.try_recv().is_ok() {}
        let answer = Connection::open(self.address, token).await?.succeed(call).await?.to_vec();
        Ok(Recording { statements: self.statements.try_iter().collect(), answer })
    }
}
