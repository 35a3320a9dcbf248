//! Finds what a document carries along that is none of its own parts: programs, scripts, other files. A document or workbook
//! within it, which the figures of a diagram come from, is looked at like the outer one.

use std::io::Read;

use super::fields::broken;
use super::guard::{Budget, COMPOUND_FILE, office_within, refuse};
use super::{OFD, fields, ofd};
use crate::{Error, Result};

/// How deep documents may be within documents.
const DEPTH: usize = 2;
/// The largest document within another one, in bytes. It is in memory while it is looked at.
const CARRIED_LIMIT: u64 = 16 * 1024 * 1024;
/// The first bytes of programs, archives, and documents of other kinds.
const PROGRAMS: [&[u8]; 14] = [
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    &COMPOUND_FILE,
    b"{\\rt",
    b"%PDF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"MSCF",
    b"ITSF",
    b"L\0\0\0\x01\x14\x02",
    b"!<arch>",
];
/// The endings of what systems run or open as a program, a script or a page.
const ENDINGS: [&str; 30] = [
    "ade", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "htm", "html", "inf", "jar", "js", "jse", "lnk", "mht",
    "mhtml", "msi", "ps1", "py", "reg", "rtf", "scr", "sh", "swf", "url", "vbs", "wsf", "xll",
];
/// A font that is made illegible begins with any bytes.
const FONT: &str = ".odttf";

/// Looks at a part of a document of a kind, whose name is in lower case.
///
/// # Errors
/// `invalid_workbook` where it carries a file, or does something by itself.
pub fn check(kind: &'static str, name: &str, part: &mut dyn Read, budget: &Budget, depth: usize) -> Result<()> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ENDINGS.contains(&ending) || name.starts_with("activex/") || name.contains("/activex/") {
        return Err(carries());
    }
    let mut begins = Vec::new();
    (&mut *part).take(8).read_to_end(&mut begins).map_err(|_| broken())?;
    if begins.starts_with(b"PK") {
        if kind == OFD || depth == DEPTH {
            return Err(carries());
        }
        (&mut *part).take(CARRIED_LIMIT).read_to_end(&mut begins).map_err(|_| broken())?;
        return if begins.len() as u64 >= CARRIED_LIMIT {
            Err(refuse("内嵌的文档过大 / a document within it is too large"))
        } else {
            office_within(&begins, budget, depth + 1).map(drop)
        };
    }
    let is_program = !name.ends_with(FONT) && PROGRAMS.iter().any(|program| begins.starts_with(program));
    if is_program || (kind != OFD && name.contains("/embeddings/") && !name.ends_with(".rels")) {
        return Err(carries());
    }
    let whole = begins.as_slice().chain(part);
    match kind {
        OFD => ofd::check(name, whole),
        // Nothing, where a program keeps nothing.
        _ if begins.is_empty() => Ok(()),
        _ => fields::check(name, whole),
    }
}

#[track_caller]
fn carries() -> Error {
    refuse(
        "内嵌有程序、脚本、压缩包或其他文件，请删除后另存，或导出为 PDF \
         / it carries a program, a script, an archive or another file: remove it and save again, or save as PDF",
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::super::{DOCX, office_type};

    /// A document of some parts.
    fn document(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let own: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")];
        for (name, content) in own.iter().chain(parts) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn is_refused(parts: &[(&str, &[u8])]) -> bool {
        office_type(&document(parts)).is_err()
    }

    #[test]
    fn what_office_itself_puts_into_a_document_is_taken() {
        let chart = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
        let parts: [(&str, &[u8]); 9] = [
            ("word/media/image1.png", b"\x89PNG\r\n\x1a\n"),
            ("word/media/image2.jpeg", b"\xff\xd8\xff"),
            ("word/media/image3.emz", b"\x1f\x8b"),
            ("word/media/image4.wmf", b"\xd7\xcd\xc6\x9a"),
            ("word/fonts/font1.odttf", b"MZ\x01"),
            ("word/embeddings/Microsoft_Excel_Sheet1.xlsx", &chart),
            ("word/printerSettings/printerSettings1.bin", b"H\0P\0 \0L\0"),
            ("customXml/item1.xml", b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><b:Sources/>"),
            ("docProps/app.xml", b""),
        ];
        assert_eq!(office_type(&document(&parts)).unwrap(), DOCX);
    }

    #[test]
    fn programs_scripts_and_other_files_are_found_whatever_they_are_called() {
        for content in [&b"MZ\x90"[..], b"\x7fELF", b"#!/bin/sh", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1", b"%PDF-1.7"] {
            for name in ["word/embeddings/oleObject1.bin", "word/media/image1.png", "customXml/item1.bin", "a"] {
                assert!(is_refused(&[(name, content)]), "{name} {content:?}");
            }
        }
        for name in ["word/a.exe", "word/media/a.JS", "a.hta", "word/embeddings/a.bin", "word/activeX/activeX1.bin"] {
            assert!(is_refused(&[(name, b"text")]), "{name}");
        }
    }

    #[test]
    fn a_document_within_a_document_is_looked_at_like_the_outer_one() {
        let macros = document(&[("word/vbaProject.bin", b"x")]);
        let fields = document(&[("word/footer1.xml", b"<w:ftr><w:fldSimple w:instr=\"DDEAUTO a\"/></w:ftr>")]);
        let within = |inner: &[u8]| document(&[("word/embeddings/a.docx", inner)]);
        for inner in [&macros, &fields] {
            assert!(
                office_type(inner).is_err()
                    && office_type(&within(inner)).is_err()
                    && office_type(&within(&within(inner))).is_err()
            );
            assert!(is_refused(&[("word/media/image1.png", inner)]), "whatever it is called");
        }
        let plain = document(&[]);
        assert!(office_type(&within(&within(&plain))).is_ok());
        assert!(office_type(&within(&within(&within(&plain)))).is_err(), "deeper than anybody needs");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("a.txt", SimpleFileOptions::default()).unwrap();
        assert!(office_type(&within(&archive.finish().unwrap().into_inner())).is_err(), "an archive");
    }

    #[test]
    fn documents_within_a_document_share_what_they_may_unfold() {
        let zeros = vec![b' '; 100 * 1024 * 1024];
        let large = document(&[("word/media/image1.bmp", &zeros)]);
        assert!(office_type(&large).is_ok());
        assert!(is_refused(&[("word/embeddings/a.docx", &large), ("word/embeddings/b.docx", &large)]));
    }
}
