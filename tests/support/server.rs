//! The service under test, started as the program starts it.

use std::net::{SocketAddr, TcpListener};

use baishe::startup;
use contract::Role;
use platform::App;
use platform::clock::Clock;
use platform::config::Config;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::client::{Client, Token};
use super::databases::{Db, TestDatabase};
use super::secrets;
use super::statements::Statements;
use super::world::{self, NOW, Who, World, config, instant};

/// A running service with its own database, which is removed with it.
pub struct TestApp {
    pub db: Db,
    pub app: App,
    /// The service's clock, stopped at [`NOW`].
    pub clock: Clock,
    pub world: &'static World,
    /// The statements that the service has sent to its database.
    pub statements: Statements,
    pub address: SocketAddr,
    http: reqwest::Client,
    // These come last: the database is dropped when nothing uses it any more.
    _stop: Stop,
    _database: TestDatabase,
}

/// Stops the running server.
struct Stop(Box<dyn Fn()>);

impl Drop for Stop {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl TestApp {
    /// Starts the service on a free port.
    pub async fn spawn(db: Db, configure: fn(&mut Config)) -> Self {
        Self::over(db, db.create().await, configure).await
    }

    /// Starts the service over an existing database.
    pub async fn over(db: Db, database: TestDatabase, configure: fn(&mut Config)) -> Self {
        let world = &db.template().await.world;
        let mut config = config(&database.url, &database.folder);
        configure(&mut config);
        let clock = Clock::system();
        clock.set(instant(NOW));
        let mut app = startup::prepare(config, clock.clone()).await.expect("the service is prepared");
        let statements = Statements::default();
        statements.listen(&mut app.database);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = startup::serve(app.clone(), listener).expect("the service starts");
        let handle = server.handle();
        // The stop is requested at once; the future only waits for the end.
        let stop = Stop(Box::new(move || drop(handle.stop(false))));
        tokio::spawn(server);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { db, app, clock, world, statements, address, http, _stop: stop, _database: database }
    }

    /// The service's address.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A signed-in client whose session stays valid, however the clock is moved.
    pub fn as_(&self, who: Who) -> Client {
        let account = self.world.accounts[&who];
        self.client(Token::Session { app: Box::new(self.app.clone()), account })
    }

    /// A client of somebody who is not in the template. They act for the organisation or institution, if their role does.
    pub async fn joined(&self, name: &str, role: Role, area_code: &str, party: Option<Uuid>) -> Client {
        let account = world::join(&self.app, name, role, area_code, party).await;
        self.client(Token::Session { app: Box::new(self.app.clone()), account })
    }

    /// A client that is not signed in.
    pub fn anonymous(&self) -> Client {
        self.client(Token::None)
    }

    /// A client with this token, whatever it is.
    pub fn with_token(&self, token: impl Into<String>) -> Client {
        self.client(Token::Fixed(token.into()))
    }

    /// An access token issued now.
    pub fn token(&self, who: Who) -> String {
        let account = self.world.accounts[&who];
        self.app.tokens.issue(account.user_id, account.session_id, self.app.clock.now()).expect("a token")
    }

    fn client(&self, token: Token) -> Client {
        Client::new(self.http.clone(), self.address, token)
    }

    pub fn bureau(&self) -> Client {
        self.as_(Who::Bureau)
    }

    pub fn admin(&self) -> Client {
        self.as_(Who::Admin)
    }

    pub fn town_a(&self) -> Client {
        self.as_(Who::TownA)
    }

    pub fn town_b(&self) -> Client {
        self.as_(Who::TownB)
    }

    pub fn village_a(&self) -> Client {
        self.as_(Who::VillageA)
    }

    pub fn organisation_a(&self) -> Client {
        self.as_(Who::OrganisationA)
    }

    /// Changes the database without the service.
    pub async fn sql(&self, statement: &str) {
        self.app.database.writer().execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// The number that a query returns.
    pub async fn number(&self, query: &str) -> i64 {
        let connection = &self.app.database.read;
        let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), query)).await;
        row.unwrap_or_else(|error| panic!("{query}: {error}")).expect("a row").try_get_by_index(0).expect("a number")
    }

    /// Everything that the service has written.
    pub async fn bytes_written(&self) -> Vec<u8> {
        secrets::written(self.db, &self._database.folder, &self.app.database.read).await
    }

    /// The texts in the first column of a query's result.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let connection = &self.app.database.read;
        let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }
}
