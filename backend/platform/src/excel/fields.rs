//! What asks another program for data when a document is opened: DDE, which starts that program with what the document says.

use std::io::{BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::contents::Allowance;
use super::guard::refuse;
use crate::{Error, Result};

/// The longest run of text, and the longest tag, in bytes.
const EVENT_LIMIT: u64 = 16 * 1024 * 1024;
/// The most that the instructions of all fields of a part may hold.
const FIELDS_LIMIT: usize = 1024 * 1024;
/// How UTF-16 begins, with a mark or without one. Nothing would be found in it.
const WIDE: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"];

/// Refuses a part of a document or workbook that asks another program for data. What is no XML, such as a picture, asks nobody.
///
/// # Errors
/// `invalid_workbook`.
pub fn check(part: impl Read) -> Result<()> {
    let mut part = BufReader::new(Allowance { inner: part, left: EVENT_LIMIT });
    let begins = part.fill_buf().map_err(|_| broken())?;
    if WIDE.iter().any(|wide| begins.starts_with(wide)) {
        return Err(broken());
    }
    let begins = begins.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begins).trim_ascii_start();
    if begins.first() != Some(&b'<') {
        return Ok(());
    }
    let mut reader = Reader::from_reader(part);
    reader.config_mut().expand_empty_elements = true;
    let (mut buffer, mut fields, mut within) = (Vec::new(), Fields::default(), false);
    loop {
        buffer.clear();
        reader.get_mut().get_mut().left = EVENT_LIMIT;
        match reader.read_event_into(&mut buffer).map_err(|_| broken())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "ddeLink" | "oleLink" => return Err(asks()),
                "fldSimple" => fields.simple(&tag)?,
                "fldChar" => fields.mark(),
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
            Event::DocType(_) => return Err(broken()),
            Event::Eof => break,
            _ => {}
        }
    }
    if fields.ask() { Err(asks()) } else { Ok(()) }
}

/// The instructions of the fields of a part. Programs put together what stands in several runs, and in a field within a field.
#[derive(Default)]
struct Fields {
    /// With a blank wherever a field begins, ends or has its result.
    parted: String,
    joined: String,
}

impl Fields {
    fn add(&mut self, text: &str) -> Result<()> {
        self.parted += text;
        self.joined += text;
        if self.parted.len() > FIELDS_LIMIT { Err(broken()) } else { Ok(()) }
    }

    fn mark(&mut self) {
        self.parted.push(' ');
    }

    fn simple(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| broken())?;
            if attribute.key.local_name().as_ref() == "instr" {
                self.mark();
                self.add(&attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken())?)?;
                self.mark();
            }
        }
        Ok(())
    }

    fn ask(&self) -> bool {
        let words = self.parted.split_whitespace().chain(self.joined.split_whitespace());
        words.map(|word| word.trim_matches('"')).any(|word| ["dde", "ddeauto"].iter().any(|name| word.eq_ignore_ascii_case(name)))
    }
}

fn asks() -> Error {
    refuse("打开时会向其他程序索取数据（DDE）/ it asks another program for data when it is opened (DDE)")
}

#[track_caller]
fn broken() -> Error {
    refuse("文档已损坏 / the document is damaged")
}
