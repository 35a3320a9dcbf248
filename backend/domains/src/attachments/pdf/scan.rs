//! Finds the names and streams of a PDF, and what the streams declare, without relying on what they declare.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use platform::{Error, Result};

use super::super::content::refuse;

/// Names of content that runs, sends, plays or embeds other files when a document is opened or clicked.
const ACTIVE: [&str; 15] = [
    "JavaScript",
    "Launch",
    "SubmitForm",
    "ImportData",
    "GoToE",
    "GoToR",
    "Rendition",
    "RichMedia",
    "RichMediaExecute",
    "EmbeddedFile",
    "EmbeddedFiles",
    "FileAttachment",
    "Movie",
    "Sound",
    "OnInstantiate",
];
/// Only one in so many bytes of a picture counts as work: a scan of many pages is not complex.
const PICTURE_SHARE: u64 = 4;
/// The entries that a stream of objects may declare. With other filters its objects could not be scanned.
const OBJECT_STREAM: [&str; 9] = ["Type", "ObjStm", "N", "First", "Length", "Filter", "FlateDecode", "Fl", "Extends"];
/// The work limit for a document, in bytes scanned: some seconds.
pub(super) const WORK_LIMIT: u64 = 512 * 1024 * 1024;
/// The cost of a name, and of unpacking a stream, in bytes scanned.
const NAME_WORK: u64 = 16;
const STREAM_WORK: u64 = 8 * 1024;
/// The longest dictionary of a stream, in bytes.
const DECLARED_LIMIT: usize = 64 * 1024;
/// The end of a document is searched within so many last bytes.
const TAIL: usize = 2_048;
/// The longest name that is searched for, with each letter written as `#xx`.
const NAME_LIMIT: usize = 64;
/// The largest stream that is rewritten, in bytes.
const REWRITTEN_LIMIT: usize = 8 * 1024 * 1024;
/// How far before and behind the name of a stream of objects its object and its content begin, in bytes.
const NEAR: usize = 1_024;
const PIECE: usize = 64 * 1024;
/// The size of zlib's head and of its checksum, in bytes.
const HEAD: usize = 2;
const CHECKSUM: usize = 4;
const STREAM: &[u8] = b"stream";
pub(super) const SPACES: [u8; 6] = *b"\0\t\n\x0c\r ";

/// The work that may still be done for a document. It is counted and not timed, so that a document gets the same answer on
/// every machine, however busy.
pub(super) struct Work {
    left: u64,
    /// The buffer of unpacked pieces.
    window: Vec<u8>,
}

impl Work {
    /// A limit, in bytes scanned.
    pub(super) fn of(left: u64) -> Self {
        Self { left, window: vec![0; PIECE] }
    }

    /// Counts work before it is done.
    ///
    /// # Errors
    /// `invalid_attachment` where it would be too much.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        let left = self.left.checked_sub(bytes);
        self.left =
            left.ok_or_else(|| refuse("PDF 过于复杂或解压后过大 / the PDF is too intricate, or too large when unpacked"))?;
        Ok(())
    }

    /// Checks that nothing in some bytes runs.
    ///
    /// # Errors
    /// `invalid_attachment` where something does.
    pub(super) fn refuse_active(&mut self, bytes: &[u8], is_picture: bool) -> Result<()> {
        let slashes = bytes.iter().filter(|byte| **byte == b'/').count();
        let share = if is_picture { PICTURE_SHARE } else { 1 };
        self.spend(bytes.len() as u64 / share + NAME_WORK * slashes as u64)?;
        let mut is_action = false;
        for (end, name) in names(bytes) {
            let is_named = std::mem::replace(&mut is_action, name == "S");
            let runs = match &*name {
                "Thread" => is_named,
                // Any large picture contains three given letters by chance.
                "XFA" => !is_picture && has_parts(&bytes[end..]),
                name => match reaches(name) {
                    Some(key) => {
                        self.spend(NEAR as u64)?;
                        // A longer one is unusual, and nobody knows what it does.
                        dictionary(&bytes[end..]).is_none_or(|declared| names(declared).any(|(_, name)| name == key))
                    }
                    None => ACTIVE.contains(&name),
                },
            };
            if runs {
                return Err(active());
            }
        }
        Ok(())
    }

    /// Scans a compressed stream, if it is one. Returns its content where that is `wanted` and not too large.
    ///
    /// # Errors
    /// `invalid_attachment` where something in it runs, or it is too much.
    pub(super) fn unpack(&mut self, bytes: &[u8], wanted: bool, is_picture: bool) -> Result<Option<Unpacked>> {
        let [first, second, ref deflated @ ..] = *bytes else { return Ok(None) };
        if first & 0x0f != 8 || u16::from_be_bytes([first, second]) % 31 != 0 {
            return Ok(None);
        }
        self.spend(STREAM_WORK)?;
        let mut window = std::mem::take(&mut self.window);
        // Without the head and the checksum, of which each reader ignores other faults.
        let mut inflate = Decompress::new(false);
        let (mut kept, mut carried) = (Vec::new(), 0);
        let is_whole = loop {
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let outcome = inflate.decompress(&deflated[read as usize..], &mut window[carried..], FlushDecompress::None);
            // From a damaged stream readers get everything up to the damage.
            let fresh = (inflate.total_out() - written) as usize;
            let filled = carried + fresh;
            self.refuse_active(&window[..filled], is_picture)?;
            if wanted && kept.len() <= REWRITTEN_LIMIT {
                kept.extend_from_slice(&window[carried..filled]);
            }
            match outcome {
                Ok(Status::StreamEnd) => break true,
                Ok(_) if fresh > 0 || inflate.total_in() > read => {}
                _ => break false,
            }
            // A name and its value may continue in the next piece.
            let from = filled.saturating_sub(NAME_LIMIT + NEAR);
            window.copy_within(from..filled, 0);
            carried = filled - from;
        };
        self.window = window;
        let around = if is_whole { HEAD + CHECKSUM } else { HEAD };
        let length = (inflate.total_in() as usize + around).min(bytes.len());
        Ok(Some(Unpacked { content: (wanted && kept.len() <= REWRITTEN_LIMIT).then_some(kept), length, is_whole }))
    }
}

#[track_caller]
pub(super) fn active() -> Error {
    refuse("PDF 含有脚本、附件、表单提交或多媒体 / the PDF has scripts, files, forms or media in it")
}

/// Of what is done by itself, and of a part of another document, the name that it must not have: of the address or the file
/// that it fetches.
pub(super) fn reaches(name: &str) -> Option<&'static str> {
    match name {
        "OpenAction" | "AA" => Some("URI"),
        "Ref" => Some("F"),
        _ => None,
    }
}

/// The objects that a value refers to, directly or by one of its names. References in lists are destinations of links.
pub(super) fn referred(value: &[u8]) -> Vec<u32> {
    let declared = dictionary(value).unwrap_or_default();
    let by_name = || names(declared).filter_map(|(end, _)| reference(&declared[end..])).collect();
    reference(value).map_or_else(by_name, |id| vec![id])
}

/// The object that bytes such as `12 0 R` refer to.
fn reference(bytes: &[u8]) -> Option<u32> {
    let mut words = bytes.get(..bytes.len().min(NAME_LIMIT))?.split(|byte| SPACES.contains(byte)).filter(|word| !word.is_empty());
    let (id, generation, word) = (words.next()?, words.next()?, words.next()?);
    (number::<u32>(generation).is_some() && word.starts_with(b"R")).then(|| number(id)).flatten()
}

/// The dictionary at the beginning of some bytes; none where it is longer than is scanned.
fn dictionary(bytes: &[u8]) -> Option<&[u8]> {
    let near = bytes[..bytes.len().min(NEAR)].trim_ascii_start();
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match near.get(at..at + 2) {
            Some(b"<<") => depth += 1,
            Some(b">>") if depth > 1 => depth -= 1,
            None if bytes.len() > NEAR => return None,
            Some(b">>") | None => return Some(&near[..at]),
            Some(_) if depth == 0 => return Some(&[]),
            Some(_) => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
}

/// Whether a list or a reference may follow a name, as the parts of a form do.
fn has_parts(rest: &[u8]) -> bool {
    let rest = &rest[rest.iter().take_while(|byte| SPACES.contains(byte)).count()..];
    match rest {
        // At the end of a piece this cannot be known.
        [] | [b'[' | b'%', ..] => true,
        [first, next @ ..] => {
            first.is_ascii_digit() && next.first().is_none_or(|next| next.is_ascii_digit() || SPACES.contains(next))
        }
    }
}

/// The content of a compressed stream.
pub(super) struct Unpacked {
    /// The content, where it is wanted and not too large.
    pub(super) content: Option<Vec<u8>>,
    /// Its compressed length.
    pub(super) length: usize,
    /// Whether it was unpacked to its end.
    is_whole: bool,
}

/// The place of the table that the end of a document declares, if any.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.len().saturating_sub(TAIL);
    let text = bytes[tail..].trim_ascii_end();
    let text = text.strip_suffix(b"%%EOF").or_else(|| text.strip_suffix(b"%%EOF\0"))?;
    let at = find_last(text, b"startxref")?;
    let place: usize = std::str::from_utf8(text[at + 9..].trim_ascii()).ok()?.parse().ok()?;
    let table = bytes.get(place..)?.trim_ascii_start();
    let is_object = || {
        let words: Vec<_> = table.get(..table.len().min(40))?.split(|byte| SPACES.contains(byte)).take(3).collect();
        let number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        Some(matches!(&words[..], [id, generation, word] if number(id) && number(generation) && word.starts_with(b"obj")))
    };
    (table.starts_with(b"xref") || is_object()?).then_some(place)
}

/// All names in some bytes, with the places after them. A name may spell its letters as `#xx`.
pub(super) fn names(bytes: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.filter_map(|(at, _)| {
        let rest = &bytes[at + 1..(at + 1 + NAME_LIMIT).min(bytes.len())];
        let regular = |byte: &u8| !SPACES.contains(byte) && !b"()<>[]{}/%".contains(byte);
        let length = rest.iter().take_while(|byte| regular(byte)).count();
        if !rest[..length].contains(&b'#') {
            return (length > 0).then(|| (at + 1 + length, String::from_utf8_lossy(&rest[..length])));
        }
        let (mut name, mut letters) = (String::new(), rest[..length].iter());
        while let Some(&letter) = letters.next() {
            let hex = || std::str::from_utf8(letters.as_slice().get(..2)?).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            let spelt = (letter == b'#').then(hex).flatten();
            if spelt.is_some() {
                letters.nth(1);
            }
            name.push(char::from(spelt.unwrap_or(letter)));
        }
        Some((at + 1 + length, name.into()))
    })
}

/// The places of the word `stream`, and those where readers may take the content to begin. Some begin behind the byte after
/// the word, and others behind the end of the line, whatever stands before it.
pub(super) fn streams(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut found, mut line) = (Vec::new(), 0);
    for word in find_all(bytes, STREAM) {
        let end = word + STREAM.len();
        let next = end + bytes[end..].iter().take_while(|byte| b" \t".contains(byte)).count();
        if line < end {
            line = bytes[end..].iter().position(|byte| b"\r\n".contains(byte)).map_or(bytes.len(), |at| end + at);
        }
        if next < line {
            found.push((word, next + 1));
        }
        match &bytes[line..] {
            [b'\r', b'\n', ..] => found.push((word, line + 2)),
            [b'\n' | b'\r', ..] => found.push((word, line + 1)),
            _ => {}
        }
    }
    found
}

/// What a stream declares in its dictionary.
pub(super) struct Declared {
    /// The declared place of its first object.
    pub(super) first: Option<usize>,
    pub(super) is_metadata: bool,
    pub(super) is_picture: bool,
    /// Whether its content is in another file.
    pub(super) is_elsewhere: bool,
    /// Whether readers may take it for a stream of objects, by its type or by its numbers alone.
    pub(super) holds_objects: bool,
    /// Whether it has no filter; and whether it has a single one, in its proper place, that can be unpacked.
    has_no_filter: bool,
    is_deflated: bool,
    /// Whether it declares nothing but what a plain stream of objects declares.
    is_plain: bool,
    /// Whether every reader takes it to begin at the same place.
    is_clear: bool,
}

impl Declared {
    /// Reads the dictionary before the word `stream` at a place, from the head of its object on. None where no object is
    /// near.
    ///
    /// # Errors
    /// `invalid_attachment` where too much of it has been looked at.
    pub(super) fn before(bytes: &[u8], stream: usize, work: &mut Work) -> Result<Option<Self>> {
        let from = stream.saturating_sub(DECLARED_LIMIT);
        let near = &bytes[from..stream];
        let Some(object) = find_last_object(near) else {
            work.spend(near.len() as u64)?;
            return Ok(None);
        };
        let (before, declared) = near.split_at(object);
        let slashes = declared.iter().filter(|byte| **byte == b'/').count();
        work.spend(declared.len() as u64 + NAME_WORK * slashes as u64)?;
        // The head of an object inside of a comment does not count.
        let mut line = before.iter().rev().take_while(|byte| !b"\r\n".contains(byte));
        let is_commented = line.any(|byte| *byte == b'%');
        let is_clear = !ends_like_dictionary(declared) || (!is_commented && is_dictionary(declared));
        Ok(Some(Self { is_clear, ..Self::read(declared) }))
    }

    fn read(declared: &[u8]) -> Self {
        let names: Vec<_> = names(declared).collect();
        let after = |wanted: &str| names.iter().find(|(_, name)| name == wanted).map(|(end, _)| &declared[*end..]);
        let has = |wanted: &str| after(wanted).is_some();
        let filter = after("Filter").map(<[u8]>::trim_ascii_start);
        let is_deflated = filter.is_some_and(|filter| {
            let filters = names.iter().filter(|(_, name)| name.ends_with("Decode") || name == "Fl").count();
            let named = matches!(filter.first(), Some(b'/' | b'[')).then(|| self::names(filter).next()).flatten();
            filters == 1 && named.is_some_and(|(_, name)| name == "FlateDecode" || name == "Fl")
        });
        Self {
            first: after("First").and_then(number),
            is_elsewhere: names
                .iter()
                .any(|(end, name)| name == "F" && matches!(declared[*end..].trim_ascii_start().first(), Some(b'(' | b'<'))),
            is_picture: after("Subtype").is_some_and(|rest| self::names(rest).next().is_some_and(|(_, name)| name == "Image")),
            is_metadata: has("Metadata") && has("XML"),
            holds_objects: has("ObjStm") || (has("N") && has("First")),
            has_no_filter: filter.is_none(),
            is_deflated,
            is_plain: names.iter().all(|(_, name)| OBJECT_STREAM.contains(&&**name)),
            is_clear: true,
        }
    }

    /// Whether its objects, if it has any, were scanned. Of a stream with an unusual dictionary nobody knows whether it has
    /// any.
    pub(super) fn is_looked_at(&self, found: Option<&Unpacked>) -> bool {
        let is_seen = || found.map_or(self.has_no_filter, |found| self.is_deflated && found.is_whole);
        self.is_clear && (!self.holds_objects || (self.is_plain && is_seen()))
    }
}

/// Whether some bytes end like the dictionary of a stream, with or without comments behind it.
fn ends_like_dictionary(declared: &[u8]) -> bool {
    let (text, spaces) =
        declared.split_at(declared.len() - declared.iter().rev().take_while(|byte| SPACES.contains(byte)).count());
    let is_line_end = |byte: &u8| b"\r\n".contains(byte);
    let line = || text.iter().rev().take_while(|byte| !is_line_end(byte));
    text.ends_with(b">>") || (spaces.iter().any(is_line_end) && line().any(|byte| *byte == b'%'))
}

/// Whether some bytes are exactly one dictionary, and cannot be the rest of a text or comment: with balanced brackets, and
/// nothing unusual outside of them.
fn is_dictionary(declared: &[u8]) -> bool {
    let (mut depth, mut brackets, mut at) = (0_usize, 0_usize, 0);
    let is_space = |byte: &&u8| SPACES.contains(byte);
    let declared = &declared[declared.iter().take_while(is_space).count()..];
    let declared = &declared[..declared.len() - declared.iter().rev().take_while(is_space).count()];
    if !declared.starts_with(b"<<") {
        return false;
    }
    while let Some(byte) = declared.get(at) {
        let is_double = declared.get(at + 1) == Some(byte);
        match byte {
            b'\\' if brackets > 0 => at += 1,
            b'(' => brackets += 1,
            b')' if brackets > 0 => brackets -= 1,
            _ if brackets > 0 => {}
            b')' | b'\\' | b'%' => return false,
            b'<' if is_double => {
                depth += 1;
                at += 1;
            }
            b'<' => {
                let hex = |byte: &&u8| byte.is_ascii_hexdigit() || SPACES.contains(byte);
                at += 1 + declared[at + 1..].iter().take_while(hex).count();
                if declared.get(at) != Some(&b'>') {
                    return false;
                }
            }
            b'>' if is_double && depth > 0 => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return at + 1 == declared.len();
                }
            }
            b'>' => return false,
            _ => {}
        }
        at += 1;
    }
    false
}

/// The end of the last head of an object, such as `12 0 obj`. Other words may end like it.
fn find_last_object(bytes: &[u8]) -> Option<usize> {
    let mut to = bytes.len();
    loop {
        let at = find_last(&bytes[..to], b"obj")?;
        let generation = bytes[..at].trim_ascii_end();
        if generation.len() < at && generation.last().is_some_and(u8::is_ascii_digit) {
            return Some(at + 3);
        }
        to = at;
    }
}

/// Whether all streams of objects can be scanned, because an object inside of one is not where its name is.
///
/// # Errors
/// `invalid_attachment` where there are too many.
pub(super) fn are_plain(bytes: &[u8], work: &mut Work) -> Result<bool> {
    let is_plain = |end: usize| {
        let from = end.saturating_sub(NEAR);
        let Some(object) = find_last(&bytes[from..end], b"obj") else { return false };
        let Some(stream) = find(&bytes[end..(end + NEAR).min(bytes.len())], STREAM) else { return false };
        if !matches!(bytes.get(end + stream + STREAM.len()), Some(b'\r' | b'\n')) {
            return false;
        }
        let declared = bytes[from + object + 3..end + stream].trim_ascii();
        let Some(declared) = declared.strip_prefix(b"<<").and_then(|declared| declared.strip_suffix(b">>")) else { return false };
        !declared.iter().any(|byte| b"(<%".contains(byte)) && names(declared).all(|(_, name)| OBJECT_STREAM.contains(&&*name))
    };
    for (end, _) in names(bytes).filter(|(_, name)| name == "ObjStm") {
        work.spend(2 * NEAR as u64)?;
        if !is_plain(end) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The number at the beginning of some bytes.
pub(super) fn number<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    let bytes = bytes.trim_ascii_start();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()
}

pub(super) fn find_all<'a>(bytes: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(what.len()).enumerate().filter(move |(_, window)| *window == what).map(|(at, _)| at)
}

pub(super) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    find_all(bytes, what).next()
}

pub(super) fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}
