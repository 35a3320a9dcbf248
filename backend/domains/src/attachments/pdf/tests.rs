use std::io::Write;

use contract::ErrorCode;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::scan::find;
use super::*;

/// A document of some objects, with the content of its trailer.
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

/// Whether scanning a document takes more than this.
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
    // However far away: of an object that another names, and behind blanks.
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
    // What goes to a page, to which links belong, goes nowhere else; and round and round is nowhere.
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
fn what_reaches_out_is_found_however_an_object_and_a_reference_are_written() {
    let link = "<</S /URI /URI (http://a)>>";
    let document = |before: &str| {
        let table = "\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n";
        let body = format!("%PDF-1.7\n{before}");
        let at = body.len() + 1;
        format!("{body}{table}{at}\n%%EOF\n").into_bytes()
    };
    for head in ["2  0 obj", "2\n0\r\nobj", "2 0 % why\nobj", "2%1 0 obj\n0 obj", "002 0 obj", "2 7 obj", "+2 0 obj", "2.0 0 obj"]
    {
        for reference in ["2 0 R", "2  0\nR", "2 %x\n0 R", "002 0 R", "2 7 R", "%y\n2 0 R"] {
            let reaching = format!("1 0 obj\n<</Type /Catalog /OpenAction {reference}>>\nendobj\n{head}\n{link}\nendobj");
            assert!(refused(document(&reaching)), "{head} {reference}");
        }
    }
    // Whichever version of it a reader takes, and whatever is in the texts before it.
    for before in [
        format!("1 0 obj\n<</OpenAction 2 0 R>>\nendobj\n2 0 obj\n{link}\nendobj\n2 0 obj\n<</S /GoTo>>\nendobj"),
        format!(
            "1 0 obj\n<</AA <</X (>>>>) /O 2 0 R>>>>\nendobj\n2 0 obj\n<</X (9 0 obj endobj) /Next [3 0 R]>>\nendobj\n3 0 obj\n{link}\nendobj"
        ),
        format!(
            "1 0 obj\n<</AA <</O 2 0 R>>>>\nendobj\n2 0 obj\n<</S /GoTo /Next 3 0 R>>\nendobj\n3 0 obj\n[4 0 R]\nendobj\n4 0 obj\n{link}\nendobj"
        ),
    ] {
        assert!(refused(document(&before)), "{before}");
    }
    let to_page = format!(
        "1 0 obj\n<</OpenAction 2 0 R>>\nendobj\n2 0 obj\n[3 0 R /XYZ 0 0 0]\nendobj\n3 0 obj\n<</Annots [<</A {link}>>]>>\nendobj"
    );
    assert!(clean(document(&to_page)).is_ok(), "where links are");
}

#[test]
fn what_reaches_out_is_found_in_streams_of_objects() {
    let packed = |objects: &[(u32, &str)]| {
        let (mut head, mut body) = (String::new(), String::new());
        for (id, object) in objects {
            head += &format!("{id} {} ", body.len());
            body += object;
            body.push(' ');
        }
        stream(&format!("/Type /ObjStm /N {} /First {}", objects.len(), head.len()), format!("{head}{body}").as_bytes())
    };
    let (opened, link) = ("<</Type /Catalog /OpenAction 21 0 R>>", "<</S /URI /URI (http://a)>>");
    assert!(refused(pdf(&[&packed(&[(20, opened), (21, link)])], "")), "both in one");
    assert!(refused(pdf(&[&packed(&[(20, opened)]), &packed(&[(21, link)])], "")), "each in another");
    assert!(refused(pdf(&[opened.replace("21", "30").as_bytes(), &packed(&[(21, "<<>>"), (30, link)])], "")));
    assert!(!refused(pdf(&[&packed(&[(20, "<</AA <</O 2 0 R>>>>")]), b"<<>>"], "")));
    let named = packed(&[(20, opened), (21, "<</S /GoTo /D [5 0 R /Fit]>>"), (22, link), (5, "<</Annots [22 0 R]>>")]);
    let taken = pdf(&[&named], "");
    assert_eq!(clean(taken.clone()).unwrap(), taken, "as LaTeX writes it");
}

#[test]
fn a_file_in_it_is_found_though_its_stream_does_not_say_that_it_is_one() {
    for file in ["/EF <</F 2 0 R>>", "/EF 2 0 R", "/#45F<</UF 2 0 R>>", "/EF %x\n2 0 R"] {
        let specification = format!("<</AF [<</Type /Filespec /F (a.exe) {file}>>]>>");
        assert!(refused(pdf(&[specification.as_bytes(), &stream("", b"MZ")], "")), "{file}");
    }
}

#[test]
fn an_object_does_not_begin_in_a_text_of_digits() {
    let torn = |hidden: &str| {
        let first = "<</N 1 /First 4 /DecodeParms <</Predictor 12>>";
        let content = stream("", b"1 0 <</S /URI>>");
        let at = find(&content, b"stream\n").unwrap();
        let declared = format!("{first} {hidden} /Filter /FlateDecode>>\n");
        refused(pdf(&[b"<<>>", &stream("", b"x<y"), &[declared.as_bytes(), &content[at..]].concat()], ""))
    };
    for hidden in ["/X <7 0 obj <<<>", "/X <endobj\n7 0 obj <<<>", "/X <endstream endobj 7 0 obj\n<<<>"] {
        assert!(torn(hidden), "{hidden}");
    }
    // Behind a picture, whose last bracket may be any, and behind the number of its bytes.
    let taken = pdf(
        &[
            b"<</Length 2 0 R>>\nstream\n\x01<\x02\nendstream",
            b"3",
            &stream("/Subtype /Image /ColorSpace [/Indexed /DeviceRGB 1 <000000 ffFFff>]", b"0"),
        ],
        "",
    );
    assert_eq!(clean(taken.clone()).unwrap(), taken);
}

#[test]
fn a_photo_in_it_loses_its_place() {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 24.7N 118.6E";
    let photo = [&[0xff, 0xd8, 0xff, 0xe1, 0, exif.len() as u8 + 2][..], exif, b"\xff\xda the picture"].concat();
    let plain = [&b"<</Subtype /Image /Filter /DCTDecode>>\nstream\n"[..], &photo[..], b"\nendstream"].concat();
    let cleaned = clean(pdf(&[&plain], "")).unwrap();
    assert!(find(&cleaned, b"GPS").is_none() && find(&cleaned, b"the picture").is_some());
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&photo).unwrap();
    let content = encoder.finish().unwrap();
    let twice = [&b"<</Subtype /Image /Filter [/FlateDecode /DCTDecode]>>\nstream\n"[..], &content[..], b"\nendstream"].concat();
    let cleaned = clean(pdf(&[&twice], "")).unwrap();
    let at = find(&cleaned, b"stream\n").unwrap() + 7;
    let found = Work::of(WORK_LIMIT).unpack(&cleaned[at..], true, true).unwrap().unwrap().content.unwrap();
    assert!(find(&found, b"GPS").is_none() && find(&found, b"the picture").is_some());
    let signed = pdf(&[&plain, b"<</Type /Sig /ByteRange [0 1 2 3]>>"], "");
    assert_eq!(clean(signed.clone()).unwrap(), signed);
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
    // In what is a picture for one reader and the next piece of another stream.
    let long = [&[b' '; 200_000][..], &hidden].concat();
    assert!(refused(pdf(&[&stream("/Subtype /Image /X (endobj stream\n)", &long)], "")));
    for filter in ["/DecodeParms <</Predictor 12>>", "/DecodeParms 9 0 R", "/Filter [/ASCIIHexDecode /FlateDecode]", "/X (obj)"] {
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
    // Readers take what is in it although its end, its checksum or its head is wrong.
    let (whole, plain_objects) = (packed(active), "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode");
    let (mut wrong_sum, mut wrong_head, mut plain_cut) = (whole.clone(), whole.clone(), once.clone());
    *wrong_sum.last_mut().unwrap() ^= 1;
    wrong_head[..2].copy_from_slice(&[0xf8, 31]);
    plain_cut.truncate(once.len() - 8);
    for content in [&wrong_sum, &wrong_head, &plain_cut, &whole[..whole.len() - 6].to_vec()] {
        assert!(refused(pdf(&[&object(plain_objects, "\n", content)], "")), "{content:x?}");
    }
    // Before the content stands what only some readers pass over.
    for line in ["%\n", "\0\n", "%", "\0", " % more\r\n"] {
        for declared in [plain_objects, "/N 1 /First 4 /Filter /FlateDecode", "/Subtype /Form /Filter /FlateDecode"] {
            assert!(refused(pdf(&[&object(declared, line, &whole)], "")), "{declared} {line:?}");
        }
    }
    // Its names are torn, or in other filters.
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
    // Colours and dates are written as texts.
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
    let objects = |id: u32| stream("/N 1 /First 4", &[format!("{id} 0 <</Author (Xu)>>").as_bytes(), &[b' '; 100_000]].concat());
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
    // Whatever is further away.
    assert!(refused(pdf(&[&packed(&" ".repeat(70_000))], "")));
    // What only looks like its beginning.
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
    let xmp = b"<</Type /Metadata /Subtype /XML>>\nstream\n<?xpacket begin=''?><x>Xu Qingshui</x><?xpacket end='w'?>\nendstream";
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
    // However its object is written.
    for head in ["1  0 obj", "1 0 %x\nobj", "01 0 obj", "1 3 obj"] {
        let text = String::from_utf8(pdf(&[object], "/Info 1 0 R")).unwrap().replace("1 0 obj", head);
        let table = text.find("xref").unwrap();
        let moved = text.split("startxref").next().unwrap().to_owned() + &format!("startxref\n{table}\n%%EOF\n");
        assert_eq!(found(&clean(moved.into_bytes()).unwrap()), Vec::<&str>::new(), "{head}");
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
