//! Accounts: who may sign in, in which role, and for which place.

use std::future::IntoFuture;

use baishe::commands::user::{self, Command};
use chrono::TimeDelta;
use contract::ErrorCode::*;
use contract::Role;
use futures_util::future::join;
use platform::change::repeats;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::Domain;
use super::auth::own_session;
use super::authorization::{Made, Target, next_number, op};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_users"),
        op("create_user").body(|_, _| with(account(), "/reason", json!("新到任"))),
        op("list_user_organisations"),
        op("list_user_institutions"),
        op("read_user").on(user),
        op("update_user").on(user).body(|_, _| json!({ "display_name": "张三" })),
        op("list_user_sessions").on(user),
        op("end_user_session").on(user_session),
        op("end_user_sessions").on(user),
        op("step_user").on(user).step("reset_password").reasons(),
        op("list_user_history").on(user),
    ],
    pages: &[("admin", "/users"), ("admin", "/users/new"), ("admin", "/users/{}"), ("admin", "/users/{}/edit")],
    ..Domain::EMPTY
};

pub fn account() -> Value {
    json!({ "account": format!("clerk-{}", next_number()), "display_name": "张三", "role": "town", "area_code": TOWN_A })
}

/// An account of town A that nobody uses.
fn user(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.made_by_two(account()).await.0.into() })
}

/// A session of somebody else.
fn user_session(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async move {
        let session = own_session(app, TownB).await;
        Target::at(format!("{}/sessions/{}", path(app, TownB), session.id))
    })
}

fn clerk(account: &str) -> Value {
    json!({ "account": account, "display_name": "蔡丽华", "role": "town", "area_code": TOWN_A })
}

fn password(answer: &Answer) -> String {
    answer["one_time_password"].as_str().expect("a one-time password").to_owned()
}

async fn sign_in(app: &TestApp, account: &str, password: &str) -> Answer {
    app.anonymous().post("/auth/login", json!({ "account": account, "password": password })).await
}

fn client(app: &TestApp, answer: &Answer) -> Client {
    app.with_token(answer["access_token"].as_str().expect("a token"))
}

fn path(app: &TestApp, who: Who) -> String {
    format!("/users/{}", app.world.accounts[&who].user_id)
}

/// Another administrator of the county, with a session.
async fn second_administrator(app: &TestApp) -> (String, Client) {
    let (made, password) =
        app.made_by_two(json!({ "account": "admin-2", "display_name": "吴强", "role": "admin", "area_code": COUNTY })).await;
    let opened = sign_in(app, "admin-2", &password).await.is(200);
    let second = client(app, &opened);
    second.put("/me/password", json!({ "current_password": password, "new_password": "second-Longan-Orchard-7" })).await.is(204);
    (made.path(), second)
}

both_databases!(a_one_time_password_opens_nothing_but_its_own_change, async |app| {
    let (made, first) = app.made_by_two(clerk("cailihua")).await;
    assert_eq!((first.len(), &made["role"], &made["area_name"]), (20, &json!("town"), &json!("东石镇")));
    assert_eq!(app.admin().get(&made.path()).await.is(200)["one_time_password"], Value::Null);

    let opened = sign_in(app, "cailihua", &first).await.is(200);
    assert_eq!(opened["account"]["must_change_password"], true);
    let person = client(app, &opened);
    person.get("/me").await.is(200);
    for shut in ["/villages", "/areas", "/work-items", "/me/sessions", "/users"] {
        person.get(shut).await.refused(PasswordChangeRequired);
    }
    person.delete("/me/sessions").await.refused(PasswordChangeRequired);
    let change = |new: &str| person.put("/me/password", json!({ "current_password": first, "new_password": new }));
    change(&first).await.fault("/new_password", "password_unchanged");
    change("password123").await.fault("/new_password", "password_common");
    change("another-Longan-Orchard-7").await.is(204);
    person.get("/villages").await.is(200);
    assert_eq!(person.get("/me").await.is(200)["must_change_password"], false);
    assert_eq!(app.admin().get(&made.path()).await.is(200)["one_time_until"], Value::Null);
    sign_in(app, "cailihua", &first).await.refused(InvalidCredentials);
    sign_in(app, "cailihua", "another-Longan-Orchard-7").await.is(200);
});

both_databases!(a_one_time_password_is_good_for_a_week, async |app| {
    let (made, first) = app.made_by_two(clerk("cailihua")).await;
    app.clock.set(app.clock.now() + TimeDelta::days(7) - TimeDelta::seconds(1));
    sign_in(app, "cailihua", &first).await.is(200);
    app.clock.set(app.clock.now() + TimeDelta::seconds(1));
    sign_in(app, "cailihua", &first).await.refused(InvalidCredentials);
    let reset = app.admin().post(&format!("{}/reset_password", made.path()), json!({ "note": "已过期" }));
    let (_, second) = app.by_two(reset).await;
    sign_in(app, "cailihua", &second).await.is(200);
});

both_databases!(one_time_passwords_are_kept_nowhere, async |app| {
    // The password of an account that one administrator creates alone.
    let cadre = json!({ "account": "cailihua", "display_name": "蔡丽华", "role": "cadre", "area_code": COUNTY });
    let made = app.admin().post("/users", cadre.clone()).key("make").await.is(201);
    let again = app.admin().post("/users", cadre).key("make").await.is(201);
    assert_eq!((again["id"].clone(), again["one_time_password"].clone()), (made["id"].clone(), Value::Null));
    let reset = format!("{}/reset_password", made.path());
    let fresh = app.admin().post(&reset, json!({})).key("reset").await.is(200);
    assert_eq!(app.admin().post(&reset, json!({})).key("reset").await.is(200)["one_time_password"], Value::Null);
    assert_eq!(fresh.header("cache-control"), Some("no-store"));
    let opened = sign_in(app, "cailihua", &password(&fresh)).await.is(200);
    let change = json!({ "current_password": password(&fresh), "new_password": "another-Longan-Orchard-7" });
    client(app, &opened).put("/me/password", change).key("change").await.is(204);

    // Neither stored answers nor the history contain the password, its hash, or a digest of the request with it.
    let keys = repeats::Entity::find().all(&app.app.database.read).await.unwrap().into_iter();
    let opened = keys.map(|row| app.app.vault.open(repeats::PLACE, row.id, &row.answer.expect("an answer")).unwrap());
    let keys: Vec<String> = opened.collect();
    assert_eq!(keys.len(), 2, "a change of password leaves none");
    let hash = app.texts("SELECT password_hash FROM users WHERE account = 'cailihua'").await.remove(0);
    let kept = [keys, app.texts("SELECT CAST(changes AS TEXT) FROM audit_events").await].concat();
    assert!(kept.iter().any(|text| text.contains("cailihua")), "it is looked for where it would be");
    for secret in [&password(&made), &password(&fresh), "another-Longan-Orchard-7", &hash, "argon2"] {
        assert!(!kept.iter().any(|text| text.contains(secret)), "{secret} is kept");
    }
});

both_databases!(an_account_belongs_where_its_role_does, async |app| {
    let admin = app.admin();
    let organisation = app.world.organisation_b;
    let make = |account: &str, role: &str, area: Option<&str>, organisation: Option<uuid::Uuid>| {
        let input = json!({ "account": account, "display_name": "张三", "role": role, "area_code": area, "organisation_id": organisation });
        admin.post("/users", input)
    };
    for (role, area) in [
        ("town", COUNTY),
        ("town", VILLAGE_A),
        ("village", TOWN_A),
        ("bureau", TOWN_A),
        ("auditor", VILLAGE_A),
        ("admin", TOWN_A),
    ] {
        make("a1", role, Some(area), None).await.fault("/area_code", "area_of_role");
    }
    make("a1", "bureau", None, None).await.fault("/area_code", "required");
    make("a1", "bureau", Some(COUNTY), Some(organisation)).await.fault("/organisation_id", "not_for_role");
    make("a1", "organisation", None, None).await.fault("/organisation_id", "required");
    make("a1", "organisation", Some(TOWN_B), Some(organisation)).await.fault("/area_code", "not_for_role");
    // Areas of the other county do not exist for the caller, nor do unknown areas or those that take no part.
    for area in [OTHER_TOWN, "350582999", "350582102400"] {
        let role = if area.len() == 9 { "town" } else { "village" };
        make("a1", role, Some(area), None).await.fault("/area_code", "unknown");
    }
    make("a1", "organisation", None, Some(app.world.other_organisation)).await.fault("/organisation_id", "unknown");
    make("a1", "organisation", None, Some(uuid::Uuid::now_v7())).await.fault("/organisation_id", "unknown");
    for name in ["A1", "a", ".a", "a b", "张三", &"a".repeat(61)] {
        make(name, "town", Some(TOWN_A), None).await.fault("/account", "account_name");
    }
    make("towna", "town", Some(TOWN_A), None).await.fault("/account", "taken");
    let made = make("longhu", "organisation", None, Some(organisation)).await.is(201);
    assert_eq!((&made["area_code"], &made["organisation_name"]), (&json!(TOWN_B), &json!("龙湖镇商会")));
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE account = 'a1'").await, 0);
});

both_databases!(another_role_or_place_takes_effect_at_once, async |app| {
    let opened = sign_in(app, "towna", PASSWORD).await.is(200);
    let person = client(app, &opened);
    let seen = app.admin().get(&path(app, TownA)).await.is(200);
    let patch = |change: Value, etag: &str| app.admin().patch(&seen.path(), change).if_match(etag);
    // A new name does not require signing in again.
    let named = patch(json!({ "display_name": "蔡丽华" }), &seen.etag()).await.is(200);
    assert_eq!(person.get("/me").await.is(200)["display_name"], "蔡丽华");
    patch(json!({ "role": "cadre" }), &named.etag()).await.fault("/area_code", "area_of_role");
    patch(json!({ "role": "cadre", "area_code": COUNTY }), &seen.etag()).await.refused(StaleVersion);
    patch(json!({ "role": "cadre", "area_code": COUNTY }), &named.etag()).await.is(200);
    person.get("/me").await.refused(SessionEnded);
    let opened = sign_in(app, "towna", PASSWORD).await.is(200);
    assert_eq!(opened["account"]["role"], "cadre");
    client(app, &opened).get("/villages").await.refused(Forbidden);
    let history = app.as_(Auditor).get(&format!("{}/history", seen.path())).await.is(200);
    let latest = &history.items()[0];
    let fields: Vec<_> = latest["changes"].as_array().expect("changes").iter().map(|change| change["field"].clone()).collect();
    assert_eq!(fields, ["area_code", "area_name", "role"]);
});

both_databases!(disabling_ends_every_session_and_enabling_brings_none_back, async |app| {
    let opened = sign_in(app, "towna", PASSWORD).await.is(200);
    let person = client(app, &opened);
    let step = |action: &str| app.admin().post(&format!("{}/{action}", path(app, TownA)), json!({ "note": "调离" }));
    assert_eq!(step("disable").await.is(200)["disabled"], true);
    person.get("/me").await.refused(SessionEnded);
    sign_in(app, "towna", PASSWORD).await.refused(InvalidCredentials);
    let refused = step("disable").await.refused(IllegalStep);
    assert_eq!(refused["allowed_actions"], json!(["reset_password", "enable"]));
    app.by_two(step("enable")).await;
    person.get("/me").await.refused(SessionEnded);
    sign_in(app, "towna", PASSWORD).await.is(200);
});

both_databases!(a_reset_ends_every_session_and_lifts_the_lock, async |app| {
    let opened = sign_in(app, "towna", PASSWORD).await.is(200);
    for _ in 0..5 {
        sign_in(app, "towna", "guess").await.refused(InvalidCredentials);
    }
    let locked = app.admin().get("/users?locked=true").await.is(200);
    assert_eq!((locked.items().len(), &locked.items()[0]["account"]), (1, &json!("towna")));
    assert_eq!(app.admin().get("/users?locked=false").await.is(200)["total"], 12);
    let reset = app.admin().post(&format!("{}/reset_password", path(app, TownA)), json!({ "note": "忘记密码" }));
    let (_, password) = app.by_two(reset).await;
    client(app, &opened).get("/me").await.refused(SessionEnded);
    assert_eq!(app.admin().get("/users?locked=true").await.is(200)["total"], 0);
    sign_in(app, "towna", PASSWORD).await.refused(InvalidCredentials);
    sign_in(app, "towna", &password).await.is(200);
});

both_databases!(an_account_that_is_locked_can_be_unlocked, async |app| {
    for _ in 0..5 {
        sign_in(app, "towna", "guess").await.refused(InvalidCredentials);
    }
    sign_in(app, "towna", PASSWORD).await.refused(TooManyRequests);
    let seen = app.admin().get(&path(app, TownA)).await.is(200);
    assert_eq!(seen["allowed_actions"], json!(["reset_password", "unlock", "disable"]));
    let unlocked = app.admin().post(&format!("{}/unlock", seen.path()), json!({})).await.is(200);
    assert_eq!((&unlocked["locked_until"], &unlocked["one_time_password"]), (&Value::Null, &Value::Null));
    sign_in(app, "towna", PASSWORD).await.is(200);
    app.admin().post(&format!("{}/unlock", seen.path()), json!({})).await.refused(IllegalStep);
});

both_databases!(nobody_changes_their_own_role_or_disables_themselves, async |app| {
    let own = app.admin().get(&path(app, Admin)).await.is(200);
    assert_eq!(own["allowed_actions"], json!([]));
    for action in ["disable", "reset_password"] {
        app.admin().post(&format!("{}/{action}", own.path()), json!({})).await.refused(OwnAccount);
    }
    for change in [json!({ "role": "auditor" }), json!({ "area_code": "3505" })] {
        let refusal = app.admin().patch(&own.path(), change).if_match(&own.etag()).await;
        assert!(refusal.status == 403 || refusal.status == 422, "{}", refusal.status);
    }
    app.admin().patch(&own.path(), json!({ "role": "auditor" })).if_match(&own.etag()).await.refused(OwnAccount);
    app.admin().patch(&own.path(), json!({ "display_name": "李四" })).if_match(&own.etag()).await.is(200);
});

both_databases!(of_two_administrators_who_disable_each_other_one_remains, async |app| {
    let (second_path, second) = second_administrator(app).await;
    let first_path = path(app, Admin);
    let one = app.admin().post(&format!("{second_path}/disable"), json!({})).into_future();
    let other = second.post(&format!("{first_path}/disable"), json!({})).into_future();
    let (one, other) = join(one, other).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = FALSE").await, 1);
    let refused: Vec<_> = [&one, &other].into_iter().filter(|answer| answer.status != 200).collect();
    assert_eq!(refused.len(), 1, "{} and {}", one.status, other.status);
    // The request waited for the other one, or came after its own session had ended.
    assert!(refused[0]["code"] == "last_administrator" || refused[0]["code"] == "session_ended", "{:?}", refused[0].body);
});

both_databases!(no_administrator_takes_away_the_last_who_decides_or_watches, async |app| {
    let admin = app.admin();
    for who in [Auditor, SecurityAdmin] {
        admin.post(&format!("{}/disable", path(app, who)), json!({})).await.refused(LastAdministrator);
        let seen = admin.get(&path(app, who)).await.is(200);
        assert_eq!(seen["disabled"], false);
        admin.patch(&seen.path(), json!({ "role": "cadre" })).if_match(&seen.etag()).await.refused(LastAdministrator);
    }
    // With a second one, somebody remains.
    app.joined("secondauditor", Role::Auditor, COUNTY, None).await;
    admin.post(&format!("{}/disable", path(app, Auditor)), json!({})).await.is(200);
});

both_databases!(of_two_administrators_who_demote_each_other_one_remains, async |app| {
    let (second_path, second) = second_administrator(app).await;
    let first = second.get(&path(app, Admin)).await.is(200);
    let other = app.admin().get(&second_path).await.is(200);
    let demote = json!({ "role": "cadre" });
    let (a, b) = join(
        app.admin().patch(&other.path(), demote.clone()).if_match(&other.etag()).into_future(),
        second.patch(&first.path(), demote).if_match(&first.etag()).into_future(),
    )
    .await;
    assert_eq!(
        app.number("SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = FALSE").await,
        1,
        "{} and {}",
        a.status,
        b.status
    );
});

both_databases!(of_two_administrators_whose_demotion_is_confirmed_at_once_one_remains, async |app| {
    let (second_path, second) = second_administrator(app).await;
    let first = second.get(&path(app, Admin)).await.is(200);
    let other = app.admin().get(&second_path).await.is(200);
    let demote = json!({ "role": "auditor", "reason": "轮岗" });
    let asked = [
        app.admin().patch(&other.path(), demote.clone()).if_match(&other.etag()).await.is(202),
        second.patch(&first.path(), demote).if_match(&first.etag()).await.is(202),
    ];
    let confirm = |asked: &Answer| app.as_(Auditor).post(&format!("{}/confirm", asked.path()), json!({})).into_future();
    let (a, b) = join(confirm(&asked[0]), confirm(&asked[1])).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = FALSE").await, 1);
    let refused: Vec<_> = [a, b].into_iter().filter(|answer| answer.status != 200).collect();
    // The person who asked for the second demotion is an administrator no longer.
    assert_eq!(refused.len(), 1);
    refused.into_iter().for_each(|answer| drop(answer.refused(AccountChanged)));
});

both_databases!(the_list_is_that_of_the_administrator_s_area, async |app| {
    let admin = app.admin();
    let total = async |query: &str| admin.get(&format!("/users?{query}")).await.is(200)["total"].clone();
    assert_eq!(total("").await, 13, "all but the bureau next door");
    admin.get(&path(app, OtherBureau)).await.refused(NotFound);
    admin.get(&format!("{}/sessions", path(app, OtherBureau))).await.refused(NotFound);
    admin.post(&format!("{}/disable", path(app, OtherBureau)), json!({})).await.refused(NotFound);
    for (query, expected) in [
        ("role=town", 2),
        (&format!("within={TOWN_A}"), 3),
        (&format!("organisation_id={}", app.world.organisation_a), 1),
        ("disabled=true", 0),
        ("disabled=false", 13),
        ("q=town", 2),
        ("q=Organisation", 2),
        ("q=%25", 0),
        (&format!("within={OTHER_COUNTY}"), 0),
    ] {
        assert_eq!(total(query).await, expected, "{query}");
    }
    // Administrators see organisations only here, to create accounts for them.
    admin.get("/organisations").await.refused(Forbidden);
    assert_eq!(admin.get("/users/organisations").await.is(200)["total"], 2);
});

both_databases!(sessions_are_seen_and_ended_by_the_administrator, async |app| {
    let (here, there) = (sign_in(app, "towna", PASSWORD).await.is(200), sign_in(app, "towna", PASSWORD).await.is(200));
    let list = format!("{}/sessions", path(app, TownA));
    let there_id = client(app, &there).get("/me/sessions").await.is(200);
    let there_id = there_id.items().iter().find(|session| session["current"] == true).expect("this one")["id"].clone();
    assert_eq!(app.as_(Auditor).get(&list).await.is(200)["total"], 3);
    // The session does not exist under another account.
    let there_id = there_id.as_str().expect("an id");
    app.admin().delete(&format!("{}/sessions/{there_id}", path(app, TownB))).await.refused(NotFound);
    app.admin().delete(&format!("{list}/{there_id}")).await.is(204);
    client(app, &there).get("/me").await.refused(SessionEnded);
    client(app, &here).get("/me").await.is(200);
    app.admin().delete(&list).await.is(204);
    client(app, &here).get("/me").await.refused(SessionEnded);
    assert_eq!(app.admin().get(&list).await.is(200)["total"], 0);
});

both_databases!(one_ends_all_one_s_other_sessions, async |app| {
    let (here, there) = (sign_in(app, "towna", PASSWORD).await.is(200), sign_in(app, "towna", PASSWORD).await.is(200));
    client(app, &here).delete("/me/sessions").await.is(204);
    client(app, &there).get("/me").await.refused(SessionEnded);
    assert_eq!(client(app, &here).get("/me/sessions").await.is(200)["total"], 1);
    app.town_b().get("/me").await.is(200);
});

both_databases!(the_operator_helps_where_nobody_can_sign_in, async |app| {
    let run = |command| user::run(&app.app, command);
    let said = run(Command::ResetPassword { account: "admin".to_owned() }).await.expect("a new password");
    let password = said.split_whitespace().find(|word| word.len() == 20).expect("a password").to_owned();
    app.admin().get("/users").await.refused(SessionEnded);
    assert_eq!(sign_in(app, "admin", &password).await.is(200)["account"]["must_change_password"], true);
    // Not even the operator can disable the last administrator.
    let refused = run(Command::Disable { account: "admin".to_owned() }).await.expect_err("the last one");
    assert!(refused.contains("administrator"), "{refused}");
    assert!(run(Command::Disable { account: "nobody".to_owned() }).await.is_err());
    run(Command::Disable { account: "bureau".to_owned() }).await.expect("it is disabled");
    sign_in(app, "bureau", PASSWORD).await.refused(InvalidCredentials);
    run(Command::Enable { account: "bureau".to_owned() }).await.expect("it is enabled");
    let create = |area: &str| Command::Create {
        account: "cailihua".to_owned(),
        name: "蔡丽华".to_owned(),
        role: Role::Town,
        area: Some(area.to_owned()),
        organisation: None,
        institution: None,
    };
    let refused = run(create(COUNTY)).await.expect_err("a town is wanted");
    assert!(refused.contains("area_code"), "{refused}");
    run(create(OTHER_TOWN)).await.expect("an account in any county");
    let listed = run(Command::List { role: Some(Role::Town) }).await.expect("a list");
    assert_eq!(
        listed.lines().map(|line| line.split(' ').next().expect("a name")).collect::<Vec<_>>(),
        ["cailihua", "towna", "townb"]
    );
});
