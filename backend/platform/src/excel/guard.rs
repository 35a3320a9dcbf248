//! Checks a workbook before it is unpacked: that it is plain, and no zip bomb.

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use contract::ErrorCode;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::contents::Contents;
use super::{DOCX, MEDIA_TYPE, OFD, carried};
use crate::{Error, Result};

/// The largest unpacked size of its sheets, which are read while they are unpacked.
const SHEETS_LIMIT: u64 = 512 * 1024 * 1024;
/// The largest unpacked size of everything else, which is unpacked into memory: mostly shared texts.
const UNPACKED_LIMIT: u64 = 128 * 1024 * 1024;
/// The most files in the archive.
const ENTRY_LIMIT: usize = 1_000;
/// The largest size of a part that lists relations.
const RELATIONS_LIMIT: u64 = 4 * 1024 * 1024;
/// External targets that are allowed, because a person clicks a link, and programs ask before they read another workbook. The
/// last one is a link to a workbook that is gone.
const ASKED_FIRST: [&str; 3] = ["/hyperlink", "/externalLinkPath", "/xlExternalLinkPath/xlPathMissing"];
/// External data that is refreshed when the file is opened.
const FETCHES: [&str; 2] = ["/connections", "/queryTable"];
/// Content that runs when it is opened or clicked: macros, controls, and programs or files in disguise.
const ACTIVE: [&str; 9] = [
    "/vbaProject",
    "/wordVbaData",
    "acrosheet",
    "/control",
    "/activeXControlBinary",
    "/oleObject",
    "/aFChunk",
    "/webextension",
    "/webextensiontaskpanes",
];
/// What a link that a person clicks must not lead to: scripts, and programs of the system that take commands from an address.
const RUNNING: [&str; 8] = ["javascript", "vbscript", "data", "mhtml", "mk", "search", "search-ms", "shell"];
/// The first bytes of an entry of an archive's directory.
const DIRECTORY_ENTRY: [u8; 4] = *b"PK\x01\x02";
/// The first bytes of an encrypted workbook, and of an old .xls.
pub const COMPOUND_FILE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// A refusal with its reason.
#[track_caller]
pub fn refuse(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorCode::InvalidWorkbook, why).about("/file")
}

/// Checks a workbook and measures its contents.
///
/// # Errors
/// `invalid_workbook` with the reason if it is not plain.
pub fn check(bytes: &[u8]) -> Result<Contents> {
    if !bytes.starts_with(b"PK") && !bytes.starts_with(&COMPOUND_FILE) {
        return Err(other());
    }
    let mut contents = Contents::default();
    let found = unpack(bytes, &Budget::new(), |_, name, part| match name.ends_with(".xml") || name.ends_with(".rels") {
        true => contents.read(name, part),
        false => Ok(()),
    })?;
    if found == MEDIA_TYPE { Ok(contents) } else { Err(other()) }
}

/// The refusal of another kind of file.
#[track_caller]
fn other() -> Error {
    refuse(
        "不是 .xlsx 工作簿：CSV、.et 等文件请用表格程序打开，将编号、电话等列设为文本，另存为 .xlsx \
         / not an .xlsx workbook: open CSV and other files in a spreadsheet program, format columns of codes and telephone \
         numbers as text, and save as .xlsx",
    )
}

/// The media type of a workbook, a document, or an OFD.
///
/// # Errors
/// `invalid_workbook` if it is none of them, or not plain.
pub fn office_type(bytes: &[u8]) -> Result<&'static str> {
    office_within(bytes, &Budget::new(), 0)
}

/// The media type of one that is so deep within others, with which it shares what it may unfold to.
pub(super) fn office_within(bytes: &[u8], budget: &Budget, depth: usize) -> Result<&'static str> {
    unpack(bytes, budget, |kind, name, part| carried::check(kind, name, part, budget, depth))
}

/// What a file and those within it may still unfold to, in bytes.
pub(super) struct Budget {
    sheets: Cell<u64>,
    others: Cell<u64>,
}

impl Budget {
    fn new() -> Self {
        Self { sheets: Cell::new(SHEETS_LIMIT), others: Cell::new(UNPACKED_LIMIT) }
    }
}

/// Goes through all parts, told what the whole is, with their names in lower case, within the limits of their sizes.
fn unpack(
    bytes: &[u8],
    budget: &Budget,
    mut look: impl FnMut(&'static str, &str, &mut dyn Read) -> Result<()>,
) -> Result<&'static str> {
    if bytes.starts_with(&COMPOUND_FILE) {
        return Err(refuse(
            "加密的或 .xls 格式的工作簿，请另存为未加密的 .xlsx / an encrypted or .xls workbook: save it as plain .xlsx",
        ));
    }
    // The archive's reader loads the whole directory into memory, however often it lists a file.
    if bytes.windows(4).filter(|bytes| **bytes == DIRECTORY_ENTRY).nth(ENTRY_LIMIT).is_some() {
        return Err(refuse("文件内部件过多 / it is made of too many files"));
    }
    let broken = |_| refuse("不是完好的文件 / not an intact file");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut found = None;
    for name in archive.file_names() {
        let name = name.map_err(broken)?.to_ascii_lowercase();
        if name.contains("vbaproject") || name.contains("macrosheets/") {
            return Err(refuse("工作簿含有宏 / the workbook has macros"));
        }
        let kind = match name.as_str() {
            "xl/workbook.xml" => MEDIA_TYPE,
            "word/document.xml" => DOCX,
            "ofd.xml" => OFD,
            _ => continue,
        };
        // Otherwise it would be checked as one kind and opened as the other.
        if found.replace(kind).is_some_and(|other| (other == OFD) != (kind == OFD)) {
            return Err(refuse("同时是几种文档 / it is several kinds of document at once"));
        }
    }
    let found = found.ok_or_else(|| {
        refuse("不是 .xlsx、.docx 或 .ofd，压缩包请先解压 / not an .xlsx, .docx or .ofd; unpack an archive first")
    })?;
    let bomb = || refuse("解压后过大 / too large when unpacked");
    let damaged = |_| refuse("压缩数据已损坏 / its compressed data is damaged");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.to_ascii_lowercase();
        if name.ends_with(".rels") {
            let mut relations = Vec::new();
            let read = entry.by_ref().take(RELATIONS_LIMIT + 1).read_to_end(&mut relations);
            let size = read.map_err(damaged)? as u64;
            if size > RELATIONS_LIMIT {
                return Err(bomb());
            }
            refuse_relations(&relations)?;
            look(found, &name, &mut &*relations)?;
            budget.others.set(budget.others.get().checked_sub(size).ok_or_else(bomb)?);
            continue;
        }
        let left = if name.starts_with("xl/worksheets/") { &budget.sheets } else { &budget.others };
        let may = left.get();
        // The directory may lie. It is believed only where it admits too much; otherwise the bytes are counted.
        if entry.size() > may {
            return Err(bomb());
        }
        let mut part = entry.take(may + 1);
        let looked = look(found, &name, &mut part);
        if part.limit() == 0 {
            return Err(bomb());
        }
        looked?;
        io::copy(&mut part, &mut io::sink()).map_err(damaged)?;
        let read = (may + 1) - part.limit();
        // What is within it has taken its own.
        left.set(left.get().checked_sub(read).ok_or_else(bomb)?);
    }
    Ok(found)
}

/// Refuses a file for what a part refers to or runs, whatever the part's name. For example, an external template may bring macros
/// that the file itself lacks.
fn refuse_relations(relations: &[u8]) -> Result<()> {
    let elsewhere = || {
        refuse(
            "打开时会加载外部的模板、对象或图片，请删除这些链接后另存 \
             / it loads a template, object or picture from elsewhere: remove those links and save it again",
        )
    };
    // The check would find nothing in UTF-16.
    let text = std::str::from_utf8(relations).ok().filter(|text| !text.contains('\0')).ok_or_else(elsewhere)?;
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "Relationship" => {
                let attribute =
                    |name| Some(tag.try_get_attribute(name).ok()??.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned());
                let (kind, mode) = (attribute("Type").ok_or_else(elsewhere)?, attribute("TargetMode"));
                if ACTIVE.iter().any(|active| kind.ends_with(active)) {
                    return Err(refuse("含有宏、控件或嵌入的对象 / it has macros, controls or embedded objects"));
                }
                if kind.ends_with("/hyperlink") && attribute("Target").is_some_and(|target| runs(&target)) {
                    return Err(elsewhere());
                }
                let leads_out = mode.is_some_and(|mode| mode.trim().eq_ignore_ascii_case("external"));
                let is_one_of = |kinds: &[&str]| kinds.iter().any(|wanted| kind.ends_with(wanted));
                if is_one_of(&FETCHES) || (leads_out && !is_one_of(&ASKED_FIRST)) {
                    return Err(elsewhere());
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(elsewhere()),
        }
    }
}

/// Whether a link leads to what runs.
fn runs(target: &str) -> bool {
    let scheme = target.trim().split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| scheme.starts_with("ms-") || RUNNING.contains(&scheme.as_str()))
}

#[cfg(test)]
mod tests {
    use super::refuse_relations;

    /// Whether a relation of this kind is refused.
    fn relation(kind: &str, rest: &str) -> bool {
        let base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        refuse_relations(
            format!(
                "<?xml version=\"1.0\"?><Relationships><Relationship Id=\"a\" Type=\"{base}/{kind}\" {rest}/></Relationships>"
            )
            .as_bytes(),
        )
        .is_err()
    }

    #[test]
    fn what_is_fetched_when_it_is_opened_is_found() {
        for kind in ["attachedTemplate", "oleObject", "image", "frame"] {
            assert!(relation(kind, "Target=\"http://elsewhere/t.dotm\" TargetMode=\"External\""), "{kind}");
            assert!(relation(kind, "Target=\"x\" TargetMode='&#69;xternal'"), "{kind}");
            assert_eq!(relation(kind, "Target=\"media/image1.png\""), kind == "oleObject", "{kind}");
        }
        for kind in ["connections", "queryTable"] {
            assert!(relation(kind, "Target=\"../a.xml\""), "{kind}");
        }
        for target in ["http://jinjiang.gov.cn", "mailto:a@b.cn", "file:///D:\\a.xlsx", "../a.docx", "onenote:a"] {
            assert!(!relation("hyperlink", &format!("Target=\"{target}\" TargetMode=\"External\"")), "{target}");
        }
        for target in ["javascript:alert(1)", "ms-msdt:/id PCWDiagnostic", " Search-MS:query=a", "&#109;s-word:ofe|u|http://a"] {
            assert!(relation("hyperlink", &format!("Target=\"{target}\" TargetMode=\"External\"")), "{target}");
        }
        for link in ["externalLinkPath", "xlExternalLinkPath/xlPathMissing"] {
            assert!(!relation(link, "Target=\"a.xlsx\" TargetMode=\"External\""), "{link}");
        }
        let wide: Vec<u8> = "<Relationships/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(refuse_relations(&wide).is_err() && refuse_relations(b"<Relationships><Relationship").is_err());
    }

    #[test]
    fn what_runs_is_found_whatever_its_part_is_called() {
        for kind in ["vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "control", "oleObject", "webextension"] {
            assert!(relation(kind, "Target=\"theme/theme2.xml\""), "{kind}");
        }
        assert!(!relation("package", "Target=\"../embeddings/chart.xlsx\""));
    }
}
