//! What a PDF is made of: nothing in it runs, and nobody is named as who made it.
//!
//! It is not parsed, for readers mend what is broken, each in its own way, and what one of them takes for the inside of a
//! picture is an action for the other. Names are looked for wherever they may stand: in the bytes as they are, and in every
//! compressed stream.

use std::borrow::Cow;
use std::io::{Cursor, Read, Write};
use std::ops::Range;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::content::refuse;
use crate::platform::Result;

/// What runs, sends, plays or brings other files along when a document is opened or clicked.
const ACTIVE: [&str; 14] = [
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
    "XFA",
];
/// What a stream of objects may say of itself. With other filters its objects could not be looked at.
const OBJECT_STREAM: [&str; 9] = ["Type", "ObjStm", "N", "First", "Length", "Filter", "FlateDecode", "Fl", "Extends"];
/// The most a document may hold in its compressed streams, in bytes: they are looked at as they are unpacked.
const UNPACKED_LIMIT: u64 = 512 * 1024 * 1024;
const STREAM_LIMIT: usize = 50_000;
const INFORMATION_LIMIT: usize = 8;
/// Where the end of a document is looked for, in bytes from its end.
const TAIL: usize = 2_048;
/// The longest name that is looked for, each letter written as `#xx`.
const NAME_LIMIT: usize = 64;
/// The most of a stream that is written anew, in bytes.
const REWRITTEN_LIMIT: usize = 8 * 1024 * 1024;
const SPACES: [u8; 6] = *b"\0\t\n\x0c\r ";

/// A PDF without who made it and with what, which is refused where something in it runs. Its length stays, and so every place
/// in it that others refer to. A signed one is left as it is: its signature covers all of it.
///
/// # Errors
/// `invalid_attachment` where it is damaged, encrypted, or anything but paper.
pub fn clean(mut bytes: Vec<u8>) -> Result<Vec<u8>> {
    let damaged = || refuse("PDF 已损坏 / the PDF is damaged");
    let ends = end(&bytes).is_some();
    if !ends || !matches!(bytes.get(..7), Some([b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.'])) {
        return Err(damaged());
    }
    if names(&bytes).any(|(_, name)| name == "Encrypt") {
        return Err(refuse("加密的 PDF 请去除密码后上传 / an encrypted PDF: save it without its password"));
    }
    refuse_active(&bytes)?;
    if !are_plain(&bytes) {
        return Err(damaged());
    }
    let signed = names(&bytes).any(|(_, name)| name == "ByteRange");
    let information = if signed { Vec::new() } else { information(&bytes) };
    let mut left = UNPACKED_LIMIT;
    for (number, start) in streams(&bytes).into_iter().enumerate() {
        if number == STREAM_LIMIT {
            return Err(refuse("PDF 解压后过大 / the PDF is too large when unpacked"));
        }
        let said = &bytes[dictionary_before(&bytes, start)];
        let of_objects = first_object(said);
        let metadata = ["Metadata", "XML"].iter().all(|kind| names(said).any(|(_, name)| name == *kind));
        let wanted = !signed && (of_objects.is_some() || metadata);
        let found = unpacked(&bytes[start..], &mut left, wanted)?;
        let begins = !bytes[..start].trim_ascii_end().ends_with(b"endstream");
        if begins && holds_objects(said) && !is_looked_at(said, found.is_some()) {
            return Err(damaged());
        }
        let Some((content, length)) = found else { continue };
        let anew = match (content, of_objects) {
            (Some(_), None) => Some(Vec::new()),
            (Some(mut content), Some(first)) => blank_objects(&mut content, first, &information).then_some(content),
            (None, _) => None,
        };
        if let Some(packed) = anew.and_then(|anew| packed(&anew, length)) {
            bytes[start..start + length].copy_from_slice(&packed);
        }
    }
    if !signed {
        blank_packets(&mut bytes);
        for id in &information {
            if let Some(object) = object(&bytes, *id) {
                blank_strings(&mut bytes[object]);
            }
        }
    }
    Ok(bytes)
}

/// Where the end of a document says that its table begins, where there is one.
fn end(bytes: &[u8]) -> Option<usize> {
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

fn refuse_active(bytes: &[u8]) -> Result<()> {
    if names(bytes).any(|(_, name)| ACTIVE.contains(&&*name)) {
        return Err(refuse("PDF 含有脚本、附件、表单提交或多媒体 / the PDF has scripts, files, forms or media in it"));
    }
    Ok(())
}

/// All names that stand in some bytes, with the places after them. A name may spell its letters as `#xx`.
fn names(bytes: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
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

/// Where the contents of streams begin.
fn streams(bytes: &[u8]) -> Vec<usize> {
    let begins = |at: usize| {
        // Readers pass over blanks before the end of the line.
        let line = at + 6 + bytes[at + 6..].iter().take_while(|byte| b" \t".contains(byte)).count();
        match &bytes[line..] {
            [b'\r', b'\n', ..] => Some(line + 2),
            [b'\n' | b'\r', ..] => Some(line + 1),
            _ => None,
        }
    };
    find_all(bytes, b"stream").filter_map(begins).collect()
}

/// What a stream that begins at a place says of itself: from its object on.
fn dictionary_before(bytes: &[u8], stream: usize) -> Range<usize> {
    let from = stream.saturating_sub(4_096);
    let object = find_last(&bytes[from..stream], b"obj").map_or(from, |at| from + at);
    object..stream
}

/// Whether all streams of objects can be looked at: in them an object is not where its name is.
fn are_plain(bytes: &[u8]) -> bool {
    names(bytes).filter(|(_, name)| name == "ObjStm").all(|(end, _)| {
        let from = end.saturating_sub(1_024);
        let Some(object) = find_last(&bytes[from..end], b"obj") else { return false };
        let Some(stream) = find(&bytes[end..(end + 1_024).min(bytes.len())], b"stream") else { return false };
        let said = bytes[from + object + 3..end + stream].trim_ascii();
        let Some(said) = said.strip_prefix(b"<<").and_then(|said| said.strip_suffix(b">>")) else { return false };
        !said.iter().any(|byte| b"(<%".contains(byte)) && names(said).all(|(_, name)| OBJECT_STREAM.contains(&&*name))
    })
}

/// Whether readers may take a stream for one of objects: by its type, or by its numbers alone.
fn holds_objects(said: &[u8]) -> bool {
    let has = |wanted: &str| names(said).any(|(_, name)| name == wanted);
    has("ObjStm") || (has("N") && has("First"))
}

/// Whether the objects of a stream are in the bytes that were looked at: it has no filter, or a single one that is named in
/// its place and did unpack.
fn is_looked_at(said: &[u8], is_unpacked: bool) -> bool {
    let Some((end, _)) = names(said).find(|(_, name)| name == "Filter") else { return !is_unpacked };
    let filter = said[end..].trim_ascii_start();
    let filters = names(said).filter(|(_, name)| name.ends_with("Decode") || name == "Fl").count();
    let is_named = matches!(filter.first(), Some(b'/' | b'['));
    is_unpacked && is_named && filters == 1 && names(filter).next().is_some_and(|(_, name)| name == "FlateDecode" || name == "Fl")
}

/// Where the first object in a stream of objects begins, by what that says of itself.
fn first_object(said: &[u8]) -> Option<usize> {
    let (end, _) = names(said).find(|(_, name)| name == "First")?;
    number(&said[end..])
}

/// The number that some bytes begin with.
fn number<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    let bytes = bytes.trim_ascii_start();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()
}

/// Looks at what is compressed, if it is: its length, and what it holds where that is `wanted` and not too much.
fn unpacked(bytes: &[u8], left: &mut u64, wanted: bool) -> Result<Option<(Option<Vec<u8>>, usize)>> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    if first & 0x0f != 8 || u16::from_be_bytes([first, second]) % 31 != 0 {
        return Ok(None);
    }
    let mut decoder = ZlibDecoder::new(Cursor::new(bytes));
    let (mut kept, mut window, mut carried) = (Vec::new(), vec![0; 64 * 1024], 0);
    loop {
        // What readers get out of a damaged stream is all that there is.
        let read = decoder.read(&mut window[carried..]).unwrap_or_default();
        *left = left.checked_sub(read as u64).ok_or_else(|| refuse("PDF 解压后过大 / the PDF is too large when unpacked"))?;
        let filled = carried + read;
        refuse_active(&window[..filled])?;
        if read == 0 {
            break;
        }
        if wanted && kept.len() <= REWRITTEN_LIMIT {
            kept.extend_from_slice(&window[carried..filled]);
        }
        // A name may go on in the next piece.
        let from = filled.saturating_sub(NAME_LIMIT);
        window.copy_within(from..filled, 0);
        carried = filled - from;
    }
    let length = decoder.total_in() as usize;
    Ok(Some(((wanted && kept.len() <= REWRITTEN_LIMIT).then_some(kept), length)))
}

/// Compressed to a length that it must not exceed, and filled up to it.
fn packed(content: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).ok()?;
    let mut packed = encoder.finish().ok()?;
    (packed.len() <= length).then(|| {
        packed.resize(length, b'\n');
        packed
    })
}

/// The ids of the objects that tell who made the document.
fn information(bytes: &[u8]) -> Vec<u32> {
    let refers = names(bytes).filter(|(_, name)| name == "Info").filter_map(|(end, _)| number(&bytes[end..]));
    let mut ids: Vec<u32> = refers.take(INFORMATION_LIMIT).collect();
    ids.dedup();
    ids
}

/// Where the newest object of an id is.
fn object(bytes: &[u8], id: u32) -> Option<Range<usize>> {
    let head = format!("{id} 0 obj");
    let found = find_all(bytes, head.as_bytes()).filter(|at| *at == 0 || !bytes[at - 1].is_ascii_digit()).last()?;
    let start = found + head.len();
    let length = find(&bytes[start..], b"endobj")?;
    Some(start..start + length)
}

/// Blanks the strings of some objects in a stream of objects; whether there were any.
fn blank_objects(content: &mut [u8], first: usize, ids: &[u32]) -> bool {
    // Pairs of an id and a place, which counts from where the first of the objects begins.
    let head = content.get(..first).unwrap_or_default().split(|byte| SPACES.contains(byte)).filter(|word| !word.is_empty());
    let numbers: Vec<u32> = head.map_while(number).collect();
    let mut blanked = false;
    for pair in numbers.chunks_exact(2).filter(|pair| ids.contains(&pair[0])) {
        let next = numbers.chunks_exact(2).map(|other| other[1]).filter(|other| *other > pair[1]).min();
        let start = first + pair[1] as usize;
        let end = next.map_or(content.len(), |next| first + next as usize);
        if let Some(object) = content.get_mut(start..end) {
            blank_strings(object);
            blanked = true;
        }
    }
    blanked
}

/// Blanks everything in brackets, as texts are written: `(…)`, with brackets in them that are paired or escaped, and `<…>` in
/// hex.
fn blank_strings(object: &mut [u8]) {
    let (mut depth, mut at) = (0_usize, 0);
    while at < object.len() {
        match object[at] {
            b'\\' if depth > 0 => {
                object[at] = b' ';
                if let Some(escaped) = object.get_mut(at + 1) {
                    *escaped = b' ';
                }
                at += 1;
            }
            b'(' => {
                depth += 1;
                if depth > 1 {
                    object[at] = b' ';
                }
            }
            b')' if depth > 0 => {
                depth -= 1;
                if depth > 0 {
                    object[at] = b' ';
                }
            }
            _ if depth > 0 => object[at] = b' ',
            b'<' if object.get(at + 1) == Some(&b'<') => at += 1,
            b'<' => {
                while object.get(at + 1).is_some_and(|byte| *byte != b'>') {
                    at += 1;
                    object[at] = b' ';
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Blanks what XMP packets say that are not compressed.
fn blank_packets(bytes: &mut [u8]) {
    let mut from = 0;
    while let Some(begin) = find(&bytes[from..], b"<?xpacket begin").map(|at| from + at) {
        let Some(end) = find(&bytes[begin..], b"<?xpacket end") else { return };
        let content = begin + bytes[begin..begin + end].iter().position(|byte| *byte == b'>').map_or(0, |at| at + 1);
        bytes[content..begin + end].fill(b' ');
        from = begin + end;
    }
}

fn find_all<'a>(bytes: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(what.len()).enumerate().filter(move |(_, window)| *window == what).map(|(at, _)| at)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    find_all(bytes, what).next()
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

#[cfg(test)]
mod tests {
    use contract::ErrorCode;
    use proptest::prelude::*;

    use super::*;

    /// A document of some objects, with what its trailer says.
    fn pdf(objects: &[&[u8]], trailer: &str) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        for (id, object) in (1..).zip(objects) {
            bytes.extend(format!("{id} 0 obj\n").bytes());
            bytes.extend(*object);
            bytes.extend(b"\nendobj\n");
        }
        let table = bytes.len();
        bytes.extend(format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<<{trailer}>>\nstartxref\n{table}\n%%EOF\n").bytes());
        bytes
    }

    fn stream(said: &str, content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let packed = encoder.finish().unwrap();
        let head = format!("<<{said} /Filter /FlateDecode /Length {}>>\nstream\n", packed.len());
        [head.as_bytes(), &packed, b"\nendstream"].concat()
    }

    fn refused(bytes: Vec<u8>) -> bool {
        clean(bytes).is_err_and(|error| error.code == ErrorCode::InvalidAttachment && error.errors[0].pointer == "/file")
    }

    #[test]
    fn paper_is_taken_as_it_is() {
        let page = stream("", b"BT /F1 12 Tf (Launch of the project) Tj ET");
        let scan = pdf(
            &[b"<</Type /Catalog /OpenAction [3 0 R /Fit]>>", &page, b"<</S /URI /URI (http://jinjiang.gov.cn)>>"],
            "/Root 1 0 R",
        );
        assert_eq!(clean(scan.clone()).unwrap(), scan);
    }

    #[test]
    fn what_only_begins_like_a_pdf_is_refused() {
        let good = pdf(&[b"<<>>"], "/Root 1 0 R");
        for other in [&b"%PDF-1.7\n"[..], b"<html>%PDF-1.7", b"%PDF-", b"", &good[1..], &good[..good.len() - 8]] {
            assert!(refused(other.to_vec()), "{}", String::from_utf8_lossy(other));
        }
        assert!(refused([b"<html>", &good[..]].concat()));
        assert!(refused([&good[..], b"<script>alert(1)</script>"].concat()));
        assert!(refused(good.iter().copied().map(|byte| if byte == b'x' { b'y' } else { byte }).collect()));
    }

    #[test]
    fn what_runs_is_found_wherever_it_is() {
        let action = b"<</S /JavaScript /JS (app.alert(1))>>";
        assert!(refused(pdf(&[action], "")));
        assert!(refused(pdf(&[b"<</S /J#61v#61Script /JS (app.alert(1))>>"], "")));
        assert!(refused(pdf(&[b"<</S/Launch/F(cmd.exe)>>"], "")));
        assert!(refused(pdf(&[b"<</Type /Filespec /EF <</F 2 0 R>>>>", &stream("/Type /EmbeddedFile", b"MZ")], "")));
        assert!(refused(pdf(&[b"<<>>"], "/Encrypt 2 0 R")));
        let hidden = [&b"1 0 "[..], &action[..]].concat();
        assert!(refused(pdf(&[&stream("/Type /ObjStm /N 1 /First 4", &hidden)], "")));
        // In what is a picture for one reader and the next piece of another stream.
        let long = [&[b' '; 200_000][..], &hidden].concat();
        assert!(refused(pdf(&[&stream("/Subtype /Image /X (endobj stream\n)", &long)], "")));
        for filter in
            ["/DecodeParms <</Predictor 12>>", "/DecodeParms 9 0 R", "/Filter [/ASCIIHexDecode /FlateDecode]", "/X (obj)"]
        {
            assert!(refused(pdf(&[&stream(&format!("/Type /ObjStm {filter} /N 1 /First 4"), b"1 0 <<>>")], "")), "{filter}");
        }
    }

    #[test]
    fn objects_that_cannot_be_looked_at_are_refused() {
        let packed = |content: &[u8]| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        };
        let object = |said: &str, line: &str, content: &[u8]| {
            [format!("<<{said} /Length {}>>\nstream{line}", content.len()).as_bytes(), content, b"\nendstream"].concat()
        };
        let (plain, active) = (b"1 0 <</S /URI>>", b"1 0 <</S /JavaScript /JS (app.alert(1))>>");
        let (once, twice) = (packed(plain), packed(&packed(active)));
        let taken = pdf(&[&object("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode]", "\n", &once)], "");
        assert_eq!(clean(taken.clone()).unwrap(), taken);
        for (said, line, content) in [
            ("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]", "\n", &twice),
            ("/Type /ObjStm /N 1 /First 4 /Filter 9 0 R", "\n", &once),
            ("/N 1 /First 4 /Filter /ASCIIHexDecode", "\n", &b"31203020".to_vec()),
            ("/N 1 /First 4 /Filter /FlateDecode", " \n", &packed(active)),
        ] {
            assert!(refused(pdf(&[&object(said, line, content)], "")), "{said}");
        }
        assert!(refused(pdf(&[b"<</S /GoToR /F (\\\\host\\share)>>"], "")));
    }

    #[test]
    fn a_document_that_unfolds_beyond_measure_is_refused() {
        let mut left = 1_000_000;
        let bytes = stream("", &[0; 2_000_000]);
        let start = streams(&bytes)[0];
        assert!(unpacked(&bytes[start..], &mut left, false).is_err());
    }

    #[test]
    fn nobody_is_named_as_who_made_it() {
        let told = |bytes: &[u8]| {
            let mut all = bytes.to_vec();
            for start in streams(bytes) {
                if let Some((Some(content), _)) = unpacked(&bytes[start..], &mut { UNPACKED_LIMIT }, true).unwrap() {
                    all.extend(content);
                }
            }
            ["Xu Qingshui", "58755165", "Canon"]
                .into_iter()
                .filter(|secret| find(&all, secret.as_bytes()).is_some())
                .collect::<Vec<_>>()
        };
        let object = b"<</Author (Xu Qingshui \\(home\\) (x)) /Title <58755165> /Creator(Canon) /Trapped /False>>";
        let xmp =
            b"<</Type /Metadata /Subtype /XML>>\nstream\n<?xpacket begin=''?><x>Xu Qingshui</x><?xpacket end='w'?>\nendstream";
        let plain = pdf(&[object, xmp], "/Info 1 0 R");
        let packed_xmp = stream("/Type /Metadata /Subtype /XML", b"<x>Xu Qingshui with a Canon, in Jinjiang, on a Sunday</x>");
        let head = format!("7 0 8 {} ", object.len());
        let many = [head.as_bytes(), &object[..], b" <</Kept (by all)>>"].concat();
        let packed = pdf(&[&stream(&format!("/Type /ObjStm /N 2 /First {}", head.len()), &many), &packed_xmp], "/Info 7 0 R");
        for bytes in [plain, packed] {
            assert!(told(&bytes).len() >= 2, "{:?}", told(&bytes));
            let cleaned = clean(bytes.clone()).unwrap();
            assert_eq!((told(&cleaned), cleaned.len()), (vec![], bytes.len()));
            assert_eq!(cleaned, clean(cleaned.clone()).unwrap());
        }
        // What is signed is proof of something, and would be none any more.
        let signed = pdf(&[object, b"<</Type /Sig /ByteRange [0 1 2 3]>>"], "/Info 1 0 R");
        assert_eq!(clean(signed.clone()).unwrap(), signed);
    }

    proptest! {
        #[test]
        fn no_document_makes_it_fail(
            at in any::<prop::sample::Index>(), length in 0usize..20, put in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let object = b"<</Author (Xu (x)) /Title <58755165>>>";
            let many = [&b"7 0 8 40 "[..], &object[..], b" <<>>"].concat();
            let mut bytes = pdf(&[object, &stream("/Type /ObjStm /N 2 /First 9", &many)], "/Info 7 0 R /Info 1 0 R");
            let start = at.index(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, put);
            let length = bytes.len();
            if let Ok(cleaned) = clean(bytes) {
                prop_assert_eq!(cleaned.len(), length);
            }
        }
    }
}
