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
const FETCHES: [&str; 7] = ["link", "include", "includetext", "includepicture", "import", "rd", "database"];
/// Elements of a workbook that hold a formula.
const FORMULAS: [&str; 7] =
    ["f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"];
/// The longest formula, in bytes. Programs allow 8,192 characters.
const FORMULA_LIMIT: usize = 64 * 1024;
/// Functions that fetch a page or a picture, or call another program or a library.
const FETCHING: [&str; 10] =
    ["CALL", "COPILOT", "DDE", "EXEC", "IMAGE", "REGISTER", "REGISTER.ID", "RTD", "SQL.REQUEST", "WEBSERVICE"];
/// What a file puts before the name of a function that came later.
const PREFIXES: [&str; 4] = ["_XLFN.", "_XLWS.", "_XLL.", "_XLUDF."];
/// Elements of a drawing that show a picture.
const PICTURES: [&str; 4] = ["imagedata", "fill", "stroke", "image"];
/// Marks where a field begins, ends or has its result. This white space cannot stand in XML.
const MARK: char = '\u{b}';
/// The first bytes of UTF-16, UTF-32 and EBCDIC, with a byte order mark or without. Nothing would be found in them.
const FOREIGN: [&[u8]; 7] = [b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\0<", b"\0\0\xfe\xff", b"\x4c\x6f\xa7\x94"];

/// Calls `look` with the events of a part; an empty element counts as a start and an end. Returns whether there are any: a part
/// that is not XML, such as a picture, has none.
///
/// # Errors
/// `invalid_workbook` if it is not well-formed XML, or has a document type declaration.
pub fn events(part: impl Read, mut look: impl FnMut(Event<'_>) -> Result<()>) -> Result<bool> {
    let mut part = BufReader::new(Allowance { inner: part, left: EVENT_LIMIT });
    let begins = part.fill_buf().map_err(|_| broken())?;
    if FOREIGN.iter().any(|foreign| begins.starts_with(foreign)) {
        return Err(encoded());
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
            // Its letters would be others for a program that believes it.
            Event::Decl(declared)
                if declared.encoding().is_some_and(|said| !said.is_ok_and(|said| said.eq_ignore_ascii_case("utf-8"))) =>
            {
                return Err(encoded());
            }
            Event::Eof => return Ok(true),
            event => look(event)?,
        }
    }
}

/// Refuses a part of a document or workbook that fetches external data, or that is called XML and is none.
///
/// # Errors
/// `invalid_workbook`.
pub fn check(name: &str, part: impl Read) -> Result<()> {
    let (mut fields, mut within) = (Fields::default(), false);
    let mut formula: Option<String> = None;
    let say = |formula: &mut Option<String>, fields: &mut Fields, within: bool, text: &str| {
        if let Some(formula) = formula {
            formula.push_str(text);
            if formula.len() > FORMULA_LIMIT {
                return Err(broken());
            }
        }
        if within { fields.add(text) } else { Ok(()) }
    };
    let is_xml = events(part, |event| {
        match event {
            Event::Start(tag) => {
                // A formula has no elements of its own: what has is a fraction.
                formula = None;
                match tag.local_name().as_ref() {
                    "ddeLink" | "oleLink" | "webPr" | "dbPr" | "mailMerge" | "script" => return Err(asks()),
                    name if PICTURES.contains(&name) && shows_another(&tag)? => return Err(asks()),
                    name if FORMULAS.contains(&name) => formula = Some(String::new()),
                    "fldSimple" => fields.simple(&tag)?,
                    "fldChar" => fields.mark(&tag)?,
                    "instrText" | "delInstrText" => within = true,
                    _ => {}
                }
            }
            Event::End(tag) if matches!(tag.local_name().as_ref(), "instrText" | "delInstrText") => within = false,
            Event::End(tag) if FORMULAS.contains(&tag.local_name().as_ref()) => {
                let written = formula.take();
                if written.is_some_and(|formula| fetches(&formula)) {
                    return Err(asks());
                }
            }
            Event::Text(text) => say(&mut formula, &mut fields, within, &text)?,
            Event::CData(text) => say(&mut formula, &mut fields, within, &text)?,
            Event::GeneralRef(character) => {
                let letter = character.resolve_char_ref().map_err(|_| broken())?;
                // The five that have names; others are declared, which is refused.
                let letter = letter.or_else(|| match &*character {
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    _ => None,
                });
                if let Some(letter) = letter {
                    say(&mut formula, &mut fields, within, letter.encode_utf8(&mut [0; 4]))?;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if !is_xml && [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending)) {
        return Err(broken());
    }
    if fields.ask() { Err(asks()) } else { Ok(()) }
}

/// Whether a picture of a drawing is on another computer, or elsewhere on this one.
fn shows_another(tag: &BytesStart<'_>) -> Result<bool> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| broken())?;
        let place = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken())?.trim().to_ascii_lowercase();
        let leads_out = place.contains("://") || ["\\\\", "//", "file:"].iter().any(|begin| place.starts_with(begin));
        if leads_out && matches!(attribute.key.local_name().as_ref(), "src" | "href") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a formula fetches something, or starts another program with its words (DDE: `cmd|'/c calc'!A1`).
fn fetches(formula: &str) -> bool {
    // A text in double quotes is none of it; neither is the name of a sheet, for the bar of DDE.
    let outside = |quotes: &[char]| {
        let mut quote = None;
        let mut outside = String::with_capacity(formula.len());
        for c in formula.chars() {
            match quote {
                Some(open) if open == c => quote = None,
                Some(_) => {}
                None if quotes.contains(&c) => quote = Some(c),
                None => outside.push(c.to_ascii_uppercase()),
            }
        }
        outside
    };
    let words = outside(&['"']);
    let calls = words.match_indices('(').any(|(at, _)| {
        let before = words[..at].trim_end();
        let begin = before.rfind(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').map_or(0, |at| at + 1);
        let mut name = before.get(begin..).unwrap_or_default();
        while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
            name = rest;
        }
        FETCHING.contains(&name)
    });
    calls || outside(&['"', '\'']).contains('|')
}

/// The instructions of the fields of a part. Programs join what stands in several runs, and in a field within a field.
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
fn encoded() -> Error {
    refuse("其中的文字须为 UTF-8 编码，请用 WPS 或 Office 另存 / its texts must be in UTF-8: save it again with WPS or Office")
}

#[track_caller]
pub fn broken() -> Error {
    refuse("文档已损坏 / the document is damaged")
}

#[cfg(test)]
mod tests {
    use super::check;

    fn is_refused(part: &str) -> bool {
        check("a.xml", format!("<?xml version=\"1.0\"?><w:document>{part}</w:document>").as_bytes()).is_err()
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
        for name in ["LINK", "includetext", "INCLUDEPICTURE", "Import", "DATABASE", "RD"] {
            for field in [
                field(&instruction(&format!(" {name} \"\\\\host\\a\" \\d"))),
                field(&format!("{}{}", instruction(&name[..1]), instruction(&format!("{} x", &name[1..])))),
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

    #[test]
    fn a_formula_that_fetches_or_calls_is_found_and_what_only_reads_like_one_is_not() {
        for formula in [
            "WEBSERVICE(\"http://a/\"&amp;A1)",
            "_xlfn.WEBSERVICE(A1)",
            "1+_xlfn._xlws.image (A1)",
            "CALL(&quot;urlmon&quot;)",
            "REGISTER.ID(1)",
            "RTD(\"a\")",
            "SUM(Table1[a'[b])+WEBSERVICE(A1)",
            "<![CDATA[webservice(A1)]]>",
            "&#87;EBSERVICE(A1)",
            "cmd|'/c calc'!A0",
        ] {
            for element in ["f", "definedName", "x14:formula1", "calculatedColumnFormula"] {
                assert!(is_refused(&format!("<{element}>{formula}</{element}>")), "{element} {formula}");
            }
        }
        for formula in [
            "SUM(A1:A2)",
            "\"WEBSERVICE(\"&amp;A1",
            "'a|b'!A1",
            "\"a|b\"",
            "RECALL(A1)",
            "HYPERLINK(\"http://a\")",
            "_xlfn.DISPIMG(\"ID_1\",1)",
        ] {
            assert!(!is_refused(&format!("<f>{formula}</f>")), "{formula}");
        }
        assert!(!is_refused("<t>WEBSERVICE(A1)</t>"), "what a cell only says");
    }

    #[test]
    fn a_picture_elsewhere_is_found_in_a_drawing() {
        for place in ["http://elsewhere/a.png", "\\\\host\\a.png", "file:///a.png"] {
            assert!(is_refused(&format!("<v:shape><v:imagedata src=\"{place}\" o:title=\"a: b\"/></v:shape>")), "{place}");
        }
        assert!(!is_refused("<v:shape><v:imagedata r:id=\"rId1\" o:title=\"照片: 1\"/></v:shape>"));
    }

    #[test]
    fn what_is_not_in_utf_8_is_refused_whatever_it_says() {
        let text = "<?xml version=\"1.0\"?><w:document><w:fldSimple w:instr=\"DDEAUTO x\"/></w:document>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&little, &big, &[&b"\xff\xfe"[..], &little].concat(), &[&b"\xfe\xff"[..], &big].concat()] {
            assert!(check("word/document.xml", &bytes[..]).is_err());
            assert!(check("word/data.bin", &bytes[..]).is_err(), "whatever the part is called");
        }
        for encoding in ["UTF-7", "UTF-16", "gb2312", "ibm037"] {
            let part = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><a/>");
            assert!(check("a.bin", part.as_bytes()).is_err(), "{encoding}");
        }
        assert!(check("a.xml", &b"<?xml version=\"1.0\" encoding='utf-8' standalone=\"yes\"?><a/>"[..]).is_ok());
        assert!(check("a.xml", &b"\xef\xbb\xbf<a/>"[..]).is_ok() && check("media/a.png", &b"\x89PNG"[..]).is_ok());
        assert!(check("word/document.xml", &b"+ADw-a/>"[..]).is_err(), "called XML, and none");
    }
}
