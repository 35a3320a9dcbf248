//! A line to the service that can be cut, or go deaf. What a browser emulates does not apply to its service workers.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The state of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Up,
    Cut,
    /// Requests arrive, but no answer comes back.
    Deaf,
}

/// A line to a service, with its own address.
pub struct Connection {
    pub origin: String,
    state: Arc<watch::Sender<Line>>,
}

impl Connection {
    /// Opens a working line.
    pub async fn to(origin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = format!("http://{}", listener.local_addr().expect("an address"));
        let service = origin.trim_start_matches("http://").to_owned();
        let state = Arc::new(watch::Sender::new(Line::Up));
        let states = state.clone();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                if *states.borrow() != Line::Cut {
                    tokio::spawn(carry(browser, service.clone(), states.subscribe()));
                }
            }
        });
        Self { origin: own, state }
    }

    /// Changes the state and ends open connections.
    pub fn is(&self, line: Line) {
        self.state.send_replace(line);
    }
}

async fn carry(mut browser: TcpStream, service: String, mut state: watch::Receiver<Line>) {
    let line = *state.borrow_and_update();
    let Ok(mut service) = TcpStream::connect(service).await else { return };
    let (mut asks, mut hears) = browser.split();
    let (mut answers, mut takes) = service.split();
    let there = copy(&mut asks, &mut takes);
    let back = async {
        let mut bytes = vec![0; 65536];
        while let Ok(count @ 1..) = answers.read(&mut bytes).await {
            // A deaf line ends a connection at the first byte of an answer.
            if line == Line::Deaf || hears.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = there => {}
        () = back => {}
        _ = state.changed() => {}
    }
}
