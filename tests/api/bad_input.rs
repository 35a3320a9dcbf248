//! For every body in the document, bad input is refused at its field, and nothing is written in part.

use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use reqwest::Method;
use serde_json::{Value, json};

use super::authorization::{Ready, ready_to_send};
use crate::both_databases;
use crate::support::*;

/// A value that does not fit, and the pointer to its field.
type Spoilt = (String, Value);

/// Collects bad values for each field of a body, by its schema.
fn spoilt(schema: &Value, body: &Value, at: &str, all: &serde_json::Map<String, Value>, found: &mut Vec<Spoilt>) {
    let schema = resolved(schema, all);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let (property, at) = (resolved(property, all), format!("{at}/{name}"));
        let is = |kind: &str| {
            property["type"] == kind || property["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
        };
        if is("string") {
            found.push((at.clone(), json!(7)));
            if let Some(most) = property["maxLength"].as_u64() {
                found.push((at.clone(), json!("长".repeat(usize::try_from(most).expect("a length") + 1))));
            }
            if !property["enum"].is_null() || !property["format"].is_null() && property["format"] != "password" {
                found.push((at.clone(), json!("不是代码")));
            }
            if property["format"] == "date" {
                found.extend(["2020-11-3", "+2020-11-03", "2020-11-03T00:00:00Z"].map(|day| (at.clone(), json!(day))));
            }
        } else if is("integer") {
            found.push((at.clone(), json!("许多")));
            found.extend(property["maximum"].as_i64().map(|most| (at.clone(), json!(most + 1))));
            found.extend(property["minimum"].as_i64().map(|least| (at.clone(), json!(least - 1))));
        } else if is("boolean") {
            found.push((at.clone(), json!("是")));
        } else if is("array") {
            found.push((at.clone(), json!({})));
            if let Some(first) = body[name].get(0) {
                let most = usize::try_from(property["maxItems"].as_u64().expect("a limit")).expect("a length");
                found.push((at.clone(), json!(vec![first; most + 1])));
                if first.is_object() {
                    spoilt(&property["items"], first, &format!("{at}/0"), all, found);
                }
            }
        } else if is("object") {
            found.push((at.clone(), json!([])));
            if body[name].is_object() {
                spoilt(property, &body[name], &at, all, found);
            }
        }
    }
    found.push((format!("{at}/colour"), json!("red")));
}

/// The schema that a reference leads to, or the one beside null.
fn resolved<'a>(schema: &'a Value, all: &'a serde_json::Map<String, Value>) -> &'a Value {
    let choices = ["oneOf", "anyOf"].iter().find_map(|kind| schema[*kind].as_array());
    if let Some(one) = choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        return resolved(one, all);
    }
    match schema["$ref"].as_str().and_then(|name| all.get(name.trim_start_matches("#/components/schemas/"))) {
        Some(named) => resolved(named, all),
        None => schema,
    }
}

/// The body with one value set at the pointer, also if nothing was there.
fn put(mut body: Value, (pointer, value): &Spoilt) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body.pointer_mut(parent).expect("what it lies in");
    parent.as_object_mut().expect("an object").insert(field.to_owned(), value.clone());
    body
}

impl Ready {
    fn send(&self, media_type: &str, body: impl Into<Vec<u8>>) -> Call {
        let call = self.client.call(self.method.clone(), &self.path).body(media_type, body);
        match &self.etag {
            Some(etag) if self.method == Method::PATCH => call.if_match(etag),
            _ => call,
        }
    }
}

both_databases!(every_field_of_every_body_is_named_when_it_is_wrong, async |app| {
    let ready = ready_to_send(app).await;
    assert!(ready.len() >= 20, "only {} bodies: are they still found?", ready.len());
    let before = app.written().await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for ready in &ready {
        let content = &ready.operation.value["requestBody"]["content"];
        let schema = &content.as_object().expect("a body").values().next().expect("a media type")["schema"];
        let mut found = Vec::new();
        spoilt(schema, &ready.body, "", &schemas_behind(schema), &mut found);
        for one in &found {
            tried += 1;
            let answer = ready.send("application/json", put(ready.body.clone(), one).to_string()).await;
            let errors = answer["errors"].as_array().cloned().unwrap_or_default();
            if answer.status != 422 || !errors.iter().any(|error| error["pointer"] == one.0.as_str()) {
                let value: String = one.1.to_string().chars().take(30).collect();
                wrong.push(format!("{} {} = {value}: {}", ready.operation.id, one.0, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(app.written().await, before);
});

/// Strings that are not free text: ids and cursors.
const NO_TEXTS: [&str; 2] = ["/object_id", "/cursor"];

/// Collects the free texts of a body by its schema, including those in parts that this body leaves out.
fn texts(schema: &Value, body: &Value, at: &str, all: &serde_json::Map<String, Value>, found: &mut [Vec<String>; 2]) {
    let schema = resolved(schema, all);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let (property, at) = (resolved(property, all), format!("{at}/{name}"));
        let is = |value: &Value, kind: &str| {
            value["type"] == kind || value["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
        };
        let free = |value: &Value| ["enum", "format", "pattern"].iter().all(|limit| value[*limit].is_null());
        if is(property, "string") && free(property) && !NO_TEXTS.contains(&&*at) {
            let most = property["maxLength"].as_u64().unwrap_or_else(|| panic!("{at} has no limit"));
            // A text that is too short for an identity number cannot contain one.
            found[0].extend((most > 10).then_some(at));
        } else if is(property, "object") {
            let before = found[0].len();
            texts(property, &body[name], &at, all, found);
            if !body[name].is_object() {
                let missing = found[0].split_off(before);
                found[1].extend(missing);
            }
        } else if is(property, "array") {
            let item = resolved(&property["items"], all);
            assert!(!is(item, "string") || !free(item), "{at} is a list of texts: try each of them here");
            let before = found[0].len();
            texts(item, &body[name][0], &format!("{at}/0"), all, found);
            if !body[name][0].is_object() {
                let missing = found[0].split_off(before);
                found[1].extend(missing);
            }
        }
    }
}

/// The body with the parts that the table leaves out.
fn whole(ready: &Ready) -> Value {
    let given = json!({ "village_code": VILLAGE_A, "donated_on": "2020-04-18", "amount_fen": 100_000, "purpose": "助学" });
    let row = json!({ "village_name": "永湖村", "organisation_name": "晋江市慈善总会", "content": "助学", "progress": "已走访" });
    match &*ready.operation.id {
        "create_organisation" => with(ready.body.clone(), "/directed_donations", json!([given])),
        "update_report" => with(ready.body.clone(), "/rows", json!([row])),
        _ => ready.body.clone(),
    }
}

both_databases!(no_text_takes_an_identity_or_mobile_number_however_it_is_written, async |app| {
    let ready = ready_to_send(app).await;
    let before = app.written().await;
    let (mut tried, mut missing, mut wrong) = (std::collections::BTreeSet::new(), Vec::new(), Vec::new());
    for ready in &ready {
        let content = &ready.operation.value["requestBody"]["content"];
        let schema = &content.as_object().expect("a body").values().next().expect("a media type")["schema"];
        let mut found = [Vec::new(), Vec::new()];
        let body = whole(ready);
        texts(schema, &body, "", &schemas_behind(schema), &mut found);
        let [found, not_there] = found;
        missing.extend(not_there);
        for at in found {
            for written in
                ["13800138000", "138.0013.8000", "１３８－００１３－８０００", "350582196503120012", "350582 19650312 0012"]
            {
                let body = put(body.clone(), &(at.clone(), json!(written)));
                let answer = ready.send("application/json", body.to_string()).await;
                let errors = answer["errors"].as_array().cloned().unwrap_or_default();
                let told = |error: &Value| error["pointer"] == at.as_str() && error["code"] == "personal_number";
                if answer.status != 422 || !errors.iter().any(told) || answer.body.to_string().contains(written) {
                    wrong.push(format!("{} {at} = {written}: {}", ready.operation.id, answer.body));
                }
            }
            tried.insert(at);
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    missing.retain(|at| !tried.contains(at));
    assert!(missing.is_empty() && tried.len() > 30, "{tried:?}, and no body has {missing:?}");
    assert_eq!(app.written().await, before);
});

both_databases!(dates_amounts_landlines_and_codes_are_taken_in_every_text, async |app| {
    let progress = app.progress(campaign()).await;
    for written in
        ["2018 2019 2020", "2020-11-03 500元", "0595-85660137", "51350582MJ0000012X", "晋政民〔2020〕28号 350582-2020-0001"]
    {
        let seen = app.town_a().get(&progress.path()).await.is(200);
        app.town_a().patch(&progress.path(), json!({ "progress": written })).if_match(&seen.etag()).await.is(200);
    }
});

both_databases!(what_is_no_json_is_refused_everywhere, async |app| {
    let ready = ready_to_send(app).await;
    let before = app.written().await;
    for ready in &ready {
        for malformed in ["", "{", "{\"note\": \"\\ud800\"}", "{} {}"] {
            ready.send("application/json", malformed).await.refused(MalformedJson);
        }
        for media_type in ["text/plain", "application/xml", "multipart/form-data; boundary=x"] {
            ready.send(media_type, ready.body.to_string()).await.refused(UnsupportedMediaType);
        }
        ready.send("application/json", "[]").await.fault("", "type");
        ready.send("application/json", "{\"note\": \"a\", \"note\": \"b\"}").await.fault("/note", "duplicate");
        let long = format!("{{\"note\": \"{}\"}}", "a".repeat(1024 * 1024));
        ready.send("application/json", long).await.refused(PayloadTooLarge);
    }
    assert_eq!(app.written().await, before);
});

/// A workbook with a part that declares 300 MiB unpacked. A test beside the reader covers one that hides its size.
fn bomb(workbook: &[u8]) -> Vec<u8> {
    const SIZE: u32 = 123_457;
    let mut bomb = repacked(workbook, "xl/media/image1.png", |_| vec![0; SIZE as usize]);
    let places = (0..bomb.len() - 4).filter(|&place| bomb[place..place + 4] == SIZE.to_le_bytes()).collect::<Vec<_>>();
    assert!(!places.is_empty(), "the size is written somewhere");
    for place in places {
        bomb[place..place + 4].copy_from_slice(&(300 * 1024 * 1024_u32).to_le_bytes());
    }
    bomb
}

both_databases!(a_workbook_that_is_none_or_a_trap_is_refused, async |app| {
    // An attempted import of persons leaves an event, and nothing else.
    let apart = |rows: Vec<String>| rows.into_iter().filter(|row| !row.starts_with("audit_events ")).collect::<Vec<_>>();
    let before = apart(app.written().await);
    for (client, what) in [(app.bureau(), "organisations"), (app.bureau(), "villages"), (app.town_a(), "households")] {
        let path = format!("/{what}/import");
        let template = client.get(&format!("/{what}/import-template")).await.is(200).bytes;
        let sheet = "xl/worksheets/sheet1.xml";
        let traps = [
            ("the workbook has macros", repacked(&template, "xl/vbaProject.bin", |_| vec![0])),
            ("the workbook has macros", repacked(&template, "xl/macrosheets/sheet1.xml", |_| vec![])),
            ("not an intact", template[..template.len() / 2].to_vec()),
            ("not an intact", b"PK\x03\x04".to_vec()),
            ("encrypted", [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat()),
            ("broken", repacked(&template, sheet, |_| b"<worksheet><sheetData><row".to_vec())),
            ("too large when unpacked", bomb(&template)),
        ];
        for (why, trap) in traps {
            let upload = client.upload(&path, &[], ("名册.xlsx", XLSX, &trap)).header("Accept-Language", "en");
            let refused = upload.await.refused(InvalidWorkbook);
            assert_eq!(refused["errors"][0]["pointer"], "/file");
            assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(why)), "{why}: {}", refused.body);
        }
        // The result of a formula is not something that a person wrote.
        let formula = filled_in(&template, 1, &[vec!["=1+1".to_owned(), "=HYPERLINK(\"http://a\")".to_owned()]]);
        let tried = client.upload(&format!("{path}?dry_run=true"), &[], ("名册.xlsx", XLSX, &formula)).await.is(200);
        let codes: Vec<_> = tried["errors"].as_array().expect("errors").iter().map(|error| error["code"].clone()).collect();
        assert_eq!(codes.iter().filter(|code| **code == "formula").count(), 2, "{codes:?}");
        let refused = client.upload(&path, &[], ("名册.xlsx", XLSX, &formula)).await.refused(ValidationFailed);
        assert!(refused["errors"][0]["pointer"].as_str().is_some_and(|pointer| pointer.starts_with(&format!("/{what}/2/"))));
    }
    assert_eq!(apart(app.written().await), before);
    // Faults in a workbook reveal the same about persons with a dry run and without.
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events WHERE action LIKE '%import%'").await, 2);
});

both_databases!(an_old_tag_changes_nothing_anywhere, async |app| {
    let ready = ready_to_send(app).await;
    let before = app.written().await;
    let patches: Vec<_> = ready.iter().filter(|ready| ready.method == Method::PATCH).collect();
    assert!(patches.len() >= 8, "only {} changes", patches.len());
    for ready in patches {
        let send = || ready.client.patch(&ready.path, ready.body.clone());
        send().await.refused(PreconditionRequired);
        for tag in ["\"999\"", "\"\"", "\"998\", \"999\"", "\"-1\"", "\"99999999999999999999\"", "1", "\"x,1\""] {
            send().if_match(tag).await.refused(StaleVersion);
        }
    }
    assert_eq!(app.written().await, before);
});

both_databases!(a_patch_that_changes_nothing_writes_nothing, async |app| {
    let ready = ready_to_send(app).await;
    let before = app.written().await;
    for ready in ready.iter().filter(|ready| ready.method == Method::PATCH) {
        ready.client.patch(&ready.path, json!({})).if_match("*").await.is(200);
    }
    assert_eq!(app.written().await, before);
});
