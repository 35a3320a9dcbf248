//! Search by any part of a text, from one character on.

use serde_json::json;

use crate::both_databases;
use crate::support::*;

async fn named(app: &TestApp, number: u32, name: &str) -> Answer {
    app.bureau().post("/organisations", with(organisation(number, TOWN_A), "/name", json!(name))).await.is(201)
}

/// The names of the organisations that are found.
async fn found(app: &TestApp, typed: &str) -> Vec<String> {
    let query: String = typed.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let page = app.bureau().get(&format!("/organisations?limit=200&q={query}")).await.is(200);
    assert_eq!(page["total"], page.items().len());
    page.items().iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

both_databases!(any_part_of_a_name_finds_it, async |app| {
    let name = "Hope希望 (晋江) 第21号会A-b_c%d\"e'f";
    named(app, 50, name).await;
    named(app, 51, "望希社").await;
    for typed in [
        "H",
        "hope",
        "HOPE希",
        "希",
        "望",
        "希望",
        "e希望 (晋",
        "(晋江)",
        "晋江) 第",
        "21",
        "第21号",
        "1号会a",
        "A-b",
        "b_c%d",
        "\"e'f",
        "d\"e",
        "f",
        "%",
        "_",
        "\"",
        "(",
        name,
    ] {
        assert!(found(app, typed).await.contains(&name.to_owned()), "{typed}");
    }
    for typed in [
        "望希望",
        "希江",
        "希晋江",
        "希望晋",
        "21会",
        "hpe",
        "A_b",
        "b%c",
        "第 21",
        "e\"f",
        "''",
        "\\",
        "希*",
        "希 OR 望",
        "NOT 希",
        "希 望",
    ] {
        assert!(!found(app, typed).await.contains(&name.to_owned()), "{typed}");
    }
    assert_eq!(found(app, "望希").await, ["望希社"]);
});

both_databases!(what_looks_like_an_operator_is_text, async |app| {
    app.one_of_everything().await;
    for (operation, path, client) in app.lists().await {
        if !operation.value["parameters"].to_string().contains("\"name\":\"q\"") {
            continue;
        }
        for typed in [
            "%22",
            "a%22",
            "%27%27",
            "AND",
            "a%20OR%20b",
            "NEAR(a%20b)",
            "name%3Aa",
            "a*",
            "%5Ea",
            "-a",
            "a%26b",
            "a%7Cb",
            "!a",
            "a%3C-%3Eb",
            "%5C",
            "a%5C",
            "%25",
            "_",
            "%F0%9F%98%80",
        ] {
            client.get(&format!("{path}q={typed}")).await.is(200);
        }
    }
});

both_databases!(the_index_follows_what_changes, async |app| {
    let entered = named(app, 50, "旧名协会").await;
    let renamed = app.bureau().patch(&entered.path(), json!({ "name": "新称协会" })).if_match(&entered.etag()).await.is(200);
    assert_eq!((found(app, "旧名").await.len(), found(app, "新称").await.len()), (0, 1));
    app.bureau().patch(&entered.path(), json!({ "member_count": 3 })).if_match(&renamed.etag()).await.is(200);
    assert_eq!(found(app, "新称").await.len(), 1);
    app.sql("DELETE FROM organisations WHERE name = '新称协会'").await;
    assert_eq!(found(app, "新称").await.len(), 0);
    named(app, 51, "新来的").await;
    assert_eq!((found(app, "新称").await.len(), found(app, "新来").await.len()), (0, 1));
    if app.db == Db::Sqlite {
        let left = "SELECT (SELECT COUNT(*) FROM organisations) - (SELECT COUNT(*) FROM organisations_keys)";
        assert_eq!(app.number(left).await, 0);
        app.sql("INSERT INTO organisations_search (organisations_search) VALUES ('integrity-check')").await;
    }
});

both_databases!(common_and_rare_are_found_alike, async |app| {
    let copies = match app.db {
        Db::Sqlite => {
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 3000) \
                       INSERT INTO organisations (id, name, credit_code, kind, area_code, created_at, updated_at, version) \
                       SELECT unhex(printf('%032x', n)), '第' || n || '慈善会', n, kind, area_code, created_at, updated_at, 1 \
                       FROM s, organisations WHERE name = '晋江市慈善总会'"
        }
        Db::Postgres => {
            "INSERT INTO organisations (id, name, credit_code, kind, area_code, created_at, updated_at, version) \
                         SELECT lpad(to_hex(n), 32, '0')::uuid, '第' || n || '慈善会', n, kind, area_code, created_at, updated_at, 1 \
                         FROM generate_series(1, 3000) AS s(n), organisations WHERE name = '晋江市慈善总会'"
        }
    };
    app.sql(copies).await;
    for (typed, total) in
        [("慈善", 3001), ("善会", 3000), ("善总", 1), ("99慈", 30), ("第299", 11), ("江", 1), ("7", 813), ("会第", 0)]
    {
        let page = app.bureau().get(&format!("/organisations?q={typed}&limit=5")).await.is(200);
        // What is found is counted up to a thousand.
        assert_eq!((&page["total"], &page["total_capped"]), (&json!(total.min(1_000)), &json!(total > 1_000)), "{typed}");
        assert_eq!(page.items().len(), total.min(5), "{typed}");
    }
});

both_databases!(what_is_not_searched_says_so, async |app| {
    app.one_of_everything().await;
    let mut not_searched = Vec::new();
    for (operation, path, client) in app.lists().await {
        let answer = client.get(&format!("{path}q=zzzzzz")).await;
        if operation.value["parameters"].to_string().contains("\"q\"") {
            assert_eq!(answer.is(200)["total"], 0, "{} finds what is nowhere", operation.id);
        } else {
            answer.fault("/q", "unknown_field");
            not_searched.push(operation.id.as_str());
        }
    }
    for id in ["list_own_history", "list_sessions", "list_attachments", "list_audit_blocks", "list_household_visits"] {
        assert!(not_searched.contains(&id), "{id} of {not_searched:?}");
    }
});
