//! The app shows what an import would change before it is made.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(an_import_shows_what_it_changes_before_it_does, async |app, browser| {
    let path = format!("/villages/{VILLAGE_A}");
    let old = app.bureau().get("/villages/export?q=永湖").await.is(200);
    let village = app.bureau().get(&path).await.is(200);
    let profile = json!({ "population": 3333, "contact_name": "林某" });
    app.bureau().patch(&path, profile).if_match(&village.etag()).await.is(200);
    let rows: &[&[&str]] = &[&["代码", "人口", "联系人", "名称"], &[VILLAGE_A, "3200", "", "别村"]];

    browser.sign_in(Who::Bureau, "/villages/import").await;
    browser.heading("导入村（社区）").await;
    browser.choose_file("import-file", "new.xlsx", &workbook(&[("村（社区）", rows)])).await;
    browser.sees("检查通过：共 1 行，新增 0 条，更新 1 条。").await;
    browser.find("//tr[td='B · 人口' and td='3333' and td='3200']").await;
    browser.find("//tr[td='D · 名称' and td='别村' and td[contains(., '按代码显示')]]").await;
    browser.is_accessible().await;
    assert_eq!(app.bureau().get(&path).await.is(200)["population"], 3333);
    browser.button("确认导入").await;
    browser.sees("导入完成：新增 0 条，更新 1 条。").await;
    let village = app.bureau().get(&path).await.is(200);
    assert_eq!((&village["population"], &village["contact_name"]), (&json!(3200), &json!("林某")));

    // In an export from before these changes, cells that were empty then change nothing.
    browser.choose_file("import-file", "old.xlsx", &old.bytes).await;
    browser.sees("文件与现有数据一致，无需导入。").await;
    let stale: &[&[&str]] = &[&["代码", "人口", "导出版本（勿改）"], &[VILLAGE_A, "3000", "1"]];
    browser.choose_file("import-file", "stale.xlsx", &workbook(&[("村（社区）", stale)])).await;
    browser.sees("导出之后已有改动").await;
    browser.find("//tr[td='3200' and td='3000']").await;
});
