//! Files made to use more memory than their size suggests: none exhausts the program's memory, and other requests are answered
//! meanwhile.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use contract::ErrorCode::*;
use futures_util::future::{join, join_all};
use platform::excel::MEDIA_TYPE as XLSX;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::*;

const ROWS: u32 = 30_000;
/// The most memory that the whole process may use, in megabytes.
const WITH_WORKBOOKS: u64 = 200;
const WITH_PICTURES: u64 = 300;

/// A workbook of organisations with one part replaced.
fn spoilt(part: &str, xml: impl Into<Vec<u8>>) -> Vec<u8> {
    let header: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码", "会员数"];
    repacked(&workbook(&[("社会组织", &[header])]), part, |_| xml.into())
}

/// A sheet with these rows below the header.
fn sheet(rows: &str) -> Vec<u8> {
    let head = ["统一社会信用代码", "名称", "类别", "区划代码", "会员数"];
    let head: String = head.iter().map(|text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")).collect();
    let xml = format!("<worksheet><sheetData><row r=\"1\">{head}</row>{rows}</sheetData></worksheet>");
    spoilt("xl/worksheets/sheet1.xml", xml)
}

/// Workbooks that are larger than they look, each with its trick.
fn workbooks() -> Vec<(&'static str, Vec<u8>)> {
    let texts = |rest: &str| format!("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {rest}</sst>");
    let shared = "xl/sharedStrings.xml";
    let one_text_often = {
        let cells: String = (2..ROWS).map(|row| format!("<row r=\"{row}\"><c r=\"B{row}\" t=\"s\"><v>0</v></c></row>")).collect();
        repacked(&sheet(&cells), shared, |_| texts(&format!("><si><t>{}</t></si>", "字".repeat(10_000))).into())
    };
    let undeclared = {
        let cells = "<c t=\"s\"><v>0</v></c>".repeat(16_000);
        let rows = format!("<row>{cells}</row>").repeat(20);
        repacked(&sheet(&rows), shared, |_| texts(&format!("><si><t>{}</t></si>", "字".repeat(100))).into())
    };
    let many_files = {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for number in 0..20_000 {
            zip.start_file(format!("{number}"), SimpleFileOptions::default()).expect("a part");
        }
        zip.finish().expect("a package").into_inner()
    };
    vec![
        ("more texts are announced than there is memory", spoilt(shared, texts("uniqueCount=\"10000000000000\">"))),
        ("texts are announced that are not there", spoilt(shared, texts("uniqueCount=\"100000000\">"))),
        ("millions of empty texts", spoilt(shared, texts(&format!(">{}", "<si/>".repeat(3_000_000))))),
        ("blanks between tags", sheet(&" ".repeat(64_000_000))),
        ("blanks between texts", spoilt(shared, texts(&format!(">{}", " ".repeat(64_000_000))))),
        ("one text is in many cells", one_text_often),
        (
            "one cell is there again and again",
            sheet(&format!("<row r=\"2\">{}</row>", "<c r=\"A2\" t=\"str\"><v>甲</v></c>".repeat(400_000))),
        ),
        ("a row without an end", sheet(&format!("<row r=\"2\">{}</row>", "<c><v>1</v></c>".repeat(400_000)))),
        ("columns that nobody knows", undeclared),
        (
            "a text in pieces",
            sheet(&format!("<row r=\"2\"><c t=\"inlineStr\"><is><t>{}</t></is></c></row>", "&#65;x".repeat(5_000_000))),
        ),
        (
            "a style for each letter of a book",
            spoilt(
                "xl/styles.xml",
                format!(
                    "<styleSheet><fonts><font><name val=\"{}\"/></font></fonts><cellXfs>{}</cellXfs></styleSheet>",
                    "名".repeat(1_000),
                    "<xf fontId=\"0\"/>".repeat(200_000)
                ),
            ),
        ),
        ("a directory of many files", many_files),
    ]
}

/// A grey JPEG that its metadata turns on its side, with any frame type and scans.
fn jpeg(frame: u8, side: (u16, u16), scans: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    bytes.extend([0xff, 0xdb, 0, 67, 0]);
    bytes.extend([1; 64]);
    bytes.extend([0xff, frame, 0, 17, 8]);
    bytes.extend([side.1.to_be_bytes(), side.0.to_be_bytes()].concat());
    bytes.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // A code table with a single one-bit code: no difference, and the end of the block.
    for table in [0x00, 0x10] {
        bytes.extend([0xff, 0xc4, 0, 20, table, 1]);
        bytes.extend([0; 16]);
    }
    let blocks = usize::from(side.0).div_ceil(8) * usize::from(side.1).div_ceil(8);
    for components in scans {
        bytes.extend([0xff, 0xda, 0, 6 + 2 * components.len() as u8, components.len() as u8]);
        components.iter().for_each(|id| bytes.extend([*id, 0]));
        let (last, bits) = if frame == 0xc2 { (0, 1) } else { (63, 2) };
        bytes.extend([0, last, 0]);
        bytes.resize(bytes.len() + (blocks * components.len() * bits).div_ceil(8), 0);
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// A PNG of 16,384 by 16,384 grey pixels of which only the first row exists.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x40\x00\x00\x00\x40\x00\x08\x00\x00\x00\
    \x00\x8c\xa3\x4f\x58\x00\x00\x00\x27\x49\x44\x41\x54\x78\x9c\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x0c\
    \x1f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\xbb\x01\x40\x01\x00\x01\xe0\xf2\xba\x5e\
    \x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

const ALL: &[u8] = &[1, 2, 3];

/// Pictures that unpack to far more than their files, and whether they are accepted.
fn pictures() -> Vec<(&'static str, Vec<u8>, bool)> {
    vec![
        ("a progressive JPEG", jpeg(0xc2, (16_384, 16_384), &[ALL]), false),
        ("a JPEG whose colours come one after the other", jpeg(0xc0, (8_192, 6_144), &[&[1], &[2], &[3]]), false),
        ("a PNG", PNG.to_vec(), false),
        // It takes as much memory as a photo of 50 megapixels, and a third of the time.
        ("the largest progressive JPEG that is taken", jpeg(0xc2, (4_096, 4_096), &[ALL]), true),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_workbook_takes_the_memory_of_the_service() {
    let _turn = ONE_SIEGE.lock().await;
    let database = Db::Sqlite.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let mut others = Others::default();
    for (what, bytes) in workbooks() {
        let sent = bureau.upload("/organisations/import?dry_run=true", &[], ("名册.xlsx", XLSX, &bytes));
        let refused = others.served_during(&service, &bureau, sent).await;
        assert_eq!(refused.refused(InvalidWorkbook)["errors"][0]["pointer"], "/file", "{what}");
        let peak = service.peak_memory();
        assert!(peak < WITH_WORKBOOKS, "{what}: {} bytes took {peak} MB", bytes.len());
    }
    others.tell("crafted workbooks", &service);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_picture_takes_the_memory_of_the_service() {
    let _turn = ONE_SIEGE.lock().await;
    let database = Db::Sqlite.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let bureau = service.signed_in(Who::Bureau).await;
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let mut others = Others::default();
    for (what, bytes, taken) in pictures() {
        let media_type = if bytes.starts_with(b"\xff\xd8") { "image/jpeg" } else { "image/png" };
        let sent = bureau.upload("/attachments", &fields, ("a", media_type, &bytes));
        let answer = others.served_during(&service, &bureau, sent).await;
        if taken {
            answer.is(201);
        } else {
            assert_eq!(answer.refused(InvalidAttachment)["errors"][0]["pointer"], "/file", "{what}");
        }
        let peak = service.peak_memory();
        assert!(peak < WITH_PICTURES, "{what}: {} bytes took {peak} MB", bytes.len());
    }
    others.tell("crafted pictures", &service);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_pictures_at_once_take_no_more_than_one() {
    let _turn = ONE_SIEGE.lock().await;
    let database = Db::Sqlite.create().await;
    let service = Service::start(&database.url, &database.folder).await;
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let (_, largest, _) = pictures().pop().expect("the largest that is taken");
    let mut sent = Vec::new();
    for who in [Who::Bureau, Who::VillageA] {
        sent.push(service.signed_in(who).await.upload("/attachments", &fields, ("a", "image/jpeg", &largest)).into_future());
    }
    let mut others = Others::default();
    let all = async {
        let answers = join_all(sent).await;
        answers.into_iter().for_each(|answer| drop(answer.is(201)));
    };
    others.served(&service, &service.signed_in(Who::LeadingGroup).await, all).await;
    others.tell("large pictures at once", &service);
    let peak = service.peak_memory();
    assert!(peak < WITH_PICTURES, "two at once took {peak} MB");
}

/// Other clients, and how long they waited.
#[derive(Default)]
struct Others {
    times: Vec<Duration>,
}

impl Others {
    /// Returns the answer to a request, while others are served.
    async fn served_during(&mut self, service: &Service, client: &Client, call: Call) -> Answer {
        self.served(service, client, async { call.attempt().await.expect("an answer") }).await
    }

    /// Lets others send requests until something is over.
    async fn served<T>(&mut self, service: &Service, client: &Client, something: impl Future<Output = T>) -> T {
        let over = AtomicBool::new(false);
        let something = async {
            let outcome = something.await;
            over.store(true, Ordering::Relaxed);
            outcome
        };
        let others = async {
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                client.get(&format!("/villages/{VILLAGE_A}")).await.is(200);
                self.times.push(began.elapsed());
                service.anonymous().get("/livez").await.is(200);
            }
        };
        join(something, others).await.0
    }

    /// Prints how long they waited. While the work goes on, there are many more of their requests than of it.
    fn tell(mut self, what: &str, service: &Service) {
        self.times.sort_unstable();
        let (count, peak) = (self.times.len(), service.peak_memory());
        assert!(count > 20, "{count} others were answered beside {what}");
        println!("beside {what}: {count} answers to others, p99 {:?}; peak memory {peak} MB", self.times[count * 99 / 100]);
    }
}
