//! Determines what a file really is, whatever its name, and removes the metadata of pictures.

use bytes::Bytes;
use contract::ErrorCode;
use image::ImageFormat;
use platform::{Error, Result, excel};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{office, pdf, picture};

/// How many files are checked and stored at a time, so that the memory for a picture is needed only once.
static EXAMINING: Semaphore = Semaphore::const_new(1);

/// An accepted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub media_type: &'static str,
    /// The name, with the extension that fits the content.
    pub name: String,
    pub bytes: Bytes,
}

/// Accepts or refuses a file by its content alone, because the types that browsers declare depend on the installed programs.
/// Pictures are re-encoded, because the metadata of a photo of a family's home would reveal where it is. Documents lose their
/// author. Other files wait until the returned turn is dropped.
///
/// # Errors
/// `invalid_attachment` if the type is not accepted, or if viewing the file would run something.
pub async fn accept(name: String, bytes: Bytes) -> Result<(Content, SemaphorePermit<'static>)> {
    let turn = EXAMINING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        // The turn lasts as long as the work, even if the sender has gone.
        examine(&name, bytes).map(|content| (content, turn))
    };
    tokio::task::spawn_blocking(work)
        .await
        // The decoders are third-party code. If one panics, the file is to blame.
        .map_err(|_| refuse("文件无法解析 / the file cannot be read"))?
}

#[track_caller]
pub(super) fn refuse(why: &'static str) -> Error {
    Error::new(ErrorCode::InvalidAttachment, why).about("/file")
}

fn examine(name: &str, bytes: Bytes) -> Result<Content> {
    let (media_type, bytes) = match media_type(&bytes)? {
        "image/jpeg" => picture::redraw(&bytes, ImageFormat::Jpeg)?,
        "image/png" => picture::redraw(&bytes, ImageFormat::Png)?,
        "image/webp" => picture::redraw(&bytes, ImageFormat::WebP)?,
        pdf @ "application/pdf" => (pdf, pdf::clean(bytes.into())?.into()),
        office => (office, office::without_author(&bytes)?.into()),
    };
    Ok(Content { media_type, name: named(name, media_type), bytes })
}

/// The type of the content, if it is accepted.
fn media_type(bytes: &[u8]) -> Result<&'static str> {
    match infer::get(bytes).map(|kind| kind.mime_type()) {
        Some(known @ ("image/jpeg" | "image/png" | "image/webp" | "application/pdf")) => Ok(known),
        // Office documents and OFD are recognised by their parts. The order of the parts, on which file signatures depend,
        // differs between programs.
        _ if bytes.starts_with(b"PK") => excel::office_type(bytes).map_err(|refused| {
            let why = refused.detail.clone().unwrap_or_default();
            Error::new(ErrorCode::InvalidAttachment, why).about("/file")
        }),
        _ if is_heif(bytes) => Err(save_as_jpeg()),
        _ if bytes.starts_with(&excel::COMPOUND_FILE) => Err(refuse(
            "旧格式（.doc、.xls、.wps、.et）或加密的文档，请另存为不加密的 .docx、.xlsx，或导出为 PDF / \
             an old format (.doc, .xls, .wps, .et) or encrypted: save it as plain .docx or .xlsx, or as PDF",
        )),
        _ => Err(refuse(
            "仅接受 JPEG、PNG、WebP、PDF、OFD、xlsx、docx，其他格式请另存为其中之一，扫描件请存为 PDF / \
             only JPEG, PNG, WebP, PDF, OFD, xlsx and docx are accepted: save it as one of them, a scan as PDF",
        )),
    }
}

/// The refusal of a picture as phones keep it.
#[track_caller]
pub(super) fn save_as_jpeg() -> Error {
    refuse(
        "HEIC 照片请转存为 JPEG；iPhone 可在“设置 → 相机 → 格式”选“兼容性最佳”后拍摄，安卓手机请关闭 HEIF 格式 / \
         save a HEIC photo as JPEG; on an iPhone choose Settings → Camera → Formats → Most Compatible",
    )
}

/// Whether it is a picture as phones keep it (HEIF). Nothing here could redraw it, and so it would tell where it was taken.
pub(super) fn is_heif(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 10] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];
    bytes.get(4..8).is_some_and(|kind| kind == b"ftyp") && bytes.get(8..12).is_some_and(|brand| BRANDS.contains(&brand))
}

fn named(name: &str, media_type: &str) -> String {
    let extensions: &[&str] = match media_type {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "application/pdf" => &["pdf"],
        excel::MEDIA_TYPE => &["xlsx"],
        excel::OFD => &["ofd"],
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

    /// A JPEG with an EXIF block that turns the picture on its side, and a secret.
    fn with_exif() -> Vec<u8> {
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend(b"GPS 24.7N 118.6E");
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend((tiff.len() as u16 + 2).to_be_bytes());
        bytes.extend(tiff);
        bytes.extend(&picture(ImageFormat::Jpeg)[2..]);
        bytes
    }

    fn accepted(name: &str, bytes: Vec<u8>) -> Result<Content> {
        examine(name, bytes.into())
    }

    #[test]
    fn a_photo_loses_its_place_and_keeps_its_upright() {
        let content = accepted("照片.JPG", with_exif()).unwrap();
        assert_eq!((content.media_type, content.name.as_str()), ("image/jpeg", "照片.JPG"));
        assert!(!content.bytes.windows(3).any(|bytes| bytes == b"GPS"));
        let upright = image::load_from_memory(&content.bytes).unwrap();
        assert_eq!((upright.width(), upright.height()), (4, 8));
    }

    #[test]
    fn pictures_become_jpeg_or_png() {
        assert_eq!(accepted("a.png", picture(ImageFormat::Png)).unwrap().media_type, "image/png");
        assert!(accepted("a.webp", picture(ImageFormat::WebP)).is_err(), "without loss it is no photo");
    }

    #[test]
    fn documents_are_told_by_what_they_hold() {
        let workbook = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
        assert_eq!(accepted("a", workbook).unwrap().name, "a.xlsx");
        let mut docx = Cursor::new(Vec::new());
        docx_rs::Docx::new().build().pack(&mut docx).unwrap();
        let docx = accepted("a.docx", docx.into_inner()).unwrap();
        assert_eq!((docx.media_type, docx.name.as_str()), (excel::DOCX, "a.docx"));
        let pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n29\n%%EOF\n";
        assert!(accepted("a.pdf", pdf.to_vec()).is_ok());
    }

    #[test]
    fn what_it_is_called_does_not_matter() {
        let picture = accepted("a.pdf", picture(ImageFormat::Png)).unwrap();
        assert_eq!((picture.media_type, picture.name.as_str()), ("image/png", "a.pdf.png"));
    }

    #[test]
    fn what_is_of_no_known_type_is_refused_with_what_to_do() {
        let refused = |bytes: &[u8]| {
            let error = accepted("a", bytes.to_vec()).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidAttachment);
            error.detail.clone().unwrap_or_default().into_owned()
        };
        refused(&picture(ImageFormat::Png)[..40]);
        refused(b"<script>");
        refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>");
        refused(b"");
        for (bytes, what_to_do) in [
            (&b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..], "解压"),
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "兼容性最佳"),
            (&b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"[..], "兼容性最佳"),
            (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"[..], "另存为"),
            (&b"II*\0\x08\0\0\0"[..], "存为 PDF"),
        ] {
            assert!(refused(bytes).contains(what_to_do), "{what_to_do}");
        }
    }
}
