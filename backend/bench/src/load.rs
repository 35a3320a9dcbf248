//! Load: a fixed number of connections, each with one request at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What is asked, for the `n`th time.
pub type Ask = Arc<dyn Fn(u64) -> Call + Send + Sync>;

/// One request.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub media_type: String,
    pub body: Vec<u8>,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), media_type: String::new(), body: Vec::new() }
    }

    pub fn post(path: impl Into<String>, media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { method: Method::POST, path: path.into(), media_type: media_type.into(), body: body.into() }
    }
}

/// A connection that stays open.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    token: String,
}

impl Connection {
    pub async fn open(address: SocketAddr, token: &str) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, token: token.to_owned() })
    }

    /// Sends a request and reads its answer to the end.
    pub async fn send(&mut self, call: Call) -> Result<(StatusCode, Bytes), BoxError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.token));
        if !call.body.is_empty() {
            request = request.header("content-type", call.media_type);
        }
        // The answer before this one may have been read to its end before the connection knows.
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(call.body.into()))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// [`Connection::send`], where anything but success is an error that shows the answer.
    pub async fn succeed(&mut self, call: Call) -> Result<Bytes, BoxError> {
        let path = call.path.clone();
        let (status, body) = self.send(call).await?;
        if !status.is_success() {
            return Err(format!("{path} answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(body)
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Asks on all connections at once for as long as it says, after a tenth of that for warming up; on each `at_most` so often, and with the token whose turn it is.
pub async fn run(
    address: SocketAddr,
    tokens: &[String],
    connections: usize,
    time: Duration,
    at_most: u64,
    ask: &Ask,
    count: &Arc<AtomicU64>,
) -> Result<Figures, BoxError> {
    let mut tasks = Vec::new();
    let begin = Instant::now() + time / 10;
    let end = begin + time;
    for token in tokens.iter().cycle().take(connections) {
        let mut connection = Connection::open(address, token).await?;
        let (ask, count) = (ask.clone(), count.clone());
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for _ in 0..at_most {
                let started = Instant::now();
                if started >= end {
                    break;
                }
                connection.succeed(ask(count.fetch_add(1, Ordering::Relaxed))).await?;
                if started >= begin {
                    times.push(started.elapsed());
                }
            }
            Ok::<_, BoxError>(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    // What was begun in time is counted, and so is the time until the last of it came back.
    let taken = begin.elapsed();
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    Ok(Figures { per_second: times.len() as f64 / taken.as_secs_f64(), p50: at(0.5), p99: at(0.99) })
}
