//! What stands in a PDF: its names, its streams and what they say of themselves, found without believing what it says.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use platform::{Error, Result};

use super::super::content::refuse;

/// What runs, sends, plays or brings other files along when a document is opened or clicked.
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
/// What a picture is charged of its bytes, one in so many: a scan of many pages is nothing intricate.
const PICTURE_SHARE: u64 = 4;
/// What a stream of objects may say of itself. With other filters its objects could not be looked at.
const OBJECT_STREAM: [&str; 9] = ["Type", "ObjStm", "N", "First", "Length", "Filter", "FlateDecode", "Fl", "Extends"];
/// The most that is looked at in a document, in bytes: so much is gone through in a few seconds.
pub(super) const WORK_LIMIT: u64 = 512 * 1024 * 1024;
/// What a name takes, and a stream that is unpacked, as if it were so many bytes.
const NAME_WORK: u64 = 16;
const STREAM_WORK: u64 = 8 * 1024;
/// The most that a stream may say of itself, in bytes.
const DECLARED_LIMIT: usize = 64 * 1024;
/// Where the end of a document is looked for, in bytes from its end.
const TAIL: usize = 2_048;
/// The longest name that is looked for, each letter written as `#xx`.
const NAME_LIMIT: usize = 64;
/// The most of a stream that is written anew, in bytes.
const REWRITTEN_LIMIT: usize = 8 * 1024 * 1024;
/// How far from the name of a stream of objects its object begins, and its content, in bytes.
const NEAR: usize = 1_024;
const PIECE: usize = 64 * 1024;
/// What zlib puts before and behind what is compressed, in bytes.
const HEAD: usize = 2;
const CHECKSUM: usize = 4;
const STREAM: &[u8] = b"stream";
pub(super) const SPACES: [u8; 6] = *b"\0\t\n\x0c\r ";

/// How much may still be done for a document. It is counted and not timed: the same document is taken or refused on every
/// machine, however busy that is.
pub(super) struct Work {
    left: u64,
    /// What is unpacked, a piece at a time.
    window: Vec<u8>,
}

impl Work {
    /// So much, in bytes that are looked at.
    pub(super) fn of(left: u64) -> Self {
        Self { left, window: vec![0; PIECE] }
    }

    /// Counts what is about to be done.
    ///
    /// # Errors
    /// `invalid_attachment` where it would be too much.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        let left = self.left.checked_sub(bytes);
        self.left =
            left.ok_or_else(|| refuse("PDF 过于复杂或解压后过大 / the PDF is too intricate, or too large when unpacked"))?;
        Ok(())
    }

    /// Looks at bytes: nothing in them runs.
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
                // Three letters are in any large picture, by chance.
                "XFA" => !is_picture && has_parts(&bytes[end..]),
                name => match reaches(name) {
                    Some(key) => {
                        self.spend(NEAR as u64)?;
                        // What goes on for longer is odd, and nobody knows what it does.
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

    /// Looks at what is compressed, if it is, and keeps what it holds where that is `wanted` and not too much.
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
        // Without the head and the checksum: readers pass over wrong ones, each over others.
        let mut inflate = Decompress::new(false);
        let (mut kept, mut carried) = (Vec::new(), 0);
        let is_whole = loop {
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let outcome = inflate.decompress(&deflated[read as usize..], &mut window[carried..], FlushDecompress::None);
            // What readers get out of a damaged stream is all that there is, up to the damage.
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
            // A name may go on in the next piece, and what it stands for.
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

/// The objects that a value refers to, itself or by one of its names. Those in lists are places to go to.
pub(super) fn referred(value: &[u8]) -> Vec<u32> {
    let declared = dictionary(value).unwrap_or_default();
    let by_name = || names(declared).filter_map(|(end, _)| reference(&declared[end..])).collect();
    reference(value).map_or_else(by_name, |id| vec![id])
}

/// The object that some bytes refer to, as `12 0 R` does.
fn reference(bytes: &[u8]) -> Option<u32> {
    let mut words = bytes.get(..bytes.len().min(NAME_LIMIT))?.split(|byte| SPACES.contains(byte)).filter(|word| !word.is_empty());
    let (id, generation, word) = (words.next()?, words.next()?, words.next()?);
    (number::<u32>(generation).is_some() && word.starts_with(b"R")).then(|| number(id)).flatten()
}

/// The dictionary that some bytes begin with; none where it goes on for longer than is looked at.
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
        // At the end of a piece nobody knows.
        [] | [b'[' | b'%', ..] => true,
        [first, next @ ..] => {
            first.is_ascii_digit() && next.first().is_none_or(|next| next.is_ascii_digit() || SPACES.contains(next))
        }
    }
}

/// What a compressed stream holds.
pub(super) struct Unpacked {
    /// Where it is wanted and not too much.
    pub(super) content: Option<Vec<u8>>,
    /// How long it is while it is compressed.
    pub(super) length: usize,
    /// Whether it could be unpacked to its end.
    is_whole: bool,
}

/// Where the end of a document says that its table begins, where there is one.
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

/// All names that stand in some bytes, with the places after them. A name may spell its letters as `#xx`.
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

/// Where the word is that streams begin with, and where readers may take their content to begin: some behind the byte after
/// the word, and others behind the end of the line, whatever stands before that.
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

/// What a stream says of itself.
pub(super) struct Declared {
    /// Where the first of its objects begins, by what it says.
    pub(super) first: Option<usize>,
    pub(super) is_metadata: bool,
    pub(super) is_picture: bool,
    /// Whether its content is in another file.
    pub(super) is_elsewhere: bool,
    /// Whether readers may take it for one of objects: by its type, or by its numbers alone.
    pub(super) holds_objects: bool,
    /// Whether it has no filter, and whether it has a single one that is named in its place and can be unpacked.
    has_no_filter: bool,
    is_deflated: bool,
    /// Whether it says nothing that a plain stream of objects does not say.
    is_plain: bool,
    /// Whether it begins where it seems to for every reader.
    is_clear: bool,
}

impl Declared {
    /// Of the stream whose word is at a place: from its object on. None where no object is near.
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
        // The head of an object in a comment is none.
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

    /// Whether its objects, if it has any, are in the bytes that were looked at. Of what says something in an odd way nobody
    /// knows whether it has.
    pub(super) fn is_looked_at(&self, found: Option<&Unpacked>) -> bool {
        let is_seen = || found.map_or(self.has_no_filter, |found| self.is_deflated && found.is_whole);
        self.is_clear && (!self.holds_objects || (self.is_plain && is_seen()))
    }
}

/// Whether some bytes end as a stream's dictionary does, with lines of comment behind it or without any.
fn ends_like_dictionary(declared: &[u8]) -> bool {
    let (text, spaces) =
        declared.split_at(declared.len() - declared.iter().rev().take_while(|byte| SPACES.contains(byte)).count());
    let is_line_end = |byte: &u8| b"\r\n".contains(byte);
    let line = || text.iter().rev().take_while(|byte| !is_line_end(byte));
    text.ends_with(b">>") || (spaces.iter().any(is_line_end) && line().any(|byte| *byte == b'%'))
}

/// Whether some bytes are one dictionary from their beginning to their end, and cannot be the rest of a text or of a comment:
/// with brackets in pairs, and nothing odd outside of them.
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

/// Where the newest head of an object ends, such as `12 0 obj`: other words end like that as well.
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

/// Whether all streams of objects can be looked at: in them an object is not where its name is.
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

/// The number that some bytes begin with.
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
