//! A client that checks every answer against the document.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;

use platform::App;
use platform::api::BASE;
use reqwest::Method;
use serde_json::Value;

use super::answer::Answer;
use super::document::Exchange;
use super::world::Account;

/// The token that a client sends.
#[derive(Clone)]
pub enum Token {
    None,
    Fixed(String),
    /// A token issued now by the service's clock, for a session that continues.
    Session {
        app: Box<App>,
        account: Account,
    },
}

/// A client of the service.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    token: Token,
}

impl Client {
    pub fn new(http: reqwest::Client, address: SocketAddr, token: Token) -> Self {
        Self { http, address, token }
    }

    /// A request. Paths are below `/api/v1` unless they begin with another root.
    #[track_caller]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let roots = ["/api/", "/problems/", "/.well-known/", "/livez", "/readyz", "/public/", "/public?"];
        let rooted = path == "/public" || roots.iter().any(|root| path.starts_with(root));
        let path = if rooted { path.to_owned() } else { format!("{BASE}{path}") };
        Call { client: self.clone(), method, path, headers: Vec::new(), body: None, at: Location::caller() }
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    /// A form with fields and one file, as browsers send it.
    #[track_caller]
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], (name, media_type, bytes): (&str, &str, &[u8])) -> Call {
        let boundary = format!("----{}", uuid::Uuid::now_v7().simple());
        let mut body = String::new();
        for (field, value) in fields {
            body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        }
        body += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        let body = [body.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        self.call(Method::POST, path).body(&format!("multipart/form-data; boundary={boundary}"), body)
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: Value) -> Call {
        self.call(Method::PUT, path).json(body)
    }

    /// A JSON Merge Patch. It needs [`Call::if_match`].
    #[track_caller]
    pub fn patch(&self, path: &str, body: Value) -> Call {
        self.call(Method::PATCH, path).body("application/merge-patch+json", body.to_string())
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// All items of a list, page by page.
    pub async fn walk(&self, path: &str, limit: u32) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let glue = if path.contains('?') { '&' } else { '?' };
            let from = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{glue}limit={limit}{from}")).await.is(200);
            assert!(page.items().len() <= limit as usize, "a page longer than its limit");
            items.extend(page.items().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => {
                    assert_ne!(cursor.as_deref(), Some(next), "a page of {path} that leads to itself");
                    cursor = Some(next.to_owned());
                }
                None => return items,
            }
            assert_eq!(page.items().len(), limit as usize, "a page that is not the last is full");
        }
    }
}

/// A request that is sent when it is awaited.
#[must_use = "it is sent when it is awaited"]
pub struct Call {
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<(String, Vec<u8>)>,
    at: &'static Location<'static>,
}

impl Call {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the version that is to be changed, as returned by [`Answer::etag`].
    pub fn if_match(self, etag: &str) -> Self {
        self.header("If-Match", etag)
    }

    /// Sets an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sets a body that need not be JSON.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some((media_type.to_owned(), body.into()));
        self
    }

    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Path and query, from the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    async fn send(self) -> Answer {
        let (method, path, at) = (self.method.clone(), self.path.clone(), self.at);
        self.attempt().await.unwrap_or_else(|error| panic!("{method} {path} (at {at}): {error:?}"))
    }

    /// Sends it to a service that may be gone.
    pub async fn attempt(self) -> Result<Answer, reqwest::Error> {
        let mut request = self.client.http.request(self.method.clone(), format!("http://{}{}", self.client.address, self.path));
        let token = match &self.client.token {
            Token::None => None,
            Token::Fixed(token) => Some(token.clone()),
            Token::Session { app, account } => {
                Some(app.tokens.issue(account.user_id, account.session_id, app.clock.now()).expect("a token"))
            }
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some((media_type, body)) = &self.body {
            request = request.header("Content-Type", media_type).body(body.clone());
        }
        let what = format!("{} {} (at {})", self.method, self.path, self.at);
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let json = self.body.as_ref().and_then(|(media_type, body)| Some((media_type, serde_json::from_slice(body).ok()?)));
        let exchange = Exchange {
            method: &self.method,
            path,
            query,
            sent: json.as_ref().map(|(media_type, body)| (media_type.as_str(), body)),
            status,
            headers: &headers,
            received: &bytes,
        };
        if let Err(fault) = exchange.judge() {
            panic!("{what} answered {status} {fault}\n{}", String::from_utf8_lossy(&bytes));
        }
        Ok(Answer::new(what, path.to_owned(), status, headers, bytes.to_vec()))
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
