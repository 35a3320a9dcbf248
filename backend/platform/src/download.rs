//! Answers that are files.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream};
use actix_web::http::header::{Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::Stream;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::memory::Reservation;

/// Size of a chunk, in bytes.
const CHUNK: usize = 64 * 1024;
/// How long an answer waits for memory.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long a client may take to read an answer from memory: as long as it may take to send a file.
pub const WHOLE: Duration = Duration::from_secs(480);

/// An answer that is a file. A domain returns it to its operation.
#[derive(Debug)]
pub struct Download {
    name: String,
    media_type: Cow<'static, str>,
    disposition: DispositionType,
    body: BoxBody,
}

impl Download {
    /// A file that a browser saves under this name, in any script (RFC 5987).
    pub fn new(name: impl Into<String>, media_type: impl Into<Cow<'static, str>>, body: impl MessageBody + 'static) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            disposition: DispositionType::Attachment,
            body: BoxBody::new(body),
        }
    }

    /// A file of `length` bytes, as a stream.
    pub fn stream(
        name: impl Into<String>,
        media_type: impl Into<Cow<'static, str>>,
        length: u64,
        bytes: impl Stream<Item = io::Result<Bytes>> + 'static,
    ) -> Self {
        Self::new(name, media_type, SizedStream::new(length, Box::pin(bytes)))
    }

    /// Lets a browser display the file instead of saving it.
    pub fn inline(self) -> Self {
        Self { disposition: DispositionType::Inline, ..self }
    }
}

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let ascii: String = self.name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        let plain = if ascii.starts_with(['-', '.']) { format!("baishe{ascii}") } else { ascii };
        let extended = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: self.name.into() };
        let parameters = vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(extended)];
        HttpResponse::Ok()
            .content_type(&*self.media_type)
            .insert_header(ContentDisposition { disposition: self.disposition, parameters })
            // The file is compressed already. Compressing it again would take time and lose the length.
            .insert_header(ContentEncoding::Identity)
            .body(self.body)
    }
}

/// A file as a body, read in chunks outside the threads that answer requests.
#[derive(Debug)]
pub struct Chunks {
    length: u64,
    reading: Option<JoinHandle<io::Result<(File, Bytes)>>>,
}

impl Chunks {
    /// A file from its current position.
    ///
    /// # Errors
    /// If the operating system does not report its length.
    pub fn of(file: File) -> io::Result<Self> {
        Ok(Self { length: file.metadata()?.len(), reading: Some(read(file)) })
    }
}

/// Bytes as a body of small slices, whose memory stays reserved until the last slice is taken. In one piece they would be copied
/// to a send buffer that nobody counts. A client that has not taken them within `limit` gets no more, and the memory is released.
pub fn slices(bytes: Bytes, reservation: Reservation, limit: Duration) -> impl Stream<Item = io::Result<Bytes>> {
    let (sender, mut receiver) = mpsc::channel(1);
    // In a separate task, since nobody polls the body while the connection takes nothing.
    tokio::spawn(async move {
        let send = async {
            for slice in bytes.chunks(CHUNK) {
                // A copy, so that a waiting slice does not keep the whole alive.
                if sender.send(Ok(Bytes::copy_from_slice(slice))).await.is_err() {
                    return;
                }
            }
        };
        if tokio::time::timeout(limit, send).await.is_err() {
            tracing::warn!("an answer was taken too slowly");
        }
        drop((bytes, reservation));
    });
    poll_fn(move |context| receiver.poll_recv(context))
}

fn read(mut file: File) -> JoinHandle<io::Result<(File, Bytes)>> {
    tokio::task::spawn_blocking(move || {
        let mut chunk = Vec::with_capacity(CHUNK);
        file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        Ok((file, chunk.into()))
    })
}

impl MessageBody for Chunks {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let outcome = ready!(Pin::new(reading).poll(context)).map_err(io::Error::other).and_then(|outcome| outcome);
        self.reading = None;
        match outcome {
            Ok((_, chunk)) if chunk.is_empty() => Poll::Ready(None),
            Ok((file, chunk)) => {
                self.reading = Some(read(file));
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => {
                // Nobody else logs why an answer broke off.
                tracing::error!(%error, "a file could not be read to its end");
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::rate::Subject;

    #[test]
    fn a_chinese_name_travels_and_an_old_reader_gets_another() {
        for (name, plain) in [("名册-2020.xlsx", "baishe-2020.xlsx"), ("照片.png", "baishe.png"), ("a\"\r\n.pdf", "a.pdf")] {
            let request = actix_web::test::TestRequest::default().to_http_request();
            let answer = Download::new(name, "text/plain", "").respond_to(&request);
            let value = answer.headers().get("content-disposition").unwrap().to_str().unwrap();
            assert!(value.contains(&format!("filename=\"{plain}\"; filename*=UTF-8''")), "{value}");
        }
    }

    #[actix_web::test]
    async fn what_is_sent_from_memory_is_held_until_it_is_taken_and_no_longer_than_is_patient() {
        use futures_util::StreamExt;
        const SIZE: usize = 10 * CHUNK + 1;
        let memory = Memory::new(2 * SIZE, 2 * SIZE);
        let (caller, never) = (Subject::of(None), Duration::from_secs(3_600));
        let bytes: Bytes = (0..SIZE).map(|n| n as u8).collect::<Vec<_>>().into();
        let reserve = || memory.take(&caller, SIZE).unwrap();

        let mut sent = Box::pin(slices(bytes.clone(), reserve(), never));
        let mut got = sent.next().await.unwrap().unwrap().to_vec();
        assert!(got.len() <= CHUNK && memory.take(&caller, 1).is_none(), "most of it is still to be taken");
        while let Some(slice) = sent.next().await {
            got.extend_from_slice(&slice.unwrap());
        }
        assert_eq!(got, bytes);
        drop(memory.room(&caller, SIZE, never).await.unwrap());

        // The client takes nothing.
        let stuck = slices(bytes.clone(), reserve(), Duration::ZERO);
        drop(memory.room(&caller, SIZE, never).await.unwrap());
        drop(stuck);
        // The client goes away.
        drop(slices(bytes, reserve(), never));
        memory.room(&caller, SIZE, never).await.unwrap();
    }

    #[actix_web::test]
    async fn a_file_is_sent_whole_in_chunks() {
        use std::io::{Seek, Write};
        let bytes: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        file.rewind().unwrap();
        assert_eq!(actix_web::body::to_bytes(Chunks::of(file).unwrap()).await.unwrap(), bytes);
    }
}
