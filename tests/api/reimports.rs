//! Exports that come back as imports, at once or after others have changed the data.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::catalogue::{need, publish};
use crate::both_databases;
use crate::support::*;

const ORGANISATIONS: &str = "/organisations/import";
const HOUSEHOLDS: &str = "/households/import";
const NAMED: &[&str] = &["统一社会信用代码", "名称", "类别", "区划代码"];
const DONATIONS: &[&str] = &["统一社会信用代码", "村（社区）代码", "捐赠日期", "金额（元）", "用途", "已核实", "删除"];

fn import(client: &Client, path: &str, bytes: &[u8]) -> impl Future<Output = Answer> {
    client.upload(path, &[], ("表.xlsx", XLSX, bytes)).into_future()
}

async fn tried(client: &Client, path: &str, bytes: &[u8]) -> Answer {
    import(client, &format!("{path}?dry_run=true"), bytes).await.is(200)
}

fn told(report: &Answer, list: &str, tell: impl Fn(&Value) -> String) -> Vec<String> {
    report[list].as_array().map(|list| list.iter().map(tell).collect()).unwrap_or_default()
}

/// The changes that a dry run reports, as `cell old → new`.
fn changes(report: &Answer) -> Vec<String> {
    let text = |change: &Value, field: &str| change[field].as_str().unwrap_or("—").to_owned();
    told(report, "changes", |change| {
        format!("{}{} {} → {}", text(change, "column"), change["row"], text(change, "old"), text(change, "new"))
    })
}

/// The faults of a dry run as `row code`.
fn faults(report: &Answer) -> Vec<String> {
    told(report, "errors", |error| format!("{} {}", error["row"], error["code"].as_str().expect("a code")))
}

/// The notes of a report as `cell code`.
fn notes(report: &Answer) -> Vec<String> {
    told(report, "notes", |note| {
        format!("{}{} {}", note["column"].as_str().expect("letters"), note["row"], note["code"].as_str().expect("a code"))
    })
}

/// An exported workbook without a row.
fn without(exported: &[u8], sheet: &str, row: usize) -> Vec<u8> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(exported.to_vec())).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("a sheet");
    let heads: Vec<_> = range.rows().next().expect("a head").iter().map(ToString::to_string).collect();
    edited(exported, &heads.iter().map(|head| (sheet, row, head.as_str(), "")).collect::<Vec<_>>())
}

/// An exported workbook in which somebody has edited cells. Each edit is the sheet, the row below the header, the heading, and
/// the text.
pub fn edited(exported: &[u8], cells: &[(&str, usize, &str, &str)]) -> Vec<u8> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(exported.to_vec())).expect("a workbook");
    let names = book.sheet_names();
    let mut copy = rust_xlsxwriter::Workbook::new();
    for name in names {
        let range: Range<Data> = book.worksheet_range(&name).expect("a sheet");
        let sheet = copy.add_worksheet().set_name(&name).expect("a name");
        let heads: Vec<_> = range.rows().next().expect("a head").iter().map(ToString::to_string).collect();
        let place = |head: &str| heads.iter().position(|known| known == head).unwrap_or_else(|| panic!("no {head} in {heads:?}"));
        let of_sheet = cells.iter().filter(|(sheet, ..)| *sheet == name);
        let edits: HashMap<_, _> = of_sheet.map(|(_, row, head, text)| ((*row, place(head)), *text)).collect();
        for (row, column, cell) in range.used_cells() {
            let (at, edit) = ((row as u32, column as u16), edits.get(&(row, column)));
            match (edit, cell) {
                (Some(_), _) => {}
                (None, Data::Float(number)) => {
                    sheet.write_number(at.0, at.1, *number).expect("a number");
                }
                (None, Data::DateTime(day)) => {
                    sheet.write_number(at.0, at.1, day.as_f64()).expect("a day");
                }
                (None, other) => {
                    sheet.write_string(at.0, at.1, other.to_string()).expect("a text");
                }
            }
        }
        for ((row, column), text) in edits {
            sheet.write_string(row as u32, column as u16, text).expect("a text");
        }
    }
    copy.save_to_buffer().expect("a workbook")
}

/// An organisation of the bureau's with two donations, one of them confirmed; returns its path.
async fn donor(app: &TestApp, order: u32) -> String {
    let donations = json!([
        { "village_code": VILLAGE_A, "donated_on": "2020-03-01", "amount_fen": 100_000, "purpose": "路灯", "confirmed": true },
        { "village_code": VILLAGE_B, "donated_on": "2020-03-02", "amount_fen": 200_000 },
    ]);
    let input = json!({
        "rating": "4a", "strengths": "清空\n两行的话", "contact_name": "陈某", "contact_phone": "0595-85660000转801",
        "directed_donations": donations,
    });
    let made = app.bureau().post("/organisations", organisation(order, TOWN_A)).await.is(201);
    app.bureau().patch(&made.path(), input).if_match(&made.etag()).await.is(200).path()
}

async fn given(app: &TestApp, path: &str) -> Vec<(i64, bool)> {
    let read = app.bureau().get(path).await.is(200);
    let mut given: Vec<_> = read["directed_donations"]
        .as_array()
        .expect("donations")
        .iter()
        .map(|donation| (donation["amount_fen"].as_i64().expect("an amount"), donation["confirmed"] == true))
        .collect();
    given.sort_unstable();
    given
}

both_databases!(every_export_that_can_be_imported_changes_nothing, async |app| {
    donor(app, 60).await;
    let village = app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    let profile = json!({
        "resources": " 滩涂\r\n清空 ", "industries": ["tourism", "agriculture"], "population": 3333, "old_base": true,
        "collective_income_fen": 18_500_010, "contact_name": "=王", "contact_phone": "13805950137、0595-85660000",
    });
    app.town_a().patch(&village.path(), profile).if_match(&village.etag()).await.is(200);
    let campaign = app.open_campaign().await;
    publish(app, Who::VillageA, need(&campaign.id())).await;
    publish(app, Who::VillageB, with(need(&campaign.id()), "/village_code", json!(VILLAGE_B))).await;
    let offer = with(need(&campaign.id()), "/organisation_id", json!(app.world.organisation_a));
    publish(app, Who::OrganisationA, with(offer, "/village_code", Value::Null)).await;
    let keeper = app.village_a();
    keeper.post("/households", household(VILLAGE_A, 1)).await.is(201);
    keeper.post("/households", with(household(VILLAGE_A, 3), "/consent", Value::Null)).await.is(201);
    let mut disabled = household(VILLAGE_A, 5);
    disabled["members"][0]["health"] = json!("disabled");
    disabled["members"][0]["disability"] = json!({ "kind": "visual", "level": 2 });
    keeper.post("/households", disabled).await.is(201);
    let why = json!({ "purpose": "verification" });
    for language in ["zh-CN", "en"] {
        let exports = [
            ("/organisations", app.bureau(), app.bureau().get("/organisations/export").header("Accept-Language", language).await),
            ("/organisations", app.town_b(), app.town_b().get("/organisations/export").header("Accept-Language", language).await),
            ("/villages", app.bureau(), app.bureau().get("/villages/export").header("Accept-Language", language).await),
            (
                "/catalogue-entries",
                app.bureau(),
                app.bureau().get("/catalogue-entries/export").header("Accept-Language", language).await,
            ),
            ("/villages", app.town_b(), app.town_b().get("/villages/export").header("Accept-Language", language).await),
            (
                "/households",
                app.town_a(),
                app.town_a().post("/households/export", why.clone()).header("Accept-Language", language).await,
            ),
        ];
        for (path, client, exported) in exports {
            let exported = exported.is(200).bytes;
            let path = format!("{path}/import");
            for bytes in [exported.to_vec(), edited(&exported, &[])] {
                let report = tried(&client, &path, &bytes).await;
                assert_eq!((faults(&report), changes(&report)), (vec![], vec![]), "{path} {language}");
                assert_eq!((&report["notes"], &report["persons_unchecked"]), (&Value::Null, &Value::Null), "{path} {language}");
                let done = import(&client, &path, &bytes).await.is(200);
                assert_eq!((&done["created"], &done["updated"]), (&json!(0), &json!(0)), "{path} {language}");
                assert!(done["rows"].as_u64() > Some(2), "{path} {language}");
            }
        }
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events WHERE action = 'update' AND object_type = 'households'").await, 0);
    assert_eq!(given(app, &donor_path(app).await).await, [(100_000, true), (200_000, false)]);
});

async fn donor_path(app: &TestApp) -> String {
    let found =
        app.bureau().get(&format!("/organisations?q={}", organisation(60, TOWN_A)["name"].as_str().expect("a name"))).await;
    format!("/organisations/{}", found.is(200).items()[0]["id"].as_str().expect("an id"))
}

both_databases!(an_old_export_does_not_undo_what_was_changed_since, async |app| {
    let path = donor(app, 60).await;
    let exported = app.bureau().get("/organisations/export").await.is(200).bytes;
    let villages = app.bureau().get(&format!("/villages/export?within={TOWN_A}&q=永湖")).await.is(200).bytes;
    let village = app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    app.town_a().patch(&village.path(), json!({ "population": 3333 })).if_match(&village.etag()).await.is(200);
    let read = app.bureau().get(&path).await.is(200);
    let mut donations = read["directed_donations"].clone();
    donations[1]["confirmed"] = json!(true);
    let since = json!({ "contact_name": "林某", "directed_donations": donations });
    app.bureau().patch(&path, since).if_match(&read.etag()).await.is(200);

    let report = tried(&app.bureau(), ORGANISATIONS, &exported).await;
    let row = faults(&report);
    assert!(row.len() == 1 && row[0].ends_with(" changed_since"), "{row:?}");
    let told = changes(&report);
    assert!(told.iter().any(|change| change.ends_with(" 林某 → 陈某")), "what it would undo: {told:?}");
    assert!(told.iter().any(|change| change.ends_with(" 是 → 否")), "{told:?}");
    import(&app.bureau(), ORGANISATIONS, &exported).await.is(422);
    assert_eq!(given(app, &path).await, [(100_000, true), (200_000, true)]);
    assert_eq!(app.bureau().get(&path).await.is(200)["contact_name"], "林某");

    // An empty cell leaves the value as it is. So an old export with empty cells undoes nothing.
    import(&app.bureau(), "/villages/import", &villages).await.is(200);
    assert_eq!(app.bureau().get(&village.path()).await.is(200)["population"], 3333);
    let typed = edited(&villages, &[("村（社区）", 1, "人口", "3000")]);
    let report = tried(&app.bureau(), "/villages/import", &typed).await;
    assert_eq!((faults(&report), changes(&report)), (vec!["2 changed_since".to_owned()], vec!["G2 3333 → 3000".to_owned()]));
});

both_databases!(donations_are_added_unless_the_sheet_says_otherwise, async |app| {
    let path = donor(app, 60).await;
    let code = credit_code(60);
    let name = organisation(60, TOWN_A)["name"].as_str().expect("a name").to_owned();
    let rows: &[&[&str]] = &[NAMED, &[&code, &name, "", ""]];
    let book = |donations: &[&[&str]]| {
        let rows_of: Vec<&[&str]> = [DONATIONS].into_iter().chain(donations.iter().copied()).collect();
        workbook(&[("社会组织", rows), ("定向捐赠", &rows_of)])
    };
    let one = book(&[&[&code, VILLAGE_A, "2020-04-01", "500", "春节慰问"]]);
    let report = tried(&app.bureau(), ORGANISATIONS, &one).await;
    assert_eq!((&report["updated"], faults(&report)), (&json!(1), vec![]));
    let told = changes(&report);
    assert!(told.contains(&"D2 — → 500.00".to_owned()) && told.iter().all(|change| change.contains("— → ")), "{told:?}");
    import(&app.bureau(), ORGANISATIONS, &one).await.is(200);
    assert_eq!(given(app, &path).await, [(50_000, false), (100_000, true), (200_000, false)]);
    let read = app.bureau().get(&path).await.is(200);
    let kept = (&read["contact_name"], &read["rating"], &read["strengths"], &read["contact_phone"]);
    assert_eq!(kept, (&json!("陈某"), &json!("4a"), &json!("清空\n两行的话"), &json!("0595-85660000转801")));
    let again = import(&app.bureau(), ORGANISATIONS, &one).await.is(200);
    assert_eq!(again["updated"], 0, "the same once more is the same");

    // One donation is confirmed, another removed; a donation that does not exist cannot be removed.
    let other =
        book(&[&[&code, VILLAGE_A, "2020-04-01", "500", "", "是"], &[&code, VILLAGE_B, "2020-03-02", "2000", "", "", "是"]]);
    let report = tried(&app.bureau(), ORGANISATIONS, &other).await;
    let told = changes(&report);
    assert!(told.contains(&"F2 否 → 是".to_owned()) && told.contains(&"D3 2000.00 → —".to_owned()), "{told:?}");
    import(&app.bureau(), ORGANISATIONS, &other).await.is(200);
    assert_eq!(given(app, &path).await, [(50_000, true), (100_000, true)]);
    assert_eq!(faults(&tried(&app.bureau(), ORGANISATIONS, &other).await), ["3 unknown"]);

    // An export has a mark for each row, which identifies it whatever its cells say.
    let exported = app.bureau().get("/organisations/export").await.is(200).bytes;
    let changed = edited(&exported, &[("定向捐赠", 2, "金额（元）", "600"), ("定向捐赠", 1, "用途", "清空")]);
    let report = tried(&app.bureau(), ORGANISATIONS, &changed).await;
    assert_eq!((faults(&report), changes(&report).len()), (vec![], 2), "{}", report.body);
    import(&app.bureau(), ORGANISATIONS, &changed).await.is(200);
    assert_eq!(given(app, &path).await, [(60_000, true), (100_000, true)]);
});

both_databases!(what_is_exported_of_a_family_changes_it_and_nothing_masked_is_kept, async |app| {
    let keeper = app.village_a();
    let open = keeper.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let masked = keeper.post("/households", with(household(VILLAGE_A, 3), "/consent", Value::Null)).await.is(201);
    let why = json!({ "purpose": "verification" });
    let exported = app.town_a().post("/households/export?sort=file_number", why.clone()).await.is(200).bytes;
    let (families, people) = ("帮扶户", "家庭成员");
    let book = edited(
        &exported,
        &[
            (families, 1, "联系电话", "13805950199"),
            (families, 2, "银行账号", "6217001850012340000"),
            (families, 2, "年人均收入（元）", "清空"),
            (people, 1, "劳动能力", "技能劳动力"),
            (people, 4, "文化程度", "初中"),
        ],
    );
    let report = tried(&app.town_a(), HOUSEHOLDS, &book).await;
    assert_eq!((&report["created"], &report["updated"], faults(&report)), (&json!(0), &json!(2), vec![]));
    let shown = changes(&report);
    assert!(shown.iter().any(|change| change.ends_with(" 138****0137 → 138****0199")), "{shown:?}");
    assert!(shown.iter().any(|change| change.ends_with(" 4800.00 → —")), "{shown:?}");
    assert_eq!(shown.len(), 5, "{shown:?}");
    for secret in ["13805950199", "6217001850012340000", "许清水", "新厝角落"] {
        assert!(!report.body.to_string().contains(secret), "{secret}");
    }
    let done = import(&app.town_a(), HOUSEHOLDS, &book).await.is(200);
    assert_eq!((&done["updated"], &done["changes"]), (&json!(2), &Value::Null));
    let reveal =
        async |file: &Answer| keeper.post(&format!("{}/reveal", file.path()), json!({ "purpose": "edit" })).await.is(200);
    let (first, second) = (reveal(&open).await, reveal(&masked).await);
    assert_eq!((&first["phone"], &first["members"][0]["labour"]), (&json!("13805950199"), &json!("skilled")));
    let kept = (&second["phone"], &second["address"], &second["bank_account"], &second["income_per_head_fen"]);
    assert_eq!(kept, (&json!("13805950137"), &json!("永湖村新厝角落12号"), &json!("6217001850012340000"), &Value::Null));
    assert_eq!(second["members"][1]["schooling"], "junior_secondary");
    for (file, order) in [(&first, 1), (&second, 3)] {
        let told: Vec<_> = (0..2).map(|at| (&file["members"][at]["name"], &file["members"][at]["identity_number"])).collect();
        let (head, child) = (identity_number("19650312", order), identity_number("20120601", order));
        assert_eq!(told, [(&json!("许清水"), &json!(head)), (&json!("许小荷"), &json!(child))]);
    }
    let missing = keeper.get(&masked.path()).await.is(200);
    assert_eq!((&missing["version"], &missing["missing"]), (&json!(2), &json!(["consent", "income"])));
    let found = keeper.post("/households/search", json!({ "phone": "13805950199" })).await.is(200);
    assert_eq!(found.items().len(), 1, "it is found by what it says now");
    let history = keeper.get(&format!("{}/history", open.path())).await.is(200);
    assert!(history.items().iter().any(|entry| entry["action"] == "update"), "{}", history.body);

    // The same workbook again changes nothing. Cells from an older export that contradict newer data are refused.
    let again = import(&app.town_a(), HOUSEHOLDS, &book).await.is(200);
    assert_eq!(again["updated"], 0);
    let mut found = faults(&tried(&app.town_a(), HOUSEHOLDS, &exported).await);
    found.sort();
    assert_eq!(found, ["2 changed_since", "3 bank_account", "3 changed_since"]);
    import(&app.town_a(), HOUSEHOLDS, &exported).await.is(422);

    // An edited masked cell is refused, and so is a changed value that imports must not change.
    let exported = app.town_a().post("/households/export?sort=file_number", why).await.is(200).bytes;
    let spoilt = edited(
        &exported,
        &[
            (families, 1, "建档日期", "2020-04-15"),
            (families, 2, "联系电话", "139****0137"),
            (people, 3, "姓名", "李**"),
            (people, 4, "姓名", "许***"),
            (people, 4, "行标识（勿改）", ""),
        ],
    );
    let report = tried(&app.town_a(), HOUSEHOLDS, &spoilt).await;
    let mut found = faults(&report);
    found.sort();
    assert_eq!(found, ["2 changed_on_page", "3 phone", "4 person_name", "5 new_member"], "{}", report.body);
    let strange = edited(&exported, &[(families, 1, "户编号", &format!("{VILLAGE_A}-0099"))]);
    assert!(faults(&tried(&app.town_a(), HOUSEHOLDS, &strange).await).contains(&"2 unknown".to_owned()));
    // Whoever does not keep a file does not find it.
    let report = tried(&app.town_b(), HOUSEHOLDS, &exported).await;
    assert_eq!(faults(&report).iter().filter(|fault| fault.ends_with(" unknown")).count(), 2, "{}", report.body);
    assert_eq!(changes(&report), [""; 0]);
});

both_databases!(who_is_a_member_no_more_does_not_come_back_by_import, async |app| {
    let keeper = app.village_a();
    let family = keeper.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let to_child = with(gift(&family.id()), "/member_id", family["members"][1]["id"].clone());
    keeper.post("/assistance-records", to_child).await.is(201);
    let whole = keeper.post(&format!("{}/reveal", family.path()), json!({ "purpose": "edit" })).await.is(200);
    let alone = json!({ "members": [whole["members"][0]] });
    let now = keeper.patch(&family.path(), alone).if_match(&family.etag()).await.is(200);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM household_members").await,
        2,
        "the child is still named where it was given something"
    );
    let exported = app.town_a().post("/households/export", json!({ "purpose": "verification" })).await.is(200).bytes;
    let book = edited(&exported, &[("帮扶户", 1, "联系电话", "13805950199")]);
    assert_eq!(import(&app.town_a(), HOUSEHOLDS, &book).await.is(200)["updated"], 1);
    let after = keeper.get(&family.path()).await.is(200);
    assert_eq!((&after["member_count"], &after["groups"], &after["members"]), (&json!(1), &now["groups"], &now["members"]));
});

both_databases!(a_number_moves_within_a_family_and_comes_from_no_other, async |app| {
    let keeper = app.village_a();
    let mut body = household(VILLAGE_A, 1);
    let (head, wife) = (identity_number("19650312", 1), identity_number("19670508", 2));
    body["members"].as_array_mut().expect("members").push(json!({
        "name": "李秀英", "relation": "spouse", "identity_number": wife, "health": "healthy", "schooling": "primary",
        "labour": "ordinary",
    }));
    let family = keeper.post("/households", body).await.is(201);
    keeper.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let only = format!("/households/export?q={}", family["file_number"].as_str().expect("a number"));
    let exported = app.town_a().post(&only, json!({ "purpose": "verification" })).await.is(200).bytes;
    let people = "家庭成员";
    let taken =
        [(people, 1, "身份证号", &*identity_number("19650312", 3)), (people, 1, "性别", "清空"), (people, 1, "出生日期", "清空")];
    let taken = edited(&exported, &taken);
    assert_eq!(faults(&tried(&app.town_a(), HOUSEHOLDS, &taken).await), ["2 known_elsewhere"]);
    import(&app.town_a(), HOUSEHOLDS, &taken).await.fault("/household_members/2/identity_number", "known_elsewhere");

    let moved = [(people, 1, "身份证号", &*wife), (people, 3, "身份证号", &*head)];
    let cleared = [1, 3].into_iter().flat_map(|row| ["性别", "出生日期"].map(|field| (people, row, field, "清空")));
    let moved: Vec<_> = moved.into_iter().chain(cleared).collect();
    let moved = edited(&exported, &moved);
    let report = tried(&app.town_a(), HOUSEHOLDS, &moved).await;
    assert_eq!((faults(&report), &report["updated"]), (vec![], &json!(1)), "{}", report.body);
    import(&app.town_a(), HOUSEHOLDS, &moved).await.is(200);
    let file = keeper.post(&format!("{}/reveal", family.path()), json!({ "purpose": "edit" })).await.is(200);
    let told = |at: usize| ["identity_number", "born_on", "sex"].map(|field| file["members"][at][field].clone());
    assert_eq!(told(0), [json!(wife), json!("1967-05-08"), json!("female")]);
    assert_eq!(told(2), [json!(head), json!("1965-03-12"), json!("male")]);
    let found = keeper.post("/households/search", json!({ "identity_number": head })).await.is(200);
    assert_eq!(found.items().len(), 1);
});

both_databases!(what_an_import_does_not_take_of_a_family_is_named_and_where_it_is_changed, async |app| {
    let keeper = app.village_a();
    let family = keeper.post("/households", household(VILLAGE_A, 1)).await.is(201);
    keeper.post("/households", with(household(VILLAGE_A, 3), "/consent", Value::Null)).await.is(201);
    let why = json!({ "purpose": "verification" });
    let exported = app.town_a().post("/households/export?sort=file_number", why).await.is(200).bytes;
    let (families, people) = ("帮扶户", "家庭成员");
    let book = edited(
        &exported,
        &[
            (families, 1, "镇（街道）", "别镇"),
            (families, 1, "村（社区）", "别村"),
            (families, 1, "户主", "许清泉"),
            (families, 1, "已知情同意", "否"),
            (families, 1, "帮扶状态", "已脱困"),
            (families, 1, "状态日期", "2020-05-01"),
            (families, 1, "退出原因", "去世"),
            (families, 2, "帮扶状态", "registered"),
            (families, 2, "状态日期", "2020年4月16日"),
        ],
    );
    let expected = [
        "C2 shown_by_code",
        "D2 shown_by_code",
        "E2 changed_with_members",
        "I2 changed_on_page",
        "J2 changed_by_step",
        "K2 changed_by_step",
        "L2 changed_by_step",
    ];
    let report = tried(&app.town_a(), HOUSEHOLDS, &book).await;
    let mut found = notes(&report);
    found.sort();
    assert_eq!((found, faults(&report), changes(&report)), (expected.map(str::to_owned).to_vec(), vec![], vec![]));
    assert!(report["notes"].to_string().contains("确认脱困"), "it says which step: {}", report["notes"]);
    assert!(!report.body.to_string().contains("许清泉"), "and no name");
    let done = import(&app.town_a(), HOUSEHOLDS, &book).await.is(200);
    assert_eq!((&done["updated"], notes(&done).len()), (&json!(0), 7));
    assert_eq!(keeper.get(&family.path()).await.is(200)["status"], "registered");

    // The head's name is changed with the members, and may be changed beside them.
    let renamed = edited(&exported, &[(families, 1, "户主", "许清泉"), (people, 1, "姓名", "许清泉")]);
    let report = tried(&app.town_a(), HOUSEHOLDS, &renamed).await;
    assert_eq!((&report["updated"], notes(&report), faults(&report)), (&json!(1), vec![], vec![]));

    // Who is not listed stays, and who is added is entered elsewhere.
    let fewer = without(&exported, people, 2);
    let report = tried(&app.town_a(), HOUSEHOLDS, &fewer).await;
    assert_eq!((notes(&report), faults(&report)), (vec!["A2 members_not_listed".to_owned()], vec![]));
    assert!(report["notes"][0]["message"].as_str().expect("words").contains("1 名"), "{}", report["notes"]);
    assert_eq!(import(&app.town_a(), HOUSEHOLDS, &fewer).await.is(200)["updated"], 0);
    assert_eq!(keeper.get(&family.path()).await.is(200)["member_count"], 2);
    let number = family["file_number"].as_str().expect("a number");
    let added = ["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"];
    let added: Vec<_> = added.into_iter().zip([number, "李秀英", "配偶", "健康", "小学", "普通劳动力"]).collect();
    let more = edited(&exported, &added.iter().map(|(head, text)| (people, 5, *head, *text)).collect::<Vec<_>>());
    assert_eq!(faults(&tried(&app.town_a(), HOUSEHOLDS, &more).await), ["6 new_member"]);

    // A new file begins as every new file does, whatever the sheet says.
    let households: &[&[&str]] = &[
        &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址", "帮扶状态", "户主"],
        &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "某处", "已脱困", "许阿土"],
    ];
    let members: &[&[&str]] = &[
        &["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"],
        &["1", "许阿土", "户主", "健康", "小学", "普通劳动力"],
    ];
    let new = workbook(&[(families, households), (people, members)]);
    let report = tried(&app.town_a(), HOUSEHOLDS, &new).await;
    assert_eq!((&report["created"], notes(&report)), (&json!(1), vec!["G2 changed_by_step".to_owned()]), "{}", report.body);
});

both_databases!(what_an_import_does_not_take_of_a_village_or_organisation_is_named, async |app| {
    let path = donor(app, 60).await;
    let exported = app.bureau().get(&format!("/villages/export?within={TOWN_A}&q=永湖")).await.is(200).bytes;
    let book = edited(&exported, &[("村（社区）", 1, "名称", "别村"), ("村（社区）", 1, "人口", "3000")]);
    let report = tried(&app.bureau(), "/villages/import", &book).await;
    assert_eq!((notes(&report), &report["updated"]), (vec!["B2 shown_by_code".to_owned()], &json!(1)), "{}", report.body);
    assert_eq!(report["notes"][0]["value"], "别村");

    let name = organisation(60, TOWN_A)["name"].as_str().expect("a name").to_owned();
    let exported = app.bureau().get(&format!("/organisations/export?q={name}")).await.is(200).bytes;
    let (organisations, donations) = ("社会组织", "定向捐赠");
    let cells = [
        (organisations, 1, "行政区划", "别镇"),
        (organisations, 1, "状态", "已注销"),
        (organisations, 1, "结束日期", "2020-05-01"),
        (organisations, 1, "曾用名", "旧名"),
        (donations, 1, "社会组织名称", "别会"),
    ];
    let report = tried(&app.bureau(), ORGANISATIONS, &edited(&exported, &cells)).await;
    let mut found = notes(&report);
    found.sort();
    let expected = ["B2 shown_by_code", "F2 shown_by_code", "K2 changed_by_step", "L2 changed_by_step", "M2 kept_when_renamed"];
    assert_eq!((found, faults(&report)), (expected.map(str::to_owned).to_vec(), vec![]), "{}", report.body);
    let fewer = without(&exported, donations, 2);
    let done = import(&app.bureau(), ORGANISATIONS, &fewer).await.is(200);
    assert_eq!((&done["updated"], notes(&done)), (&json!(0), vec!["A2 donations_not_listed".to_owned()]));
    assert_eq!(given(app, &path).await.len(), 2);
});
