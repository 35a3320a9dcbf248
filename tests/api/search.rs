//! Search by any part of a text, from one character on.

use platform::spelling;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

async fn named(app: &TestApp, number: u32, name: &str) -> Answer {
    app.bureau().post("/organisations", with(organisation(number, TOWN_A), "/name", json!(name))).await.is(201)
}

/// The names of the organisations that a search finds.
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
        // The comparison ignores punctuation, spaces and character width.
        "希望晋",
        "第 21",
        "希 望",
        "希*",
        "A_b",
        "b%c",
        "e\"f",
        "ＨＯＰＥ",
        "（晋江）",
        name,
    ] {
        assert!(found(app, typed).await.contains(&name.to_owned()), "{typed}");
    }
    for typed in ["望希望", "希江", "希晋江", "21会", "hpe", "''", "\\", "%", "_", "\"", "(", "|", "希 OR 望", "NOT 希"]
    {
        assert!(!found(app, typed).await.contains(&name.to_owned()), "{typed}");
    }
    assert_eq!(found(app, "望希").await, ["望希社"]);
});

both_databases!(names_are_found_by_pinyin_and_initials_and_ordered_by_it, async |app| {
    let sorted = ["安海商会", "金井慈善会", "晋江（外贸）商会", "厦门同乡会", "张厝助学会"];
    for (number, name) in (50..).zip(sorted.iter().rev()) {
        named(app, number, name).await;
    }
    for (typed, name) in [
        ("jjcsh", "金井慈善会"),
        ("JINJING", "金井慈善会"),
        ("jin jing", "金井慈善会"),
        ("cishan", "金井慈善会"),
        ("xiamen", "厦门同乡会"),
        ("xmtx", "厦门同乡会"),
        ("zhangcuo", "张厝助学会"),
        ("晋江外贸", "晋江（外贸）商会"),
        ("晋江(外贸)", "晋江（外贸）商会"),
    ] {
        assert!(found(app, typed).await.contains(&name.to_owned()), "{typed}");
    }
    let alike = found(app, "jj").await;
    assert!(alike.contains(&sorted[1].to_owned()) && alike.contains(&sorted[2].to_owned()), "{alike:?}");
    assert!(!found(app, "inj").await.contains(&sorted[1].to_owned()), "from the beginning of a character on");
    for (order, wanted) in [("name", sorted.to_vec()), ("-name", sorted.iter().rev().copied().collect())] {
        let walked = app.bureau().walk(&format!("/organisations?sort={order}"), 2).await;
        let names: Vec<_> = walked.iter().filter_map(|item| item["name"].as_str()).filter(|name| sorted.contains(name)).collect();
        assert_eq!(names, wanted, "page by page");
    }

    let list = async |client: Client, path: &str, field: &str| {
        let page = client.get(path).await.is(200);
        page.items().iter().map(|item| item[field].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let villages = list(app.bureau(), "/villages?q=yonghu&limit=200", "name").await;
    assert!(villages.contains(&"永湖村委会".to_owned()), "{villages:?}");
    let areas = list(app.bureau(), "/areas?q=jj&level=town&limit=200", "name").await;
    assert!(areas.contains(&"金井镇".to_owned()), "{areas:?}");
    let towns = list(app.bureau(), "/areas?parent_code=350582&level=town&sort=name&limit=200", "name").await;
    let place = |name: &str| towns.iter().position(|town| town == name).expect("a town");
    assert!(place("安海镇") < place("东石镇") && place("东石镇") < place("金井镇") && place("金井镇") < place("龙湖镇"));

    let made = json!({ "account": "jinglaoshi", "display_name": "井老师", "role": "town", "area_code": TOWN_A });
    app.made_by_two(made).await;
    for typed in ["jls", "jinglao", "井"] {
        assert_eq!(list(app.admin(), &format!("/users?q={typed}"), "display_name").await, ["井老师"], "{typed}");
    }
    app.open_campaign().await;
    for typed in ["bsjqn", "baishe", "百社"] {
        assert_eq!(app.bureau().get(&format!("/campaigns?q={typed}")).await.is(200)["total"], 1, "{typed}");
    }
    // The index holds nothing that reveals the names of families.
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    for typed in ["xuqingshui", "xqs"] {
        assert_eq!(app.village_a().get(&format!("/households?q={typed}")).await.is(200)["total"], 0, "{typed}");
        assert_eq!(app.village_a().post("/households/search", json!({ "name": typed })).await.is(200)["total"], 0, "{typed}");
    }
});

/// The names by which each list is searched, as its lines show them.
const NAMED: &[(&str, &[&str])] = &[
    ("list_account_requests", &["display_name"]),
    ("list_adoption_cadres", &["display_name"]),
    ("list_adoption_updates", &["cadre_name", "institution_name"]),
    ("list_adoptions", &["cadre_name", "institution_name"]),
    ("list_agreements", &["village_name", "organisation_name"]),
    ("list_areas", &["name"]),
    ("list_assignment_lines", &["organisation_name", "village_name"]),
    ("list_assignments", &["title"]),
    ("list_assistance_records", &["village_name", "organisation_name"]),
    // The trail keeps names as they were, and nothing is added to it.
    ("list_audit_events", &[]),
    ("list_campaigns", &["title"]),
    ("list_case_uptakes", &["case_title", "organisation_name"]),
    ("list_cases", &["title", "area_name"]),
    ("list_catalogue_entries", &["title", "name"]),
    ("list_checklists", &["title"]),
    ("list_difficulties", &["title", "institution_name"]),
    ("list_enrolments", &["name"]),
    ("list_findings", &["village_name", "organisation_name"]),
    ("list_help_records", &["cadre_name", "institution_name"]),
    ("list_households", &["village_name"]),
    ("list_assistance_measures", &["village_name"]),
    ("list_inspection_rounds", &["title"]),
    ("list_inspections", &["village_name", "organisation_name"]),
    ("list_inspectors", &["display_name"]),
    ("list_institutions", &["name"]),
    ("list_meetings", &["title"]),
    ("list_organisations", &["name"]),
    ("list_outcomes", &["village_name", "organisation_name"]),
    ("list_pairings", &["village_name", "organisation_name"]),
    ("list_assistance_plans", &["village_name"]),
    ("list_progress_updates", &["village_name", "organisation_name"]),
    ("list_projects", &["title", "village_name", "organisation_name"]),
    ("list_publicity_items", &["title", "area_name"]),
    ("list_rankings", &["name"]),
    ("list_reports", &["town_name"]),
    ("list_supervision_orders", &["addressee_name"]),
    ("list_tasks", &["title"]),
    ("list_user_institutions", &["name"]),
    ("list_user_organisations", &["name"]),
    ("list_users", &["display_name"]),
    ("list_villages", &["name"]),
];

both_databases!(the_initials_of_a_name_find_it_in_every_list_that_is_searched, async |app| {
    app.one_of_everything().await;
    let initials = |name: &str| -> String {
        spelling::letters(name).chars().filter_map(|c| spelling::key(&c.to_string()).chars().next()).collect()
    };
    for (operation, path, client) in app.lists().await {
        if !operation.value["parameters"].to_string().contains("\"name\":\"q\"") {
            continue;
        }
        let (_, names) =
            NAMED.iter().find(|(id, _)| *id == operation.id).unwrap_or_else(|| panic!("by what is {} searched?", operation.id));
        let first = client.get(&format!("{path}limit=1")).await.is(200).items()[0].clone();
        let key = |item: &Value| item.get("id").or(item.get("code")).expect("an id or a code").clone();
        for name in *names {
            let typed = initials(first[name].as_str().unwrap_or_else(|| panic!("{}: {name} of {first}", operation.id)));
            let found = client.get(&format!("{path}limit=200&q={typed}")).await.is(200);
            assert!(found.items().iter().any(|item| key(item) == key(&first)), "{}: {typed} for {name}", operation.id);
        }
    }
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
    // Former names are found as well.
    for typed in ["旧名", "新称", "jiuming", "xcxh"] {
        assert_eq!(found(app, typed).await.len(), 1, "{typed}");
    }
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
                       INSERT INTO organisations (id, name, name_key, name_words, credit_code, kind, area_code, state, created_at, updated_at, version) \
                       SELECT unhex(printf('%032x', n)), '第' || n || '慈善会', n, '|第' || n || '慈善会', n, kind, area_code, state, created_at, updated_at, 1 \
                       FROM s, organisations WHERE name = '晋江市慈善总会'"
        }
        Db::Postgres => {
            "INSERT INTO organisations (id, name, name_key, name_words, credit_code, kind, area_code, state, created_at, updated_at, version) \
                         SELECT lpad(to_hex(n), 32, '0')::uuid, '第' || n || '慈善会', n, '|第' || n || '慈善会', n, kind, area_code, state, created_at, updated_at, 1 \
                         FROM generate_series(1, 3000) AS s(n), organisations WHERE name = '晋江市慈善总会'"
        }
    };
    app.sql(copies).await;
    for (typed, total) in
        [("慈善", 3001), ("善会", 3000), ("善总", 1), ("99慈", 30), ("第299", 11), ("江", 1), ("7慈", 300), ("会第", 0)]
    {
        let page = app.bureau().get(&format!("/organisations?q={typed}&limit=5")).await.is(200);
        // The total counts up to a thousand.
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
