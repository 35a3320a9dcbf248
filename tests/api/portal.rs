//! The public portal: what anybody reads without an account, on pages and as open data, and that no format tells what is held back.

use contract::CodedEnum;
use contract::ErrorCode::*;
use contract::Lang;
use contract::publications::PublicTable;
use serde_json::{Value, json};

use super::cases::publish;
use super::publications::{helped_in_april, month};
use crate::both_databases;
use crate::support::*;

fn page(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).expect("UTF-8")
}

/// The texts of all elements of a kind, in their order.
fn texts(page: &str, tag: &str) -> Vec<String> {
    let (begin, end) = (format!("<{tag}>"), format!("</{tag}>"));
    page.split(&begin).skip(1).map(|part| part.split(&end).next().unwrap_or_default().to_owned()).collect()
}

/// The value of a figure in an answer.
fn figure(answer: &Answer, table: PublicTable, area: &str, column: Option<&str>) -> Value {
    let figures = answer["figures"].as_array().expect("figures");
    let found = figures.iter().find(|figure| {
        (&figure["table"], &figure["area_code"], figure["column"].as_str()) == (&json!(table.code()), &json!(area), column)
    });
    found.expect("a figure")["value"].clone()
}

both_databases!(what_is_held_back_stands_in_no_format, async |app| {
    let campaign_id = helped_in_april(app).await;
    let made = app.bureau().post("/publications", month(&campaign_id, "2020-04")).await.is(201);
    let public = app.anonymous();
    let listed = public.get("/public-figures").await.is(200);
    assert_eq!((listed.items().len(), &listed.items()[0]["digest"]), (1, &made["digest"]));
    let path = format!("/public-figures/{}", made.id());
    let told = public.get(&path).await.is(200);
    assert_eq!(told["figures"], made["figures"]);
    assert_eq!(figure(&told, PublicTable::Households, COUNTY, None), 8);
    assert_eq!(figure(&told, PublicTable::Households, TOWN_B, Some("visit")), Value::Null);

    // A line of the file for each figure, without a value where it is held back.
    let file = public.get(&format!("{path}/file")).await.is(200);
    let text = page(&file);
    assert!(file.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    let values: Vec<Value> =
        text.lines().skip(1).map(|line| line.rsplit(',').next().and_then(|value| value.parse::<i64>().ok()).into()).collect();
    let expected: Vec<Value> =
        told["figures"].as_array().expect("figures").iter().map(|figure| figure["value"].clone()).collect();
    assert_eq!(values, expected);
    let with_mark = public.get(&format!("{path}/file?bom=true")).await.is(200);
    assert_eq!(with_mark.bytes, [b"\xef\xbb\xbf", &file.bytes[..]].concat());
    let digest: String = sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &file.bytes))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(told["digest"], digest);

    // The cells of the tables on the page, row by row, the sum of all in the last column and row.
    let shown = page(&public.get(&format!("/public/figures/{}", made.id())).await.is(200));
    let mut cells = Vec::new();
    for &table in PublicTable::ALL {
        for area in [TOWN_A, TOWN_B, COUNTY] {
            let columns = table.columns(Lang::ZhCn).into_iter().map(|(code, _)| Some(code)).chain([None]);
            let told = columns.map(|column| figure(&told, table, area, column));
            cells.extend(told.map(|value| value.as_i64().map_or_else(|| "—".to_owned(), |value| value.to_string())));
        }
    }
    assert_eq!(texts(&shown, "td"), cells);
    // The chart, and the front page, say no more.
    let numbers = shown.split("class=\"number\"").skip(1).map(|part| part.split(['>', '<']).nth(1).unwrap_or_default());
    assert!(numbers.into_iter().all(|number| number == "—" || number.parse::<i64>().is_ok_and(|number| number >= 5)));
    let front = page(&public.get("/public").await.is(200));
    assert_eq!(texts(&front, "dd"), ["—", "—", "—", "8"]);

    // What is withdrawn is gone at once, for everybody.
    app.bureau().post(&format!("{}/withdraw", made.path()), json!({ "note": "数据有误" })).await.is(200);
    public.get(&path).await.refused(NotFound);
    public.get(&format!("{path}/file")).await.refused(NotFound);
    public.get(&format!("/public/figures/{}", made.id())).await.is(404);
    assert_eq!(public.get("/public-figures").await.is(200).items().len(), 0);
    assert!(!page(&public.get("/public").await.is(200)).contains(&made.id()));
});

both_databases!(a_case_is_read_without_an_account_until_it_is_taken_down, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let made = publish(app, &pairing).await;
    let public = app.anonymous();
    let path = format!("/public-cases/{}", made.id());
    let read = public.get(&path).await.is(200);
    assert_eq!((&read["title"], &read["town_name"]), (&json!("路灯照亮回家路"), &json!("东石镇")));
    // Who confirmed that those who are shown agree is nobody's business.
    assert!(["shown_confirmed_by", "reason", "nominated_by", "state"].iter().all(|field| read[*field] == Value::Null));
    let shown = public.get(&format!("/public/cases/{}", made.id())).await.is(200);
    assert!(page(&shown).contains("会员企业认捐，村里清点点位，镇里协调供电。"));
    for list in ["/public", "/public/cases"] {
        assert!(page(&public.get(list).await.is(200)).contains("路灯照亮回家路"), "{list}");
    }
    assert_eq!(public.get("/public-cases?kind=practice").await.is(200)["total"], 0);
    // What somebody wrote is never markup.
    app.sql("UPDATE cases SET title = '<script>alert(1)</script>'").await;
    let shown = page(&public.get(&format!("/public/cases/{}", made.id())).await.is(200));
    assert!(!shown.contains("<script") && shown.contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>"), "{shown}");

    app.bureau().post(&format!("{}/unpublish", made.path()), json!({ "note": "有人不同意" })).await.is(200);
    public.get(&path).await.refused(NotFound);
    assert_eq!(public.get("/public-cases").await.is(200)["total"], 0);
    let gone = public.get(&format!("/public/cases/{}", made.id())).await.is(404);
    assert!(page(&gone).contains("没有这个页面"));
    assert!(!page(&public.get("/public/cases").await.is(200)).contains(&made.id()));
});

both_databases!(pages_are_cached_hold_no_script_and_set_no_cookie, async |app| {
    let campaign = with(campaign(), "/starts_on", json!("2020-03-01"));
    let campaign_id = app.bureau().post("/campaigns", campaign).await.is(201).id();
    let made = app.bureau().post("/publications", month(&campaign_id, "2020-03")).await.is(201);
    let public = app.anonymous();
    let figures = format!("/public/figures/{}", made.id());
    for path in ["/public", "/public/cases", "/public/figures", &figures, "/public/figures?lang=en"] {
        app.statements.take();
        let answer = public.get(path).await.is(200);
        assert!(app.statements.take().len() <= 4, "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, no-cache"), "{path}");
        assert!(answer.header("vary").is_some_and(|vary| vary.to_lowercase().contains("accept-language")), "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script"), "{policy}");
        assert!(answer.header("set-cookie").is_none(), "{path}");
        let text = page(&answer);
        assert!(!text.contains("<script") && !text.contains(" style=") && text.starts_with("<!DOCTYPE html>"), "{path}");
        let lang = if path.contains("lang=en") { "en" } else { "zh-CN" };
        assert!(text.contains(&format!("<html lang=\"{lang}\">")) && text.contains("name=\"description\""), "{path}");
        let again = public.get(path).header("If-None-Match", answer.etag()).await.is(304);
        assert!(again.bytes.is_empty(), "{path}");
    }
    for path in ["/public-cases", "/public-figures"] {
        let answer = public.get(path).await.is(200);
        assert_eq!(answer.header("cache-control"), Some("public, no-cache"), "{path}");
        public.get(path).header("If-None-Match", answer.etag()).await.is(304);
    }
    let english = public.get("/public").header("Accept-Language", "en").await.is(200);
    assert!(page(&english).contains("<html lang=\"en\">"));
    public.get("/public/portal.css").await.is(200);
    for nowhere in ["/public/nothing", "/public/cases/1", "/public/figures/1", "/public/cases?cursor=x"] {
        let answer = public.get(nowhere).await.is(404);
        assert!(page(&answer).contains("没有这个页面"), "{nowhere}");
    }
});

both_databases!(nobody_exhausts_the_portal, with | config | { config.rate_limit = 5 }, async |app| {
    for path in ["/public", "/public/cases", "/public-cases", "/public-figures", "/public/nothing"] {
        assert!(app.anonymous().get(path).await.status < 500, "{path}");
    }
    for path in ["/public", "/public-figures"] {
        app.anonymous().get(path).await.refused(TooManyRequests);
    }
    app.bureau().get("/campaigns").await.is(200);
});
