//! The second factor: required, replaced, reset, sealed.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::{later, login, sign_in};
use crate::both_databases;
use crate::support::*;

pub async fn login_with(app: &TestApp, who: Who, code: &str) -> Answer {
    let body = json!({ "account": who.account(), "password": PASSWORD, "verification_code": code });
    app.anonymous().post("/auth/login", body).await
}

both_databases!(a_second_factor_is_asked_for_and_each_code_is_good_once, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let begin = |body: Value| signed.client.post("/me/second-factor", body);
    begin(json!({ "current_password": "not it" })).await.fault("/current_password", "password_wrong");
    signed
        .client
        .put("/me/second-factor", json!({ "verification_code": "000000" }))
        .await
        .fault("/verification_code", "second_factor_wrong");
    // A second factor that was begun but not confirmed is not required.
    begin(json!({ "current_password": PASSWORD })).await.is(200);
    login(app, Who::TownA, PASSWORD).await.is(200);

    let authenticator = Authenticator::add(app, &signed.client).await;
    assert_eq!(signed.client.get("/me").await.is(200)["second_factor"], true);
    login(app, Who::TownA, "not it").await.refused(InvalidCredentials);
    login(app, Who::TownA, PASSWORD).await.refused(SecondFactorRequired);
    // Confirming the factor has used up this code.
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, "12345").await.fault("/verification_code", "verification_code");
    later(app, 60);
    let code = authenticator.code(app, 0);
    let tries = (0..4).map(|_| login_with(app, Who::TownA, &code));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "of those who show a code at once one is let in");
    // A clock half a minute behind is accepted, one two minutes behind is not.
    later(app, 600);
    login_with(app, Who::TownA, &authenticator.code(app, -120)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, &authenticator.code(app, -30)).await.is(200);
    let kept = app.texts("SELECT action FROM audit_events WHERE outcome = 'refused'").await;
    assert!(kept.iter().filter(|action| *action == "login").count() >= 5, "{kept:?}");
});

both_databases!(another_authenticator_takes_the_place_of_the_first, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let first = Authenticator::add(app, &signed.client).await;
    later(app, 60);
    let begin = |body: Value| signed.client.post("/me/second-factor", body);
    begin(json!({ "current_password": PASSWORD })).await.fault("/verification_code", "required");
    let wrong = json!({ "current_password": PASSWORD, "verification_code": "000000" });
    begin(wrong).await.fault("/verification_code", "second_factor_wrong");
    let right = json!({ "current_password": PASSWORD, "verification_code": first.code(app, 0) });
    let begun = begin(right).await.is(200);
    let second = Authenticator::of(begun["secret"].as_str().expect("a secret"));
    later(app, 60);
    // The first factor stays valid until the second is confirmed.
    login_with(app, Who::TownA, &first.code(app, 0)).await.is(200);
    signed.client.put("/me/second-factor", json!({ "verification_code": second.code(app, 0) })).await.is(204);
    later(app, 60);
    login_with(app, Who::TownA, &first.code(app, 0)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, &second.code(app, 0)).await.is(200);
});

both_databases!(an_administrator_helps_who_has_lost_the_authenticator, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    let account = format!("/users/{}", app.world.accounts[&Who::TownA].user_id);
    let shown_to_admin = app.admin().get(&account).await.is(200);
    assert_eq!(shown_to_admin["second_factor"], true);
    assert!(!shown_to_admin.body.to_string().contains(&authenticator.secret()));
    app.by_two(app.admin().post(&format!("{account}/reset_second_factor"), json!({ "note": "手机遗失" }))).await;
    signed.client.get("/me").await.refused(SessionEnded);
    login(app, Who::TownA, PASSWORD).await.is(200);
    app.admin().post(&format!("{account}/reset_second_factor"), json!({})).await.refused(IllegalStep);
});

both_databases!(second_factors_are_sealed, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    let secret = authenticator.secret();
    let told = app.texts("SELECT CAST(changes AS text) FROM audit_events").await;
    let answers = app.number("SELECT COUNT(*) FROM idempotency_keys").await;
    assert!(!told.iter().any(|text| text.contains(&secret)));
    assert_eq!(answers, 0, "the answer with the secret is kept for no repeat");
    let hex = if app.db == Db::Sqlite { "hex(second_factor)" } else { "encode(second_factor, 'hex')" };
    let kept = app.texts(&format!("SELECT {hex} FROM users WHERE account = 'towna'")).await;
    let plain: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!kept[0].to_lowercase().contains(&plain) && kept[0].len() > plain.len());
});

both_databases!(
    who_sees_all_families_must_have_a_second_factor,
    with | config | {
        config.require_second_factor = true;
    },
    async |app| {
        for who in [Who::Bureau, Who::Auditor, Who::Admin, Who::SecurityAdmin] {
            let signed = sign_in(app, who).await;
            let me = signed.client.get("/me").await.is(200);
            assert_eq!(me["must_add_second_factor"], true);
            signed.client.get("/villages").await.refused(SecondFactorSetupRequired);
            signed.client.get("/me/sessions").await.refused(SecondFactorSetupRequired);
            Authenticator::add(app, &signed.client).await;
            assert_eq!(signed.client.get("/me").await.is(200)["must_add_second_factor"], false);
            signed.client.get("/me/sessions").await.is(200);
        }
        for who in [Who::TownA, Who::VillageA, Who::OrganisationA, Who::LeadingGroup] {
            sign_in(app, who).await.client.get("/villages").await.is(200);
        }
    }
);
