//! Estimates the memory for reading a workbook before it is read, because the reader believes what a file declares.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::guard::refuse;
use super::hidden::Hidden;
use crate::{Error, Result};

/// The longest run of text and the longest tag, in bytes. The reader buffers each of them whole.
const EVENT_LIMIT: u64 = 1024 * 1024;
/// The largest cell, shared text or defined name, with everything in it. Programs allow 32,767 characters in a cell.
const ITEM_LIMIT: u64 = 1024 * 1024;
/// The most memory that the reader may use before it reaches a sheet, in bytes.
const RETAINED_LIMIT: u64 = 96 * 1024 * 1024;
/// The deepest nesting of tags.
const DEPTH_LIMIT: usize = 256;
/// The longest tag that the reader copies for each style.
const STYLE_TAG_LIMIT: usize = 4 * 1024;
/// By how much a workbook may overstate its number of shared texts. Programs count them loosely.
const ANNOUNCED_LIMIT: u64 = 10_000;

/// The contents of a workbook that its reader stores in memory.
#[derive(Debug, Default)]
pub struct Contents {
    /// Shared texts, names, sheets and relations, in bytes.
    retained: u64,
    styles: u64,
    longest_style: u64,
    rows: u64,
    cells: u64,
    cell_bytes: u64,
    shared_cells: u64,
    longest_text: u64,
    /// The hidden rows.
    pub hidden: Hidden,
}

impl Contents {
    /// The memory that the reader uses before it reaches a sheet, in bytes.
    pub fn retained(&self) -> u64 {
        self.retained + self.styles * (1024 + self.longest_style)
    }

    /// The most memory that the cells can use, in bytes.
    pub fn cells(&self) -> u64 {
        let shared = self.shared_cells.saturating_mul(self.longest_text);
        (self.rows * 256 + self.cells * 64 + self.cell_bytes).saturating_add(shared)
    }

    /// Reads a part of the workbook.
    ///
    /// # Errors
    /// `invalid_workbook` if it is not XML as spreadsheet programs write it.
    pub fn read(&mut self, name: &str, part: impl Read) -> Result<()> {
        self.hidden.part();
        let mut reader = Reader::from_reader(BufReader::new(Allowance { inner: part, left: 0 }));
        reader.config_mut().expand_empty_elements = true;
        let (mut buffer, mut depth, mut texts, mut announced) = (Vec::new(), 0, 0_u64, 0_u64);
        // The open element that the reader buffers whole: its depth, and where it began.
        let mut item: Option<(usize, u64)> = None;
        loop {
            buffer.clear();
            reader.get_mut().get_mut().left = EVENT_LIMIT;
            let event = reader.read_event_into(&mut buffer).map_err(|_| broken())?;
            let at = reader.buffer_position();
            if item.is_some_and(|(_, began)| at - began > ITEM_LIMIT) {
                return Err(refuse("有单元格过长 / one of its cells is too long"));
            }
            match event {
                Event::Start(tag) => {
                    depth += 1;
                    if depth > DEPTH_LIMIT {
                        return Err(broken());
                    }
                    let buffered = self.tag(&tag, &mut texts, &mut announced)?;
                    self.hidden.tag(name, &tag)?;
                    if self.retained() > RETAINED_LIMIT {
                        return Err(refuse("文字或格式过多 / too much text or too many formats"));
                    }
                    if buffered && item.replace((depth, at)).is_some() {
                        return Err(broken());
                    }
                }
                Event::End(tag) => {
                    if let Some((_, began)) = item.take_if(|(opened, _)| *opened == depth) {
                        match tag.local_name().as_ref() {
                            "c" => self.cell_bytes += at - began,
                            "si" => {
                                self.retained += at - began;
                                self.longest_text = self.longest_text.max(at - began);
                            }
                            _ => self.retained += 2 * (at - began),
                        }
                    }
                    depth = depth.saturating_sub(1);
                }
                Event::DocType(_) => return Err(broken()),
                Event::Eof => break,
                _ => {}
            }
        }
        if announced > texts + ANNOUNCED_LIMIT {
            return Err(refuse("声明的文字数与内容不符 / it announces more texts than it has"));
        }
        Ok(())
    }

    /// Counts what a tag makes the reader store. Returns whether the reader buffers the element until it ends.
    fn tag(&mut self, tag: &BytesStart<'_>, texts: &mut u64, announced: &mut u64) -> Result<bool> {
        let name = tag.local_name();
        // Not valid in XML. Some readers take it for white space, others do not.
        if tag.attributes_raw().bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
            return Err(broken());
        }
        match name.as_ref() {
            "row" => self.rows += 1,
            "c" => {
                self.cells += 1;
                self.shared_cells += u64::from(attribute(tag, "t")?.as_deref() == Some("s"));
            }
            "si" => {
                *texts += 1;
                self.retained += 48;
            }
            "sst" => {
                if let Some(count) = attribute(tag, "uniqueCount")? {
                    *announced = count.trim().parse::<u64>().map_err(|_| broken())?.max(*announced);
                }
            }
            "xf" | "font" | "fill" | "border" => self.styles += 1,
            "numFmt" | "name" | "rFont" => {
                if tag.len() > STYLE_TAG_LIMIT {
                    return Err(refuse("格式名过长 / the name of a format is too long"));
                }
                self.longest_style = self.longest_style.max(2 * tag.len() as u64);
                self.retained += 128 + tag.len() as u64;
            }
            "sheet" | "definedName" | "Relationship" => self.retained += 256 + 4 * tag.len() as u64,
            _ => {}
        }
        if name.as_ref() == "Relationship" {
            is_looked_at(tag)?;
        }
        Ok(matches!(name.as_ref(), "c" | "si" | "definedName"))
    }
}

/// Refuses a sheet or workbook in a part that this check does not read.
fn is_looked_at(tag: &BytesStart<'_>) -> Result<()> {
    let kind = attribute(tag, "Type")?.unwrap_or_default();
    let read = ["/worksheet", "/officeDocument"].iter().any(|read| kind.ends_with(read));
    let target = attribute(tag, "Target")?.unwrap_or_default();
    if read && (!target.to_ascii_lowercase().ends_with(".xml") || target.contains('&')) {
        return Err(broken());
    }
    Ok(())
}

/// The raw value of an attribute. Parses all attributes, because of two equal names the reader may take the other.
fn attribute<'a>(tag: &'a BytesStart<'_>, name: &str) -> Result<Option<Cow<'a, str>>> {
    let mut found = None;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| broken())?;
        if attribute.key.as_ref() == name {
            found = Some(attribute.value);
        }
    }
    Ok(found)
}

#[track_caller]
fn broken() -> Error {
    refuse("工作簿已损坏 / the workbook is broken")
}

/// A reader with a limit on how much may be read before the limit is raised.
pub(super) struct Allowance<R> {
    pub inner: R,
    pub left: u64,
}

impl<R: Read> Read for Allowance<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other("a piece of it is too long"));
        }
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
