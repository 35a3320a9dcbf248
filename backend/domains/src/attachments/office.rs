//! Removes from workbooks, documents and OFD who wrote them, when, and with what program, and from the photos in them where
//! they were taken.

use std::io::{Cursor, Read, Write};

use platform::{Result, excel};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::content::{is_heif, refuse, save_as_jpeg};
use super::picture;

const CORE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\"/>";
const EXTENDED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"/>";
const CUSTOM: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"/>";

const DAMAGED: &str = "文档已损坏 / the document is damaged";
/// The largest root of an OFD, in bytes. A larger one is cut off, and so counts as damaged.
const ROOT_LIMIT: u64 = 1024 * 1024;
/// The largest photo or document within it, in bytes.
const PART_LIMIT: u64 = 32 * 1024 * 1024;

/// The same file with empty properties. The authors of comments and tracked changes stay, because they are part of the content.
///
/// # Errors
/// `invalid_attachment` if it cannot be copied.
pub fn without_author(bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |_| refuse(DAMAGED);
    let mut from = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut to = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    // A signature says what the pictures were.
    let is_signed = from.file_names().any(|name| name.is_ok_and(|name| name.to_ascii_lowercase().contains("signatures")));
    for index in 0..from.len() {
        let entry = from.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let anew: Vec<u8> = match name.to_ascii_lowercase().as_str() {
            "ofd.xml" => {
                drop(entry);
                root_without_author(&mut from.by_index(index).map_err(damaged)?)?.into()
            }
            part => match emptied(part) {
                Some(empty) => empty.to_owned().into(),
                None => {
                    drop(entry);
                    let anew = match is_signed {
                        true => None,
                        false => without_place(&mut from.by_index(index).map_err(damaged)?)?,
                    };
                    let Some(anew) = anew else {
                        to.raw_copy_file(from.by_index_raw(index).map_err(damaged)?).map_err(damaged)?;
                        continue;
                    };
                    anew
                }
            },
        };
        to.start_file(name, SimpleFileOptions::default()).map_err(damaged)?;
        to.write_all(&anew).map_err(|_| refuse(DAMAGED))?;
    }
    Ok(to.finish().map_err(damaged)?.into_inner())
}

/// A photo without where it was taken, or a document without its author; none of any other part, which stays as it is.
fn without_place(part: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    part.by_ref().take(12).read_to_end(&mut bytes).map_err(|_| refuse(DAMAGED))?;
    if is_heif(&bytes) {
        return Err(save_as_jpeg());
    }
    let (is_jpeg, is_png, is_document) =
        (bytes.starts_with(b"\xff\xd8"), bytes.starts_with(picture::PNG), bytes.starts_with(b"PK"));
    if !is_jpeg && !is_png && !is_document {
        return Ok(None);
    }
    part.by_ref().take(PART_LIMIT).read_to_end(&mut bytes).map_err(|_| refuse(DAMAGED))?;
    if bytes.len() as u64 >= PART_LIMIT {
        return Err(refuse("内嵌的图片或文档过大 / a picture or document within it is too large"));
    }
    if is_document {
        return without_author(&bytes).map(Some);
    }
    if is_jpeg {
        return Ok(picture::forget(&mut bytes).then_some(bytes));
    }
    Ok(Some(picture::forgotten_png(&bytes)))
}

/// The root of an OFD, which names its author, without that.
fn root_without_author(root: &mut impl Read) -> Result<String> {
    let mut text = String::new();
    root.take(ROOT_LIMIT).read_to_string(&mut text).map_err(|_| refuse(DAMAGED))?;
    excel::ofd_without_author(&text).ok_or_else(|| refuse(DAMAGED))
}

/// The empty form of a part that names the author.
fn emptied(name: &str) -> Option<&'static str> {
    match name.strip_prefix("docprops/") {
        Some("app.xml") => Some(EXTENDED),
        Some("custom.xml") => Some(CUSTOM),
        Some(other) if other.starts_with("core") => Some(CORE),
        _ => name.ends_with(".psmdcp").then_some(CORE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named_as_who_wrote_it_and_everything_else_stays() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_properties(
            &rust_xlsxwriter::DocProperties::new().set_author("许清水").set_company("永湖村").set_title("低保名册"),
        );
        book.add_worksheet().write_string(0, 0, "大米").unwrap();
        let bytes = without_author(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(excel::office_type(&bytes).unwrap(), excel::MEDIA_TYPE);
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let (mut all, mut parts) = (String::new(), 0);
        for index in 0..archive.len() {
            archive.by_index(index).unwrap().read_to_string(&mut all).unwrap();
            parts += 1;
        }
        assert!(parts > 5 && all.contains("大米"));
        for secret in ["许清水", "永湖村", "低保名册", "dcterms:created"] {
            assert!(!all.contains(secret), "{secret}");
        }
        let book: Result<calamine::Xlsx<_>, _> = calamine::open_workbook_from_rs(Cursor::new(bytes));
        assert!(book.is_ok());
    }

    #[test]
    fn photos_in_it_lose_their_place_and_documents_in_it_their_author() {
        let pack = |parts: &[(&str, &[u8])]| {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            for (name, content) in parts {
                zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                zip.write_all(content).unwrap();
            }
            zip.finish().unwrap().into_inner()
        };
        let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 24.7N 118.6E";
        let photo = [&[0xff, 0xd8, 0xff, 0xe1, 0, exif.len() as u8 + 2][..], exif, b"\xff\xda the picture"].concat();
        let part = |kind: &[u8], data: &[u8]| [&(data.len() as u32).to_be_bytes()[..], kind, data, b"\0\0\0\0"].concat();
        let png =
            [picture::PNG, &part(b"IHDR", b"x"), &part(b"eXIf", b"GPS 24.7N"), &part(b"tEXt", b"Author"), &part(b"IEND", b"")]
                .concat();
        let inner = pack(&[
            ("word/document.xml", b"<a/>"),
            ("docProps/core.xml", b"<dc:creator>Xu</dc:creator>"),
            ("word/media/a.jpeg", &photo),
        ]);
        let bytes = without_author(&pack(&[
            ("word/document.xml", b"<a/>"),
            ("word/media/image1.bin", &photo),
            ("word/media/image2.png", &png),
            ("word/embeddings/a.docx", &inner),
        ]))
        .unwrap();
        let read = |bytes: &[u8], name: &str| {
            let mut content = Vec::new();
            ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_end(&mut content).unwrap();
            content
        };
        let has = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|bytes| bytes == what.as_bytes());
        let (jpeg, png_now, inner_now) = (
            read(&bytes, "word/media/image1.bin"),
            read(&bytes, "word/media/image2.png"),
            read(&bytes, "word/embeddings/a.docx"),
        );
        assert!(!has(&jpeg, "GPS") && has(&jpeg, "the picture") && jpeg.len() == photo.len());
        let turned = image::metadata::Orientation::from_exif_chunk(&jpeg[12..]).unwrap();
        assert_eq!(turned.to_exif(), 6, "it stays upright");
        assert_eq!(png_now, [picture::PNG, &part(b"IHDR", b"x"), &part(b"IEND", b"")].concat());
        assert!(!has(&read(&inner_now, "docProps/core.xml"), "Xu") && !has(&read(&inner_now, "word/media/a.jpeg"), "GPS"));
        let signed = [("word/media/a.jpeg", &photo[..]), ("_xmlsignatures/sig1.xml", b"<Signature/>")];
        assert_eq!(read(&without_author(&pack(&signed)).unwrap(), "word/media/a.jpeg"), photo);
        assert!(without_author(&pack(&[("word/media/a.heic", b"\0\0\0\x18ftypheic\0\0\0\0")])).is_err());
    }
}
