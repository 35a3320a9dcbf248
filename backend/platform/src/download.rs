//! Answers that are files.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BodyStream, BoxBody, MessageBody, SizedStream};
use actix_web::http::header::{Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::Stream;
use futures_util::stream::{poll_fn, try_unfold};
use tokio::sync::{mpsc, watch};

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

/// What is written to a file that somebody reads meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// How many bytes may be read.
    pub length: u64,
    /// Whether more will follow.
    pub ended: bool,
}

/// The writing end of a file without a name. What is written can be read before the end.
#[derive(Debug)]
pub struct Tail {
    file: Arc<File>,
    length: u64,
    written: Arc<watch::Sender<Written>>,
}

/// The reading end.
#[derive(Debug)]
pub struct Reader {
    file: Arc<File>,
    written: watch::Receiver<Written>,
}

/// A file with its two ends.
///
/// # Errors
/// If there is no room for it.
pub async fn tail() -> io::Result<(Tail, Reader)> {
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other)??;
    let (file, (sender, receiver)) = (Arc::new(file), watch::channel(Written::default()));
    Ok((Tail { file: file.clone(), length: 0, written: Arc::new(sender) }, Reader { file, written: receiver }))
}

impl Tail {
    /// How many bytes are written.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where it is said what may be read. The reading end breaks off when all of these are gone before the end.
    pub fn written(&self) -> Arc<watch::Sender<Written>> {
        self.written.clone()
    }
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.is_closed() {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads it"));
        }
        let length = (&*self.file).write(bytes)?;
        self.length += length as u64;
        // A short file is not begun to be read before its end is known.
        self.written.send_if_modified(|written| {
            let more = self.length >= written.length + CHUNK as u64;
            written.length = if more { self.length } else { written.length };
            more
        });
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reader {
    /// Waits until there is something to read of a file that has not ended. Of one that has, the writing end tells.
    pub async fn has_some(&mut self) {
        if self.written.wait_for(|written| written.length > 0 && !written.ended).await.is_err() {
            std::future::pending().await
        }
    }

    /// The file as a body, which ends where the writing end says that it has ended, and breaks off where that is gone before.
    pub fn body(self) -> BoxBody {
        let now = *self.written.borrow();
        let stream = try_unfold((self, 0), async move |(mut reader, at): (Self, u64)| {
            let gone = |_| io::Error::other("what writes the file has broken off");
            let written = *reader.written.wait_for(|written| written.length > at || written.ended).await.map_err(gone)?;
            let size = written.length.saturating_sub(at).min(CHUNK as u64);
            if size == 0 {
                return Ok::<_, io::Error>(None);
            }
            let file = reader.file.clone();
            let read = move || {
                let mut chunk = vec![0; size as usize];
                file.read_exact_at(&mut chunk, at)?;
                Ok::<_, io::Error>(Bytes::from(chunk))
            };
            let chunk = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
            Ok(Some((chunk, (reader, at + size))))
        });
        if now.ended {
            BoxBody::new(SizedStream::new(now.length, Box::pin(stream)))
        } else {
            BoxBody::new(BodyStream::new(Box::pin(stream)))
        }
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
    async fn a_file_is_read_while_it_is_written_and_never_beyond_what_is_whole() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
        let (mut tail, mut reader) = tail().await.unwrap();
        tail.write_all(&bytes[..CHUNK - 1]).unwrap();
        assert!(futures_util::FutureExt::now_or_never(reader.has_some()).is_none(), "a short file is sent whole");
        tail.write_all(&bytes[CHUNK - 1..]).unwrap();
        reader.has_some().await;
        let (length, written) = (tail.length(), tail.written());
        let body = actix_web::rt::spawn(actix_web::body::to_bytes(reader.body()));
        drop(tail);
        written.send_replace(Written { length, ended: true });
        assert_eq!(body.await.unwrap().unwrap(), bytes);
    }

    #[actix_web::test]
    async fn a_file_that_is_not_ended_breaks_off_and_what_nobody_reads_is_not_written() {
        let (mut tail, reader) = tail().await.unwrap();
        tail.write_all(&[0; 2 * CHUNK]).unwrap();
        let body = actix_web::rt::spawn(actix_web::body::to_bytes(reader.body()));
        drop(tail);
        assert!(body.await.unwrap().is_err());

        let (mut tail, reader) = super::tail().await.unwrap();
        drop(reader);
        assert_eq!(tail.write_all(&[0]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
