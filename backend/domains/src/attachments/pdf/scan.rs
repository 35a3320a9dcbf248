//! Finds the names and streams of a PDF, and the declarations of streams, without relying on these declarations.

use std::borrow::Cow;
use std::collections::HashSet;

use flate2::{Decompress, FlushDecompress, Status};
use platform::{Error, Result};

use super::super::content::refuse;
use super::reach::{Start, behind_blanks, dictionary, reaches, reference, referred};

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
/// Only one in this many bytes of a picture counts as work: a scan of many pages is not complex.
const PICTURE_SHARE: u64 = 4;
/// The entries that an object stream may declare. With other filters its objects could not be scanned.
const OBJECT_STREAM: [&str; 9] = ["Type", "ObjStm", "N", "First", "Length", "Filter", "FlateDecode", "Fl", "Extends"];
/// The work limit for a document, in scanned bytes: some seconds.
pub(super) const WORK_LIMIT: u64 = 512 * 1024 * 1024;
/// The cost of a name, and of unpacking a stream, in scanned bytes.
const NAME_WORK: u64 = 16;
const STREAM_WORK: u64 = 8 * 1024;
/// The longest dictionary of a stream, in bytes.
pub(super) const DECLARED_LIMIT: usize = 64 * 1024;
/// The end of a document is searched within so many last bytes.
const TAIL: usize = 2_048;
/// The longest searched name, with each letter written as `#xx`.
const NAME_LIMIT: usize = 64;
/// The largest stream that is rewritten, in bytes.
const REWRITTEN_LIMIT: usize = 8 * 1024 * 1024;
/// How far before and behind the name of a stream of objects its object and its content begin, in bytes.
pub(super) const NEAR: usize = 1_024;
const PIECE: usize = 64 * 1024;
/// The sizes of zlib's header and checksum, in bytes.
const HEAD: usize = 2;
const CHECKSUM: usize = 4;
const STREAM: &[u8] = b"stream";
pub(super) const SPACES: [u8; 6] = *b"\0\t\n\x0c\r ";

/// The remaining work for a document. It is counted and not timed, so that a document gets the same answer on every machine,
/// however busy.
pub(super) struct Work {
    left: u64,
    /// The buffer of unpacked pieces.
    window: Vec<u8>,
    /// What is done by itself and stands elsewhere.
    pub(super) starts: HashSet<Start>,
}

impl Work {
    /// Sets the limit, in scanned bytes.
    pub(super) fn of(left: u64) -> Self {
        Self { left, window: vec![0; PIECE], starts: HashSet::new() }
    }

    /// Counts work before it is done.
    ///
    /// # Errors
    /// `invalid_attachment` if it would be too much.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or_else(intricate)?;
        Ok(())
    }

    /// Checks that nothing in these bytes runs.
    ///
    /// # Errors
    /// `invalid_attachment` if something does.
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
                // A file in the document, whose stream need not say that it is one.
                "EF" => behind_blanks(&bytes[end..]).starts_with(b"<<") || reference(&bytes[end..]).is_some(),
                name => match reaches(name) {
                    Some(key) => {
                        self.spend(NEAR as u64)?;
                        let near = &bytes[end..(end + NEAR).min(bytes.len())];
                        self.starts.extend(referred(near).into_iter().map(|id| (key, id)));
                        // A longer one is unusual, and nobody knows what it does.
                        dictionary(&bytes[end..], NEAR).is_none_or(|declared| names(declared).any(|(_, name)| name == key))
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

    /// Scans a compressed stream, if it is one. Returns its content if that is `wanted` and not too large.
    ///
    /// # Errors
    /// `invalid_attachment` if something in it runs, or it is too much.
    pub(super) fn unpack(&mut self, bytes: &[u8], wanted: bool, is_picture: bool) -> Result<Option<Unpacked>> {
        let [first, second, ref deflated @ ..] = *bytes else { return Ok(None) };
        if first & 0x0f != 8 || u16::from_be_bytes([first, second]) % 31 != 0 {
            return Ok(None);
        }
        self.spend(STREAM_WORK)?;
        let mut window = std::mem::take(&mut self.window);
        // Without header and checksum, because readers ignore different faults in these.
        let mut inflate = Decompress::new(false);
        let (mut kept, mut carried) = (Vec::new(), 0);
        let is_whole = loop {
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let outcome = inflate.decompress(&deflated[read as usize..], &mut window[carried..], FlushDecompress::None);
            // Readers use everything in a damaged stream up to the damage.
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
pub(super) fn intricate() -> Error {
    refuse("PDF 过于复杂或解压后过大 / the PDF is too intricate, or too large when unpacked")
}

#[track_caller]
pub(super) fn active() -> Error {
    refuse("PDF 含有脚本、附件、表单提交或多媒体 / the PDF has scripts, files, forms or media in it")
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

/// The content of a compressed stream.
pub(super) struct Unpacked {
    /// The content, if it is wanted and not too large.
    pub(super) content: Option<Vec<u8>>,
    /// Its compressed length.
    pub(super) length: usize,
    /// Whether it was unpacked to its end.
    is_whole: bool,
}

/// The offset of the cross-reference table at the end of a document, if there is one.
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

/// All names in these bytes, with the offsets after them. A name may spell its letters as `#xx`.
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

/// The offsets of the word `stream`, and those where readers may begin the content. Some begin after the byte behind the word,
/// others after the end of the line, whatever precedes it.
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

/// The declarations in a stream's dictionary.
pub(super) struct Declared {
    /// The declared offset of its first object.
    pub(super) first: Option<usize>,
    pub(super) is_metadata: bool,
    pub(super) is_picture: bool,
    /// Whether it is a JPEG that is compressed once more.
    pub(super) is_packed_photo: bool,
    /// Whether its content is in another file.
    pub(super) is_elsewhere: bool,
    /// Whether readers may take it for an object stream, by its type or by its numbers alone.
    pub(super) holds_objects: bool,
    /// Whether it has no filter; and whether it has a single one, in its proper place, that can be unpacked.
    has_no_filter: bool,
    is_deflated: bool,
    /// Whether it only has declarations of a plain object stream.
    is_plain: bool,
    /// Whether every reader finds its beginning at the same place.
    is_clear: bool,
}

impl Declared {
    /// Reads the dictionary before the word `stream` at an offset, from the header of its object on. Returns `None` if no object
    /// is near.
    ///
    /// # Errors
    /// `invalid_attachment` if this exceeds the work limit.
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
        // The header of an object inside a comment does not count.
        let mut line = before.iter().rev().take_while(|byte| !b"\r\n".contains(byte));
        let is_commented = line.any(|byte| *byte == b'%');
        let is_clear = !ends_like_dictionary(declared)
            || (!is_commented && is_dictionary(declared) && !is_within_digits(bytes, from + object, declared, work)?);
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
            is_packed_photo: (has("DCTDecode") || has("DCT")) && (has("FlateDecode") || has("Fl")),
            is_metadata: has("Metadata") && has("XML"),
            holds_objects: has("ObjStm") || (has("N") && has("First")),
            has_no_filter: filter.is_none(),
            is_deflated,
            is_plain: names.iter().all(|(_, name)| OBJECT_STREAM.contains(&&**name)),
            is_clear: true,
        }
    }

    /// Whether its objects, if there are any, were scanned. With an unusual dictionary nobody knows whether there are any.
    pub(super) fn is_looked_at(&self, found: Option<&Unpacked>) -> bool {
        let is_seen = || found.map_or(self.has_no_filter, |found| self.is_deflated && found.is_whole);
        self.is_clear && (!self.holds_objects || (self.is_plain && is_seen()))
    }
}

/// Whether the head of an object that ends at a place may be within a text of hexadecimal digits, in which readers pass over
/// whatever is none: `<7 0 obj <<<>`. Only a dictionary in which such a text is the first to end can be the rest of one.
fn is_within_digits(bytes: &[u8], head: usize, declared: &[u8], work: &mut Work) -> Result<bool> {
    if declared.iter().position(|byte| *byte == b'>').is_none_or(|at| declared.get(at + 1) == Some(&b'>')) {
        return Ok(false);
    }
    // The content of the stream before it may hold any bytes. What looks like its beginning follows the end of a dictionary.
    let (mut word, mut from) = (head, 0);
    while let Some(before) = find_last(&bytes[..word], STREAM) {
        word = before;
        if bytes[..word].trim_ascii_end().ends_with(b">>") {
            from = find(&bytes[word..head], b"endstream").map_or(word, |end| word + end);
            break;
        }
    }
    work.spend((head - word.min(from)) as u64)?;
    Ok(bytes[from..head].iter().rev().find(|byte| b"<>".contains(byte)) == Some(&b'<'))
}

/// Whether some bytes end like the dictionary of a stream, with or without comments behind it.
fn ends_like_dictionary(declared: &[u8]) -> bool {
    let (text, spaces) =
        declared.split_at(declared.len() - declared.iter().rev().take_while(|byte| SPACES.contains(byte)).count());
    let is_line_end = |byte: &u8| b"\r\n".contains(byte);
    let line = || text.iter().rev().take_while(|byte| !is_line_end(byte));
    text.ends_with(b">>") || (spaces.iter().any(is_line_end) && line().any(|byte| *byte == b'%'))
}

/// Whether these bytes are exactly one dictionary, and cannot be the rest of a string or comment: with balanced delimiters, and
/// nothing unusual outside them.
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

/// The end of the last object header, such as `12 0 obj`. Other words may end like it.
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

/// Whether all object streams can be scanned, since an object in one is not beside its name.
///
/// # Errors
/// `invalid_attachment` if there are too many.
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
