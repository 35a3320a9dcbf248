//! The total of a list is how many rows it has, whether it is kept or counted.

use serde_json::{Value, json};

use super::authorization::next_campaign;
use crate::both_databases;
use crate::support::*;

/// A filter and some of its values.
type Filter = (&'static str, &'static [&'static str]);

/// The lists whose rows are counted as they happen, with values of the filters that they are counted by.
const KEPT: [(&str, &[Filter]); 5] = [
    ("/pairings", &[("state", &["proposed", "active", "declined"]), ("kind", &["village", "household"])]),
    ("/projects", &[("state", &["draft", "in_progress", "cancelled"])]),
    ("/tasks", &[("state", &["open", "done", "cancelled"])]),
    ("/outcomes", &[("state", &["recorded", "confirmed", "withdrawn"])]),
    ("/progress-updates", &[("month", &["2020-04", "2020-05", "2020-06"])]),
];

/// What the lists are asked for: everything, each value of a filter alone, and each two values of different filters.
fn queries(filters: &[(&str, Vec<String>)]) -> Vec<String> {
    let parts: Vec<Vec<_>> =
        filters.iter().map(|(name, values)| values.iter().map(|value| format!("&{name}={value}")).collect()).collect();
    let mut queries = parts.concat();
    for (number, firsts) in parts.iter().enumerate() {
        for second in parts[number + 1..].iter().flatten() {
            queries.extend(firsts.iter().map(|first| format!("{first}{second}")));
        }
    }
    queries.push(String::new());
    queries
}

/// Whether the statements of the last request added up tallies.
fn added_up(app: &TestApp) -> bool {
    app.statements.take().iter().any(|statement| statement.sql.contains("\"tallies\""))
}

/// Several of everything, in two campaigns and two towns.
async fn several(app: &TestApp) {
    app.one_of_everything().await;
    app.proposed(next_campaign()).await;
    let project = app.first("/projects").await;
    for _ in 0..2 {
        app.town_a().post("/tasks", task(&project.id())).await.is(201);
    }
}

both_databases!(a_total_is_as_many_as_there_are, async |app| {
    several(app).await;
    let campaigns = app.bureau().get("/campaigns").await.is(200);
    let campaigns: Vec<_> = campaigns.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
    assert!(campaigns.len() >= 2, "{campaigns:?}");
    let areas = [COUNTY, OTHER_COUNTY, TOWN_A, VILLAGE_A];
    let mut kept = 0;
    for (path, coded) in KEPT {
        let mut filters = vec![("campaign_id", campaigns.clone()), ("within", areas.map(str::to_owned).to_vec())];
        filters.extend(coded.iter().map(|(name, values)| (*name, values.iter().map(|&value| value.to_owned()).collect())));
        for who in [Who::Bureau, Who::LeadingGroup, Who::TownA, Who::VillageA, Who::OrganisationA, Who::OtherBureau] {
            let client = app.as_(who);
            for query in queries(&filters) {
                let all = client.get(&format!("{path}?limit=200{query}")).await.is(200);
                app.statements.take();
                let one = client.get(&format!("{path}?limit=1{query}")).await.is(200);
                let tallied = added_up(app);
                assert_eq!(one["total"], all.items().len(), "{who:?} {path}{query}");
                assert_eq!(one["total_capped"], false, "{who:?} {path}{query}");
                let by_town = !matches!(who, Who::VillageA | Who::OrganisationA) && !query.contains(VILLAGE_A);
                let hidden = who == Who::LeadingGroup && query.contains("kind=household");
                assert_eq!(tallied, by_town && !hidden && all.items().len() > 1, "{who:?} {path}{query}");
                kept += usize::from(tallied);
            }
        }
    }
    assert!(kept >= 30, "only {kept} totals were kept");
});

both_databases!(what_is_kept_is_told_whatever_it_is, async |app| {
    several(app).await;
    let bureau = app.bureau();
    let told = async |path: &str| {
        let page = bureau.get(path).await.is(200);
        (page["total"].clone(), page["total_capped"].clone())
    };
    let (before, _) = told("/tasks?limit=1").await;
    let before = before.as_u64().expect("a total");
    assert!(before > 1, "{before}");
    // As if a town had 2,000 more.
    app.sql("UPDATE tallies SET n = n + 2000 WHERE figure = 'tasks' AND key = 'open'").await;
    let rows = app.number("SELECT COUNT(*) FROM tallies WHERE figure = 'tasks' AND key = 'open'").await.unsigned_abs();
    assert_eq!(told("/tasks?limit=1").await, (json!(before + 2_000 * rows), json!(false)));
    assert_eq!(told("/tasks?limit=1&total=false").await, (Value::Null, json!(false)));
});
