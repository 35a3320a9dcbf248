//! Finds content that fetches external data when a document is opened: DDE, which starts another program with text of the
//! document, and fields that read a file, a page or a database.

use std::io::{BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::contents::Allowance;
use super::guard::refuse;
use crate::{Error, Result};

/// The longest run of text, and the longest tag, in bytes.
const EVENT_LIMIT: u64 = 16 * 1024 * 1024;
/// The largest size of all field instructions in a part, in bytes.
const FIELDS_LIMIT: usize = 1024 * 1024;
/// Fields that read other files or databases, by their first word.
const FETCHES: [&str; 5] = ["link", "includetext", "includepicture", "import", "database"];
/// Marks where a field begins, ends or has its result. XML cannot contain this white space.
const MARK: char = '\u{b}';
/// The first bytes of UTF-16, with or without a byte order mark. The check would find nothing in such text.
const WIDE: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"];

/// Calls `look` with the events of a part; an empty element counts as a start and an end. Returns whether there are any: a part
/// that is not XML, such as a picture, has none.
///
/// # Errors
/// `invalid_workbook` if it is not well-formed XML, or has a document type declaration.
pub fn events(part: impl Read, mut look: impl FnMut(Event<'_>) -> Result<()>) -> Result<bool> {
    let mut part = BufReader::new(Allowance { inner: part, left: EVENT_LIMIT });
    let begins = part.fill_buf().map_err(|_| broken())?;
    if WIDE.iter().any(|wide| begins.starts_with(wide)) {
        return Err(broken());
    }
    let begins = begins.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begins).trim_ascii_start();
    if begins.first() != Some(&b'<') {
        return Ok(false);
    }
    let mut reader = Reader::from_reader(part);
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().get_mut().left = EVENT_LIMIT;
        match reader.read_event_into(&mut buffer).map_err(|_| broken())? {
            Event::DocType(_) => return Err(broken()),
            Event::Eof => return Ok(true),
            event => look(event)?,
        }
    }
}

/// Refuses a part of a document or workbook that fetches external data.
///
/// # Errors
/// `invalid_workbook`.
pub fn check(part: impl Read) -> Result<()> {
    let (mut fields, mut within) = (Fields::default(), false);
    events(part, |event| {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "ddeLink" | "oleLink" | "webPr" | "dbPr" | "mailMerge" => return Err(asks()),
                "fldSimple" => fields.simple(&tag)?,
                "fldChar" => fields.mark(&tag)?,
                "instrText" | "delInstrText" => within = true,
                _ => {}
            },
            Event::End(tag) if matches!(tag.local_name().as_ref(), "instrText" | "delInstrText") => within = false,
            Event::Text(text) if within => fields.add(&text)?,
            Event::CData(text) if within => fields.add(&text)?,
            Event::GeneralRef(character) if within => {
                if let Some(character) = character.resolve_char_ref().map_err(|_| broken())? {
                    fields.add(character.encode_utf8(&mut [0; 4]))?;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if fields.ask() { Err(asks()) } else { Ok(()) }
}

/// The field instructions of a part. Programs join text in several runs, and a field within a field.
#[derive(Default)]
struct Fields {
    /// The text with a mark wherever a field begins, ends or has its result.
    parted: String,
    /// The text with a mark where an outermost field begins.
    joined: String,
    depth: usize,
}

impl Fields {
    fn add(&mut self, text: &str) -> Result<()> {
        self.parted += text;
        self.joined += text;
        if self.parted.len() > FIELDS_LIMIT { Err(broken()) } else { Ok(()) }
    }

    fn mark(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        self.parted.push(MARK);
        let kind = tag.attributes().find_map(|attribute| {
            let attribute = attribute.ok().filter(|attribute| attribute.key.local_name().as_ref() == "fldCharType")?;
            Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
        });
        match kind.ok_or_else(broken)?.as_str() {
            "begin" => {
                if self.depth == 0 {
                    self.joined.push(MARK);
                }
                self.depth += 1;
            }
            "end" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }

    fn simple(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| broken())?;
            if attribute.key.local_name().as_ref() == "instr" {
                let instruction = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken())?;
                self.add(&format!("{MARK}{instruction}{MARK}"))?;
            }
        }
        Ok(())
    }

    fn ask(&self) -> bool {
        let is_of = |word: &str, names: &[&str]| names.iter().any(|name| word.trim_matches('"').eq_ignore_ascii_case(name));
        let mut fields = self.parted.split(MARK).chain(self.joined.split(MARK));
        fields.any(|field| {
            let mut words = field.split_whitespace();
            words.clone().next().is_some_and(|word| is_of(word, &FETCHES)) || words.any(|word| is_of(word, &["dde", "ddeauto"]))
        })
    }
}

fn asks() -> Error {
    refuse("打开时会从其他程序、文件或数据库取数据 / it takes data from another program, file or database when it is opened")
}

#[track_caller]
pub fn broken() -> Error {
    refuse("文档已损坏 / the document is damaged")
}

#[cfg(test)]
mod tests {
    use super::check;

    fn is_refused(part: &str) -> bool {
        check(format!("<?xml version=\"1.0\"?><w:document>{part}</w:document>").as_bytes()).is_err()
    }

    fn field(content: &str) -> String {
        let mark = |kind: &str| format!("<w:fldChar w:fldCharType=\"{kind}\"/>");
        format!("{}{content}{}<w:t>1</w:t>{}", mark("begin"), mark("separate"), mark("end"))
    }

    fn instruction(text: &str) -> String {
        format!("<w:instrText>{text}</w:instrText>")
    }

    #[test]
    fn what_reads_other_files_is_found() {
        for name in ["LINK", "includetext", "INCLUDEPICTURE", "Import", "DATABASE"] {
            for field in [
                field(&instruction(&format!(" {name} \"\\\\host\\a\" \\d"))),
                field(&format!("{}{}", instruction(&name[..3]), instruction(&format!("{} x", &name[3..])))),
                field(&format!("{} {}", instruction("IF 1 = 1 "), field(&instruction(&format!("{name} x"))))),
                format!("<w:fldSimple w:instr=\"{name} x\"/>"),
            ] {
                assert!(is_refused(&field), "{field}");
            }
        }
        for part in ["<x:webPr url=\"http://elsewhere\"/>", "<dbPr connection=\"a\"/>", "<w:mailMerge><w:query/></w:mailMerge>"] {
            assert!(is_refused(part), "{part}");
        }
    }

    #[test]
    fn what_only_reads_the_document_itself_is_none() {
        for text in ["HYPERLINK \\l \"link\"", "TOC \\o", "REF import \\h", "IF 1 = 1 \"link\"", "MERGEFIELD database"] {
            let simple = format!("<w:fldSimple w:instr='{}'/>", text.replace('"', "&quot;"));
            assert!(!is_refused(&field(&instruction(text))) && !is_refused(&simple), "{text}");
        }
        assert!(!is_refused("<w:t>LINK IMPORT DATABASE</w:t>"));
    }
}
