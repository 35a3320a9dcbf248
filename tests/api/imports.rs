//! Workbooks: templates, imports and exports.

use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use contract::ErrorCode::*;
use contract::Sort;
use contract::organisations::{OrganisationQuery, OrganisationSort};
use domains::auth;
use domains::organisations;
use platform::excel::MEDIA_TYPE as XLSX;
use reqwest::Method;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

pub const ORGANISATIONS: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码", "会员数"];
const DONATIONS: &[&str] = &["统一社会信用代码", "村（社区）代码", "捐赠日期", "金额（元）"];

fn sheet(answer: &Answer, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    book.worksheet_range(name).expect("the sheet")
}

pub fn import(client: &Client, path: &str, bytes: &[u8]) -> impl Future<Output = Answer> {
    client.upload(path, &[], ("名册.xlsx", XLSX, bytes)).into_future()
}

/// The faults of a dry run as `cell code`.
fn faults(report: &Answer) -> Vec<String> {
    let errors = report["errors"].as_array().expect("errors").iter();
    let text = |error: &Value, field: &str| error[field].as_str().expect("a text").to_owned();
    errors.map(|error| format!("{}{} {}", text(error, "column"), error["row"], text(error, "code"))).collect()
}

/// What a dry run would change, as `cell field: old → new`.
fn changes(report: &Answer) -> Vec<String> {
    let text = |change: &Value, field: &str| change[field].as_str().unwrap_or("—").to_owned();
    let told = |change: &Value| {
        let (old, new) = (text(change, "old"), text(change, "new"));
        format!("{}{} {}: {old} → {new}", text(change, "column"), change["row"], text(change, "field"))
    };
    report["changes"].as_array().map(|changes| changes.iter().map(told).collect()).unwrap_or_default()
}

both_databases!(organisations_are_entered_and_renewed_from_a_workbook, async |app| {
    let (new, code) = (credit_code(50), credit_code(51));
    app.bureau().post("/organisations", organisation(51, TOWN_A)).await.is(201);
    let rows: &[&[&str]] =
        &[ORGANISATIONS, &[&new, "=新", "商会", TOWN_A, "12"], &[&code, "改名中心", "social_work", TOWN_B, ""]];
    let donations: &[&[&str]] = &[DONATIONS, &[&new, VILLAGE_A, "2020-03-01", "1234.56"]];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", donations)]);
    let expected = json!({
        "dry_run": true, "rows": 3, "created": 1, "updated": 1, "errors": [], "errors_total": 0, "errors_truncated": false,
    });
    let tried = import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200);
    let told = ["B3 name: 第51社会工作服务中心 → 改名中心".to_owned(), format!("D3 area_code: {TOWN_A} → {TOWN_B}")];
    assert_eq!(changes(&tried), told);
    let mut without = tried.body.clone();
    without.as_object_mut().expect("a report").remove("changes");
    assert_eq!(without, expected);
    assert_eq!(app.bureau().get("/organisations?q=新").await.items().len(), 0, "a dry run changes nothing");

    let done = import(&app.bureau(), "/organisations/import", &book).await.is(200);
    assert_eq!(done.body, with(expected.clone(), "/dry_run", json!(false)));
    let found = app.bureau().get("/organisations?q=新").await.is(200);
    let entered = app.bureau().get(&format!("/organisations/{}", found.items()[0]["id"].as_str().unwrap())).await.is(200);
    assert_eq!((&entered["name"], &entered["member_count"]), (&json!("=新"), &json!(12)));
    assert_eq!(entered["directed_donations"][0]["amount_fen"], 123_456);
    let renewed = app.bureau().get("/organisations?q=改名中心").await.is(200);
    let renewed = app.bureau().get(&format!("/organisations/{}", renewed.items()[0]["id"].as_str().unwrap())).await.is(200);
    assert_eq!((&renewed["version"], &renewed["area_code"]), (&json!(2), &json!(TOWN_B)));
    let history = app.bureau().get(&format!("{}/history", renewed.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "update");

    let again = import(&app.bureau(), "/organisations/import", &book).await.is(200);
    assert_eq!((&again["created"], &again["updated"]), (&json!(0), &json!(0)), "what is the same does not change");
});

/// A workbook of organisations with a title above the header, and donations with dates and amounts stored as numbers.
fn as_kept(code: &str, days: &[f64], amounts: &[f64], hidden: bool) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("社会组织").expect("a name");
    sheet.write_row(0, 0, ["晋江市社会组织登记表"]).expect("a title");
    sheet.write_row(1, 0, ["序号"].iter().chain(ORGANISATIONS).copied()).expect("a header");
    sheet.write_row(2, 0, ["1", code, "某会", "商会", TOWN_A, "1,200", "不导入的备注"]).expect("a row");
    if hidden {
        sheet.set_row_hidden(2).expect("a hidden row");
    }
    let sheet = book.add_worksheet().set_name("定向捐赠").expect("a name");
    sheet.write_row(0, 0, DONATIONS.iter().copied()).expect("a header");
    for (row, (day, amount)) in (1..).zip(days.iter().zip(amounts)) {
        sheet.write_row(row, 0, [code, VILLAGE_A]).expect("a row");
        sheet.write_number(row, 2, *day).and_then(|sheet| sheet.write_number(row, 3, *amount)).expect("numbers");
    }
    book.save_to_buffer().expect("a workbook")
}

both_databases!(a_workbook_is_read_as_clerks_and_programs_keep_it, async |app| {
    let code = credit_code(50);
    let (days, amounts) = ([43_891.0, 20_200_301.0], [3.300_000_000_000_000_3, 1e5]);
    let book = as_kept(&code, &days, &amounts, false);
    let tried = import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200);
    assert_eq!((&tried["created"], &tried["errors"], &tried["rows"]), (&json!(1), &json!([]), &json!(3)));
    let notes: Vec<_> = tried["notes"].as_array().expect("notes").iter().collect();
    let told: Vec<_> = notes.iter().map(|note| (&note["column"], &note["row"], &note["code"], &note["value"])).collect();
    let own = json!("own_column");
    assert_eq!(told, [(&json!("A"), &json!(2), &own, &json!("序号")), (&json!("G"), &json!(2), &own, &Value::Null)]);

    import(&app.bureau(), "/organisations/import", &book).await.is(200);
    let found = app.bureau().get("/organisations?q=某会").await.is(200);
    let entered = app.bureau().get(&format!("/organisations/{}", found.items()[0]["id"].as_str().unwrap())).await.is(200);
    assert_eq!(entered["member_count"], 1200);
    let given = entered["directed_donations"].as_array().expect("donations").iter();
    let mut given: Vec<_> = given.map(|given| (given["donated_on"].clone(), given["amount_fen"].as_i64())).collect();
    given.sort_by_key(|(_, amount)| *amount);
    assert_eq!(given, [(json!("2020-03-01"), Some(330)), (json!("2020-03-01"), Some(10_000_000))]);
});

both_databases!(what_only_a_person_can_tell_is_named_and_not_guessed, async |app| {
    let code = credit_code(50);
    // A hidden row; 43 seconds before midnight; a time of day; a computed amount; an amount above the limit.
    let (days, amounts) = ([43_890.999_502_314_81, 43_890.666_67, 43_891.0, 43_891.0], [1.0, 1.0, 18_500.0 / 3.0, 1e9]);
    let book = as_kept(&code, &days, &amounts, true);
    let tried = import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200);
    let mut found = faults(&tried);
    found.sort();
    assert_eq!(found, ["B3 hidden_row", "C2 time_of_day", "C3 time_of_day", "D4 money_decimals", "D5 range"]);
    let limit = tried["errors"].as_array().expect("errors").iter().find(|error| error["code"] == "range").expect("the limit");
    assert_eq!(limit["message"], "须在 0.01 到 100000000 元 之间", "in yuan, as it is typed");
    let rows: &[&[&str]] = &[ORGANISATIONS, &[&code, "某会", "商会", TOWN_A, "1,5"]];
    let donations: &[&[&str]] = &[
        DONATIONS,
        &[&code, VILLAGE_A, "2020年3月1号", "1,2,3,4"],
        &[&code, VILLAGE_A, "2020/3/1 0:00:00", "1,5"],
        &[&code, VILLAGE_A, "+2020-03-01", "1,234.50"],
    ];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", donations)]);
    let mut found = faults(&import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200));
    found.sort();
    assert_eq!(found, ["C4 type", "D2 money", "D3 money", "E2 type"]);
    assert_eq!(app.bureau().get("/organisations?q=某会").await.is(200)["total"], 0);
});

both_databases!(codes_are_read_however_they_are_typed, async |app| {
    let wide = |text: &str| text.chars().filter_map(|c| char::from_u32(c as u32 + 0xfee0)).collect::<String>();
    let (one, other) = (credit_code(50), credit_code(51));
    let typed = with(organisation(51, TOWN_A), "/credit_code", json!(format!(" {} ", other.to_lowercase())));
    let made = app.bureau().post("/organisations", with(typed, "/area_code", json!(wide(TOWN_A)))).await.is(201);
    assert_eq!((&made["credit_code"], &made["area_code"]), (&json!(other), &json!(TOWN_A)));
    app.bureau()
        .post("/organisations", with(organisation(52, TOWN_A), "/credit_code", json!(wide(&other))))
        .await
        .fault("/credit_code", "taken");

    let lower = one.to_lowercase();
    let spaced = format!("{} {}", &other[..8], &other[8..]);
    let rows: &[&[&str]] = &[
        ORGANISATIONS,
        &[&lower, "新商会", "商会", &wide(TOWN_A), "12"],
        &[&wide(&other), "改名中心", "social_work", "350582 105", ""],
    ];
    let donations: &[&[&str]] =
        &[DONATIONS, &[&wide(&one), &wide(VILLAGE_A), "2020-03-01", "1"], &[&spaced, VILLAGE_A, "2020-03-02", "2"]];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", donations)]);
    let done = import(&app.bureau(), "/organisations/import", &book).await.is(200);
    assert_eq!((&done["created"], &done["updated"], &done["errors"]), (&json!(1), &json!(1), &json!([])));
    let kept = app.bureau().get(&made.path()).await.is(200);
    assert_eq!((&kept["name"], &kept["area_code"]), (&json!("改名中心"), &json!("350582105")));
    assert_eq!(kept["directed_donations"][0]["village_code"], VILLAGE_A);

    // The same key twice, typed in different ways.
    let rows: &[&[&str]] = &[ORGANISATIONS, &[&one, "一", "商会", TOWN_A, ""], &[&wide(&one), "二", "商会", TOWN_A, ""]];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", &[DONATIONS])]);
    let tried = import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200);
    assert!(faults(&tried).contains(&"A3 duplicate".to_owned()), "{:?}", faults(&tried));
    let profile: &[&[&str]] = &[&["代码", "人口"], &[&wide(VILLAGE_A), "3333"]];
    let renewed = import(&app.town_a(), "/villages/import", &workbook(&[("村（社区）", profile)])).await.is(200);
    assert_eq!(renewed["updated"], 1);
    let file = with(household(VILLAGE_A, 1), "/village_code", json!(wide(VILLAGE_A)));
    assert_eq!(app.village_a().post("/households", file).await.is(201)["village_code"], VILLAGE_A);
});

both_databases!(a_try_and_the_import_itself_are_two_requests, async |app| {
    let new = credit_code(40);
    let rows: &[&[&str]] = &[ORGANISATIONS, &[&new, "新会", "商会", TOWN_A, "12"]];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", &[DONATIONS])]);
    let send = async |path: &str, key: &str| app.bureau().upload(path, &[], ("社会组织.xlsx", XLSX, &book)).key(key).await;
    let tried = send("/organisations/import?dry_run=true", "one").await.is(200);
    assert_eq!(tried["created"], 1);
    // Otherwise the import would get the dry run's answer, and nothing would have been imported.
    send("/organisations/import", "one").await.refused(IdempotencyKeyReused);
    send("/organisations/import?dry_run=false", "one").await.refused(IdempotencyKeyReused);
    let done = send("/organisations/import", "two").await.is(200);
    assert_eq!((&done["dry_run"], &done["created"]), (&json!(false), &json!(1)));
    assert_eq!(send("/organisations/import", "two").await.is(200).body, done.body);
    assert_eq!(app.bureau().get("/organisations?q=新会").await.is(200)["total"], 1);
});

both_databases!(an_import_with_faults_names_each_and_changes_nothing, async |app| {
    let (good, other) = (credit_code(50), credit_code(51));
    let rows: &[&[&str]] = &[
        ORGANISATIONS,
        &[&good, "好的", "商会", TOWN_A, "1"],
        &[&good, "重复", "商会", TOWN_A, "1"],
        &["91350582MJ0000500A", "校验", "商会", TOWN_A, "x"],
        &[&other, "", "船会", "999999", "-1"],
    ];
    let donations: &[&[&str]] = &[
        DONATIONS,
        &[&good, OTHER_VILLAGE, "2020-03-01", "1"],
        &[&other, VILLAGE_A, "何时", "0.001"],
        &[&credit_code(52), VILLAGE_A, "2020-03-01", "1"],
    ];
    let book = workbook(&[("社会组织", rows), ("定向捐赠", donations)]);
    let tried = import(&app.bureau(), "/organisations/import?dry_run=true", &book).await.is(200);
    let mut found = faults(&tried);
    found.sort();
    let expected = [
        "A3 duplicate",
        "A4 check_digit",
        "A4 unknown",
        "B2 unknown",
        "B5 required",
        "C3 type",
        "C5 choice",
        "D3 money_decimals",
        "D5 unknown",
        "E4 type",
        "E5 range",
    ];
    assert_eq!(found, expected);
    let held: Vec<_> =
        tried["errors"].as_array().unwrap().iter().map(|error| (&error["row"], &error["column"], &error["value"])).collect();
    for cell in
        [(3, "D", json!("0.001")), (3, "C", json!("何时")), (5, "E", json!("-1")), (5, "C", json!("船会")), (5, "B", Value::Null)]
    {
        assert!(held.contains(&(&json!(cell.0), &json!(cell.1), &cell.2)), "{cell:?} in {held:?}");
    }
    let refused = import(&app.bureau(), "/organisations/import", &book).await;
    refused.fault("/organisations/5/name", "required").fault("/directed_donations/3/amount_fen", "money_decimals");
    assert_eq!(app.bureau().get("/organisations?q=好的").await.items().len(), 0);
    // Nobody may enter organisations for another town.
    let rows: &[&[&str]] = &[ORGANISATIONS, &[&good, "好的", "商会", TOWN_A, "1"]];
    let book = workbook(&[("社会组织", rows)]);
    import(&app.town_b(), "/organisations/import", &book).await.fault("/organisations/2/area_code", "outside_own_scope");
    import(&app.town_a(), "/organisations/import", &book).await.is(200);
    // The code is taken in the other county. The answer does not say by whom.
    let rows: &[&[&str]] = &[ORGANISATIONS, &[&good, "抢名", "商会", OTHER_TOWN, "1"]];
    let book = workbook(&[("社会组织", rows)]);
    import(&app.as_(Who::OtherBureau), "/organisations/import", &book).await.fault("/organisations/2/credit_code", "taken");
});

both_databases!(villages_go_out_and_come_back, async |app| {
    let path = format!("/villages/export?within={TOWN_A}&sort=-code");
    let sent = app.town_a().get(&path).await.is(200);
    let disposition = sent.header("content-disposition").unwrap_or_default();
    assert!(disposition.contains("attachment; filename=\"baishe-2020-04-20.xlsx\"; filename*=UTF-8''%E6%9D%91"), "{disposition}");
    let villages = app.bureau().walk(&format!("/villages?within={TOWN_A}&sort=-code"), 200).await;
    let rows = sheet(&sent, "村（社区）");
    assert_eq!(rows.height(), villages.len() + 1);
    for (row, village) in rows.rows().skip(1).zip(&villages) {
        assert_eq!(
            (row[0].to_string(), row[1].to_string()),
            (village["code"].as_str().unwrap().into(), village["name"].as_str().unwrap().into())
        );
    }
    let same = import(&app.town_a(), "/villages/import", &sent.bytes).await.is(200);
    assert_eq!((&same["rows"], &same["updated"]), (&json!(villages.len()), &json!(0)));

    let rows: &[&[&str]] = &[
        &["适宜产业", "代码", "老区村", "村集体年收入（元）"],
        &["农、tourism", VILLAGE_A, "是", "0.10"],
        &["", VILLAGE_B, "是", ""],
    ];
    let book = workbook(&[("村（社区）", rows)]);
    import(&app.town_a(), "/villages/import", &book).await.fault("/villages/3/code", "outside_own_scope");
    import(&app.bureau(), "/villages/import", &book).await.is(200);
    let village = app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    assert_eq!((&village["industries"], &village["collective_income_fen"]), (&json!(["agriculture", "tourism"]), &json!(10)));
    assert_eq!((&village["version"], &village["old_base"]), (&json!(2), &json!(true)));
    let other: &[&[&str]] = &[&["代码"], &[OTHER_VILLAGE], &[VILLAGE_A], &[VILLAGE_A]];
    let report = import(&app.bureau(), "/villages/import?dry_run=true", &workbook(&[("村（社区）", other)])).await.is(200);
    assert_eq!(faults(&report), ["A2 unknown", "A4 duplicate"]);
});

both_databases!(an_export_holds_more_than_a_batch_and_leaves_a_trace, async |app| {
    let header: &[&str] = ORGANISATIONS;
    let codes: Vec<_> = (100..2_350).map(credit_code).collect();
    let rows: Vec<[&str; 5]> = codes.iter().map(|code| [code, "大量录入", "商会", TOWN_A, "3"]).collect();
    let rows: Vec<&[&str]> = [header].into_iter().chain(rows.iter().map(|row| &row[..])).collect();
    let done = import(&app.bureau(), "/organisations/import", &workbook(&[("社会组织", &rows)])).await.is(200);
    assert_eq!(done["created"], 2_250);
    app.statements.take();
    let sent = app.bureau().get("/organisations/export?q=大量录入&sort=name").await.is(200);
    assert!(app.statements.take().len() <= 14, "three for each batch");
    let rows = sheet(&sent, "社会组织");
    let mut sent: Vec<_> = rows.rows().skip(1).map(|row| row[0].to_string()).collect();
    sent.sort();
    let mut codes = codes;
    codes.sort();
    assert_eq!(sent, codes);
    for (action, what) in [("import", "2250"), ("export", "大量录入")] {
        let kept = format!(
            "SELECT COUNT(*) FROM audit_events WHERE object_id = '*' AND action = '{action}' AND CAST(changes AS TEXT) LIKE '%{what}%'"
        );
        assert_eq!(app.number(&kept).await, 1, "{action}");
    }
});

both_databases!(an_export_holds_every_row_once_whatever_is_changed_meanwhile, async |app| {
    let codes: Vec<_> = (100..1_150).map(credit_code).collect();
    let rows: Vec<[&str; 5]> = codes.iter().map(|code| [code, "大量录入", "商会", TOWN_A, "3"]).collect();
    let rows: Vec<&[&str]> = [ORGANISATIONS].into_iter().chain(rows.iter().map(|row| &row[..])).collect();
    import(&app.bureau(), "/organisations/import", &workbook(&[("社会组织", &rows)])).await.is(200);
    let all = app.bureau().walk("/organisations?q=大量录入", 200).await;
    let (bureau, now) = (app.world.accounts[&Who::Bureau].session_id, app.clock.now());
    let caller = auth::service::caller(&app.app.database.read, bureau, now).await.expect("the bureau");
    let sort = Some(Sort { by: OrganisationSort::UpdatedAt, descending: true });
    let query = OrganisationQuery { q: Some("大量录入".to_owned()), sort, ..Default::default() };
    let mut sent = Vec::new();
    let each = organisations::service::each(&app.app, &caller, &query, async |_, rows| {
        let read: Vec<_> = rows.into_iter().map(|row| row.id.to_string()).collect();
        if sent.is_empty() {
            // A row that is still to come moves to a place that the export has passed.
            let next =
                all.iter().map(|item| item["id"].as_str().expect("an id")).find(|id| !read.iter().any(|known| known == id));
            let path = format!("/organisations/{}", next.expect("another batch"));
            let etag = app.bureau().get(&path).await.is(200).etag();
            app.clock.set(noon("2020-04-22"));
            app.bureau().patch(&path, json!({ "member_count": 4 })).if_match(&etag).await.is(200);
        }
        sent.extend(read);
        Ok(())
    });
    each.await.expect("all of them");
    let mut all: Vec<_> = all.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
    sent.sort();
    all.sort();
    assert!(sent == all, "{} rows sent of {}", sent.len(), all.len());
});

both_databases!(pairings_and_projects_go_out_as_they_are_filtered, async |app| {
    let project = app.project(campaign()).await;
    let title = json!({ "title": "=1+1" });
    app.organisation_a().patch(&project.path(), title).if_match(&project.etag()).await.is(200);
    let cells = |answer: &Answer, name: &str| -> Vec<Vec<String>> {
        sheet(answer, name).rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
    };
    let pairings = cells(&app.town_a().get("/pairings/export?state=active&sort=-updated_at").await.is(200), "结对");
    let column = |name: &str| pairings[0].iter().position(|head| head == name).expect("the column");
    let pairing = app.bureau().get(&format!("/pairings/{}", project["pairing_id"].as_str().unwrap())).await.is(200);
    assert_eq!(pairings.len(), 2);
    for (head, field) in [("村（社区）", "village_name"), ("社会组织名称", "organisation_name"), ("镇（街道）", "town_name")]
    {
        assert_eq!(pairings[1][column(head)], pairing[field].as_str().unwrap(), "{head}");
    }
    assert_eq!(pairings[1][column("状态")], "结对中");
    let projects = app.bureau().get("/projects/export?q=1%2B1").await.is(200);
    let rows = cells(&projects, "合作项目");
    let column = |name: &str| rows[0].iter().position(|head| head == name).expect("the column");
    assert_eq!(
        (rows.len(), &*rows[1][0], &*rows[1][column("预算（元）")], &*rows[1][column("超预算")]),
        (2, "=1+1", "10000", "否")
    );
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(projects.bytes)).expect("a workbook");
    assert!(book.worksheet_formula("合作项目").expect("the sheet").used_cells().next().is_none(), "no cell is a formula");
    // Rows outside the filter of the list are not exported either.
    for path in ["/pairings/export?state=declined", "/projects/export?overdue=true"] {
        let name = if path.starts_with("/pairings") { "结对" } else { "合作项目" };
        assert_eq!(cells(&app.bureau().get(path).await.is(200), name).len(), 1, "{path}");
        let path = path.split('?').next().unwrap();
        assert_eq!(cells(&app.town_b().get(path).await.is(200), name).len(), 1, "{path}");
        let kept = format!(
            "SELECT COUNT(*) FROM audit_events WHERE object_type = '{}' AND object_id = '*' AND action = 'export'",
            path.split('/').nth(1).unwrap()
        );
        assert_eq!(app.number(&kept).await, 3, "{path}");
    }
});

both_databases!(every_export_holds_what_its_list_shows, async |app| {
    app.one_of_everything().await;
    let of_list = |path: &str| path.ends_with("/export") && !path.contains("audit");
    let exports: Vec<_> =
        operations().iter().filter(|operation| operation.method == Method::GET && of_list(&operation.path)).collect();
    assert!(exports.len() >= 10, "{} exports", exports.len());
    for export in exports {
        let list = export.path.trim_end_matches("/export");
        app.bureau().get(list).await.is(200);
        for client in [app.bureau(), app.town_a(), app.town_b()] {
            if client.get(list).await.status == Forbidden.status() {
                client.get(&export.path).await.refused(Forbidden);
                continue;
            }
            // Nobody searches for holidays by their names, and months of figures have none.
            let none = match list.rsplit('/').next() {
                Some("calendar-days") => "year=2199",
                Some("publications") => "state=withdrawn",
                _ => "q=没有这样的",
            };
            for filter in ["", none, "limit=1"] {
                let listed = client.get(&format!("{list}?{filter}")).await.is(200)["total"].as_u64().expect("a total");
                let sent = client.get(&format!("{}?{filter}", export.path)).await.is(200);
                let mut book: Xlsx<_> = Xlsx::new(Cursor::new(sent.bytes)).expect("a workbook");
                let rows = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
                assert_eq!(rows.height() as u64, listed + 1, "{}?{filter}", export.path);
                let heads: Vec<_> = rows.rows().next().expect("a head").iter().map(Data::to_string).collect();
                assert!(heads.iter().all(|head| !head.is_ascii()), "{}: {heads:?}", export.path);
            }
        }
    }
});

both_databases!(outcomes_go_out_with_money_in_yuan_and_reports_with_the_day_they_were_sent, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    for (indicator, quantity) in [("money_donated_fen", 1_234_550), ("students_aided", 4)] {
        let outcome =
            json!({ "pairing_id": pairing.id(), "indicator": indicator, "quantity": quantity, "happened_on": "2020-04-20" });
        app.organisation_a().post("/outcomes", outcome).await.is(201);
    }
    let sent = app.bureau().get("/outcomes/export?sort=quantity").await.is(200);
    let rows = sheet(&sent, "帮扶成效");
    let at = |row: usize, head: &str| {
        let column = (0..rows.width()).find(|&column| rows[(0, column)] == head).expect("the column");
        rows[(row, column)].to_string()
    };
    assert_eq!((&*at(1, "数量"), &*at(1, "金额（元）")), ("4", ""));
    assert_eq!((&*at(2, "数量"), &*at(2, "金额（元）")), ("", "12345.5"));

    app.clock.set(instant("2020-05-04T23:30:00Z"));
    let report = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-04" });
    let report = app.town_a().post("/reports", report).await.is(201);
    app.town_a().post(&format!("{}/submit", report.path()), json!({})).await.is(200);
    let sent = app.bureau().get("/reports/export").await.is(200);
    let rows = sheet(&sent, "每月统计表");
    let heads: Vec<_> = (0..rows.width()).map(|column| rows[(0, column)].to_string()).collect();
    let day = &rows[(1, heads.iter().position(|head| head == "报送时间").expect("the column"))];
    assert_eq!(day.to_string(), "43956", "the day of 2020-05-05 in Jinjiang, as workbooks count days");
});

both_databases!(the_same_import_twice_is_done_once, async |app| {
    let code = credit_code(50);
    let book = workbook(&[("社会组织", &[ORGANISATIONS, &[&code, "一次", "商会", TOWN_A, "1"]])]);
    let file = ("名册.xlsx", XLSX, &book[..]);
    let first = app.bureau().upload("/organisations/import", &[], file).key("once").await.is(200);
    let again = app.bureau().upload("/organisations/import", &[], file).key("once").await.is(200);
    assert_eq!((&first["created"], &first.body), (&json!(1), &again.body));
    let other = workbook(&[("社会组织", &[ORGANISATIONS])]);
    app.bureau()
        .upload("/organisations/import", &[], ("名册.xlsx", XLSX, &other))
        .key("once")
        .await
        .refused(IdempotencyKeyReused);
});

both_databases!(what_is_no_workbook_is_refused, async |app| {
    let path = "/organisations/import";
    import(&app.bureau(), path, b"credit_code,name").await.refused(InvalidWorkbook);
    import(&app.bureau(), path, &workbook(&[("Sheet1", &[])])).await.refused(InvalidWorkbook);
    import(&app.bureau(), path, &vec![0; 20 * 1024 * 1024 + 1]).await.refused(PayloadTooLarge);
    app.bureau().post(path, json!({})).await.refused(UnsupportedMediaType);
    app.bureau().upload(path, &[("more", "1")], ("a.xlsx", XLSX, b"")).await.fault("/more", "unknown_field");
    app.bureau().upload("/organisations/import?dry_run=perhaps", &[], ("a.xlsx", XLSX, b"")).await.fault("/dry_run", "type");
    let template = app.bureau().get("/organisations/import-template").header("Accept-Language", "en").await.is(200);
    assert_eq!(sheet(&template, "Organisations").rows().next().unwrap()[0], Data::String("Unified social credit code".into()));
    let nothing = import(&app.bureau(), path, &template.bytes).await.is(200);
    assert_eq!(nothing["rows"], 0);
});
