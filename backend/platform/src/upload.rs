//! Uploads: a form with one file and some fields.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use contract::{ErrorCode, validation};
use futures_util::stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use validator::Validate;

use super::extract::{BodyDigest, Pace, checked, read_bytes};
use super::places::Place;
use super::principal::admitted;
use super::{Error, Result, apart};

/// The largest file, in bytes.
pub const FILE_LIMIT: usize = 20 * 1024 * 1024;
/// The most parts of a form. No form of the service has half as many.
const PARTS: usize = 16;
/// The limits for a form with a file. A photo of 1 MB has eight minutes, and so has every larger file.
const FORM: Pace = Pace {
    limit: FILE_LIMIT + 64 * 1024,
    least: 2 * 1024,
    room: Duration::from_secs(30),
    whole: Duration::from_secs(480),
    request: Duration::from_secs(600),
};

/// A form with the file in `file`, and the fields of `T`.
#[derive(Debug)]
pub struct Upload<T> {
    /// The name of the file, without its path.
    pub name: String,
    /// The content, with the memory reserved for it.
    pub bytes: Bytes,
    pub fields: T,
    /// The turn of this file. The caller's next file waits until it is dropped.
    pub turn: Option<OwnedSemaphorePermit>,
}

/// A form without fields besides the file.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Alone {}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Upload<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            admitted(&request).await?;
            let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
            let (bytes, reservation) = read_bytes(&request, payload, &FORM).await?;
            // This precedes parsing, which reads the parts one by one.
            let turn = match Place::of(&request) {
                Some(place) => Some(place.turn().await?),
                None => None,
            };
            let (mut upload, digest) = parse(bytes, boundary.ok_or(ErrorCode::UnsupportedMediaType)?).await?;
            // A digest of the content, since the boundary between parts differs each time.
            request.extensions_mut().insert(BodyDigest(digest));
            if let Some(reservation) = reservation {
                upload.bytes = reservation.by(upload.bytes);
            }
            upload.turn = turn;
            Ok(upload)
        })
    }
}

async fn parse<T: DeserializeOwned + Validate>(bytes: Bytes, boundary: String) -> Result<(Upload<T>, [u8; 32])> {
    let malformed = |_| Error::new(ErrorCode::BadRequest, "malformed multipart/form-data");
    let mut form = multer::Multipart::new(stream::iter([Ok::<_, std::io::Error>(bytes)]), boundary);
    let (mut file, mut fields, mut digest) = (None, Map::new(), Sha256::new());
    let mut parts = 0;
    while let Some(mut part) = form.next_field().await.map_err(malformed)? {
        parts += 1;
        if parts > PARTS {
            return Err(Error::new(ErrorCode::BadRequest, "too many parts"));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(plain);
        // A slice of the body. A copy would take as much memory again.
        let mut content = part.chunk().await.map_err(malformed)?.unwrap_or_default();
        while let Some(more) = part.chunk().await.map_err(malformed)? {
            content = [content, more].concat().into();
        }
        let hashed = content.clone();
        let hashed = apart(move || Sha256::digest(&hashed)).await?;
        for field in [name.as_bytes(), file_name.as_deref().unwrap_or_default().as_bytes(), &hashed[..]] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        if name == "file" {
            if content.len() > FILE_LIMIT {
                return Err(Error::from(ErrorCode::PayloadTooLarge).about("/file"));
            }
            if file.replace((file_name.unwrap_or_else(|| "file".to_owned()), content)).is_some() {
                return Err(Error::field("/file", "duplicate"));
            }
            continue;
        }
        let text = String::from_utf8(content.into()).ok().filter(|text| !text.contains('\0') && !name.contains('\0'));
        let text = text.ok_or_else(|| Error::field(format!("/{name}"), "control_character"))?;
        if fields.insert(name.clone(), text.into()).is_some() {
            return Err(Error::field(format!("/{name}"), "duplicate"));
        }
    }
    let fields = checked(Value::Object(fields))?;
    let (name, bytes) = file.ok_or_else(|| Error::field("/file", "required"))?;
    Ok((Upload { name, bytes, fields, turn: None }, digest.finalize().into()))
}

/// The last segment of a path, without characters that break file names. It has at most 190 characters, extension included.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = validation::seen(last).chars().filter(|c| !c.is_control()).collect();
    let kept: String = clean[clean.len().saturating_sub(190)..].iter().collect();
    if kept.trim_matches(['.', ' ']).is_empty() { "file".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(boundary: &str, parts: &[(&str, &str)]) -> Bytes {
        let parts: String = parts
            .iter()
            .map(|(head, body)| format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n"))
            .collect();
        format!("{parts}--{boundary}--\r\n").into()
    }

    async fn read(boundary: &str, parts: &[(&str, &str)]) -> Result<(Upload<Alone>, [u8; 32])> {
        parse(form(boundary, parts), boundary.to_owned()).await
    }

    const FILE: (&str, &str) = ("name=\"file\"; filename=\"C:\\\\fakepath\\\\名册.xlsx\"", "x");

    #[tokio::test]
    async fn the_same_form_has_the_same_digest_whatever_its_boundary() {
        let (first, a) = read("one", &[FILE]).await.unwrap();
        let (_, b) = read("two", &[FILE]).await.unwrap();
        let (_, c) = read("two", &[(FILE.0, "y")]).await.unwrap();
        assert_eq!((a, first.name.as_str()), (b, "名册.xlsx"));
        assert_ne!(b, c);
    }

    #[tokio::test]
    async fn what_does_not_belong_is_named() {
        let fault = async |parts: &[(&str, &str)]| read("b", parts).await.unwrap_err().errors[0].clone();
        assert_eq!(fault(&[]).await.pointer, "/file");
        assert_eq!(fault(&[FILE, FILE]).await.code, "duplicate");
        assert_eq!(fault(&[FILE, ("name=\"other\"", "1")]).await.code, "unknown_field");
    }

    #[tokio::test]
    async fn a_form_of_many_parts_is_refused_before_it_is_gone_through() {
        let names: Vec<String> = (0..=PARTS).map(|number| format!("name=\"f{number}\"")).collect();
        let parts: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        // Parts after that are not even read.
        let refused = |parts: Vec<_>| async move { read("b", &parts).await.unwrap_err() };
        let many = refused([&parts[..], &[FILE, FILE]].concat()).await;
        assert_eq!((many.code, many.errors.len()), (ErrorCode::BadRequest, 0));
        assert_eq!(refused(parts[1..].to_vec()).await.errors[0].code, "unknown_field");
    }

    #[test]
    fn names_lose_their_paths() {
        assert_eq!(plain("../../etc/passwd"), "passwd");
        assert_eq!(plain(".."), "file");
        // It would be displayed as 照片exe.png.
        assert_eq!(plain("照片\u{202e}gnp.exe"), "照片gnp.exe");
        assert_eq!(plain(&format!("{}.pdf", "长".repeat(300))).chars().count(), 190);
    }
}
