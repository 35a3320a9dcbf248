//! Requests that take two persons: one administrator asks to create or change an account that opens families' files, manages
//! accounts or reads the trail, and somebody else confirms.

use std::future::IntoFuture;

use baishe::commands::user::{self, Command};
use baishe::startup;
use chrono::TimeDelta;
use contract::ErrorCode::*;
use contract::{CodedEnum, Role};
use domains::users;
use futures_util::future::{join, join_all};
use platform::Tx;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, next_number, op};
use super::users::account;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_account_requests"),
        op("read_account_request").on(account_request),
        op("step_account_request").on(account_request).step("confirm").reasons(),
        op("list_account_request_history").on(account_request),
    ],
    example: |app| {
        Box::pin(async { drop(app.admin().post(&format!("{}/reset_password", path(app, Bureau)), why()).await.is(202)) })
    },
    pages: &[("admin", "/account-requests"), ("admin", "/account-requests/{}")],
    ..Domain::EMPTY
};

/// A request by an administrator who is none of the accounts under test.
fn account_request(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let asker = app.joined(&format!("asker-{}", next_number()), Role::Admin, COUNTY, None).await;
        asker.post("/users", with(account(), "/reason", json!("新到任"))).await.is(202).into()
    })
}

/// Each role, the area of its accounts, and whether one administrator alone may create them.
const ROLES: [(Role, &str, bool); 10] = [
    (Role::Bureau, COUNTY, false),
    (Role::Town, TOWN_A, false),
    (Role::Village, VILLAGE_A, false),
    (Role::Auditor, COUNTY, false),
    (Role::Admin, COUNTY, false),
    (Role::SecurityAdmin, COUNTY, false),
    (Role::LeadingGroup, COUNTY, true),
    (Role::Cadre, COUNTY, true),
    (Role::Organisation, COUNTY, true),
    (Role::Institution, TOWN_A, true),
];

fn input(app: &TestApp, account: &str, role: Role, area: &str) -> Value {
    let (area, organisation, institution) = match role {
        Role::Organisation => (None, Some(app.world.organisation_a), None),
        Role::Institution => (None, None, Some(app.world.institution)),
        _ => (Some(area), None, None),
    };
    json!({
        "account": account, "display_name": "王海燕", "role": role, "area_code": area, "organisation_id": organisation,
        "institution_id": institution, "reason": "新到任",
    })
}

fn bureau(account: &str) -> Value {
    json!({ "account": account, "display_name": "王海燕", "role": "bureau", "area_code": COUNTY, "reason": "新到任" })
}

fn half(answer: &Answer) -> String {
    answer["password_half"].as_str().expect("half of a password").to_owned()
}

fn whole(first: &str, second: &str) -> String {
    [first, second].concat()
}

fn path(app: &TestApp, who: Who) -> String {
    format!("/users/{}", app.world.accounts[&who].user_id)
}

async fn sign_in(app: &TestApp, account: &str, password: &str) -> Answer {
    app.anonymous().post("/auth/login", json!({ "account": account, "password": password })).await
}

async fn second_administrator(app: &TestApp) -> Client {
    app.joined("secondadmin", Role::Admin, COUNTY, None).await
}

fn why() -> Value {
    json!({ "note": "忘记密码" })
}

both_databases!(no_administrator_makes_a_powerful_account_alone, async |app| {
    assert_eq!(ROLES.len(), Role::ALL.len());
    for (number, (role, area, alone)) in ROLES.into_iter().enumerate() {
        let (account, before) = (format!("new-{number}"), app.number("SELECT COUNT(*) FROM users").await);
        let made = app.admin().post("/users", input(app, &account, role, area)).await;
        assert_eq!(made.status, if alone { 201 } else { 202 }, "{role:?}: {}", made.body);
        assert_eq!(app.number("SELECT COUNT(*) FROM users").await, before + i64::from(alone), "{role:?}");
        if !alone {
            assert_eq!((&made["state"], &made["kind"], &made["user_id"]), (&json!("asked"), &json!("create"), &Value::Null));
            assert_eq!(half(&made).len(), 10);
            sign_in(app, &account, &half(&made)).await.refused(InvalidCredentials);
        }
    }
    // A request needs a reason, because the second person has to judge it.
    app.admin().post("/users", with(bureau("why"), "/reason", Value::Null)).await.fault("/reason", "required");
    app.admin().post("/users", with(bureau("bureau"), "/reason", json!("新到任"))).await.fault("/account", "taken");
});

both_databases!(no_administrator_turns_an_account_into_a_powerful_one_alone, async |app| {
    let admin = app.admin();
    // The administrator's own ordinary account, whose password they know.
    let made = admin.post("/users", input(app, "mine", Role::Cadre, COUNTY)).await.is(201);
    let known = made["one_time_password"].as_str().expect("a password").to_owned();
    for (role, area, alone) in ROLES {
        if alone {
            continue;
        }
        let seen = admin.get(&made.path()).await.is(200);
        let moved = json!({ "role": role, "area_code": area, "reason": "轮岗" });
        let asked = admin.patch(&made.path(), moved).if_match(&seen.etag()).await.is(202);
        assert_eq!((&asked["old_role"], &asked["role"]), (&json!("cadre"), &json!(role.code())));
        let after = admin.get(&made.path()).await.is(200);
        assert_eq!((&after["role"], after.etag()), (&json!("cadre"), seen.etag()));
        admin.post(&format!("{}/withdraw", asked.path()), json!({})).await.is(200);
    }
    let seen = admin.get(&made.path()).await.is(200);
    let patch = |change: Value| admin.patch(&seen.path(), change).if_match(&seen.etag());
    patch(json!({ "role": "bureau" })).await.fault("/reason", "required");
    // Whoever created the account knows its password. So the change of role sets a new password, in two halves.
    let opened = sign_in(app, "mine", &known).await.is(200);
    let (_, password) = app.by_two(patch(json!({ "role": "bureau", "reason": "轮岗" }))).await;
    app.with_token(opened["access_token"].as_str().expect("a token")).get("/me").await.refused(SessionEnded);
    sign_in(app, "mine", &known).await.refused(InvalidCredentials);
    assert_eq!(sign_in(app, "mine", &password).await.is(200)["account"]["role"], "bureau");
});

both_databases!(a_second_factor_of_before_is_none_of_the_powerful_account, async |app| {
    let cadre = app.joined("mine", Role::Cadre, COUNTY, None).await;
    Authenticator::add(app, &cadre).await;
    let mine = app.admin().get("/users?q=mine").await.is(200).items()[0]["id"].as_str().expect("an id").to_owned();
    let seen = app.admin().get(&format!("/users/{mine}")).await.is(200);
    assert_eq!(seen["second_factor"], true);
    let moved = json!({ "role": "bureau", "reason": "轮岗" });
    let (_, password) = app.by_two(app.admin().patch(&seen.path(), moved).if_match(&seen.etag())).await;
    assert_eq!(app.admin().get(&seen.path()).await.is(200)["second_factor"], false);
    sign_in(app, "mine", &password).await.is(200);
});

both_databases!(no_administrator_gets_into_a_powerful_account_alone, async |app| {
    let admin = app.admin();
    let bureau = app.joined("chief", Role::Bureau, COUNTY, None).await;
    Authenticator::add(app, &bureau).await;
    let chief = admin.get("/users?q=chief").await.is(200).items()[0]["id"].as_str().expect("an id").to_owned();
    let chief = format!("/users/{chief}");
    let take = |action: &str| admin.post(&format!("{chief}/{action}"), why());
    for action in ["reset_password", "reset_second_factor"] {
        admin.post(&format!("{chief}/{action}"), json!({})).await.fault("/note", "required");
        let asked = take(action).await.is(202);
        assert_eq!((&asked["kind"], asked["password_half"].is_string()), (&json!(action), action == "reset_password"));
        // An account has one open request at a time.
        take("reset_password").await.refused(RequestOpen);
        admin.post(&format!("{}/withdraw", asked.path()), json!({})).await.is(200);
    }
    // Nothing has changed yet: the old password works, and the second factor is still asked for.
    sign_in(app, "chief", PASSWORD).await.refused(SecondFactorRequired);
    bureau.get("/households").await.is(200);
    // One person may disable an account, at once. Enabling it again takes two.
    take("disable").await.is(200);
    bureau.get("/me").await.refused(SessionEnded);
    let asked = take("enable").await.is(202);
    assert_eq!(admin.get(&chief).await.is(200)["disabled"], true);
    app.as_(Auditor).post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
    assert_eq!(admin.get(&chief).await.is(200)["disabled"], false);
    // A town account opens files as well, so moving it to another town takes two persons too.
    let town = admin.get(&path(app, TownA)).await.is(200);
    let moved = json!({ "area_code": TOWN_B, "reason": "轮岗" });
    let asked = admin.patch(&town.path(), moved).if_match(&town.etag()).await.is(202);
    assert_eq!((&asked["old_area_name"], &asked["area_name"]), (&json!("东石镇"), &json!("龙湖镇")));
    assert_eq!(admin.get(&town.path()).await.is(200)["area_code"], TOWN_A);
    app.town_a().get("/me").await.is(200);
});

both_databases!(a_password_is_known_whole_to_the_person_alone, async |app| {
    let asked = app.admin().post("/users", bureau("wanghaiyan")).key("ask").await.is(202);
    assert_eq!(app.admin().post("/users", bureau("wanghaiyan")).key("ask").await.is(202)["password_half"], Value::Null);
    let confirm = format!("{}/confirm", asked.path());
    let auditor = app.as_(Auditor);
    let done = auditor.post(&confirm, json!({})).key("confirm").await.is(200);
    assert_eq!(auditor.post(&confirm, json!({})).key("confirm").await.is(200)["password_half"], Value::Null);
    let (first, second) = (half(&asked), half(&done));
    assert_eq!((first.len(), second.len()), (10, 10));
    for part in [&first, &second, &whole(&second, &first), &whole(&first, &first)] {
        sign_in(app, "wanghaiyan", part).await.refused(InvalidCredentials);
    }
    let opened = sign_in(app, "wanghaiyan", &whole(&first, &second)).await.is(200);
    assert_eq!((&opened["account"]["role"], &opened["account"]["must_change_password"]), (&json!("bureau"), &json!(true)));
    // The halves are stored nowhere.
    let kept = app.texts("SELECT CAST(changes AS TEXT) FROM audit_events").await;
    assert!(kept.iter().any(|text| text.contains("wanghaiyan")), "it is looked for where it would be");
    assert!(!kept.iter().any(|text| text.contains(&first) || text.contains(&second)));
    let written = app.bytes_written().await;
    for secret in [&first, &second] {
        assert!(!written.windows(secret.len()).any(|window| window == secret.as_bytes()), "half of a password is on the disk");
    }
});

both_databases!(neither_the_asker_nor_whom_it_is_about_confirms, async |app| {
    let second = second_administrator(app).await;
    let auditor = app.as_(Auditor);
    let asked = app.admin().post(&format!("{}/reset_password", path(app, Auditor)), why()).await.is(202);
    let step = |client: &Client, action: &str| client.post(&format!("{}/{action}", asked.path()), json!({ "note": "未经本人" }));
    for action in ["confirm", "refuse"] {
        step(&app.admin(), action).await.refused(OwnRequest);
    }
    step(&auditor, "confirm").await.refused(OwnAccount);
    step(&second, "withdraw").await.refused(OutsideOwnScope);
    for client in [&auditor, &app.as_(SecurityAdmin)] {
        step(client, "withdraw").await.refused(Forbidden);
    }
    for who in [Bureau, TownA, Cadre] {
        step(&app.as_(who), "confirm").await.refused(Forbidden);
        app.as_(who).get("/account-requests").await.refused(Forbidden);
    }
    // The attempt leaves an event of its own, beside the event that every refused access leaves.
    let refused = "SELECT action FROM audit_events WHERE object_type = 'account_requests' AND outcome = 'refused' \
                   AND action <> 'access' ORDER BY action";
    assert_eq!(app.texts(refused).await, ["confirm", "confirm", "refuse"]);
    // The actions offered to each person are those that they may take.
    let offered = async |client: &Client| client.get(&asked.path()).await.is(200)["allowed_actions"].clone();
    assert_eq!(offered(&app.admin()).await, json!(["withdraw"]));
    assert_eq!(offered(&auditor).await, json!(["refuse"]));
    assert_eq!(offered(&second).await, json!(["confirm", "refuse"]));
    assert_eq!(offered(&app.as_(SecurityAdmin)).await, json!(["confirm", "refuse"]));
    second.post(&format!("{}/refuse", asked.path()), json!({})).await.fault("/note", "required");
    // The person concerned may refuse. That changes nothing in the account.
    let refused = step(&auditor, "refuse").await.is(200);
    assert_eq!((&refused["state"], &refused["decided_by_name"]), (&json!("refused"), &json!("Auditor")));
    auditor.get("/me").await.is(200);
    let over = step(&second, "confirm").await.refused(IllegalStep);
    assert_eq!((&over["state"], &over["allowed_actions"]), (&json!("refused"), &json!([])));
});

both_databases!(what_is_asked_for_in_one_county_is_unknown_in_the_next, async |app| {
    let asked = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    let other = app.joined("otheradmin", Role::Admin, OTHER_COUNTY, None).await;
    assert_eq!(other.get("/account-requests").await.is(200)["total"], 0);
    other.get(&asked.path()).await.refused(NotFound);
    other.get(&format!("{}/history", asked.path())).await.refused(NotFound);
    other.post(&format!("{}/confirm", asked.path()), json!({})).await.refused(NotFound);
    // A move from one county to another needs people who manage accounts in both.
    app.sql("INSERT INTO areas (code, name, name_key, name_words, level, takes_part) VALUES ('3505', '泉州市', '', '', 'prefecture', TRUE)").await;
    let (above, beside) =
        (app.joined("above", Role::Admin, "3505", None).await, app.joined("beside", Role::Auditor, "3505", None).await);
    let seen = above.get(&path(app, Bureau)).await.is(200);
    let moved = json!({ "area_code": OTHER_COUNTY, "reason": "交流任职" });
    let asked = above.patch(&seen.path(), moved).if_match(&seen.etag()).await.is(202);
    for client in [&app.admin(), &other] {
        client.get(&asked.path()).await.refused(NotFound);
    }
    beside.post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
    assert_eq!(above.get(&seen.path()).await.is(200)["area_code"], OTHER_COUNTY);
});

/// PostgreSQL only: SQLite has a single writer, so no transaction waits for the row locks of another.
#[tokio::test]
async fn who_asks_does_not_wait_for_somebody_who_disables_an_account() {
    let app = TestApp::spawn(Db::Postgres, |_| {}).await;
    // These are the locks that disabling takes before it reaches the account in question.
    let disabling = Tx::system(&app.app).await.expect("a transaction");
    let held = users::service::overseers(&disabling).await.expect("they are held");
    assert!(held.iter().any(|administrator| administrator.id == app.world.accounts[&Admin].user_id));
    app.admin().post(&format!("{}/reset_password", path(&app, Bureau)), why()).await.is(202);
}

both_databases!(of_many_who_decide_at_once_one_does, async |app| {
    let second = second_administrator(app).await;
    let asked = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    let (auditor, security) = (app.as_(Auditor), app.as_(SecurityAdmin));
    let note = || json!({ "note": "核实" });
    let mut calls = Vec::new();
    for client in [&second, &auditor, &security] {
        calls.push(client.post(&format!("{}/confirm", asked.path()), note()).into_future());
        calls.push(client.post(&format!("{}/refuse", asked.path()), note()).into_future());
    }
    calls.push(app.admin().post(&format!("{}/withdraw", asked.path()), json!({})).into_future());
    let (won, lost): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 6));
    lost.into_iter().for_each(|answer| drop(answer.refused(IllegalStep)));
    let made = app.number("SELECT COUNT(*) FROM users WHERE account = 'wanghaiyan'").await;
    assert_eq!(made == 1, won[0]["state"] == "confirmed");
    // Two administrators ask for the same at once, also for the same new account.
    let ask = |client: &Client| client.post("/users", bureau("liqiang")).into_future();
    let (one, other) = join(ask(&app.admin()), ask(&second)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    let reset = |client: &Client| client.post(&format!("{}/reset_password", path(app, Bureau)), why()).into_future();
    let (one, other) = join(reset(&app.admin()), reset(&second)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    assert_eq!(app.number("SELECT COUNT(*) FROM account_requests WHERE state = 'asked'").await, 2);
});

both_databases!(what_has_changed_since_is_asked_for_again, async |app| {
    let second = second_administrator(app).await;
    let auditor = app.as_(Auditor);
    let ask = async |client: &Client| client.post(&format!("{}/reset_password", path(app, Bureau)), why()).await.is(202);
    // The account has changed: it was disabled meanwhile, or its owner changed the password.
    let asked = ask(&app.admin()).await;
    let own = json!({ "current_password": PASSWORD, "new_password": "another-Longan-Orchard-7" });
    app.bureau().put("/me/password", own).await.is(204);
    auditor.post(&format!("{}/confirm", asked.path()), json!({})).await.refused(AccountChanged);
    assert_eq!(auditor.get(&asked.path()).await.is(200)["state"], "asked");
    sign_in(app, "bureau", "another-Longan-Orchard-7").await.is(200);
    app.admin().post(&format!("{}/withdraw", asked.path()), json!({})).await.is(200);
    // Somebody else has taken the account name meanwhile.
    let new = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    app.joined("wanghaiyan", Role::Cadre, COUNTY, None).await;
    auditor.post(&format!("{}/confirm", new.path()), json!({})).await.fault("/account", "taken");
    // The person who asked is disabled, or is an administrator no longer.
    let asked = ask(&second).await;
    let id = asked["asked_by"].as_str().expect("an id").to_owned();
    app.admin().post(&format!("/users/{id}/disable"), json!({})).await.is(200);
    auditor.post(&format!("{}/confirm", asked.path()), json!({})).await.refused(AccountChanged);
    app.sql("UPDATE users SET disabled = FALSE, role = 'cadre' WHERE account = 'secondadmin'").await;
    auditor.post(&format!("{}/confirm", asked.path()), json!({})).await.refused(AccountChanged);
    app.sql("UPDATE users SET role = 'admin' WHERE account = 'secondadmin'").await;
    auditor.post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
});

both_databases!(a_request_is_good_for_seven_days, async |app| {
    let auditor = app.as_(Auditor);
    let asked = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    let late = app.admin().post("/users", bureau("liqiang")).await.is(202);
    app.clock.set(app.clock.now() + TimeDelta::days(7) - TimeDelta::seconds(1));
    auditor.post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
    app.clock.set(app.clock.now() + TimeDelta::seconds(1));
    let refused = auditor.post(&format!("{}/confirm", late.path()), json!({})).await.refused(IllegalStep);
    assert_eq!(refused["state"], "expired");
    // The chore writes the expiry down. Answers are the same before and after that.
    for _ in 0..2 {
        let total = async |query: &str| auditor.get(&format!("/account-requests?{query}")).await.is(200)["total"].clone();
        assert_eq!((total("state=asked").await, total("state=expired").await), (json!(0), json!(1)));
        assert_eq!(total("waits_for_me=true").await, 0);
        assert_eq!(auditor.get(&late.path()).await.is(200)["state"], "expired");
        startup::tidy(&app.app).await;
    }
    assert_eq!(app.texts("SELECT state FROM account_requests WHERE account = 'liqiang'").await, ["expired"]);
    app.admin().post("/users", bureau("liqiang")).await.is(202);
});

both_databases!(an_expired_request_is_in_nobodys_way, async |app| {
    app.admin().post("/users", bureau("liqiang")).await.is(202);
    app.clock.set(app.clock.now() + TimeDelta::days(7));
    app.admin().post("/users", bureau("liqiang")).await.is(202);
});

both_databases!(the_person_concerned_is_told_and_nobody_clears_it, async |app| {
    let town = app.town_a();
    let unseen = async || town.get("/me").await.is(200)["unseen_changes"].clone();
    assert_eq!(unseen().await, 0);
    let account = path(app, TownA);
    let asked = app.admin().post(&format!("{account}/reset_password"), why()).await.is(202);
    assert_eq!(unseen().await, 1, "asking is told before anything happens");
    // People's own actions, also failed ones, are no news to them.
    sign_in(app, "towna", "not it").await.refused(InvalidCredentials);
    town.put("/me/history/seen", json!({ "until": "2020-01-01T00:00:00Z" })).await.is(204);
    app.admin().put("/me/history/seen", json!({ "until": "2020-04-21T00:00:00Z" })).await.is(204);
    assert_eq!(unseen().await, 1);
    app.clock.set(app.clock.now() + TimeDelta::hours(1));
    let done = app.as_(Auditor).post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
    let opened = sign_in(app, "towna", &whole(&half(&asked), &half(&done))).await.is(200);
    assert_eq!(opened["account"]["unseen_changes"], 2);
    let person = app.with_token(opened["access_token"].as_str().expect("a token"));
    let history = person.get("/me/history").await.is(200);
    let told: Vec<_> = history.items().iter().map(|entry| (&entry["action"], &entry["actor_name"], &entry["note"])).collect();
    assert_eq!(told[0], (&json!("reset_password"), &json!("Auditor"), &json!("忘记密码")));
    assert!(told.contains(&(&json!("ask"), &json!("Admin"), &json!("忘记密码"))), "{told:?}");
    // Entries after the last one on the page stay unseen. The mark only moves forward, and never past now.
    let until = history.items()[0]["at"].clone();
    app.clock.set(app.clock.now() + TimeDelta::hours(1));
    app.admin().delete(&format!("{account}/sessions")).await.is(204);
    let opened = sign_in(app, "towna", &whole(&half(&asked), &half(&done))).await.is(200);
    let person = app.with_token(opened["access_token"].as_str().expect("a token"));
    let unseen = async || person.get("/me").await.is(200)["unseen_changes"].clone();
    assert_eq!(unseen().await, 3);
    person.put("/me/history/seen", json!({ "until": until })).await.is(204);
    assert_eq!(unseen().await, 1);
    person.put("/me/history/seen", json!({ "until": "2030-01-01T00:00:00Z" })).await.is(204);
    assert_eq!(unseen().await, 0);
    person.put("/me/history/seen", json!({ "until": "2020-01-01T00:00:00Z" })).await.is(204);
    assert_eq!(unseen().await, 0);
    app.clock.set(app.clock.now() + TimeDelta::minutes(1));
    app.admin().post(&format!("{account}/reset_password"), why()).await.is(202);
    assert_eq!(unseen().await, 1);
});

both_databases!(a_request_waits_for_those_who_may_confirm_it, async |app| {
    let second = second_administrator(app).await;
    let waiting = async |client: &Client| {
        let work = client.get("/work-items").await.is(200);
        let groups = work["groups"].as_array().expect("groups").clone();
        let group = groups.iter().find(|group| group["kind"] == "confirm_accounts");
        let Some(group) = group else { return 0 };
        let list = client.get(group["records"].as_str().expect("an address")).await.is(200);
        assert_eq!(list["total"], group["total"]);
        assert_eq!(group["items"][0]["due_on"], "2020-04-27");
        group["total"].as_i64().expect("a total")
    };
    let asked = app.admin().post(&format!("{}/reset_password", path(app, Auditor)), why()).await.is(202);
    app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    let (auditor, security) = (app.as_(Auditor), app.as_(SecurityAdmin));
    assert_eq!((waiting(&app.admin()).await, waiting(&auditor).await), (0, 1));
    assert_eq!((waiting(&second).await, waiting(&security).await), (2, 2));
    second.post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
    assert_eq!((waiting(&second).await, waiting(&security).await), (1, 1));
    let total = async |query: &str| second.get(&format!("/account-requests?{query}")).await.is(200)["total"].clone();
    let about = format!("user_id={}", app.world.accounts[&Auditor].user_id);
    for (query, expected) in
        [("", 2), ("state=asked", 1), ("kind=create", 1), ("q=wanghai", 1), (about.as_str(), 1), ("waits_for_me=false", 1)]
    {
        assert_eq!(total(query).await, expected, "{query}");
    }
});

both_databases!(
    duties_are_kept_apart_where_that_is_wanted,
    with | config | {
        config.separate_duties = true;
    },
    async |app| {
        let second = second_administrator(app).await;
        let asked = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
        let confirm = |client: &Client| client.post(&format!("{}/confirm", asked.path()), json!({}));
        for client in [&second, &app.as_(Auditor)] {
            confirm(client).await.refused(Forbidden);
            assert_eq!(client.get(&asked.path()).await.is(200)["allowed_actions"], json!([]));
            assert_eq!(client.get("/work-items").await.is(200)["groups"], json!([]));
        }
        // Administrators do not read the trail of what they do, and the app knows that from their permissions.
        let may = async |client: &Client, permission: &str| {
            let me = client.get("/me").await.is(200);
            me["permissions"].as_array().expect("permissions").contains(&json!(permission))
        };
        for shut in ["/audit-events", "/audit-events/export", "/audit-blocks"] {
            app.admin().get(shut).await.refused(Forbidden);
            app.as_(SecurityAdmin).get(shut).await.refused(Forbidden);
            app.as_(Auditor).get(shut).await.is(200);
        }
        assert!(!may(&app.admin(), "audit:read").await && may(&app.as_(Auditor), "audit:read").await);
        // The security administrator confirms, but creates and changes nothing.
        app.as_(SecurityAdmin).post("/users", bureau("liqiang")).await.refused(Forbidden);
        app.as_(SecurityAdmin).post(&format!("{}/disable", path(app, TownA)), json!({})).await.refused(Forbidden);
        confirm(&app.as_(SecurityAdmin)).await.is(200);
        let asked = app.admin().post("/users", bureau("liqiang")).await.is(202);
        app.admin().post(&format!("{}/withdraw", asked.path()), json!({})).await.is(200);
    }
);

both_databases!(the_operator_confirms_where_there_is_nobody_else, async |app| {
    let run = |command| user::run(&app.app, command);
    let asked = app.admin().post("/users", bureau("wanghaiyan")).await.is(202);
    let listed = run(Command::Requests).await.expect("a list");
    assert!(listed.starts_with(&asked.id()) && listed.contains("wanghaiyan") && listed.lines().count() == 1, "{listed}");
    let id = asked.id().parse().expect("an id");
    let said = run(Command::Confirm { id }).await.expect("it is confirmed");
    let second = said.split_once("password ").expect("half of a password").1.split(' ').next().expect("a word").to_owned();
    assert!(!said.contains(&half(&asked)));
    sign_in(app, "wanghaiyan", &whole(&half(&asked), &second)).await.is(200);
    assert!(run(Command::Confirm { id }).await.is_err());
    assert_eq!(run(Command::Requests).await.expect("a list"), "");
    // The trail shows that nobody who was signed in did it.
    let trace = "SELECT CAST(COUNT(*) AS text) FROM audit_events WHERE object_type = 'account_requests' AND action = 'confirm' \
                 AND outcome = 'done' AND actor_id IS NULL";
    assert_eq!(app.texts(trace).await, ["1"]);
});
