//! 每月5日前汇总填写《合作村社帮扶工作开展情况统计表》，报送到市“百社解千难”活动领导小组办公室.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::{Pairs, TOWN_C, Year, reasons};
use crate::support::Who::*;
use crate::support::*;

/// The header of the annex (附件): the first row, and the second one below 合作村社.
const HEADER: [[&str; 5]; 2] = [["序号", "合作村社", "", "具体帮扶内容", "进展情况"], ["", "村（社区）", "社会组织名称", "", ""]];
/// The merged cells of the annex: the title, 填报单位, 填报时间, and the header cells that span two rows or columns.
const MERGED: [((u32, u32), (u32, u32)); 7] = [
    ((0, 0), (0, 4)),
    ((1, 0), (1, 2)),
    ((1, 3), (1, 4)),
    ((2, 0), (3, 0)),
    ((2, 1), (2, 2)),
    ((2, 3), (3, 3)),
    ((2, 4), (3, 4)),
];

pub async fn act(app: &TestApp, year: &Year, pairs: &Pairs, june: &Answer) {
    let stands = async || {
        let month = app.bureau().get(&month(year, "/report-months")).await.is(200);
        let towns = month["towns"].as_array().expect("towns").clone();
        let stands = |town: &Value| town["standing"].as_str().expect("a standing").to_owned();
        towns.iter().map(stands).collect::<Vec<_>>()
    };
    app.clock.set(noon("2020-07-01"));
    assert_eq!(stands().await, ["not_due", "not_due", "not_due"], "three towns, in the order of their codes");
    app.bureau().get(&month(year, "/report-months/workbook")).await.refused(ReportEmpty);
    let of_town_a = sent_returned_and_sent_again(app, year, pairs, june).await;
    assert_eq!(stands().await, ["not_due", "on_time", "not_due"]);

    // On the fifth, one second before midnight in Jinjiang; then one second later.
    app.clock.set(instant("2020-07-05T15:59:59Z"));
    let of_town_c = year.town_c.post("/reports", form(year, TOWN_C)).await.is(201);
    assert_eq!(of_town_c["rows"][0]["progress"], "", "nothing was written of that pairing");
    let rows = with(of_town_c["rows"].clone(), "/0/progress", json!("协议已签，正在商定项目"));
    let edit = year.town_c.patch(&of_town_c.path(), json!({ "rows": writable(rows) })).if_match(&of_town_c.etag()).await.is(200);
    assert_eq!(year.town_c.post(&format!("{}/submit", edit.path()), json!({})).await.is(200)["standing"], "on_time");
    app.clock.set(instant("2020-07-05T16:00:00Z"));
    assert_eq!(stands().await, ["on_time", "on_time", "missing"]);
    let missing = app.bureau().get(&format!("{}&standing=missing", month(year, "/report-months"))).await.is(200);
    assert_eq!(missing["towns"][0]["town_name"], "龙湖镇");
    let late = app.town_b().post("/reports", form(year, TOWN_B)).await.is(201);
    assert_eq!((&late["standing"], &late["overdue"]), (&json!("missing"), &json!(true)));
    let late = app.step(&late, "submit", json!({}), &[TownB], &[]).await;
    assert_eq!((&late["late"], &late["standing"]), (&json!(true), &json!("late")));
    assert_eq!(stands().await, ["on_time", "on_time", "late"]);
    for (who, towns) in [(TownA, 1), (TownB, 1), (LeadingGroup, 3), (Auditor, 3)] {
        let seen = app.as_(who).get(&month(year, "/report-months")).await.is(200);
        assert_eq!(seen["towns"].as_array().map(Vec::len), Some(towns), "{who:?}");
    }

    app.clock.set(noon("2020-07-08"));
    let accepted = app.step(&of_town_a, "accept", reasons(), &[Bureau], &[]).await;
    assert_eq!(accepted["allowed_actions"], json!(["reopen"]));
    let again = app.village_a().get(&june.path()).await.is(200);
    let change = app.village_a().patch(&june.path(), json!({ "progress": "再改" })).if_match(&again.etag());
    change.await.refused(MonthClosed);
    the_workbook_is_the_annex(app, year).await;
}

/// In April nobody is paired yet: a town of which a village takes part says so (零报告), by the fifth.
pub async fn nil(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-05-05"));
    let april = json!({ "campaign_id": year.campaign.id(), "town_code": TOWN_B, "month": "2020-04" });
    let draft = app.make("/reports", april, "/campaign_id", &year.campaign, &[TownB], &[]).await;
    assert_eq!((&draft["rows"], &draft["allowed_actions"]), (&json!([]), &json!(["nil", "redraft"])));
    app.town_b().post(&format!("{}/submit", draft.path()), json!({})).await.refused(ReportEmpty);
    let sent = app.step(&draft, "nil", json!({}), &[TownB], &[]).await;
    assert_eq!((&sent["nil"], &sent["standing"]), (&json!(true), &json!("on_time")));
    assert_eq!(
        sheet(&app.bureau().get(&format!("{}/workbook", sent.path())).await.is(200), "龙湖镇")[4][0],
        "本月无结对共建开展情况"
    );
    let accepted = app.step(&sent, "accept", reasons(), &[Bureau], &[]).await;
    assert_eq!((&accepted["state"], &accepted["nil"]), (&json!("accepted"), &json!(true)));
}

fn month(year: &Year, path: &str) -> String {
    format!("{path}?campaign_id={}&month=2020-06", year.campaign.id())
}

fn form(year: &Year, town: &str) -> Value {
    json!({ "campaign_id": year.campaign.id(), "town_code": town, "month": "2020-06" })
}

/// Rows as they can be sent back.
fn writable(mut rows: Value) -> Value {
    for row in rows.as_array_mut().expect("rows") {
        let fields = row.as_object_mut().expect("a row");
        fields.retain(|field, _| !matches!(field.as_str(), "position" | "carried"));
    }
    rows
}

async fn sent_returned_and_sent_again(app: &TestApp, year: &Year, pairs: &Pairs, june: &Answer) -> Answer {
    let draft = app.make("/reports", form(year, TOWN_A), "/campaign_id", &year.campaign, &[TownA], &[]).await;
    app.town_a().post("/reports", form(year, TOWN_A)).await.refused(ReportExists);
    let rows: Vec<_> = draft["rows"].as_array().expect("rows").iter().map(|row| row["pairing_id"].clone()).collect();
    assert_eq!(rows, [json!(pairs.proposed.id()), json!(pairs.recommended.id())], "by village, then by organisation");
    let preflight = app.town_a().get(&format!("{}/preflight", draft.path())).await.is(200);
    let kinds: Vec<_> =
        preflight["findings"].as_array().expect("findings").iter().map(|finding| finding["kind"].clone()).collect();
    assert_eq!(kinds, ["project_missing"], "the second pairing has been without one for more than thirty days");
    app.bureau().post(&format!("{}/accept", draft.path()), json!({})).await.refused(IllegalStep);

    app.clock.set(noon("2020-07-02"));
    let rows = with(writable(draft["rows"].clone()), "/1/progress", json!("已走访5户，发放助学金2000元"));
    let edited = app.edit(&draft, json!({ "rows": rows }), &[TownA], &[]).await;
    let sent = app.step(&edited, "submit", json!({}), &[TownA], &[]).await;
    assert_eq!((&sent["standing"], &sent["filled_on"]), (&json!("on_time"), &json!("2020-07-02")));
    let change = app.town_a().patch(&sent.path(), json!({ "unit": "改" })).if_match(&sent.etag());
    assert_eq!(change.await.refused(IllegalStep)["state"], "submitted");
    it_is_a_snapshot(app, &sent, june).await;

    app.bureau().post(&format!("{}/return", sent.path()), json!({})).await.fault("/note", "required");
    let returned = app.step(&sent, "return", reasons(), &[Bureau], &[]).await;
    assert_eq!((&returned["state"], &returned["return_reason"]), (&json!("returned"), &reasons()["note"]));
    app.clock.set(noon("2020-07-04"));
    let unit = app
        .edit(&app.town_a().get(&sent.path()).await.is(200), json!({ "unit": "东石镇社会事务办（盖章）" }), &[TownA], &[])
        .await;
    let again = app.step(&unit, "submit", json!({}), &[TownA], &[]).await;
    assert_eq!((&again["standing"], &again["resubmitted_late"]), (&json!("on_time"), &json!(false)));
    assert_eq!(again["submitted_at"], sent["submitted_at"], "late or not goes by the first time");
    let actions = app.town_a().get(&format!("{}/history", sent.path())).await.is(200);
    let actions: Vec<_> = actions.items().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["submit", "update", "return", "submit", "update", "create"]);
    again
}

/// A form that was sent stays as it was sent, whatever is corrected afterwards.
async fn it_is_a_snapshot(app: &TestApp, sent: &Answer, june: &Answer) {
    let printed = sheet(&app.town_a().get(&format!("{}/workbook", sent.path())).await.is(200), "东石镇");
    let change = json!({ "progress": "更正：尚未选址", "content": "更正" });
    app.village_a().patch(&june.path(), change).if_match(&june.etag()).await.is(200);
    let organisation = app.bureau().get(&app.organisation_a_path()).await.is(200);
    let renamed = json!({ "name": "晋江市慈善总会（更名）" });
    app.bureau().patch(&organisation.path(), renamed).if_match(&organisation.etag()).await.is(200);
    let now = app.bureau().get(&sent.path()).await.is(200);
    assert_eq!((&now["rows"], &now["version"]), (&sent["rows"], &sent["version"]));
    assert_eq!(sheet(&app.bureau().get(&format!("{}/workbook", sent.path())).await.is(200), "东石镇"), printed);
}

fn sheet(answer: &Answer, name: &str) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    let range = book.worksheet_range(name).expect("a sheet");
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

/// One workbook for all towns, each on its own sheet, laid out as the annex.
async fn the_workbook_is_the_annex(app: &TestApp, year: &Year) {
    let path = month(year, "/report-months/workbook");
    for who in [VillageA, OrganisationA, Cadre, Admin] {
        app.as_(who).get(&path).await.refused(Forbidden);
    }
    app.as_(OtherBureau).get(&path).await.fault("/campaign_id", "unknown");
    let answer = app.bureau().get(&path).await.is(200);
    let mut book = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    assert_eq!(book.sheet_names(), ["安海镇", "东石镇", "龙湖镇"]);
    let of_town = |unit: &str, filled_on: &str, rows: &[[&str; 5]]| {
        let title = ["合作村社帮扶工作开展情况统计表", "", "", "", ""].map(str::to_owned);
        let head = [&format!("填报单位: {unit}"), "", "", &format!("填报时间: {filled_on}"), ""].map(str::to_owned);
        let header = HEADER.iter().chain(rows).map(|row| row.map(str::to_owned).to_vec());
        [title.to_vec(), head.to_vec()].into_iter().chain(header).collect::<Vec<_>>()
    };
    let expected = [
        (
            "安海镇",
            of_town(
                "安海镇社会事务办",
                "2020年7月5日",
                &[["1", "西安村委会", "结对一组第2志愿服务队", "", "协议已签，正在商定项目"]],
            ),
        ),
        (
            "东石镇",
            of_town(
                "东石镇社会事务办（盖章）",
                "2020年7月2日",
                &[
                    ["1", "永湖村委会", "晋江市慈善总会", "共建龙眼加工车间", "已完成选址，七月动工"],
                    ["2", "永湖村委会", "龙湖镇商会", "=助学金", "已走访5户，发放助学金2000元"],
                ],
            ),
        ),
        (
            "龙湖镇",
            of_town("龙湖镇社会事务办", "2020年7月6日", &[["1", "新丰村委会", "龙湖镇商会", "电商培训\n两场", "第一场已办"]]),
        ),
    ];
    for (name, cells) in expected {
        assert_eq!(sheet(&answer, name), cells);
        let mut merged = book.merge_cells_by_sheet_name(name).expect("a sheet");
        merged.sort_by_key(|region| region.start);
        assert_eq!(merged.iter().map(|region| (region.start, region.end)).collect::<Vec<_>>(), MERGED, "{name}");
        assert_eq!(book.worksheet_formula(name).expect("a sheet").used_cells().count(), 0, "{name}");
    }
}
