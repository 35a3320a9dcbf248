//! Villages and their profiles.

use contract::ErrorCode::*;
use serde_json::json;

use crate::both_databases;
use crate::support::*;

both_databases!(a_village_is_read_and_changed_by_its_own_town, async |app| {
    let village = app.town_a().get(&format!("/villages/{VILLAGE_A}")).await.is(200);
    assert_eq!(village["name"], "永湖村委会");
    assert_eq!(village["town_name"], "东石镇");
    assert_eq!(village["editable"], true);
    let change = json!({ "old_base": true, "industries": ["agriculture", "tourism"], "low_income_households": 12 });
    let town_b = app.town_b();
    assert_eq!(town_b.get(&village.path()).await.is(200)["editable"], false);
    town_b.patch(&village.path(), change.clone()).if_match(&village.etag()).await.refused(OutsideOwnScope);
    let changed = app.town_a().patch(&village.path(), change).if_match(&village.etag()).await.is(200);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["industries"], json!(["agriculture", "tourism"]));
    assert_eq!(town_b.get(&village.path()).await.is(200)["low_income_households"], 12);
});
