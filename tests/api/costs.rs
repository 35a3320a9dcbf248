//! How many statements a request costs, and what happens under simultaneous requests.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::json;

use crate::both_databases;
use crate::support::*;

both_databases!(a_list_costs_the_same_statements_whatever_its_length, async |app| {
    for number in 10..40 {
        app.bureau().post("/organisations", organisation(number, TOWN_A)).await.is(201);
    }
    let changed = app.bureau().get(&app.organisation_a_path()).await.is(200);
    let mut etag = changed.etag();
    for count in 1..5 {
        etag = app.bureau().patch(&changed.path(), json!({ "member_count": count })).if_match(&etag).await.is(200).etag();
    }
    app.one_of_everything().await;
    for (operation, path, client) in app.lists().await {
        // Reading visits asks the trail each time, and writes an event the first time.
        let traced = operation.id == "list_household_visits";
        client.get(&format!("{path}limit=1")).await.is(200);
        let mut costs = Vec::new();
        for limit in [1, 200] {
            app.statements.take();
            let page = client.get(&format!("{path}limit={limit}")).await.is(200);
            costs.push(app.statements.take().len());
            assert!(limit == 200 || page.items().len() <= 1);
        }
        // Of the public nobody asks who calls.
        let least = if operation.permission.is_some() { 2 } else { 1 };
        // The caller, the parent object, the page, and the total unless the page holds the whole list.
        assert!(
            costs[0] <= 4 + usize::from(traced) && costs[1] <= costs[0] && costs[1] >= least,
            "{}: {costs:?} statements",
            operation.id
        );
    }
});

both_databases!(attachments_cost_one_statement_more_than_other_lists, async |app| {
    let draft = app.agreement(campaign()).await;
    for (kind, id) in
        [("organisations", app.world.organisation_a.to_string()), ("villages", VILLAGE_A.into()), ("agreements", draft.id())]
    {
        app.attached(Who::Bureau, kind, &id).await.is(201);
        app.statements.take();
        app.bureau().get(&format!("/attachments?object_type={kind}&object_id={id}")).await.is(200);
        // The caller, the parent object, the page.
        assert_eq!(app.statements.take().len(), 3, "{kind}");
    }
});

both_databases!(of_twenty_changes_of_one_version_one_wins, async |app| {
    let bureau = app.bureau();
    let seen = bureau.get(&app.organisation_a_path()).await.is(200);
    let changes = (0..20).map(|count| {
        let call = bureau.patch(&seen.path(), json!({ "member_count": count })).if_match(&seen.etag());
        async move { (count, call.await) }
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(changes).await.into_iter().partition(|(_, answer)| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 19));
    for (_, answer) in lost {
        answer.refused(StaleVersion);
    }
    let now = bureau.get(&seen.path()).await.is(200);
    assert_eq!(now["member_count"], won[0].0);
    assert_eq!(now["version"], 2);
    assert_eq!(bureau.get(&format!("{}/history", seen.path())).await.is(200)["total"], 2);
});

both_databases!(of_twenty_organisations_with_one_code_one_is_entered, async |app| {
    let bureau = app.bureau();
    let before = app.number("SELECT COUNT(*) FROM organisations").await;
    let creates = (0..20).map(|_| bureau.post("/organisations", organisation(77, TOWN_A)).into_future());
    let (made, refused): (Vec<_>, Vec<_>) = join_all(creates).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 19));
    for answer in refused {
        answer.fault("/credit_code", "taken");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, before + 1);
});
