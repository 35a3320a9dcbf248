//! A collector of the service's trace spans.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A collector that stores what it receives.
pub struct Collector {
    pub address: String,
    received: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    /// Starts a collector on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = received.clone();
        thread::spawn(move || {
            for sender in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || take(sender, &kept));
            }
        });
        Self { address, received }
    }

    /// The spans received so far.
    pub fn spans(&self) -> Vec<Value> {
        let received = self.received.lock().expect("nobody panicked here");
        let of = |value: &Value, field: &str| value[field].as_array().cloned().unwrap_or_default();
        let scopes = received.iter().flat_map(|sent| of(sent, "resourceSpans")).flat_map(|resource| of(&resource, "scopeSpans"));
        scopes.flat_map(|scope| of(&scope, "spans")).collect()
    }
}

/// Answers requests on a connection until the other end closes it.
fn take(mut sender: TcpStream, kept: &Mutex<Vec<Value>>) {
    let mut from = BufReader::new(sender.try_clone().expect("the same connection"));
    let mut line = String::new();
    while from.read_line(&mut line).is_ok_and(|read| read > 0) {
        assert_eq!(line.trim_end(), "POST /v1/traces HTTP/1.1");
        let mut length = 0;
        loop {
            line.clear();
            from.read_line(&mut line).expect("a header");
            match line.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().expect("a length"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body).expect("a body");
        kept.lock().expect("nobody panicked here").push(serde_json::from_slice(&body).expect("JSON"));
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        sender.write_all(answer.as_bytes()).expect("an answer");
        line.clear();
    }
}
