//! Follows what a document does by itself through its references, to the address or file that it fetches.
//!
//! An object counts wherever something looks like it, in whatever blanks and comments, and each version of it does: which
//! one a reader takes is for the reader to know.

use std::collections::{HashMap, HashSet};

use platform::Result;

use super::scan::{DECLARED_LIMIT, NEAR, SPACES, Work, active, find, intricate, names};

/// The name that an object must not have, and the object.
pub(super) type Start = (&'static str, u32);
/// Where the object of an id begins, behind its head.
pub(super) type Head = (u32, usize);

/// The most objects of a document in which some must be followed.
const OBJECT_LIMIT: usize = 500_000;
/// The most references between them.
const REFERENCE_LIMIT: usize = 2_000_000;
/// The cost of an object, in bytes scanned.
const OBJECT_WORK: u64 = 64;

/// Of what is done by itself, and of a part of another document, the name that it must not have: of the address or the file
/// that it fetches.
pub(super) fn reaches(name: &str) -> Option<&'static str> {
    match name {
        "OpenAction" | "AA" => Some("URI"),
        "Ref" => Some("F"),
        _ => None,
    }
}

/// The objects that a value refers to, directly or by one of its names. References in lists are destinations of links, but
/// for those of the actions that come next.
pub(super) fn referred(value: &[u8]) -> Vec<u32> {
    if let Some((id, _)) = reference(value) {
        return vec![id];
    }
    let declared = dictionary(value, DECLARED_LIMIT).unwrap_or_default();
    let by_name = names(declared).flat_map(|(end, name)| match reference(&declared[end..]) {
        Some((id, _)) => vec![id],
        None if name == "Next" => listed(&declared[end..]),
        None => Vec::new(),
    });
    by_name.collect()
}

/// The objects that a list refers to, unless it says which page to show, and how.
fn listed(value: &[u8]) -> Vec<u32> {
    let Some(list) = behind_blanks(value).strip_prefix(b"[") else { return Vec::new() };
    let list = &list[..list.iter().take(DECLARED_LIMIT).take_while(|byte| **byte != b']').count()];
    if reference(list).is_some_and(|(_, rest)| behind_blanks(rest).starts_with(b"/")) {
        return Vec::new();
    }
    let begins = |at: &usize| list[*at].is_ascii_digit() && (*at == 0 || !list[at - 1].is_ascii_digit());
    (0..list.len()).filter(begins).filter_map(|at| reference(&list[at..])).map(|(id, _)| id).collect()
}

/// The object that bytes such as `12 0 R` refer to, and what is behind them.
pub(super) fn reference(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (id, rest) = numbers(&bytes[..bytes.len().min(NEAR)])?;
    Some((id, rest.strip_prefix(b"R")?))
}

/// The first of two numbers, and what is behind the blanks that follow them.
fn numbers(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (id, rest) = whole(behind_blanks(bytes))?;
    let (_, rest) = whole(Some(behind_blanks(rest)).filter(|behind| behind.len() < rest.len())?)?;
    Some((id, behind_blanks(rest)))
}

/// A whole number, which some readers also take with a sign or a point, and what is behind it.
fn whole(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_at(bytes.iter().take_while(|byte| byte.is_ascii_digit() || b"+-.".contains(byte)).count());
    let number: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some((number as u32, rest))
}

/// What is behind blanks and comments.
pub(super) fn behind_blanks(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    loop {
        rest = &rest[rest.iter().take_while(|byte| SPACES.contains(byte)).count()..];
        if rest.first() != Some(&b'%') {
            return rest;
        }
        rest = &rest[rest.iter().take_while(|byte| !b"\r\n".contains(byte)).count()..];
    }
}

/// The dictionary at the beginning of some bytes, empty where there is none; none where it is longer than the limit. Brackets
/// in its texts and comments are none of its own.
pub(super) fn dictionary(bytes: &[u8], limit: usize) -> Option<&[u8]> {
    let near = behind_blanks(&bytes[..bytes.len().min(limit)]);
    if !near.starts_with(b"<<") {
        return Some(&[]);
    }
    let (mut depth, mut brackets, mut at) = (0_usize, 0_usize, 0);
    while let Some(byte) = near.get(at) {
        let is_double = near.get(at + 1) == Some(byte);
        match byte {
            b'\\' if brackets > 0 => at += 1,
            b'(' => brackets += 1,
            b')' => brackets = brackets.saturating_sub(1),
            _ if brackets > 0 => {}
            b'%' => at += near[at..].iter().take_while(|byte| !b"\r\n".contains(byte)).count(),
            b'<' if is_double => {
                depth += 1;
                at += 1;
            }
            b'<' => at += near[at..].iter().take_while(|byte| **byte != b'>').count(),
            b'>' if is_double => {
                depth = depth.saturating_sub(1);
                at += 1;
                if depth == 0 {
                    return near.get(..=at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    (bytes.len() <= limit).then_some(near)
}

/// All that looks like the head of an object.
///
/// # Errors
/// `invalid_attachment` where there are too many.
pub(super) fn heads(bytes: &[u8], work: &mut Work) -> Result<Vec<Head>> {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.".contains(&byte);
    let mut found = Vec::new();
    work.spend(bytes.len() as u64)?;
    for at in (0..bytes.len()).filter(|at| is_number(bytes[*at]) && (*at == 0 || !is_number(bytes[at - 1]))) {
        let near = &bytes[at..(at + NEAR).min(bytes.len())];
        let Some((id, rest)) = numbers(near) else { continue };
        work.spend((near.len() - rest.len()) as u64)?;
        if rest.starts_with(b"obj") {
            found.push((id, at + near.len() - rest.len() + 3));
        }
        if found.len() > OBJECT_LIMIT {
            return Err(intricate());
        }
    }
    Ok(found)
}

/// Refuses a document that fetches an address or a file by itself, however far away it says so.
///
/// # Errors
/// `invalid_attachment`, also where it takes too long to find out.
pub(super) fn follow(bytes: &[u8], heads: &[Head], object_streams: &[(usize, usize)], work: &mut Work) -> Result<()> {
    let starts = std::mem::take(&mut work.starts);
    if starts.is_empty() {
        return Ok(());
    }
    let mut objects = Objects::default();
    for (index, &(id, from)) in heads.iter().enumerate() {
        // What is no dictionary goes as far as the next object. One head may lie within the comments of another.
        let next = heads[index + 1..].iter().map(|(_, at)| *at).find(|at| *at > from).unwrap_or(bytes.len());
        objects.add(id, &bytes[from..], next - from, work)?;
    }
    for &(start, first) in object_streams {
        let content = match work.unpack(&bytes[start..], true, false)? {
            Some(found) => found.content.ok_or_else(intricate)?,
            None => bytes[start..start + find(&bytes[start..], b"endstream").unwrap_or_default()].to_vec(),
        };
        // As many pairs as there are: readers count them, and do not stop where the first object is said to begin.
        let (mut head, mut places) = (content.as_slice(), Vec::new());
        while let Some((id, rest)) = whole(behind_blanks(head)) {
            let Some((place, rest)) = whole(behind_blanks(rest)) else { break };
            places.push((id, first.saturating_add(place as usize)));
            head = rest;
        }
        for &(id, from) in &places {
            let next = places.iter().map(|(_, at)| *at).filter(|at| *at > from).min().unwrap_or(content.len());
            work.spend(places.len() as u64)?;
            if let Some(object) = content.get(from..) {
                objects.add(id, object, next - from, work)?;
            }
        }
    }
    for (key, id) in starts {
        let (mut ids, mut seen) = (vec![id], HashSet::new());
        while let Some(id) = ids.pop() {
            work.spend(OBJECT_WORK)?;
            let Some(object) = objects.by_id.get(&id).filter(|_| seen.insert(id)) else { continue };
            let is_named = if key == "F" { object.names_file } else { object.names_address };
            if is_named {
                return Err(active());
            }
            work.spend(object.refers.len() as u64)?;
            ids.extend(&object.refers);
        }
    }
    Ok(())
}

/// What there is to know of all that is called by an id.
#[derive(Default)]
struct Object {
    names_address: bool,
    names_file: bool,
    refers: Vec<u32>,
}

#[derive(Default)]
struct Objects {
    by_id: HashMap<u32, Object>,
    references: usize,
}

impl Objects {
    /// Adds what begins at the beginning of some bytes, and goes on for a length unless it is a dictionary.
    fn add(&mut self, id: u32, bytes: &[u8], length: usize, work: &mut Work) -> Result<()> {
        let declared = dictionary(bytes, DECLARED_LIMIT);
        work.spend(if declared.is_none() { DECLARED_LIMIT as u64 } else { 0 })?;
        let declared = declared.filter(|declared| !declared.is_empty());
        let content = declared.unwrap_or(&bytes[..length.min(bytes.len())]);
        work.spend(2 * content.len() as u64 + OBJECT_WORK)?;
        let refers = if behind_blanks(content).starts_with(b"[") { listed(content) } else { referred(content) };
        self.references += refers.len();
        if self.references > REFERENCE_LIMIT || self.by_id.len() > OBJECT_LIMIT {
            return Err(intricate());
        }
        let object = self.by_id.entry(id).or_default();
        for (_, name) in names(content) {
            object.names_address |= name == "URI";
            object.names_file |= name == "F";
        }
        object.refers.extend(refers);
        Ok(())
    }
}
