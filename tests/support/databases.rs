//! A database for each test: a copy of a template, of which each kind has one for the whole run.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use baishe::{demo, startup};
use platform::clock::Clock;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use super::world::{self, World};

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Db {
    Sqlite,
    Postgres,
}

/// A database that is removed when it is dropped, with the folder of its service.
pub struct TestDatabase {
    pub url: String,
    pub folder: PathBuf,
    name: Option<String>,
}

/// The state in which all databases of a kind begin.
pub struct Template {
    /// The file, for SQLite; empty for PostgreSQL.
    file: Vec<u8>,
    /// The key that proves its events.
    proof: Vec<u8>,
    pub world: World,
}

/// Files by their paths within a folder.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// The prefix of this run's database names, so that a later run can recognise what a dead one left behind.
static RUN: LazyLock<String> = LazyLock::new(|| {
    let started = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    format!("baishe_test_{started:x}x{}", std::process::id())
});
/// Creates and drops databases on its own runtime, since those of the tests come and go.
static ADMIN: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime for the databases")
});
static CONNECTION: OnceCell<DatabaseConnection> = OnceCell::const_new();
static SQLITE: OnceCell<Template> = OnceCell::const_new();
static POSTGRES: OnceCell<Template> = OnceCell::const_new();
/// The files of services with the demo data, which take long to make. PostgreSQL's rows are in a separate database.
static SQLITE_DEMO: OnceCell<Files> = OnceCell::const_new();
static POSTGRES_DEMO: OnceCell<Files> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Db {
    /// The template of this kind, made by the first test that needs it.
    pub async fn template(self) -> &'static Template {
        match self {
            Self::Sqlite => SQLITE.get_or_init(|| apart(make_sqlite())).await,
            Self::Postgres => POSTGRES.get_or_init(|| apart(make_postgres())).await,
        }
    }

    /// Creates an empty database.
    pub async fn create_empty(self) -> TestDatabase {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = folder(&number.to_string());
        match self {
            Self::Sqlite => TestDatabase { url: sqlite_url(&folder.join("test.db")), folder, name: None },
            Self::Postgres => {
                let name = format!("{}_{number}", *RUN);
                let statement = format!("CREATE DATABASE {name}");
                apart(async move { execute(&statement).await }).await;
                TestDatabase { url: postgres_url(&name), folder, name: Some(name) }
            }
        }
    }

    /// Creates a copy of the template.
    pub async fn create(self) -> TestDatabase {
        let template = self.template().await;
        let made = self.make(&template.file, &format!("{}_template", *RUN)).await;
        let key = proof_key(&made.folder);
        std::fs::create_dir_all(key.parent().expect("a folder of keys")).expect("a folder of keys");
        std::fs::write(key, &template.proof).expect("the key is written");
        made
    }

    /// Creates a copy of the demo as its service left it, with SQLite's log, keys and files.
    pub async fn demo(self) -> TestDatabase {
        let told = match self {
            Self::Sqlite => SQLITE_DEMO.get_or_init(|| apart(tell_demo(self))).await,
            Self::Postgres => POSTGRES_DEMO.get_or_init(|| apart(tell_demo(self))).await,
        };
        let made = self.make(&[], &format!("{}_demo", *RUN)).await;
        for (path, bytes) in told {
            let path = made.folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a copy");
        }
        made
    }

    async fn make(self, bytes: &[u8], template: &str) -> TestDatabase {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = folder(&number.to_string());
        match self {
            Self::Sqlite => {
                let file = folder.join("test.db");
                std::fs::write(&file, bytes).expect("the copy is written");
                TestDatabase { url: sqlite_url(&file), folder, name: None }
            }
            Self::Postgres => {
                let name = format!("{}_{number}", *RUN);
                let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
                apart(async move { execute(&statement).await }).await;
                TestDatabase { url: postgres_url(&name), folder, name: Some(name) }
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            let (done, wait) = std::sync::mpsc::channel();
            ADMIN.spawn(async move {
                execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                let _ = done.send(());
            });
            let _ = wait.recv();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The number that a query returns, over a separate connection.
pub async fn number(url: &str, query: &str) -> i64 {
    try_query(url, query).await.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// The same, for a database that may not answer.
pub async fn try_query(url: &str, query: &str) -> Result<i64, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5));
    let db = Database::connect(options).await?;
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await;
    db.close().await?;
    row?.ok_or_else(|| DbErr::RecordNotFound(query.to_owned()))?.try_get_by_index(0)
}

/// Runs a future on the runtime that outlives the test.
async fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match ADMIN.spawn(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("{}_{name}", *RUN));
    std::fs::create_dir_all(&folder).expect("a folder for the service");
    folder
}

fn proof_key(folder: &Path) -> PathBuf {
    folder.join("keys/audit/0001.key")
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn postgres_url(name: &str) -> String {
    let mut url = reqwest::Url::parse(&server_url()).expect("TEST_POSTGRES_URL is a URL");
    url.set_path(name);
    url.into()
}

fn server_url() -> String {
    std::env::var("TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "PostgreSQL is wanted: run `cargo xtask test`, which starts a throw-away one,\n\
             or set TEST_POSTGRES_URL=postgres://user@host:port/postgres to a server where databases may be created."
        )
    })
}

async fn make_sqlite() -> Template {
    let folder = folder("template");
    let file = folder.join("test.db");
    let world = world::found(&sqlite_url(&file), &folder).await;
    let bytes = std::fs::read(&file).expect("the template is read");
    let proof = std::fs::read(proof_key(&folder)).expect("the key is read");
    let _ = std::fs::remove_dir_all(folder);
    Template { file: bytes, proof, world }
}

async fn make_postgres() -> Template {
    let folder = folder("postgres_template");
    let name = format!("{}_template", *RUN);
    drop_leftovers().await;
    execute(&format!("CREATE DATABASE {name}")).await;
    let world = world::found(&postgres_url(&name), &folder).await;
    let proof = std::fs::read(proof_key(&folder)).expect("the key is read");
    let _ = std::fs::remove_dir_all(folder);
    Template { file: Vec::new(), proof, world }
}

/// Makes the demo data, and returns the files that it leaves.
async fn tell_demo(db: Db) -> Files {
    let told = folder(&format!("{db:?}_demo").to_lowercase());
    let url = match db {
        Db::Sqlite => sqlite_url(&told.join("test.db")),
        Db::Postgres => {
            let name = format!("{}_demo", *RUN);
            drop_leftovers().await;
            execute(&format!("CREATE DATABASE {name}")).await;
            postgres_url(&name)
        }
    };
    let app = startup::prepare(world::config(&url, &told), Clock::system()).await.expect("the service is prepared");
    startup::migrate(&app).await.expect("the migrations run");
    demo::seed(&app).await.expect("the demo is told");
    // SQLite's last connection deletes the log when it closes, so read the files before that.
    let mut files = Files::new();
    read(&told, Path::new(""), &mut files);
    app.database.read.clone().close().await.expect("the readers close");
    app.database.writer().clone().close().await.expect("the writer closes");
    let _ = std::fs::remove_dir_all(told);
    files
}

/// Reads a folder recursively.
fn read(folder: &Path, below: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, below) = (entry.path(), below.join(entry.file_name()));
        if path.is_dir() {
            read(&path, &below, files);
        } else {
            files.push((below, std::fs::read(path).expect("a file")));
        }
    }
}

/// Drops databases of runs that are over. A running one has a connection under its name.
async fn drop_leftovers() {
    let query = "SELECT d.datname FROM pg_database d WHERE d.datname LIKE 'baishe\\_test\\_%' AND NOT EXISTS \
                 (SELECT 1 FROM pg_stat_activity a WHERE a.application_name <> '' AND starts_with(d.datname, a.application_name || '_'))";
    let connection = connection().await;
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await;
    for row in rows.expect("the list of databases") {
        let name: String = row.try_get("", "datname").expect("a name");
        execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
}

async fn execute(statement: &str) {
    connection().await.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn connection() -> &'static DatabaseConnection {
    CONNECTION
        .get_or_init(|| async {
            let mut options = ConnectOptions::new(server_url());
            options.max_connections(4).map_sqlx_postgres_opts(|connect| connect.application_name(&RUN));
            Database::connect(options).await.expect("a connection to TEST_POSTGRES_URL")
        })
        .await
}
