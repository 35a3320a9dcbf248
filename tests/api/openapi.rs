//! Tests of the OpenAPI document itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::both_databases;
use crate::support::*;

/// The path of the committed document.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");

both_databases!(the_committed_document_is_the_one_served, async |app| {
    let committed = std::fs::read_to_string(COMMITTED).expect("openapi/openapi.json is committed");
    let served = app.anonymous().get("/api/openapi.json").await.is(200);
    let same = served.body == serde_json::from_str::<Value>(&committed).expect("it is JSON");
    assert!(same, "openapi/openapi.json is not what is served: `cargo run -p baishe -- openapi > openapi/openapi.json`");
});

#[test]
fn every_operation_says_what_it_is_and_who_may_call_it() {
    let mut ids = BTreeSet::new();
    for Operation { id, value, permission, .. } in operations() {
        assert!(ids.insert(id), "two operations are called {id}");
        let named = id.split_once('_').map_or(id.as_str(), |(verb, _)| verb).chars().all(|c| c.is_ascii_lowercase());
        assert!(named, "{id} is no verb_noun");
        assert!(value["summary"].as_str().is_some_and(|text| text.len() > 5), "{id} has no summary");
        assert_eq!(value["tags"].as_array().map(Vec::len), Some(1), "{id} has one tag, its domain");
        let secured = value["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        assert_eq!(secured, permission.is_some(), "{id}: a scheme and a permission go together");
        let succeeds =
            value["responses"].as_object().is_some_and(|responses| responses.keys().any(|status| status.starts_with('2')));
        assert!(succeeds, "{id} never succeeds");
    }
}

#[test]
fn what_is_sent_has_limits() {
    let mut lacking = Vec::new();
    for Operation { id, value, .. } in operations() {
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            limits(&format!("{id}?{}", parameter["name"]), &parameter["schema"], &mut lacking);
        }
        for media in value["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values()) {
            for (name, schema) in schemas_behind(&media["schema"]) {
                limits(&format!("{id} {name}"), &schema, &mut lacking);
            }
        }
    }
    lacking.sort();
    lacking.dedup();
    assert!(lacking.is_empty(), "without limits:\n{}", lacking.join("\n"));
}

/// Strings need a length, a format or an enumeration; arrays a length; numbers bounds; objects must be closed.
fn limits(place: &str, schema: &Value, lacking: &mut Vec<String>) {
    let has = |names: &[&str]| names.iter().any(|name| !schema[*name].is_null());
    let is =
        |name: &str| schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.iter().any(|t| t == name));
    let fixed = has(&["enum", "const"]);
    if is("string") && !fixed && !has(&["maxLength"]) && (!has(&["format"]) || schema["format"] == "password")
        || is("array") && !has(&["maxItems"])
        || is("integer") && !fixed && !(has(&["minimum"]) && has(&["maximum"]))
        || is("object") && schema["additionalProperties"] != false
        || schema.as_object().is_some_and(|map| map.is_empty())
    {
        lacking.push(place.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        limits(&format!("{place}/{name}"), property, lacking);
    }
    for part in ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|kind| schema[kind].as_array().into_iter().flatten()) {
        limits(place, part, lacking);
    }
    if !schema["items"].is_null() {
        limits(&format!("{place}/-"), &schema["items"], lacking);
    }
}

#[test]
fn every_operation_is_explained_and_shown() {
    let tags: BTreeSet<_> = document()["tags"].as_array().into_iter().flatten().map(|tag| tag["name"].to_string()).collect();
    let mut faults = Vec::new();
    for Operation { id, value, .. } in operations() {
        assert!(value["description"].as_str().is_some_and(|text| text.len() > 20), "{id} has no description");
        assert!(tags.contains(&value["tags"][0].to_string()), "the tag of {id} is not explained");
        let bodies = value["requestBody"]["content"].as_object().into_iter().flatten().map(|(_, media)| (false, media));
        let statuses = value["responses"].as_object().into_iter().flat_map(|all| all.keys());
        let answers = statuses.flat_map(|status| response(value, status)["content"].as_object().into_iter().flatten());
        let answers = answers.filter(|(media_type, _)| media_type.ends_with("json")).map(|(_, media)| (true, media));
        for (closed, media) in bodies.chain(answers) {
            assert!(!media["example"].is_null(), "{id} shows no example");
            if let Err(fault) = valid(closed, &media["schema"], &media["example"]) {
                faults.push(format!("{id}: {fault} in {}", media["example"]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
