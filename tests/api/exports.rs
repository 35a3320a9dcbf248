//! Rules for every export.

use reqwest::Method;
use serde_json::json;

use super::assistance::sheet;
use super::imports;
use crate::both_databases;
use crate::support::*;

/// Columns with texts that people type.
const WORDS: &str = "'name', 'title', 'content', 'progress', 'description', 'note', 'resources', 'strengths', 'contact_name', 'unit', \
     'town_name', 'addressee_name'";

both_databases!(what_a_person_typed_is_a_formula_in_no_export, async |app| {
    app.one_of_everything().await;
    let report = app.bureau().get("/reports").await.is(200).items()[0].clone();
    let columns = app
        .texts(&match app.db {
            Db::Sqlite => format!(
                "SELECT '\"' || t.name || '\" SET \"' || c.name || '\"' FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name IN ({WORDS}) AND (c.type LIKE '%char%' OR c.type LIKE '%text%')"
            ),
            Db::Postgres => format!(
                "SELECT '\"' || table_name || '\" SET \"' || column_name || '\"' FROM information_schema.columns
                 WHERE table_schema = 'public' AND column_name IN ({WORDS}) AND data_type IN ('text', 'character varying')"
            ),
        })
        .await;
    let exports: Vec<_> = operations().iter().filter(|operation| is_export(&operation.value, &operation.id)).collect();
    assert!(exports.len() >= 16, "{}", exports.len());
    for head in ["=", "+", "-", "@", "\t", "\r", "＝", "＠"] {
        for column in &columns {
            let name = column.rsplit(' ').next().expect("a name");
            // Replaces the first character from the round before.
            app.sql(&format!("UPDATE {column} = '{head}' || LTRIM({name}, '=+-@\t\r＝＋－＠')")).await;
        }
        for operation in &exports {
            let path = operation.path.replace("{id}", report["id"].as_str().expect("an id"));
            let needed = operation.value["parameters"].as_array().into_iter().flatten();
            let needed = needed.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
            let query = needed.map(|parameter| parameter["name"].as_str().expect("a name"));
            let query: Vec<_> = query.map(|name| format!("{name}={}", report[name].as_str().expect("a value"))).collect();
            let path = format!("{path}?{}", query.join("&"));
            let mut exported = None;
            for who in [Who::Bureau, Who::Auditor, Who::TownA] {
                let call = app.as_(who).call(operation.method.clone(), &path);
                let call = if operation.method == Method::POST { call.json(json!({ "purpose": "payment" })) } else { call };
                let answer = call.await;
                if answer.status != 403 {
                    exported = Some(answer.is(200));
                    break;
                }
            }
            let exported = exported.unwrap_or_else(|| panic!("{}: nobody may", operation.id));
            let found = like_formulas(&exported.bytes);
            assert!(!found.is_empty(), "{}: no text of it begins with {head:?}", operation.id);
            let wrong: Vec<_> = found.iter().filter(|(_, marked)| !marked).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", operation.id);
            assert_eq!(properties(&exported.bytes).matches("<dc:creator>").count(), 1);
            assert!(properties(&exported.bytes).contains("<dc:creator></dc:creator>"), "{} names an author", operation.id);
        }
    }
});

both_databases!(a_large_export_begins_before_its_end_and_says_so_in_the_trail, async |app| {
    let codes: Vec<_> = (100..8_100).map(credit_code).collect();
    let rows: Vec<[&str; 5]> = codes.iter().map(|code| [code, "大量录入", "商会", TOWN_A, "3"]).collect();
    let rows: Vec<&[&str]> = [imports::ORGANISATIONS].into_iter().chain(rows.iter().map(|row| &row[..])).collect();
    imports::import(&app.bureau(), "/organisations/import", &workbook(&[("社会组织", &rows)])).await.is(200);
    let sent = app.bureau().get("/organisations/export?q=大量录入").await.is(200);
    assert!(!sent.headers.contains_key("content-length"), "its length is not known when it begins");
    assert_eq!(sheet(&sent, "社会组织").height(), 8_001);
    let events = app.bureau().get("/organisations/export?q=无此名称").await.is(200);
    assert!(events.headers.contains_key("content-length"), "what is short is sent whole");
    let kept = async |action: &str, what: &str| {
        app.number(&format!(
            "SELECT COUNT(*) FROM audit_events WHERE object_id = '*' AND action = '{action}' AND CAST(changes AS TEXT) LIKE '%{what}%'"
        ))
        .await
    };
    assert_eq!((kept("export", "大量录入").await, kept("export_end", "8000").await), (1, 1));
    assert_eq!((kept("export", "无此名称").await, kept("export_end", "无此名称").await), (1, 0));
});

fn is_export(operation: &serde_json::Value, id: &str) -> bool {
    let content = &response(operation, "200")["content"];
    // People upload attachments, and the notice's forms are for printing. Their own tests cover how they are written.
    let other = ["read_attachment", "export_report", "export_report_month"].contains(&id) || id.ends_with("_template");
    content.get(platform::excel::MEDIA_TYPE).is_some() && !other
}
