//! Pages of every list: each row occurs once, in each order, forwards and backwards.

use serde_json::{Value, json};

use super::authorization::next_campaign;
use crate::both_databases;
use crate::support::*;

/// The key that identifies a row.
fn key(item: &Value) -> String {
    item["id"].as_str().or(item["code"].as_str()).expect("an id or a code").to_owned()
}

/// The orders that a list documents, and its default order.
fn orders(operation: &Operation) -> (Vec<String>, &Value) {
    let parameters = operation.value["parameters"].as_array().expect("parameters");
    let sort = parameters.iter().find(|parameter| parameter["name"] == "sort").expect("a list can be ordered");
    let values = sort["schema"]["enum"].as_array().expect("orders");
    let orders = values.iter().map(|value| value.as_str().expect("an order").to_owned()).collect();
    (orders, &sort["schema"]["default"])
}

both_databases!(a_walk_meets_every_row_once_in_every_order, async |app| {
    app.one_of_everything().await;
    for number in 10..24 {
        // Three organisations share each name, so that the id decides between them.
        let same = with(
            organisation(number, if number % 2 == 0 { TOWN_A } else { TOWN_B }),
            "/name",
            json!(format!("中心{}", number / 3)),
        );
        let made = app.bureau().post("/organisations", same).await.is(201);
        if number == 10 {
            app.clock.set(noon("2020-04-21"));
            app.bureau().patch(&made.path(), json!({ "member_count": 3 })).if_match(&made.etag()).await.is(200);
        }
    }
    for number in 130..136 {
        let another = with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{number}号")));
        app.bureau().post("/campaigns", with(another, "/title", json!(format!("活动{}", number / 2)))).await.is(201);
    }
    // Lists that are sorted by instant or day also need rows that share one.
    let project = app.first("/projects").await;
    for _ in 0..4 {
        app.proposed(next_campaign()).await;
        app.town_a().post("/tasks", task(&project.id())).await.is(201);
    }
    let mut walked = 0;
    for (operation, path, client) in app.lists().await {
        let whole = client.get(&format!("{path}limit=1")).await.is(200)["total"].as_u64().expect("a total") as usize;
        let limit = u32::try_from(whole / 4 + 1).expect("a limit").min(150);
        let (orders, unless_asked) = orders(operation);
        let unasked: Vec<_> = client.walk(&path, limit).await.iter().map(key).collect();
        let (mut forward, mut was_default) = (Vec::new(), false);
        for order in orders {
            let items = client.walk(&format!("{path}sort={order}"), limit).await;
            let keys: Vec<_> = items.iter().map(key).collect();
            let mut unique = keys.clone();
            unique.sort();
            unique.dedup();
            assert_eq!((keys.len(), unique.len()), (whole, whole), "{} by {order}", operation.id);
            if unless_asked == order.as_str() {
                assert_eq!(keys, unasked, "{} is not by {order} unless asked", operation.id);
                was_default = true;
            }
            if order.starts_with('-') {
                forward.reverse();
                assert_eq!(keys, forward, "{} by {order} is not the way back", operation.id);
            } else {
                assert!(rises(&items, &order), "{} by {order} is not in order", operation.id);
                forward = keys;
            }
            walked += 1;
        }
        assert!(was_default, "{} does not say its order", operation.id);
    }
    assert!(walked >= 30, "only {walked} walks: are the lists still found?");
});

/// Whether a field never falls. Texts are left out, because each database orders them in its own way.
fn rises(items: &[Value], field: &str) -> bool {
    let text = |item: &Value| item[field].as_str().map(str::to_owned);
    let plain = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit() || b"-T:.Z".contains(&byte));
    let texts: Vec<_> = items.iter().filter_map(text).filter(plain).collect();
    let numbers: Vec<_> = items.iter().filter_map(|item| item[field].as_i64()).collect();
    texts.is_sorted() && numbers.is_sorted()
}

both_databases!(what_was_changed_last_heads_the_list, async |app| {
    let campaigns = json!(["晋政民〔2020〕28号", "晋政民〔2020〕29号"]);
    let pairings = async |number| app.proposed(with(campaign(), "/document_number", campaigns[number].clone())).await;
    let (first, second) = (pairings(0).await, pairings(1).await);
    let listed = async || {
        let list = app.bureau().get("/pairings").await.is(200);
        list.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [second.id(), first.id()]);
    app.clock.set(noon("2020-04-22"));
    app.village_a().post(&format!("{}/accept", first.path()), json!({})).await.is(200);
    assert_eq!(listed().await, [first.id(), second.id()]);
});

both_databases!(a_page_that_is_walked_on_does_not_shift_when_rows_are_added, async |app| {
    for number in 20..26 {
        app.bureau().post("/organisations", organisation(number, TOWN_A)).await.is(201);
    }
    let list = format!("/organisations?within={TOWN_A}&sort=credit_code&limit=3");
    let first = app.bureau().get(&list).await.is(200);
    // A new row that belongs on the page already read.
    app.bureau().post("/organisations", organisation(10, TOWN_A)).await.is(201);
    let next = first["next_cursor"].as_str().expect("another page");
    let second = app.bureau().get(&format!("{list}&cursor={next}")).await.is(200);
    let codes: Vec<_> = second.items().iter().map(|item| item["credit_code"].clone()).collect();
    assert_eq!(codes, (23..26).map(|number| json!(credit_code(number))).collect::<Vec<_>>());
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(second["total"], 7);
});

both_databases!(who_needs_no_total_pays_for_none, async |app| {
    let bureau = app.bureau();
    for path in ["/organisations?limit=1", "/organisations?limit=1&q=会"] {
        app.statements.take();
        let counted = bureau.get(path).await.is(200);
        let with_total = app.statements.take().len();
        let bare = bureau.get(&format!("{path}&total=false")).await.is(200);
        assert_eq!(app.statements.take().len() + 1, with_total, "{path}");
        assert_eq!((&bare["total"], &bare["total_capped"]), (&Value::Null, &json!(false)));
        assert_eq!((&bare["items"], &bare["next_cursor"]), (&counted["items"], &counted["next_cursor"]));
        assert!(counted["total"].as_u64() > Some(1), "{path}");
    }
});

both_databases!(a_request_reads_no_secret_of_who_calls, async |app| {
    app.statements.take();
    app.bureau().get("/organisations?limit=1").await.is(200);
    let told: String = app.statements.take().iter().map(|statement| statement.sql.as_str()).collect();
    assert!(told.contains("sessions"), "{told}");
    for secret in ["password_hash", "second_factor_new", "second_factor_step"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
});
