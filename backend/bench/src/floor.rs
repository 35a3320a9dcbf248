//! The floor: the statements that a request sends to the database, through sqlx alone, behind a handler that does nothing else; and a handler
//! that does not even do that. Both answer with as many bytes as the service.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use actix_web::{App, HttpResponse, HttpServer, web};
use platform::database::Database;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor};
use sea_orm::{DatabaseBackend, Statement, Value};
use sea_query_sqlx::SqlxValues;
use uuid::Uuid;

use crate::load::BoxError;

/// What one request of a kind sent, and what it got.
#[derive(Clone)]
pub struct Recording {
    pub statements: Vec<Statement>,
    pub answer: Vec<u8>,
}

/// What is replayed at the moment.
#[derive(Clone)]
pub struct Floor {
    database: Database,
    recordings: Arc<Mutex<Arc<Vec<Recording>>>>,
    next: Arc<AtomicUsize>,
}

impl Floor {
    /// Starts serving, as long as the process lives, with as many threads as the service.
    pub fn start(database: Database) -> Result<(Self, SocketAddr), BoxError> {
        let floor = Self { database, recordings: Arc::default(), next: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let data = web::Data::new(floor.clone());
        let (started, wait) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new().app_data(data.clone()).route("/bare", web::get().to(bare)).route("/sql", web::get().to(sql))
                });
                let _ = started.send(());
                match server.listen(listener) {
                    Ok(server) => server.run().await,
                    Err(error) => Err(error),
                }
            })
        });
        wait.recv()?;
        Ok((floor, address))
    }

    /// From here on these are replayed, one after the other.
    pub fn replay(&self, recordings: Vec<Recording>) {
        *self.recordings.lock().expect("nobody panics here") = Arc::new(recordings);
    }

    fn next(&self) -> Recording {
        let recordings = self.recordings.lock().expect("nobody panics here").clone();
        recordings[self.next.fetch_add(1, Ordering::Relaxed) % recordings.len()].clone()
    }
}

async fn bare(floor: web::Data<Floor>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(floor.next().answer)
}

async fn sql(floor: web::Data<Floor>) -> Result<HttpResponse, actix_web::Error> {
    let recording = floor.next();
    let done = replay(&floor.database, recording.statements).await;
    done.map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(recording.answer))
}

/// Runs statements one after the other, those that change something in one transaction.
async fn replay(database: &Database, statements: Vec<Statement>) -> Result<(), sqlx::Error> {
    let (mut reads, mut changes) = (statements, Vec::new());
    if let Some(first) = reads.iter().position(|statement| !statement.sql.starts_with("SELECT")) {
        // The first statement asks who calls, outside of the transaction.
        changes = fresh(reads.split_off(first.min(1)));
    }
    macro_rules! on {
        ($read:expr, $write:expr, $begin:expr) => {{
            for statement in reads {
                run!($read, statement);
            }
            if !changes.is_empty() {
                let mut transaction = $write.begin_with($begin).await?;
                for statement in changes {
                    run!(&mut *transaction, statement);
                }
                transaction.commit().await?;
            }
        }};
    }
    macro_rules! run {
        ($on:expr, $statement:expr) => {{
            let values = SqlxValues($statement.values.unwrap_or(sea_orm::sea_query::Values(Vec::new())));
            $on.fetch_all(sqlx::query_with(AssertSqlSafe($statement.sql), values)).await?;
        }};
    }
    match database.backend() {
        DatabaseBackend::Sqlite => {
            let (read, write) = (database.read.get_sqlite_connection_pool(), database.writer().get_sqlite_connection_pool());
            on!(read, write, "BEGIN IMMEDIATE");
        }
        _ => {
            let pool = database.read.get_postgres_connection_pool();
            on!(pool, pool, "BEGIN");
        }
    }
    Ok(())
}

/// The same statements for another object: ids that the service made up, and credit codes, are made up anew.
fn fresh(mut statements: Vec<Statement>) -> Vec<Statement> {
    let mut known = HashMap::new();
    for value in statements.iter_mut().filter_map(|statement| statement.values.as_mut()).flat_map(|values| &mut values.0) {
        match value {
            Value::Uuid(Some(id)) if made_up(*id) => *id = renamed(&mut known, *id),
            Value::String(Some(text)) => {
                if let Ok(id) = Uuid::try_parse(text) {
                    if made_up(id) {
                        *text = renamed(&mut known, id).to_string();
                    }
                } else if text.len() == 18 && text.is_ascii() {
                    *text = Uuid::now_v7().simple().to_string()[14..].to_owned();
                }
            }
            _ => {}
        }
    }
    statements
}

/// Those of the loaded data begin with their kind.
fn made_up(id: Uuid) -> bool {
    id.as_u128() >> 104 != 0
}

fn renamed(known: &mut HashMap<Uuid, Uuid>, id: Uuid) -> Uuid {
    *known.entry(id).or_insert_with(Uuid::now_v7)
}
