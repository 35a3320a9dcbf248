//! Decides what a file really is, whatever its name, and removes the metadata of pictures.

use bytes::Bytes;
use contract::ErrorCode;
use image::ImageFormat;
use platform::{Error, Result, excel};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{office, pdf, picture};

/// Files that are checked and stored at a time, so that the memory of a picture is taken once.
static EXAMINING: Semaphore = Semaphore::const_new(1);

/// A file that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub media_type: &'static str,
    /// The name with the right extension.
    pub name: String,
    pub bytes: Bytes,
}

/// Decides by content whether a file is accepted. Pictures are re-encoded, because the metadata of a photo of a family's
/// home would tell where it is. Documents lose their author. Other files wait until the returned turn is dropped.
///
/// # Errors
/// `invalid_attachment` where it is of another type than declared, of none that is accepted, or does more than being looked at.
pub async fn accept(name: String, declared: Option<String>, bytes: Bytes) -> Result<(Content, SemaphorePermit<'static>)> {
    let turn = EXAMINING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        // The turn lasts as long as the work, even if the sender has gone.
        examine(&name, declared.as_deref(), bytes).map(|content| (content, turn))
    };
    tokio::task::spawn_blocking(work)
        .await
        // The decoders are not ours. Should one panic, the file is to blame.
        .map_err(|_| refuse("文件无法解析 / the file cannot be read"))?
}

#[track_caller]
pub(super) fn refuse(why: &'static str) -> Error {
    Error::new(ErrorCode::InvalidAttachment, why).about("/file")
}

fn examine(name: &str, declared: Option<&str>, bytes: Bytes) -> Result<Content> {
    let found = media_type(&bytes)?;
    // The type that browsers send for unknown files declares nothing.
    if declared.is_some_and(|declared| declared != found && declared != "application/octet-stream") {
        return Err(refuse("内容与声明的类型不符 / the content is not of the declared type"));
    }
    let (media_type, bytes) = match found {
        "image/jpeg" => picture::redraw(&bytes, ImageFormat::Jpeg)?,
        "image/png" => picture::redraw(&bytes, ImageFormat::Png)?,
        "image/webp" => picture::redraw(&bytes, ImageFormat::WebP)?,
        "application/pdf" => (found, pdf::clean(bytes.into())?.into()),
        office => (office, office::without_author(&bytes)?.into()),
    };
    Ok(Content { media_type, name: named(name, media_type), bytes })
}

/// The type of the content, if it is accepted.
fn media_type(bytes: &[u8]) -> Result<&'static str> {
    match infer::get(bytes).map(|kind| kind.mime_type()) {
        Some(known @ ("image/jpeg" | "image/png" | "image/webp" | "application/pdf")) => Ok(known),
        // Office documents are recognised by their parts. The order of the parts, which file signatures depend on, differs
        // between programs.
        _ if bytes.starts_with(b"PK") => excel::office_type(bytes).map_err(|_| {
            refuse("含宏、会加载外部内容、已损坏或不支持的文档 / macros, something from elsewhere, damaged, or not supported")
        }),
        _ => Err(refuse("仅接受 JPEG、PNG、WebP、PDF、xlsx、docx / only JPEG, PNG, WebP, PDF, xlsx and docx are accepted")),
    }
}

fn named(name: &str, media_type: &str) -> String {
    let extensions: &[&str] = match media_type {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "application/pdf" => &["pdf"],
        excel::MEDIA_TYPE => &["xlsx"],
        _ => &["docx"],
    };
    match name.rsplit_once('.') {
        Some((_, extension)) if extensions.contains(&extension.to_ascii_lowercase().as_str()) => name.to_owned(),
        _ => format!("{name}.{}", extensions[0]),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::DynamicImage;

    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut out = Vec::new();
        DynamicImage::new_rgb8(8, 4).write_to(&mut Cursor::new(&mut out), format).unwrap();
        out
    }

    /// A JPEG with an EXIF block that says the picture lies on its side, and a secret.
    fn with_exif() -> Vec<u8> {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend(b"GPS 24.7N 118.6E");
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend((tiff.len() as u16 + 2).to_be_bytes());
        bytes.extend(tiff);
        bytes.extend(&picture(ImageFormat::Jpeg)[2..]);
        bytes
    }

    fn accepted(name: &str, declared: &str, bytes: Vec<u8>) -> Result<Content> {
        examine(name, Some(declared), bytes.into())
    }

    #[test]
    fn a_photo_loses_its_place_and_keeps_its_upright() {
        let content = accepted("照片.JPG", "image/jpeg", with_exif()).unwrap();
        assert_eq!((content.media_type, content.name.as_str()), ("image/jpeg", "照片.JPG"));
        assert!(!content.bytes.windows(3).any(|bytes| bytes == b"GPS"));
        let upright = image::load_from_memory(&content.bytes).unwrap();
        assert_eq!((upright.width(), upright.height()), (4, 8));
    }

    #[test]
    fn pictures_become_jpeg_or_png() {
        assert_eq!(accepted("a.png", "image/png", picture(ImageFormat::Png)).unwrap().media_type, "image/png");
        assert!(accepted("a.webp", "image/webp", picture(ImageFormat::WebP)).is_err(), "without loss it is no photo");
    }

    #[test]
    fn documents_are_told_by_what_they_hold() {
        let workbook = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
        assert_eq!(accepted("a", "application/octet-stream", workbook).unwrap().name, "a.xlsx");
        let mut docx = Cursor::new(Vec::new());
        docx_rs::Docx::new().build().pack(&mut docx).unwrap();
        let docx = accepted("a.docx", excel::DOCX, docx.into_inner()).unwrap();
        assert_eq!((docx.media_type, docx.name.as_str()), (excel::DOCX, "a.docx"));
        let pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n29\n%%EOF\n";
        assert!(accepted("a.pdf", "application/pdf", pdf.to_vec()).is_ok());
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        let refused = |name, declared, bytes| accepted(name, declared, bytes).unwrap_err().code == ErrorCode::InvalidAttachment;
        assert!(refused("a.pdf", "application/pdf", picture(ImageFormat::Png)));
        assert!(refused("a.png", "image/png", picture(ImageFormat::Png)[..40].to_vec()));
        assert!(refused("a.html", "text/html", b"<script>".to_vec()));
        assert!(refused("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()));
        assert!(refused("a.zip", "application/zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()));
        assert!(refused("a", "application/octet-stream", vec![]));
    }
}
