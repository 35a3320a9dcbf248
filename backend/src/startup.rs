//! Connects configuration, database and routes. Tests start the same service through this module.

use std::net::{Shutdown, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use chrono::Days;
use contract::ErrorCode;
use domains::account_requests;
use domains::adoptions;
use domains::agreements;
use domains::attachments;
use domains::audit;
use domains::auth;
use domains::catalogue;
use domains::pairings;
use domains::rankings;
use domains::tallies;
use governor::clock::MonotonicClock;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use platform::audit::Proofs;
use platform::clock::Clock;
use platform::config::Config;
use platform::database::Database;
use platform::places::Places;
use platform::rate::Rates;
use platform::spa::Spa;
use platform::token::Tokens;
use platform::{App, Error, Tx, Vault, api, change, http, leftovers, telemetry};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr};
use socket2::SockRef;
use tokio::signal::unix::{SignalKind, signal};
use utoipa_swagger_ui::SwaggerUi;

use crate::host::Domains;

/// An error outside of requests, with a message for the operator.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The lock that starting processes take on PostgreSQL. Any number will do, as long as all processes take the same one.
const START_LOCK: i64 = 0x0062_6169_7368_6501;
/// How long running requests have to finish after SIGTERM, and how long their answers then have to reach the other side.
const SHUTDOWN: Duration = Duration::from_secs(25);
const FAREWELL: Duration = Duration::from_secs(5);
/// How long a connection without requests stays open. It is longer than proxies keep theirs. Otherwise they would now and then
/// send a request into a connection that is closing.
const KEEP_ALIVE: Duration = Duration::from_secs(150);
/// How long a client may read nothing of an answer before the system closes the connection. Without it, actix would wait forever
/// and keep the answer in memory.
const UNREAD: Duration = Duration::from_secs(60);
/// How many connections may wait to be accepted. The default is so small that a client with many connections makes others wait
/// for seconds.
const WAITING: i32 = 4096;
/// Cache control of answers that are the same for everyone, and change only with a new version or key.
const PUBLIC: (&str, &str) = ("Cache-Control", "public, max-age=300");
/// How long `security.txt` is valid. The period starts again each day, because the operator vouches for it while the service
/// runs.
const SECURITY_TXT_DAYS: Days = Days::new(180);
/// The OpenAPI document, generated for the first request.
static DOCUMENT: LazyLock<Result<web::Bytes, String>> = LazyLock::new(|| {
    serde_json::to_vec(&crate::api::operations().document()).map(web::Bytes::from).map_err(|error| error.to_string())
});
/// How often metrics are aggregated.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// How often the chores run.
const TICK: Duration = Duration::from_secs(600);
/// How often the directories of keys are read. Within this time every process seals with a new key.
pub const FOLLOW_KEYS: Duration = Duration::from_secs(5);
/// How long a stored file may lack its row. No upload takes longer.
const UPLOAD_LIMIT: Duration = Duration::from_secs(3600);

/// Connects and prepares everything except the port.
///
/// # Errors
/// A message for the operator if something is missing or unreachable.
pub async fn prepare(config: Config, clock: Clock) -> Result<App, BoxError> {
    let folder = &config.data_dir;
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("the data directory {} cannot be made: {error}", folder.display()))?;
    let database = Database::connect(&config.database_url(), config.max_connections).await?;
    let tokens = Tokens::load(&config.keys_dir())?;
    let storage = storage(&config)?;
    let vault = Vault::load(&config.keys_dir().join("personal"))?;
    let proofs = Proofs::load(&proofs_dir(&config))?;
    let left = SystemTime::now() - leftovers::OF_KEYS;
    for keys in [config.keys_dir(), config.keys_dir().join("personal"), proofs_dir(&config)] {
        leftovers::remove(&keys, leftovers::is_unnamed, left)?;
    }
    Ok(App {
        rates: Arc::new(Rates::new(config.rate_limit, MonotonicClock)),
        refusals: Arc::default(),
        places: Places::new(config.max_requests),
        config: Arc::new(config),
        database,
        clock,
        tokens: Arc::new(tokens),
        storage,
        host: Arc::new(Domains),
        vault: Arc::new(vault),
        proofs: Arc::new(proofs),
    })
}

/// The store of the contents of attachments.
///
/// # Errors
/// Fails if its directory cannot be created.
pub fn storage(config: &Config) -> Result<Arc<dyn ObjectStore>, BoxError> {
    let folder = config.data_dir.join("attachments");
    std::fs::create_dir_all(&folder)?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

/// Brings the database up to this version. If several processes start at the same time, only one does the work.
pub async fn migrate(app: &App) -> Result<(), BoxError> {
    let tx = app.database.begin().await?;
    start_alone(&tx).await?;
    migration::bring_up(&tx).await?;
    Ok(tx.commit().await?)
}

/// The directory of the keys that prove events.
pub fn proofs_dir(config: &Config) -> PathBuf {
    config.keys_dir().join("audit")
}

/// Prevents other processes from starting until the transaction ends. SQLite needs no lock, because a transaction that writes is
/// exclusive from its beginning.
pub async fn start_alone(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        // A migration of much data takes long, and so does waiting for it.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({START_LOCK})")).await?;
    }
    Ok(())
}

/// Raises the limit of open files, which includes connections, to what the system permits. Many systems begin with a thousand,
/// which two clients could use up.
///
/// # Errors
/// Fails if the system refuses the new limit.
pub fn raise_file_limit() -> std::io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// Starts serving on a port that is already bound. The server runs when it is awaited.
///
/// # Errors
/// Fails if the socket cannot be configured, or if the files of the app cannot be read.
pub fn serve(app: App, listener: TcpListener) -> Result<Server, BoxError> {
    let socket = SockRef::from(&listener);
    socket.listen(WAITING)?;
    // Accepted connections inherit the timeout from the listener.
    socket.set_tcp_user_timeout(Some(UNREAD))?;
    let spa = app.config.spa_dir.as_deref().map(Spa::load).transpose()?;
    let workers = app.config.workers;
    // Behind a proxy, one address opens the connections of many callers. They are then not limited by address.
    let places = (!app.config.trust_proxy).then(|| app.places.clone());
    let data = web::Data::new(app);
    let mut server = HttpServer::new(move || {
        let mut app = ActixApp::new()
            .wrap(from_fn(http::door))
            .wrap(Compress::default())
            .app_data(data.clone())
            .app_data(web::PathConfig::default().error_handler(|_, _| Error::from(ErrorCode::NotFound).into()))
            .configure(operations)
            .configure(crate::portal::configure)
            .configure(|config| crate::api::operations().configure(config));
        if let Some(spa) = spa.clone() {
            app = app.configure(|config| spa.configure(config));
        } else {
            app = app.default_service(web::to(|| async { Err::<HttpResponse, Error>(ErrorCode::NotFound.into()) }));
        }
        app
    })
    .on_connect(move |stream, kept| {
        let (Some(places), Some(stream)) = (&places, stream.downcast_ref::<TcpStream>()) else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        match places.connect(peer.ip()) {
            Some(share) => drop(kept.insert(share)),
            None => {
                metrics::counter!("http_connections_refused_total").increment(1);
                // Otherwise the connection would stay open until the other end closes it.
                let _ = SockRef::from(stream).shutdown(Shutdown::Both);
            }
        }
    })
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(FAREWELL.as_secs())
    .disable_signals()
    .client_request_timeout(Duration::from_secs(10));
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

/// Serves until SIGTERM or SIGINT. Then no new request is accepted, and running requests finish.
///
/// # Errors
/// Fails if the server cannot start, or ends with an error.
pub async fn serve_until_stopped(app: App, listener: TcpListener) -> Result<(), BoxError> {
    let door = listener.try_clone()?;
    let places = app.places.clone();
    let server = serve(app, listener)?;
    let handle = server.handle();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    actix_web::rt::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping");
        handle.pause().await;
        // Otherwise the system would keep accepting connections that nobody answers.
        let _ = SockRef::from(&door).shutdown(Shutdown::Both);
        // A worker without requests ends at once, and closes every database connection that it has opened, even one that another
        // worker is using. So no worker is stopped before all requests are answered. Meanwhile no request is accepted on open
        // connections.
        let done = tokio::time::timeout(SHUTDOWN, places.empty()).await;
        handle.stop(done.is_ok()).await;
    });
    Ok(server.await?)
}

/// Watches for new keys of personal data and of the audit trail, as long as the process lives.
pub async fn follow_keys(app: App) {
    let mut ticks = tokio::time::interval(FOLLOW_KEYS);
    loop {
        ticks.tick().await;
        if let Err(error) = app.vault.refresh() {
            tracing::error!(%error, "the keys of personal data cannot be read");
        }
        if let Err(error) = app.proofs.refresh() {
            tracing::error!(%error, "the keys of the audit trail cannot be read");
        }
    }
}

/// Runs the chores at once and then every ten minutes, as long as the process lives. Several replicas may do so at the same time:
/// one of them finds nothing left to do, or a version that has moved on.
pub async fn tick(app: App) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tidy(&app).await;
    }
}

/// Runs each chore by itself, so that a failure does not stop the others.
pub async fn tidy(app: &App) {
    chore(app, "expire pairings", async |tx| Ok(pairings::ending::expire(tx).await? as u64)).await;
    chore(app, "expire adoptions", async |tx| Ok(adoptions::ending::expire(tx).await? as u64)).await;
    chore(app, "expire agreements", async |tx| Ok(agreements::service::expire(tx).await? as u64)).await;
    chore(app, "expire entries of the catalogue", catalogue::ending::expire).await;
    chore(app, "close rankings", rankings::ending::close).await;
    chore(app, "expire account requests", account_requests::service::expire).await;
    chore(app, "sum up tallies", tallies::service::sum_up).await;
    chore(app, "clean sessions", auth::service::clean).await;
    chore(app, "clean repeats", change::clean).await;
    log_done("seal audit events", audit::seal::all(app).await);
    // The times of files come from the clock of the machine, not from the clock of the service.
    let before = chrono::Utc::now() - UPLOAD_LIMIT;
    log_done("clean attachments", attachments::service::clean(app, before).await.map(|count| count as u64));
}

async fn chore(app: &App, name: &'static str, work: impl AsyncFnOnce(&Tx) -> Result<u64, Error>) {
    let done = async {
        let tx = Tx::system(app).await?;
        let count = work(&tx).await?;
        tx.commit().await?;
        Ok::<_, Error>(count)
    };
    log_done(name, done.await);
}

fn log_done(name: &'static str, done: Result<u64, Error>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(chore = name, count, "tidied"),
        // Another replica has done it first.
        Err(error) if error.code == ErrorCode::StaleVersion => {}
        Err(error) => tracing::error!(chore = name, %error, "a chore failed"),
    }
}

/// Starts collecting and serving metrics, if the configuration asks for them.
///
/// # Errors
/// Fails if metrics cannot be collected, or if the port cannot be bound.
pub fn serve_metrics(config: &Config) -> Result<Option<Server>, BoxError> {
    let Some(bind) = config.metrics_bind else { return Ok(None) };
    let handle = telemetry::start_metrics()?;
    let upkeep = handle.clone();
    // Otherwise the samples of every request would stay in memory until somebody reads the metrics.
    actix_web::rt::spawn(async move {
        let mut ticks = tokio::time::interval(METRICS_UPKEEP);
        loop {
            ticks.tick().await;
            upkeep.run_upkeep();
        }
    });
    let server = HttpServer::new(move || {
        let handle = handle.clone();
        ActixApp::new().route(
            "/metrics",
            web::get().to(move || {
                let figures = handle.render();
                async move { HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(figures) }
            }),
        )
    });
    Ok(Some(server.workers(1).disable_signals().bind(bind)?.run()))
}

/// The operations outside of the API: health, keys, the document, and the explanation of problems.
fn operations(config: &mut web::ServiceConfig) {
    let read = |path, route| api::resource(path, [route], "GET, HEAD");
    config
        .service(read("/livez", api::get().to(|| async { HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })) })))
        .service(read("/readyz", api::get().to(ready)))
        .service(read(
            "/.well-known/jwks.json",
            api::get()
                .to(|app: web::Data<App>| async move { HttpResponse::Ok().insert_header(PUBLIC).json(app.tokens.key_set()) }),
        ))
        .service(read("/.well-known/security.txt", api::get().to(security_txt)))
        .service(read(
            "/api/openapi.json",
            api::get().to(|| async {
                let document = DOCUMENT.as_ref().map_err(|error| Error::internal(error.as_str()))?;
                Ok::<_, Error>(HttpResponse::Ok().insert_header(PUBLIC).content_type("application/json").body(document.clone()))
            }),
        ))
        .service(read(
            "/api/docs",
            api::get().to(|| async { HttpResponse::PermanentRedirect().insert_header(("Location", "/api/docs/")).finish() }),
        ))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/api/openapi.json")))
        .service(read("/problems/{code}", api::get().to(problem_page)));
}

async fn ready(app: web::Data<App>) -> Result<HttpResponse, Error> {
    if app.database.is_ready().await {
        return Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })));
    }
    Err(Error::later(ErrorCode::Unavailable, 2))
}

/// Says where to report security problems (RFC 9116), if the operator has configured it.
async fn security_txt(app: web::Data<App>) -> Result<HttpResponse, Error> {
    let contact = app.config.security_contact.as_deref().ok_or(ErrorCode::NotFound)?;
    let expires = (app.clock.today() + SECURITY_TXT_DAYS).format("%Y-%m-%dT00:00:00Z");
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: zh, en\n");
    Ok(HttpResponse::Ok().insert_header(PUBLIC).content_type("text/plain; charset=utf-8").body(text))
}

/// Explains an error code in both languages. The `type` of a problem document links to this page.
async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Error> {
    use contract::{CodedEnum, Lang};
    let code = ErrorCode::from_code(&code).ok_or(ErrorCode::NotFound)?;
    let text = format!("{} ({})\n\n{}\n{}\n", code.code(), code.status(), code.label(Lang::ZhCn), code.label(Lang::En));
    Ok(HttpResponse::Ok().insert_header(PUBLIC).content_type("text/plain; charset=utf-8").body(text))
}
