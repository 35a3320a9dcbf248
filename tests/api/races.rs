//! Two people act at once: one succeeds, and the other learns what has happened.

use std::future::IntoFuture;
use std::time::Duration;

use contract::ErrorCode::*;
use futures_util::future::{join_all, join3};
use platform::Tx;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// Sends all calls at once, and returns the successful answers and the others.
pub async fn at_once(calls: impl IntoIterator<Item = Call>) -> (Vec<Answer>, Vec<Answer>) {
    let answers = join_all(calls.into_iter().map(IntoFuture::into_future)).await;
    answers.into_iter().partition(|answer| answer.status < 300)
}

/// A body with every reason that a step could ask for.
pub fn reasons() -> Value {
    json!({ "note": "双方重新商定", "on_behalf_reason": "村委会暂无账号" })
}

pub fn step(client: &Client, object: &Answer, action: &str) -> Call {
    client.post(&format!("{}/{action}", object.path()), reasons())
}

pub async fn history(app: &TestApp, object: &Answer) -> Value {
    app.bureau().get(&format!("{}/history", object.path())).await.is(200)["total"].clone()
}

both_databases!(of_those_who_sign_at_once_one_does_and_no_number_is_lost, async |app| {
    let drafts = app.four_drafts().await;
    for draft in &drafts {
        app.scan(draft).await;
    }
    let clients = [app.bureau(), app.town_a(), app.organisation_a()];
    let sign =
        |client: &Client, draft: &Answer| client.post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" }));
    let (won, lost) = at_once((0..9).map(|n| sign(&clients[n % 3], &drafts[0]))).await;
    assert_eq!((won.len(), lost.len()), (1, 8));
    assert_eq!(won[0]["number"], "百社协〔2020〕001号");
    for answer in lost {
        let answer = answer.refused(IllegalStep);
        assert_eq!(answer["state"], "signed");
    }
    assert_eq!(sign(&app.bureau(), &drafts[1]).await.is(200)["number"], "百社协〔2020〕002号");
});

both_databases!(signing_and_giving_up_a_draft_at_once_do_not_both_happen, async |app| {
    let draft = app.agreement(campaign()).await;
    app.scan(&draft).await;
    let (bureau, village) = (app.bureau(), app.village_a());
    let calls = (0..8).map(|n| match n % 2 {
        0 => bureau.post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })),
        _ => village.post(&format!("{}/terminate", draft.path()), json!({ "note": "重新协商" })),
    });
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    let now = bureau.get(&draft.path()).await.is(200);
    assert_eq!(now["state"], won[0]["state"]);
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], now["state"]);
    }
    let pairing = bureau.get(&format!("/pairings/{}", draft["pairing_id"].as_str().expect("an id"))).await.is(200);
    assert_eq!(pairing["state"] == "active", now["state"] == "signed");
});

both_databases!(ending_a_pairing_drafting_below_it_and_proposing_anew_leave_one_live_agreement_at_most, async |app| {
    let pairing = app.confirmed(campaign()).await;
    let pairing = app.bureau().get(&format!("/pairings/{}", pairing.id())).await.is(200);
    let two = json!({
        "campaign_id": pairing["campaign_id"], "organisation_id": pairing["organisation_id"], "village_code": pairing["village_code"],
    });
    let (bureau, organisation, village) = (app.bureau(), app.organisation_a(), app.village_a());
    let calls = (0..9).map(|n| match n % 3 {
        0 => step(&bureau, &pairing, "terminate"),
        1 => organisation.post("/agreements", agreement(&pairing.id())),
        _ => village.post("/pairings", two.clone()),
    });
    let (_, lost) = at_once(calls).await;
    for answer in &lost {
        let code = answer["code"].as_str().unwrap_or_default();
        let expected = ["illegal_step", "agreement_exists", "pairing_not_confirmed", "pairing_exists"];
        assert!(expected.contains(&code), "{answer:?}");
    }
    assert_eq!(bureau.get(&pairing.path()).await.is(200)["state"], "terminated");
    // The drafts ended with the pairing. A new pairing gets its own first agreement, and only one.
    assert_eq!(bureau.get("/agreements?state=draft").await.is(200)["total"], 0);
    let again = bureau.get("/pairings?state=proposed").await.is(200);
    let again = match again.items() {
        [one] => one["id"].as_str().expect("an id").to_owned(),
        _ => village.post("/pairings", two).await.is(201).id(),
    };
    organisation.post(&format!("/pairings/{again}/accept"), json!({})).await.is(200);
    bureau.post(&format!("/pairings/{again}/confirm"), json!({})).await.is(200);
    let calls = (0..8).map(|n| {
        organisation.post("/agreements", agreement(if n % 2 == 0 { &again } else { "0190a000-0000-7000-8000-000000000000" }))
    });
    let (won, _) = at_once(calls).await;
    assert_eq!(won.len(), 1);
});

both_databases!(the_same_two_have_no_second_agreement_while_the_first_one_runs, async |app| {
    let signed = app.signed(campaign()).await;
    let bureau = app.bureau();
    let first = signed["pairing_id"].as_str().expect("an id");
    bureau.post(&format!("/pairings/{first}/complete"), json!({ "note": "双方同意提前办结" })).await.is(200);
    // The pairing has ended, but the signed agreement runs to the end of its year.
    assert_eq!(bureau.get(&signed.path()).await.is(200)["state"], "signed");
    let two = json!({
        "campaign_id": signed["campaign_id"], "organisation_id": signed["organisation_id"], "village_code": signed["village_code"],
    });
    let second = app.village_a().post("/pairings", two).await.is(201);
    step(&app.organisation_a(), &second, "accept").await.is(200);
    step(&bureau, &second, "confirm").await.is(200);
    bureau.post("/agreements", agreement(&second.id())).await.refused(AgreementExists);
    step(&bureau, &signed, "terminate").await.is(200);
    bureau.post("/agreements", agreement(&second.id())).await.is(201);
    // A draft ends with its pairing.
    let drafted = bureau.get("/agreements?state=draft").await.is(200);
    assert_eq!(drafted["total"], 1);
});

both_databases!(of_those_who_decide_on_a_form_at_once_one_does, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-05-02"));
    let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-04" });
    let (town, bureau) = (app.town_a(), app.bureau());
    let draft = town.post("/reports", form).await.is(201);
    let edits = (0..8).map(|n| town.patch(&draft.path(), json!({ "unit": format!("东石镇{n}") })).if_match(&draft.etag()));
    let (won, lost) = at_once(edits).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| drop(answer.refused(StaleVersion)));
    let (won, lost) = at_once((0..8).map(|_| step(&town, &draft, "submit"))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| assert_eq!(answer.refused(IllegalStep)["state"], "submitted"));
    let (won, lost) = at_once((0..8).map(|n| step(&bureau, &draft, if n % 2 == 0 { "accept" } else { "return" }))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], won[0]["state"]);
    }
    assert_eq!(history(app, &draft).await, 4);
});

both_databases!(of_two_changes_of_one_version_of_a_plan_one_is_kept, async |app| {
    let project = app.project(campaign()).await;
    let clients = [app.organisation_a(), app.village_a(), app.town_a()];
    let edits =
        (0..9).map(|n| clients[n % 3].patch(&project.path(), json!({ "plan": format!("方案{n}") })).if_match(&project.etag()));
    let (won, lost) = at_once(edits).await;
    assert_eq!((won.len(), lost.len()), (1, 8));
    lost.into_iter().for_each(|answer| drop(answer.refused(StaleVersion)));
    assert_eq!(app.bureau().get(&project.path()).await.is(200)["plan"], won[0]["plan"]);
    let (won, lost) = at_once((0..8).map(|_| step(&app.village_a(), &project, "consent"))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| assert_eq!(answer.refused(IllegalStep)["state"], "draft"));
});

both_databases!(of_confirming_and_withdrawing_a_result_at_once_one_happens, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let outcome = json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": 3, "happened_on": "2020-04-20" });
    let outcome = app.organisation_a().post("/outcomes", outcome).await.is(201);
    let (village, organisation) = (app.village_a(), app.organisation_a());
    let calls =
        (0..8).map(|n| if n % 2 == 0 { step(&village, &outcome, "confirm") } else { step(&organisation, &outcome, "withdraw") });
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], won[0]["state"]);
    }
});

both_databases!(whatever_happens_to_an_account_at_once_nobody_is_in_anybody_s_way, async |app| {
    let admin = app.admin();
    let path = format!("/users/{}", app.world.accounts[&Who::Cadre].user_id);
    let sign_in = |password: &str| {
        app.anonymous().post("/auth/login", json!({ "account": Who::Cadre.account(), "password": password })).into_future()
    };
    let mut password = PASSWORD.to_owned();
    for (round, role) in ["leading_group", "cadre"].into_iter().cycle().take(12).enumerate() {
        let sessions = join_all((0..4).map(|_| sign_in(&password))).await;
        let opened = sessions.into_iter().next().expect("a session").is(200);
        let own = app.with_token(opened["access_token"].as_str().expect("a token"));
        let (user, next) = (admin.get(&path).await.is(200), format!("quiet-Lychee-Harvest-{round}"));
        let mut calls = vec![
            own.put("/me/password", json!({ "current_password": password, "new_password": next })),
            admin.patch(&path, json!({ "role": role })).if_match(&user.etag()),
            admin.delete(&format!("{path}/sessions")),
            own.delete("/me/sessions"),
            admin.post(&format!("{path}/reset_password"), json!({})),
        ];
        let guess = json!({ "account": Who::Cadre.account(), "password": "not-the-Password-1" });
        calls.extend((0..4).map(|_| app.anonymous().post("/auth/login", guess.clone())));
        let (won, lost) = at_once(calls).await;
        for answer in &lost {
            let expected = ["stale_version", "session_ended", "invalid_credentials", "too_many_requests"];
            assert!(expected.contains(&answer["code"].as_str().unwrap_or_default()), "{round}: {answer:?}");
        }
        if let Some(reset) = won.iter().find_map(|answer| answer["one_time_password"].as_str()) {
            let opened = sign_in(reset).await.is(200);
            let change = json!({ "current_password": reset, "new_password": next });
            app.with_token(opened["access_token"].as_str().expect("a token")).put("/me/password", change).await.is(204);
            password = next;
        } else if sign_in(&next).await.status == 200 {
            password = next;
        }
    }
});

both_databases!(two_who_end_the_sessions_of_an_account_come_one_after_the_other, async |app| {
    let (admin, own) = (app.admin(), app.as_(Who::Cadre));
    let path = format!("/users/{}", app.world.accounts[&Who::Cadre].user_id);
    let user = admin.get(&path).await.is(200);
    let other = json!({ "account": Who::Cadre.account(), "password": PASSWORD });
    app.anonymous().post("/auth/login", other).await.is(200);
    // Waits until this many transactions wait for a row. SQLite has a single writer, so nothing can be waited for.
    let waiting = async |count: i64| {
        let waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let all_wait = async {
            while app.db == Db::Postgres && app.number(waits).await < count {
                tokio::task::yield_now().await;
            }
        };
        // The service waits about as long for a row.
        let _ = tokio::time::timeout(Duration::from_secs(4), all_wait).await;
    };
    let tx = Tx::system(&app.app).await.expect("a transaction");
    if app.db == Db::Postgres {
        tx.connection.execute_unprepared("SELECT 1 FROM sessions FOR UPDATE").await.expect("they are held");
    }
    let change = json!({ "current_password": PASSWORD, "new_password": "quiet-Lychee-Harvest-43" });
    let (moved, changed, ()) = join3(
        admin.patch(&path, json!({ "role": "leading_group" })).if_match(&user.etag()).into_future(),
        async {
            waiting(1).await;
            own.put("/me/password", change).await
        },
        async {
            waiting(2).await;
            tx.commit().await.expect("they are let go");
        },
    )
    .await;
    // The two run one after the other. At most, one learns that the account has changed meanwhile. A change of role ends the
    // account's sessions, so whoever comes after it is signed out.
    for (answer, done, late) in [(moved, 200, "stale_version"), (changed, 204, "session_ended")] {
        assert!(answer.status == done || answer["code"] == "stale_version" || answer["code"] == late, "{answer:?}");
    }
});

both_databases!(one_key_at_once_with_two_bodies_makes_one_object, async |app| {
    let bureau = app.bureau();
    let (won, lost) = at_once((0..10).map(|n| bureau.post("/organisations", organisation(10 + n % 2, TOWN_A)).key("race"))).await;
    assert_eq!((won.len(), lost.len()), (5, 5));
    assert!(won.iter().all(|answer| answer.body == won[0].body && answer.path() == won[0].path()));
    lost.into_iter().for_each(|answer| drop(answer.refused(IdempotencyKeyReused)));
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, 4);
});
