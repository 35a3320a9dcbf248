//! Removes author, dates and program from workbooks, documents and OFD.

use std::io::{Cursor, Read, Write};

use platform::{Result, excel};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::content::refuse;

const CORE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\"/>";
const EXTENDED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"/>";
const CUSTOM: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
    <Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"/>";

const DAMAGED: &str = "文档已损坏 / the document is damaged";
/// The largest root of an OFD, in bytes. A larger one is cut off, and so counts as damaged.
const ROOT_LIMIT: u64 = 1024 * 1024;

/// The same file with empty properties. The authors of comments and tracked changes stay, because they are part of the content.
///
/// # Errors
/// `invalid_attachment` if it cannot be copied.
pub fn without_author(bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |_| refuse(DAMAGED);
    let mut from = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut to = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for index in 0..from.len() {
        let entry = from.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let anew = match name.to_ascii_lowercase().as_str() {
            "ofd.xml" => {
                drop(entry);
                root_without_author(&mut from.by_index(index).map_err(damaged)?)?
            }
            part => match emptied(part) {
                Some(empty) => empty.to_owned(),
                None => {
                    to.raw_copy_file(entry).map_err(damaged)?;
                    continue;
                }
            },
        };
        to.start_file(name, SimpleFileOptions::default()).map_err(damaged)?;
        to.write_all(anew.as_bytes()).map_err(|_| refuse(DAMAGED))?;
    }
    Ok(to.finish().map_err(damaged)?.into_inner())
}

/// The root of an OFD without its author.
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
}
