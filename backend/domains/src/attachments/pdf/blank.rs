//! Removes the author of a PDF without moving anything in it.

use std::io::Write;
use std::ops::Range;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::reach::reference;
use super::scan::{SPACES, find, names, number};

const INFORMATION_LIMIT: usize = 8;

/// Compresses content to at most this length, and pads it to that length.
pub(super) fn packed(content: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).ok()?;
    let mut packed = encoder.finish().ok()?;
    (packed.len() <= length).then(|| {
        packed.resize(length, b'\n');
        packed
    })
}

/// The ids of the objects with information about the author.
pub(super) fn information(bytes: &[u8]) -> Vec<u32> {
    let refers = names(bytes).filter(|(_, name)| name == "Info").filter_map(|(end, _)| Some(reference(&bytes[end..])?.0));
    let mut ids: Vec<u32> = refers.take(INFORMATION_LIMIT).collect();
    ids.dedup();
    ids
}

/// The object that begins at a place.
pub(super) fn object(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let length = find(&bytes[start..], b"endobj")?;
    Some(start..start + length)
}

/// Blanks the strings of these objects in an object stream. Returns whether there were any.
pub(super) fn blank_objects(content: &mut [u8], first: usize, ids: &[u32]) -> bool {
    // Pairs of an id and an offset, counted from the first of the objects.
    let head = content.get(..first).unwrap_or_default().split(|byte| SPACES.contains(byte)).filter(|word| !word.is_empty());
    let numbers: Vec<u32> = head.map_while(number).collect();
    let sorted = |of: &dyn Fn(u32) -> bool| {
        let pairs = numbers.chunks_exact(2).filter(|pair| of(pair[0]));
        let mut places: Vec<_> = pairs.map(|pair| first.saturating_add(pair[1] as usize)).collect();
        places.sort_unstable();
        // A place that occurs several times is blanked once.
        places.dedup();
        places
    };
    let places = sorted(&|_| true);
    let mut blanked = false;
    for start in sorted(&|id| ids.contains(&id)) {
        let end = places.get(places.partition_point(|place| *place <= start)).copied().unwrap_or(content.len());
        if let Some(object) = content.get_mut(start..end) {
            blank_strings(object);
            blanked = true;
        }
    }
    blanked
}

/// Blanks everything in string delimiters: `(…)`, with paired or escaped parentheses inside, and `<…>` in hex.
pub(super) fn blank_strings(object: &mut [u8]) {
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

/// Blanks the contents of uncompressed XMP packets.
pub(super) fn blank_packets(bytes: &mut [u8]) {
    let mut from = 0;
    while let Some(begin) = find(&bytes[from..], b"<?xpacket begin").map(|at| from + at) {
        let Some(end) = find(&bytes[begin..], b"<?xpacket end") else { return };
        let content = begin + bytes[begin..begin + end].iter().position(|byte| *byte == b'>').map_or(0, |at| at + 1);
        bytes[content..begin + end].fill(b' ');
        from = begin + end;
    }
}
