//! OFD (GB/T 33190), the fixed layout of official documents: a zip of XML parts, fonts and pictures. Finds content that acts by
//! itself, and removes the author.

use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::fields::{broken, events};
use super::guard::refuse;
use crate::{Error, Result};

/// Elements whose text is the path of another part.
const PLACES: [&str; 18] = [
    "Annotations",
    "Attachments",
    "BaseLoc",
    "Cover",
    "CustomTags",
    "DocRoot",
    "DocumentRes",
    "ExtendData",
    "Extensions",
    "FileLoc",
    "FontFile",
    "MediaFile",
    "PublicRes",
    "SchemaLoc",
    "Signatures",
    "SignedValue",
    "Thumbnail",
    "Versions",
];
/// The longest path, in bytes.
const PLACE_LIMIT: usize = 64 * 1024;
/// The deepest nesting of elements.
const DEPTH_LIMIT: usize = 256;
/// The schemes that a link may have, which a person clicks.
const LINKS: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Refuses a part that plays, opens or fetches something by itself, or that attaches anything but XML. Official documents attach
/// their data as XML.
///
/// # Errors
/// `invalid_workbook`.
pub fn check(name: &str, part: impl Read) -> Result<()> {
    let mut levels: Vec<Level> = Vec::new();
    let is_xml = events(part, |event| {
        match event {
            Event::PI(_) => return Err(acts()),
            Event::Start(tag) => {
                let level = Level::of(&tag, levels.last())?;
                levels.push(level);
                if levels.len() > DEPTH_LIMIT {
                    return Err(broken());
                }
            }
            Event::Text(text) => add(&mut levels, &text)?,
            Event::CData(text) => add(&mut levels, &text)?,
            Event::GeneralRef(character) => {
                if let Some(character) = character.resolve_char_ref().map_err(|_| broken())? {
                    add(&mut levels, character.encode_utf8(&mut [0; 4]))?;
                }
            }
            Event::End(tag) => {
                let level = levels.pop().ok_or_else(broken)?;
                let place = level.place.as_deref().map(str::trim).unwrap_or_default();
                if leads_out(place) {
                    return Err(acts());
                }
                if level.carried && tag.local_name().as_ref() == "FileLoc" && !is_xml_file(place) {
                    return Err(carries());
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    // A file with an XML name that is not XML is encrypted, or something else in disguise.
    if levels.is_empty() && (is_xml || !is_xml_file(name)) { Ok(()) } else { Err(broken()) }
}

/// An open element.
struct Level {
    /// Its text so far, if it is the path of another part.
    place: Option<String>,
    /// Whether it is within an action that starts without a click.
    automatic: bool,
    /// Whether it is within an attachment.
    carried: bool,
}

impl Level {
    fn of(tag: &BytesStart<'_>, outer: Option<&Self>) -> Result<Self> {
        let mut automatic = outer.is_some_and(|outer| outer.automatic);
        let mut carried = outer.is_some_and(|outer| outer.carried);
        let name = tag.local_name();
        let name: &str = name.as_ref();
        match name {
            "GotoA" | "Movie" | "Sound" | "Encryptions" => return Err(acts()),
            "Action" => automatic |= attribute(tag, "Event")?.is_none_or(|event| event != "CLICK"),
            "URI" if automatic || !attribute(tag, "URI")?.is_some_and(|to| is_link(&to)) => return Err(acts()),
            "Attachment" => {
                let (named, format) = (attribute(tag, "Name")?, attribute(tag, "Format")?);
                if named.is_some_and(|name| name.contains('.') && !is_xml_file(&name))
                    || format.is_some_and(|format| !format.eq_ignore_ascii_case("xml"))
                {
                    return Err(carries());
                }
                carried = true;
            }
            name if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("html") => return Err(acts()),
            _ => {}
        }
        if attribute(tag, "BaseLoc")?.is_some_and(|place| leads_out(&place)) {
            return Err(acts());
        }
        Ok(Self { place: PLACES.contains(&name).then(String::new), automatic, carried })
    }
}

fn add(levels: &mut [Level], text: &str) -> Result<()> {
    let Some(place) = levels.last_mut().and_then(|level| level.place.as_mut()) else { return Ok(()) };
    *place += text;
    if place.len() > PLACE_LIMIT { Err(broken()) } else { Ok(()) }
}

/// The root of an OFD without its author, dates and program. A signed document stays as it is, because the signatures cover it.
/// Returns `None` if it is damaged.
pub fn without_author(root: &str) -> Option<String> {
    let root = root.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(root);
    let (mut kept, mut from, mut path) = (String::with_capacity(root.len()), 0, Vec::new());
    loop {
        let event = reader.read_event().ok()?;
        let to = usize::try_from(reader.buffer_position()).ok()?;
        let said = root.get(from..to)?;
        from = to;
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let name = tag.local_name();
            let name: &str = name.as_ref();
            if name == "Signatures" {
                return Some(root.to_owned());
            }
            path.push(name.to_owned());
        }
        let within = path.iter().position(|name| name == "DocInfo").and_then(|at| path.get(at + 1));
        if within.is_none_or(|name| name == "DocID") {
            kept += said;
        }
        match event {
            Event::End(_) | Event::Empty(_) => drop(path.pop()),
            Event::Eof => return path.is_empty().then_some(kept),
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| broken())?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken())?.into_owned()));
        }
    }
    Ok(None)
}

/// Whether a path leads to another computer, or elsewhere on this one.
fn leads_out(place: &str) -> bool {
    let place = place.trim();
    place.contains(':') || place.starts_with("//") || place.contains('\\')
}

fn is_link(to: &str) -> bool {
    to.trim().split_once(':').is_some_and(|(scheme, _)| LINKS.iter().any(|link| scheme.eq_ignore_ascii_case(link)))
}

fn is_xml_file(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".xml")
}

#[track_caller]
fn acts() -> Error {
    refuse(
        "OFD 打开时会执行操作、播放或加载外部内容，或已加密 / the OFD does, plays or loads something by itself, or is encrypted",
    )
}

#[track_caller]
fn carries() -> Error {
    refuse("OFD 内带有其他文件，请另存为不带附件的 OFD 或 PDF / the OFD carries other files: save it as OFD or PDF without them")
}

#[cfg(test)]
mod tests {
    use super::{check, without_author};

    fn is_refused(part: &str) -> bool {
        check("doc_0/document.xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:a>{part}</ofd:a>").as_bytes())
            .is_err()
    }

    fn action(event: &str, what: &str) -> String {
        format!("<ofd:Actions><ofd:Action Event=\"{event}\">{what}</ofd:Action></ofd:Actions>")
    }

    #[test]
    fn what_an_ofd_does_by_itself_is_found_and_what_is_clicked_is_not() {
        let site = "<ofd:URI URI=\"http://jinjiang.gov.cn\"/>";
        assert!(is_refused(&action("DO", site)) && is_refused(&action("PO", site)));
        assert!(!is_refused(&action("CLICK", site)) && !is_refused(&action("DO", "<ofd:Goto><ofd:Dest/></ofd:Goto>")));
        for target in ["file:///c:/windows/cmd.exe", "javascript:app.alert(1)", "\\\\host\\a", "a.exe"] {
            assert!(is_refused(&action("CLICK", &format!("<ofd:URI URI=\"{target}\"/>"))), "{target}");
        }
        for what in ["<ofd:GotoA AttachID=\"1\"/>", "<ofd:Movie ResourceID=\"1\"/>", "<ofd:Sound ResourceID=\"1\"/>"] {
            assert!(is_refused(&action("CLICK", what)), "{what}");
        }
        for what in ["<script>1</script>", "<?xml-stylesheet href=\"a.xsl\"?>", "<e:Encryptions/>"] {
            assert!(is_refused(what), "{what}");
        }
    }

    #[test]
    fn what_lies_elsewhere_or_is_carried_along_is_found() {
        let media = |place: &str| format!("<ofd:MultiMedia><ofd:MediaFile>{place}</ofd:MediaFile></ofd:MultiMedia>");
        assert!(!is_refused(&media("Res/image_1.png")) && !is_refused(&media("/Doc_0/Res/a.jpg")));
        for place in
            ["http://elsewhere/a.png", "\\\\host\\a.png", "&#92;&#92;host\\a", "<![CDATA[http://a]]>", "//host/a", "c:/a"]
        {
            assert!(is_refused(&media(place)), "{place}");
        }
        assert!(is_refused("<ofd:FileLoc>a<b/>http://elsewhere/a</ofd:FileLoc>"));
        assert!(is_refused("<ofd:Page ID=\"1\" BaseLoc=\"http://elsewhere/Content.xml\"/>"));
        let attached = |attributes: &str, place: &str| {
            format!("<ofd:Attachment ID=\"1\" {attributes}><ofd:FileLoc>{place}</ofd:FileLoc></ofd:Attachment>")
        };
        assert!(!is_refused(&attached("Name=\"original_invoice\" Format=\"xml\"", "original_invoice.xml")));
        for (attributes, place) in
            [("Name=\"a\"", "a.exe"), ("Name=\"a.exe\"", "a.xml"), ("Format=\"exe\"", "a.xml"), ("", "a.zip")]
        {
            assert!(is_refused(&attached(attributes, place)), "{attributes} {place}");
        }
        // Text on the page leads nowhere.
        assert!(!is_refused("<ofd:TextCode X=\"1\">http://jinjiang.gov.cn 附件：a.exe</ofd:TextCode>"));
    }

    #[test]
    fn what_cannot_be_looked_at_is_refused() {
        assert!(check("doc_0/document.xml", &b"\x8f\x01encrypted"[..]).is_err());
        assert!(check("doc_0/res/seal.esl", &b"0\x82"[..]).is_ok());
        assert!(check("a.xml", &b"<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>"[..]).is_err());
        assert!(check("a.xml", &b"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"[..]).is_err());
    }

    #[test]
    fn who_wrote_it_is_taken_out_unless_it_is_signed() {
        let root = |more: &str| {
            format!(
                "<ofd:OFD><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID><ofd:Author>许清水</ofd:Author>\
                <ofd:CustomDatas><ofd:CustomData Name=\"a\">永湖村</ofd:CustomData></ofd:CustomDatas><ofd:Title/></ofd:DocInfo>\
                <ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{more}</ofd:DocBody></ofd:OFD>"
            )
        };
        assert_eq!(
            without_author(&root("")).unwrap(),
            "<ofd:OFD><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo>\
            <ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        );
        let signed = root("<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>");
        assert_eq!(without_author(&signed).unwrap(), signed);
        assert_eq!(without_author("<ofd:OFD><ofd:DocBody>"), None);
    }
}
