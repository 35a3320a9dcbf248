//! What is asked of the service.

use std::ops::Range;
use std::sync::Arc;

use contract::codes::{credit_code_check, organisation_code_check};

use crate::data::{self, Kind, MONTH, SEARCHERS, id};
use crate::families;
use crate::load::{Ask, Call};

/// One kind of request.
pub struct Operation {
    pub name: &'static str,
    /// Who ask, in turn: 0 is the bureau of the large county, 1 that of a small one, those behind them are of the large one (`data`).
    pub users: Range<u64>,
    /// How often each connection asks at most.
    pub at_most: u64,
    pub ask: Ask,
}

/// A person may search for families 300 times an hour; the same is asked for once more to see its statements.
const SEARCHES: u64 = 290;

/// All organisations that the bureau of the large county sees.
pub const EXPORT: &str = "/api/v1/organisations/export";

/// All of them, for so many pairings.
pub fn all(pairings: u64) -> Vec<Operation> {
    let get = |name, user, path: fn(u64, u64) -> String| Operation {
        name,
        users: user..user + 1,
        at_most: u64::MAX,
        ask: Arc::new(move |n| Call::get(format!("/api/v1{}", path(n, pairings)))),
    };
    let families = |name, half: u64, what: fn(u64) -> String| {
        let first = 2 + half * SEARCHERS / 2;
        let ask = move |n| Call::post("/api/v1/households/search", "application/json", what(scattered(n) % (pairings / 2)));
        Operation { name, users: first..first + SEARCHERS / 2, at_most: SEARCHES, ask: Arc::new(ask) }
    };
    vec![
        get("list", 0, |_, _| "/pairings".into()),
        get("list, newest first", 0, |_, _| "/pairings?sort=-updated_at".into()),
        get("list, by campaign and state", 0, |_, _| format!("/pairings?state=active&campaign_id={}", id(Kind::Campaign, 0))),
        get("list of a small county", 1, |_, _| "/pairings?sort=-updated_at".into()),
        get("list of projects", 0, |_, _| "/projects?sort=-updated_at".into()),
        get("list of tasks", 0, |_, _| "/tasks".into()),
        get("list of outcomes", 0, |_, _| "/outcomes?sort=-updated_at".into()),
        get("read", 0, |n, pairings| format!("/pairings/{}", id(Kind::Pairing, scattered(n) % (pairings / 2)))),
        Operation { name: "create", users: 0..1, at_most: u64::MAX, ask: Arc::new(create) },
        get("front page of the bureau", 0, |_, _| "/work-items".into()),
        get("front page of a town", data::TOWN, |_, _| "/work-items".into()),
        get("front page of a village", data::VILLAGE, |_, _| "/work-items".into()),
        get("front page of an organisation", data::ORGANISATION, |_, _| "/work-items".into()),
        get("dashboard", 0, |_, _| format!("/dashboard?campaign_id={}", id(Kind::Campaign, 0))),
        get("dashboard of a small county", 1, |_, _| format!("/dashboard?campaign_id={}", id(Kind::Campaign, 1))),
        // 晋江 in one of ten, with the two words behind it in one of a thousand.
        get("search, a word", 0, |_, _| "/organisations?q=%E6%99%8B%E6%B1%9F".into()),
        get("search, three words", 0, |_, _| "/organisations?q=%E9%BE%99%E6%B9%96%E6%95%AC%E8%80%81%E7%9F%B3%E6%9D%90".into()),
        get("search, nothing found", 0, |_, _| "/organisations?q=%E6%B1%9F%E6%99%8B".into()),
        get("search of pairings", 0, |_, _| "/pairings?q=%E9%BE%99%E6%B9%96%E6%95%AC%E8%80%81%E7%9F%B3%E6%9D%90".into()),
        get("list of families", 0, |_, _| "/households".into()),
        get("list of families, newest first", 0, |_, _| "/households?sort=-updated_at".into()),
        families("search of families, identity number", 0, |n| {
            format!("{{\"identity_number\":\"{}\"}}", families::identity_number(n))
        }),
        families("search of families, full name", 1, |n| format!("{{\"name\":\"{}\"}}", families::name(n))),
        get("monthly report, the bureau's month", 0, |_, _| {
            format!("/report-months?month={MONTH}&campaign_id={}", id(Kind::Campaign, 0))
        }),
        get("monthly report, of a small county", 1, |_, _| {
            format!("/report-months?month={MONTH}&campaign_id={}", id(Kind::Campaign, 1))
        }),
    ]
}

/// Not one after the other, and the same each time.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn create(n: u64) -> Call {
    let body = format!(
        "{{\"name\":\"第{n}社会工作服务中心\",\"credit_code\":\"{}\",\"kind\":\"social_work\",\"area_code\":\"350582\"}}",
        credit_code(n)
    );
    Call::post("/api/v1/organisations", "application/json", body)
}

/// A workbook with organisations that are not there yet.
pub fn import(rows: u32) -> Call {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("社会组织").expect("a name");
    let header = ["统一社会信用代码", "名称", "类别", "区划代码", "会员数"];
    sheet.write_row(0, 0, header).expect("the header");
    for row in 1..=rows {
        let (code, name) = (credit_code(900_000_000 + u64::from(row)), format!("第{row}志愿服务队"));
        let cells = [code.as_str(), name.as_str(), "社会工作服务机构", "350582", "12"];
        sheet.write_row(row, 0, cells).expect("a row");
    }
    let book = book.save_to_buffer().expect("a workbook");
    let mut body = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\nContent-Type: \
        application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n\r\n"
        .to_vec();
    body.extend(book);
    body.extend(b"\r\n--x--\r\n");
    Call::post("/api/v1/organisations/import", "multipart/form-data; boundary=x", body)
}

/// A code with both check characters right; another for each number.
fn credit_code(number: u64) -> String {
    let digits = format!("{number:012}");
    let (area, rest) = digits.split_at(4);
    let inner = organisation_code_check(rest).map(|check| format!("{rest}{check}")).unwrap_or_default();
    let body = format!("5135{area}{inner}");
    let check = credit_code_check(&body).unwrap_or('0');
    format!("{body}{check}")
}
