//! How the databases find rows: by index, however large the tables are.

use reqwest::Method;
use uuid::Uuid;

use super::DOMAINS;
use crate::both_databases;
use crate::support::*;

/// Sends a request, and fails if a statement reads a whole table. If `walks` is false, scanning along an index fails too.
pub async fn finds_by_index(app: &TestApp, client: &Client, path: &str, walks: bool) {
    app.statements.take();
    client.get(path).await.is(200);
    let statements = app.statements.take();
    // Of the public nobody asks who calls.
    let least = if path.contains("/public-") { 1 } else { 2 };
    assert!(statements.len() >= least, "{path}: who calls, and what was asked for");
    for statement in statements {
        let plan = app.query_plan(&statement).await;
        let reads_all = |line: &String| match app.db {
            Db::Postgres => line.contains("Seq Scan on"),
            // Blocks are stored in the order of their numbers.
            Db::Sqlite if walks && line.contains("SCAN audit_blocks") => false,
            // Scanning an intermediate result of the statement itself is no table scan.
            Db::Sqlite
                if ["CONSTANT ROW", "SCAN counted", "SCAN listed", "SCAN live", "SCAN chain"]
                    .iter()
                    .any(|own| line.contains(own)) =>
            {
                false
            }
            Db::Sqlite => line.contains("SCAN ") && !(walks && line.contains(" USING ")),
        };
        assert!(!plan.iter().any(reads_all), "{path}\n{}\n{}", statement.sql, plan.join("\n"));
    }
}

both_databases!(a_page_of_a_list_is_found_by_index, async |app| {
    app.one_of_everything().await;
    for (_, path, client) in app.lists().await {
        finds_by_index(app, &client, &format!("{path}limit=1"), true).await;
    }
});

both_databases!(lists_of_an_area_are_walked_in_their_order, async |app| {
    app.one_of_everything().await;
    let lists: Vec<_> = DOMAINS.iter().flat_map(|domain| domain.walked).collect();
    assert!(lists.len() >= 14, "only {} lists", lists.len());
    for list in lists {
        for client in [app.bureau(), app.town_a()] {
            app.statements.take();
            let path = format!("{list}&limit=1");
            client.get(&path).await.is(200);
            let statement = app.statements.take().into_iter().find(|statement| statement.sql.contains("ORDER BY"));
            let plan = app.query_plan(&statement.expect("the page")).await;
            let sorts = |line: &String| line.contains("TEMP B-TREE") || line.contains("Sort Key");
            assert!(!plan.iter().any(sorts), "{path}\n{}", plan.join("\n"));
        }
    }
});

/// Lists of what waits in a state that few rows have.
const IN_A_STATE: [&str; 7] = [
    "/pairings?state=accepted",
    "/projects?state=submitted",
    "/tasks?state=open",
    "/outcomes?state=recorded",
    "/agreements?state=draft",
    "/assistance-records?state=recorded",
    "/enrolments?state=applied",
];

both_databases!(what_is_in_a_state_is_found_by_it_in_the_order_of_its_list, async |app| {
    app.one_of_everything().await;
    for list in IN_A_STATE {
        for client in [app.bureau(), app.town_a()] {
            app.statements.take();
            client.get(&format!("{list}&limit=1")).await.is(200);
            let statement = app.statements.take().into_iter().find(|statement| statement.sql.contains("ORDER BY"));
            let plan = app.query_plan(&statement.expect("the page")).await;
            assert!(plan.iter().any(|line| line.contains("_code_state_")), "{list}\n{}", plan.join("\n"));
            let sorts = |line: &String| line.contains("TEMP B-TREE") || line.contains("Sort Key");
            assert!(!plan.iter().any(sorts), "{list}\n{}", plan.join("\n"));
        }
    }
});

both_databases!(a_front_page_is_found_by_index, async |app| {
    app.one_of_everything().await;
    for who in [Who::Bureau, Who::TownA, Who::VillageA, Who::OrganisationA] {
        finds_by_index(app, &app.as_(who), "/work-items", false).await;
    }
});

both_databases!(what_hangs_on_something_lies_in_its_village, async |app| {
    app.one_of_everything().await;
    let hanging = hanging_in_villages(app).await;
    assert!(hanging.len() >= 8, "only {hanging:?}: are they still found?");
    for joined in hanging {
        let count = async |matches: &str| {
            let query = format!("SELECT COUNT(*) FROM {joined} WHERE x.village_code {matches} p.village_code");
            app.number(&query).await
        };
        assert!(count("=").await > 0, "{joined}: let an example make one");
        assert_eq!(count("<>").await, 0, "{joined}");
    }
});

both_databases!(what_belongs_to_something_is_found_by_index, async |app| {
    app.one_of_everything().await;
    let mut filters = 0;
    for (operation, path, client) in app.lists().await {
        let first = client.get(&format!("{path}limit=1")).await.is(200);
        let parameters = operation.value["parameters"].as_array().expect("parameters").iter();
        for name in parameters.filter(|parameter| parameter["in"] == "query").filter_map(|parameter| parameter["name"].as_str()) {
            if !(name.ends_with("_id") || name == "chain_of") || path.contains(&format!("{name}=")) {
                continue;
            }
            let key = first.items().first().and_then(|item| item[name].as_str()).map_or(Uuid::nil().to_string(), str::to_owned);
            finds_by_index(app, &client, &format!("{path}{name}={key}&limit=1"), false).await;
            filters += 1;
        }
    }
    assert!(filters >= 10, "only {filters} filters: are they still found?");
});

both_databases!(one_of_anything_is_found_by_index, async |app| {
    app.one_of_everything().await;
    let mut read = 0;
    for operation in operations().iter().filter(|operation| operation.method == Method::GET) {
        let Some((parents, "id}" | "code}")) = operation.path.split_once("/{") else { continue };
        if operation.id == "read_attachment" || operation.id == "download_attachment" {
            continue;
        }
        let client = app.reader(operation);
        let parents = client.get(&format!("{parents}?limit=1")).await.is(200);
        let first = parents.items().first().unwrap_or_else(|| panic!("{}: let an example make one", operation.id));
        let key = first["id"].as_str().or(first["code"].as_str()).expect("an id or a code");
        finds_by_index(app, &client, &operation.path.replace("{id}", key).replace("{code}", key), false).await;
        read += 1;
    }
    assert!(read >= 8, "only {read}: are they still found?");
});

both_databases!(every_foreign_key_has_an_index, async |app| {
    let (all, bare) = foreign_keys_without_index(app).await;
    assert!(all.iter().any(|key| key == "organisations.area_code"), "the query finds foreign keys: {all:?}");
    assert!(bare.is_empty(), "no index begins with {bare:?}");
});
