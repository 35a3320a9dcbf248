//! Checks that nothing in a PDF runs, and removes its author.
//!
//! The PDF is not parsed. Readers repair broken files in different ways, and what one reader takes for the inside of a picture is
//! an action for another. Instead, names are searched wherever they may be: in the raw bytes, and in every compressed stream.

mod blank;
mod scan;

use std::collections::HashSet;

use self::blank::{blank_objects, blank_packets, blank_strings, information, object, packed};
use self::scan::{Declared, Unpacked, WORK_LIMIT, Work, active, are_plain, end, names, reaches, referred, streams};
use super::content::refuse;
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
    for (end, name) in names(&bytes) {
        let Some(key) = reaches(&name) else { continue };
        let (mut ids, mut seen) = (referred(&bytes[end..]), HashSet::new());
        while let Some(id) = ids.pop() {
            work.spend(bytes.len() as u64)?;
            let Some(object) = object(&bytes, id).filter(|_| seen.insert(id)) else { continue };
            if names(&bytes[object.clone()]).any(|(_, name)| name == key) {
                return Err(active());
            }
            ids.extend(referred(&bytes[object]));
        }
    }
    if !are_plain(&bytes, &mut work)? {
        return Err(damaged());
    }
    let signed = names(&bytes).any(|(_, name)| name == "ByteRange");
    let information = if signed { Vec::new() } else { information(&bytes) };
    for (number, (word, start)) in streams(&bytes).into_iter().enumerate() {
        if number == STREAM_LIMIT {
            return Err(refuse("PDF 解压后过大 / the PDF is too large when unpacked"));
        }
        let begins = !bytes[..word].ends_with(b"end");
        let declared = Declared::before(&bytes, word, &mut work)?;
        let of_objects = declared.as_ref().and_then(|declared| declared.first);
        let wanted = !signed && declared.as_ref().is_some_and(|declared| declared.first.is_some() || declared.is_metadata);
        let is_picture = declared.as_ref().is_some_and(|declared| declared.is_picture && !declared.holds_objects);
        let found = work.unpack(&bytes[start..], wanted, is_picture)?;
        if begins && declared.as_ref().is_some_and(|declared| declared.is_elsewhere) {
            return Err(active());
        }
        // A stream whose dictionary is longer than the scanned part may be anything.
        if begins && !declared.is_some_and(|declared| declared.is_looked_at(found.as_ref())) {
            return Err(damaged());
        }
        let Some(Unpacked { content, length, .. }) = found else { continue };
        let anew = match (content, of_objects) {
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use contract::ErrorCode;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::scan::find;
    use super::*;

    /// A document with these objects and this trailer.
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

    fn stream(declared: &str, content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let packed = encoder.finish().unwrap();
        let head = format!("<<{declared} /Filter /FlateDecode /Length {}>>\nstream\n", packed.len());
        [head.as_bytes(), &packed, b"\nendstream"].concat()
    }

    /// Whether scanning a document costs more than this.
    fn too_much(work: u64, objects: &[&[u8]]) -> bool {
        let bytes = pdf(objects, "/Info 7 0 R");
        assert!(clean(bytes.clone()).is_ok());
        is_refusal(clean_within(bytes, Work::of(work)))
    }

    fn refused(bytes: Vec<u8>) -> bool {
        is_refusal(clean(bytes))
    }

    fn is_refusal(outcome: Result<Vec<u8>>) -> bool {
        outcome.is_err_and(|error| error.code == ErrorCode::InvalidAttachment && error.errors[0].pointer == "/file")
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
    fn what_reaches_out_by_itself_is_refused_and_what_is_clicked_is_not() {
        let (link, opened) = (b"<</S /URI /URI (http://jinjiang.gov.cn)>>", b"<</Type /Catalog /OpenAction 2 0 R>>");
        assert!(refused(pdf(&[opened, link], "")));
        let taken = pdf(&[opened, b"<</S /GoTo /D [3 0 R /Fit]>>", link, b"<</Font <</F 2 0 R>> /F 4>>"], "");
        assert_eq!(clean(taken.clone()).unwrap(), taken);
        // However indirect: in an object that another refers to, and after spaces.
        let documents: [&[&[u8]]; 5] = [
            &[b"<</AA <</O 2 0 R>>>>", link],
            &[b"<</AA 2 0 R>>", b"<</C 3 0 R /O 4 0 R>>", b"<<>>", link],
            &[opened, b"<</S /GoTo /D [3 0 R /Fit] /Next 4 0 R>>", b"<<>>", link],
            &[b"<</Subtype /Form /Ref 2 0 R>>", b"<</F (b.pdf) /Page 0>>"],
            &[b"<</Subtype /Form /Ref 2 0 R>>", b"<</F 3 0 R /Page 0>>", b"<</UF (b.pdf)>>"],
        ];
        for document in documents {
            assert!(refused(pdf(document, "")), "{:?}", String::from_utf8_lossy(document[0]));
        }
        let far = format!("1 0 <</AA <</O <<{} /S /URI /URI (http://a)>>>>>>", " ".repeat(2_000));
        for blanks in [0, 60_000, 65_000, 65_530] {
            let content = [far.as_bytes(), &b" ".repeat(blanks), &far.as_bytes()[4..]].concat();
            assert!(refused(pdf(&[&stream("/Type /ObjStm /N 1 /First 4", &content[far.len()..])], "")), "{blanks}");
        }
        assert!(refused(pdf(&[&far.as_bytes()[4..]], "")));
        // A destination on a page, to which links belong, leads nowhere else; and a cycle leads nowhere.
        let (to_page, page) =
            (b"<</AA <</O <</S /GoTo /D [2 0 R /Fit]>> /C 3 0 R>>>>", b"<</Annots [<</A <</S /URI /URI (http://a)>>>>]>>");
        let round = b"<</S /GoTo /D [2 0 R /Fit] /Next 3 0 R>>";
        let taken = pdf(&[&to_page[..], page, round], "");
        assert_eq!(clean(taken.clone()).unwrap(), taken);
        for declared in ["/F (\\\\host\\a)", "/F <</Type /Filespec /F (a)>>"] {
            assert!(refused(pdf(&[&stream(declared, b"")], "")), "{declared}");
        }
    }

    #[test]
    fn what_a_picture_spells_by_chance_is_taken() {
        let article = b"<</Type /Thread /F 2 0 R /I <</Title (News)>>>>";
        for picture in [stream("/Subtype /Image", b"\x9d/XFA 1 "), b"<<>>\nstream\n\x9d/XFA\x81/XFA/XFA)\nendstream".to_vec()] {
            let taken = pdf(&[&picture, article], "");
            assert_eq!(clean(taken.clone()).unwrap(), taken);
        }
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
        for action in [
            "/S /Thread /F (\\\\host\\a.pdf)",
            "/S /Sound /Sound 2 0 R",
            "/OnInstantiate 2 0 R",
            "/Ref <</F (b.pdf) /Page 0>>",
            "/OpenAction <</S /URI /URI (http://a)>>",
            "/AA <</O <</S /URI /URI (http://a)>>>>",
            "/XFA [(a) 2 0 R]",
            "/XFA 2 0 R",
        ] {
            let action = format!("1 0 <<{action}>>");
            assert!(refused(pdf(&[&action.as_bytes()[4..]], "")), "{action}");
            assert!(refused(pdf(&[&stream("/Type /ObjStm /N 1 /First 4", action.as_bytes())], "")), "{action}");
        }
        let hidden = [&b"1 0 "[..], &action[..]].concat();
        assert!(refused(pdf(&[&stream("/Type /ObjStm /N 1 /First 4", &hidden)], "")));
        // In bytes that one reader takes for a picture, and another for the next part of a stream.
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
        let object = |declared: &str, line: &str, content: &[u8]| {
            [format!("<<{declared} /Length {}>>\nstream{line}", content.len()).as_bytes(), content, b"\nendstream"].concat()
        };
        let (plain, active) = (b"1 0 <</S /URI>>", b"1 0 <</S /JavaScript /JS (app.alert(1))>>");
        let (once, twice) = (packed(plain), packed(&packed(active)));
        let taken = pdf(&[&object("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode]", "\n", &once)], "");
        assert_eq!(clean(taken.clone()).unwrap(), taken);
        for (declared, line, content) in [
            ("/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]", "\n", &twice),
            ("/Type /ObjStm /N 1 /First 4 /Filter 9 0 R", "\n", &once),
            ("/N 1 /First 4 /Filter /ASCIIHexDecode", "\n", &b"31203020".to_vec()),
            ("/N 1 /First 4 /Filter /FlateDecode", " \n", &packed(active)),
        ] {
            assert!(refused(pdf(&[&object(declared, line, content)], "")), "{declared}");
        }
        assert!(refused(pdf(&[b"<</S /GoToR /F (\\\\host\\share)>>"], "")));
        // Readers use its content although its end, checksum or header is wrong.
        let (whole, plain_objects) = (packed(active), "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode");
        let (mut wrong_sum, mut wrong_head, mut plain_cut) = (whole.clone(), whole.clone(), once.clone());
        *wrong_sum.last_mut().unwrap() ^= 1;
        wrong_head[..2].copy_from_slice(&[0xf8, 31]);
        plain_cut.truncate(once.len() - 8);
        for content in [&wrong_sum, &wrong_head, &plain_cut, &whole[..whole.len() - 6].to_vec()] {
            assert!(refused(pdf(&[&object(plain_objects, "\n", content)], "")), "{content:x?}");
        }
        // Before the content, with text that only some readers skip.
        for line in ["%\n", "\0\n", "%", "\0", " % more\r\n"] {
            for declared in [plain_objects, "/N 1 /First 4 /Filter /FlateDecode", "/Subtype /Form /Filter /FlateDecode"] {
                assert!(refused(pdf(&[&object(declared, line, &whole)], "")), "{declared} {line:?}");
            }
        }
        // Its names are split, or use other filters.
        for filter in [
            "/Filter /FlateDecode /DecodeParms <</Predictor 12 /Columns 4>>",
            "/Filter [/AHx /Fl]",
            "/Filter [/Fl /A85]",
            "/Filter [/LZW /Fl]",
            "/Filter [/Fl /RL]",
        ] {
            assert!(refused(pdf(&[&object(&format!("/N 1 /First 4 {filter}"), "\n", &once)], "")), "{filter}");
        }
    }

    #[test]
    fn what_a_stream_says_does_not_begin_in_a_text() {
        let odd = |hidden: &str, behind: &str| {
            let first = "<</N 1 /First 4 /DecodeParms <</Predictor 12>>";
            let declared = format!("{first} {hidden} /Filter /FlateDecode>>{behind}\nstream\n");
            let content = stream("", b"1 0 <</S /URI>>");
            let at = find(&content, b"stream\n").unwrap() + 7;
            refused(pdf(&[&[declared.as_bytes(), &content[at..]].concat()], ""))
        };
        for hidden in [
            "/X (7 0 obj<<)",
            "/X (7 0 obj<< \\( )",
            "/X (endobj\n7 0 obj\n<< %)\n",
            "% 7 0 obj<<\n",
            "/X (>>) /Y (7 0 obj<<)",
            "/X 7 0 obj <</Y 1>>",
        ] {
            for behind in ["", "\0", " % more", "%>>\n% (still\n"] {
                assert!(odd(hidden, behind), "{hidden} {behind:?}");
            }
        }
        // Colours and dates are written as strings.
        for declared in [
            "/Subtype /Image /Width 1 /ColorSpace [/Indexed /DeviceRGB 1 (\\(\0>><<%\\))]",
            "/Subtype /Image /Width 1 /ColorSpace [/Indexed /DeviceRGB 1 <000000 ffFFff>]",
            "/Subtype /Form /PieceInfo <</Illustrator <</LastModified (D:20240301)>>>>",
        ] {
            let taken = pdf(&[&stream(declared, b"0 0 m"), b"<</Title (A river and its downstream\n)>>"], "");
            assert_eq!(clean(taken.clone()).unwrap(), taken, "{declared}");
        }
    }

    #[test]
    fn a_document_that_unfolds_beyond_measure_is_refused() {
        let zeros = stream("", &[0; 2_000_000]);
        assert!(too_much(3_000_000, &[&zeros, &zeros]) && !too_much(6_000_000, &[&zeros, &zeros]));
        let scanned = stream("/Type /XObject /Subtype /Image", &[0; 2_000_000]);
        assert!(too_much(900_000, &[&scanned, &scanned]) && !too_much(1_500_000, &[&scanned, &scanned]));
    }

    #[test]
    fn a_document_that_is_small_and_takes_long_is_refused() {
        let long = stream("", &b"/# ".repeat(50_000));
        let plain = stream("", &b".. ".repeat(50_000));
        assert!(too_much(900_000, &[&long]) && !too_much(900_000, &[&plain]), "names");
        let objects =
            |id: u32| stream("/N 1 /First 4", &[format!("{id} 0 <</Author (Xu)>>").as_bytes(), &[b' '; 100_000]].concat());
        assert!(too_much(900_000, &[&objects(7)]) && !too_much(900_000, &[&objects(8)]), "what is compressed anew");
        let far = |times: usize| [&b"<<>>"[..], &[b' '; 60_000], &b"endstream\n".repeat(times)].concat();
        assert!(too_much(900_000, &[&far(20)]) && !too_much(900_000, &[&far(10)]), "the way to where a stream begins");
        let streams = [&stream("", b"x")[..], b"\nendobj\n2 0 obj\n"].concat().repeat(100);
        assert!(too_much(500_000, &[&streams]), "what is begun and holds nothing");
        let objects = b"<</Type /ObjStm>>\nstream\n\nendstream\nendobj\n1 0 obj\n".repeat(400);
        assert!(too_much(500_000, &[&objects]), "streams of objects");
    }

    #[test]
    fn what_a_stream_says_of_itself_is_looked_at_whole() {
        let packed = |declared: &str| {
            let action = b"1 0 <</S /URI>>";
            let head =
                format!("<<{declared} /Filter /FlateDecode /DecodeParms <</Predictor 12>> /Length {}>>\nstream\n", action.len());
            [head.as_bytes(), action, b"\nendstream"].concat()
        };
        for length in [10, 5_000, 50_000] {
            let blanks = " ".repeat(length);
            assert!(refused(pdf(&[&packed(&format!("/N 1 /First 4 {blanks}"))], "")), "{length}");
            assert!(clean(pdf(&[&packed(&format!("/N 1 {blanks}"))], "")).is_ok(), "{length}");
        }
        // However far away it is.
        assert!(refused(pdf(&[&packed(&" ".repeat(70_000))], "")));
        // Something that only looks like the beginning of an object.
        assert!(refused(pdf(&[&packed("/N 1 /First 4 /Subobj 1 /X (obj)")], "")));
    }

    #[test]
    fn nobody_is_named_as_who_made_it() {
        let found = |bytes: &[u8]| {
            let mut all = bytes.to_vec();
            for (_, start) in streams(bytes) {
                let found = Work::of(WORK_LIMIT).unpack(&bytes[start..], true, false).unwrap();
                all.extend(found.and_then(|found| found.content).unwrap_or_default());
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
            assert!(found(&bytes).len() >= 2, "{:?}", found(&bytes));
            let cleaned = clean(bytes.clone()).unwrap();
            assert_eq!((found(&cleaned), cleaned.len()), (vec![], bytes.len()));
            assert_eq!(cleaned, clean(cleaned.clone()).unwrap());
        }
        // A signature proves something, and would be void after a change.
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
