//! Words that may tell who a family is are looked at again by whoever wrote them, wherever they are written.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// May be a member of the family below, or a word and a number.
const WORDS: &str = "村里王二很勤快";
const HEADER: &str = "Not-Personal";

/// A family in which somebody is called as other words are, and which can be reached at an office.
fn family(order: u32) -> Value {
    let file = with(household(VILLAGE_A, order), "/members/1/name", json!("王二"));
    with(with(file, "/phone", json!("0595-85660137")), "/not_a_double", json!(true))
}

fn fields(refused: &Answer) -> Vec<&str> {
    let errors = refused["errors"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error["code"] == "perhaps_personal"), "{}", refused.body);
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

both_databases!(what_may_name_somebody_is_looked_at_again_wherever_it_is_written, async |app| {
    let village = app.village_a();
    let paired = app.active(campaign(), "2020-04-18").await;
    let campaign_id = paired["campaign_id"].as_str().expect("an id");
    let made = village.post("/households", family(1)).await.is(201);
    let pairing = app.helps(campaign_id, &made.id()).await;
    let (id, home) = (made.id(), made.path());
    let other = village.post("/households", family(3)).await.is(201);
    let third = village.post("/households", family(5)).await.is(201);
    let fourth = village.post("/households", family(7)).await.is(201);
    let plan = village.post("/assistance-plans", json!({ "campaign_id": campaign_id, "household_id": id })).await.is(201);
    let of = |file: &Answer, index: usize, relation: &str| json!({ "id": file["members"][index]["id"], "relation": relation });
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": other.id() });
    let goods = with(gift(&id), "/goods/0/name", json!(WORDS));
    let merging = json!({
        "other_id": third.id(), "other_version": 1, "members": [of(&other, 0, "head")], "note": WORDS,
    });
    let splitting = json!({ "members": [of(&fourth, 1, "head")], "split_on": "2020-04-20", "note": WORDS });
    let moving = json!({ "village_code": "350582104205", "moved_on": "2020-04-20", "note": WORDS });
    for (who, path, body, field) in [
        (Who::VillageA, format!("{home}/visits"), with(visit(), "/note", json!(WORDS)), "/note"),
        (Who::VillageA, format!("{home}/visits"), with(visit(), "/visitors", json!(WORDS)), "/visitors"),
        (Who::VillageA, format!("{home}/reveal"), json!({ "purpose": "edit", "note": WORDS }), "/note"),
        (Who::OrganisationA, "/assistance-records".to_owned(), goods, "/goods/0/name"),
        (
            Who::VillageA,
            "/assistance-measures".to_owned(),
            with(measure(&plan.id()), "/description", json!(WORDS)),
            "/description",
        ),
        (Who::VillageA, "/pairings".to_owned(), with(two, "/note", json!(WORDS)), "/note"),
        (Who::Bureau, format!("{}/terminate", pairing.path()), json!({ "note": WORDS }), "/note"),
        (Who::VillageA, format!("{}/merge", other.path()), merging, "/note"),
        (Who::TownA, format!("{home}/lift_out"), json!({ "note": WORDS }), "/note"),
        (Who::TownA, format!("{}/split", fourth.path()), splitting, "/note"),
        (Who::TownA, format!("{home}/move"), moving, "/note"),
    ] {
        let client = app.as_(who);
        let refused = client.post(&path, body.clone()).await.refused(PerhapsPersonal);
        assert_eq!(fields(&refused), [field], "{path}");
        assert!(!refused.body.to_string().contains("王二"), "{path}");
        // Of another field it is not said.
        client.post(&path, body.clone()).header(HEADER, "/elsewhere").await.refused(PerhapsPersonal);
        let done = client.post(&path, body).header(HEADER, format!("/other, {field}")).await;
        assert!([200, 201].contains(&done.status), "{path}: {}", done.body);
    }
    app.bureau().post("/households/export", json!({ "purpose": "payment", "note": WORDS })).await.refused(PerhapsPersonal);
    let why = json!({ "purpose": "payment", "note": WORDS });
    app.bureau().post("/households/export", why).header(HEADER, "/note").await.is(200);
    let history = village.get(&format!("{home}/history?limit=100")).await.is(200);
    let said: Vec<_> = history.items().iter().filter(|entry| entry["action"] == "not_personal").collect();
    assert!(said.len() >= 8, "who has said so is kept: {}", said.len());
    assert!(said.iter().all(|entry| !entry.to_string().contains("王二")), "the words are not");
    assert!(said.iter().any(|entry| entry.to_string().contains("/goods/0/name")));
});

both_databases!(no_second_look_lets_a_sure_name_or_number_pass, async |app| {
    let village = app.village_a();
    let made = village.post("/households", family(1)).await.is(201);
    let visits = format!("{}/visits", made.path());
    let say = async |note: &str| village.post(&visits, with(visit(), "/note", json!(note))).header(HEADER, "/note").await;
    for (note, code) in [
        ("许清水已出院", "personal_data"),
        ("慰问王二500元", "personal_data"),
        ("账户 6217 0018 5001 2345 678", "personal_data"),
        ("联系13905950199", "personal_number"),
        ("１３９－０５９５－０１９９", "personal_number"),
        ("身份证11010519491231002X", "personal_number"),
        ("村里王二很勤快，许清水已出院", "personal_data"),
    ] {
        say(note).await.fault("/note", code);
    }
    say("镇民政办 8566 0137").await.is(201);
    say(WORDS).await.is(201);
    let long = "/a".repeat(600);
    village.post(&visits, visit()).header(HEADER, long).await.fault("/Not-Personal", "length");
});

both_databases!(a_doubt_tells_no_more_than_a_refusal, async |app| {
    let paired = app.active(campaign(), "2020-04-18").await;
    let made = app.village_a().post("/households", family(1)).await.is(201);
    app.helps(paired["campaign_id"].as_str().expect("an id"), &made.id()).await;
    let organisation = app.organisation_a();
    let say = |note: &str| organisation.post("/assistance-records", with(gift(&made.id()), "/description", json!(note)));
    // Each guess is paid for, sure or not; a word that is nobody's name costs nothing.
    for _ in 0..10 {
        say(WORDS).await.refused(PerhapsPersonal);
        say("看望许清水").await.fault("/description", "personal_data");
    }
    say(WORDS).await.refused(TooManyRequests);
    let traces = app.number("SELECT COUNT(*) FROM audit_events WHERE action = 'name_family'").await;
    assert_eq!(traces, 20);
});
