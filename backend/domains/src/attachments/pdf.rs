//! Checks that nothing in a PDF runs, and removes its author.
//!
//! The PDF is not parsed. Readers repair broken files in different ways, and what one reader takes for the inside of a picture is
//! an action for another. Instead, names are searched wherever they may be: in the raw bytes, and in every compressed stream.

mod blank;
mod reach;
mod scan;

use self::blank::{blank_objects, blank_packets, blank_strings, information, object, packed};
use self::reach::{follow, heads};
use self::scan::{Declared, Unpacked, WORK_LIMIT, Work, active, are_plain, end, names, streams};
use super::content::refuse;
use super::picture;
use platform::Result;

const STREAM_LIMIT: usize = 50_000;
/// The cost of recompressing a byte, in scanned bytes.
const PACKED_WORK: u64 = 16;

/// Removes the author and program of a PDF, and refuses one in which something runs. The length does not change, and neither does
/// any offset. A signed PDF is left unchanged, because its signature covers all of it.
///
/// # Errors
/// `invalid_attachment` if it is damaged, encrypted, or anything but paper.
pub fn clean(bytes: Vec<u8>) -> Result<Vec<u8>> {
    clean_within(bytes, Work::of(WORK_LIMIT))
}

fn clean_within(mut bytes: Vec<u8>, mut work: Work) -> Result<Vec<u8>> {
    let damaged = || refuse("PDF 已损坏 / the PDF is damaged");
    let ends = end(&bytes).is_some();
    if !ends || !matches!(bytes.get(..7), Some([b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.'])) {
        return Err(damaged());
    }
    if names(&bytes).any(|(_, name)| name == "Encrypt") {
        return Err(refuse("加密的 PDF 请去除密码后上传 / an encrypted PDF: save it without its password"));
    }
    work.refuse_active(&bytes, false)?;
    if !are_plain(&bytes, &mut work)? {
        return Err(damaged());
    }
    let signed = names(&bytes).any(|(_, name)| name == "ByteRange");
    let information = if signed { Vec::new() } else { information(&bytes) };
    let mut object_streams = Vec::new();
    for (number, (word, start)) in streams(&bytes).into_iter().enumerate() {
        if number == STREAM_LIMIT {
            return Err(refuse("PDF 解压后过大 / the PDF is too large when unpacked"));
        }
        let begins = !bytes[..word].ends_with(b"end");
        let declared = Declared::before(&bytes, word, &mut work)?;
        let of_objects = declared.as_ref().and_then(|declared| declared.first);
        let is_photo = declared.as_ref().is_some_and(|declared| declared.is_packed_photo);
        let wanted =
            !signed && (is_photo || declared.as_ref().is_some_and(|declared| declared.first.is_some() || declared.is_metadata));
        let is_picture = declared.as_ref().is_some_and(|declared| declared.is_picture && !declared.holds_objects);
        let found = work.unpack(&bytes[start..], wanted, is_picture)?;
        if begins && declared.as_ref().is_some_and(|declared| declared.is_elsewhere) {
            return Err(active());
        }
        // A stream whose dictionary is longer than the scanned part may be anything.
        if begins && !declared.is_some_and(|declared| declared.is_looked_at(found.as_ref())) {
            return Err(damaged());
        }
        object_streams.extend(of_objects.filter(|_| begins).map(|first| (start, first)));
        let Some(Unpacked { content, length, .. }) = found else { continue };
        let anew = match (content, of_objects) {
            (Some(mut content), None) if is_photo => picture::forget(&mut content).then_some(content),
            (Some(_), None) => Some(Vec::new()),
            (Some(mut content), Some(first)) => blank_objects(&mut content, first, &information).then_some(content),
            (None, _) => None,
        };
        let Some(anew) = anew else { continue };
        work.spend(PACKED_WORK * anew.len() as u64)?;
        if let Some(packed) = packed(&anew, length) {
            bytes[start..start + length].copy_from_slice(&packed);
        }
    }
    let heads = heads(&bytes, &mut work)?;
    follow(&bytes, &heads, &object_streams, &mut work)?;
    if !signed {
        blank_packets(&mut bytes);
        for (_, start) in heads.into_iter().filter(|(id, _)| information.contains(id)) {
            if let Some(object) = object(&bytes, start) {
                blank_strings(&mut bytes[object]);
            }
        }
        picture::forget(&mut bytes);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
