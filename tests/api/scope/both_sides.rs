//! A world in which every caller sees something different.

use contract::Role;
use domains::audit::seal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::callers::QUIET_VILLAGE;
use crate::api::cases::{case, uptake};
use crate::api::catalogue::{need, publish};
use crate::api::meetings::meeting;
use crate::api::publicity::item;
use crate::api::rankings::{close, enrolled};
use crate::support::*;

/// Makes something of every kind on both sides of the county and in the other county, including pairings that are over, a merged
/// file, and families without consent. Returns the ids of those families.
pub async fn both_sides(app: &TestApp) -> Vec<String> {
    // Four hundred villages would show no more than a few do.
    let few = format!("'{VILLAGE_A}', '{VILLAGE_B}', '{QUIET_VILLAGE}', '{OTHER_VILLAGE}'");
    app.sql(&format!("DELETE FROM villages WHERE code NOT IN ({few})")).await;
    app.sql(&format!("DELETE FROM areas WHERE level = 'village' AND code NOT IN ({few})")).await;
    app.one_of_everything().await;
    let (bureau, town, village, organisation) = (app.bureau(), app.town_b(), app.as_(Who::VillageB), app.as_(Who::OrganisationB));
    let next = |number: u32| with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{number}号")));
    let (first, second) = app.both_active(next(31), "2020-04-18").await;
    let campaign_id = &first["campaign_id"];

    // Orders to every kind of addressee, one of a town's own, a draft, and a meeting in which one side takes part.
    let since = |day: &str| {
        format!(
            "UPDATE pairings SET active_since = '{day}' WHERE id IN (SELECT id FROM pairings WHERE campaign_id = (SELECT id FROM campaigns WHERE document_number = '晋政民〔2020〕31号'))"
        )
    };
    app.sql(&since("2020-03-01")).await;
    let order =
        |of: Value| json!({ "campaign_id": campaign_id, "due_on": "2020-05-08", of[0].as_str().expect("a field"): of[1] });
    for (office, of) in [
        (&bureau, json!(["area_code", TOWN_B])),
        (&bureau, json!(["area_code", VILLAGE_A])),
        (&bureau, json!(["organisation_id", app.world.organisation_b])),
        (&town, json!(["area_code", VILLAGE_B])),
    ] {
        let draft = office.post("/supervision-orders", order(of)).await.is(201);
        office.post(&format!("{}/issue", draft.path()), json!({})).await.is(200);
    }
    bureau.post("/supervision-orders", order(json!(["area_code", TOWN_A]))).await.is(201);
    app.sql(&since("2020-04-18")).await;
    let invited = json!([{ "area_code": VILLAGE_B }, { "organisation_id": app.world.organisation_b }]);
    let called = meeting(campaign_id.as_str().expect("an id"), invited);
    bureau.post("/meetings", called).await.is(201);
    town.post("/meetings", meeting(campaign_id.as_str().expect("an id"), json!([]))).await.is(201);

    // Of needs and offers a published one and a draft on each side.
    let in_campaign = need(campaign_id.as_str().expect("an id"));
    publish(app, Who::VillageB, with(in_campaign.clone(), "/village_code", json!(VILLAGE_B))).await;
    app.village_a().post("/catalogue-entries", in_campaign.clone()).await.is(201);
    let goods = with(with(in_campaign, "/kind", json!("goods")), "/village_code", Value::Null);
    for (who, id) in [(Who::OrganisationA, app.world.organisation_a), (Who::OrganisationB, app.world.organisation_b)] {
        let offer = with(goods.clone(), "/organisation_id", json!(id));
        app.as_(who).post("/catalogue-entries", offer.clone()).await.is(201);
        publish(app, who, with(offer, "/kind", json!("training"))).await;
    }

    // Of rankings a closed one of each side, and an open one.
    let (ours, theirs) = (app.world.organisation_a, app.world.organisation_b);
    let of_village = |id: &Value, code: &str, organisation: Uuid| json!({ "campaign_id": id, "village_code": code, "ranked": [{ "organisation_id": organisation }] });
    let open = enrolled(app, next(38)).await;
    village.post("/rankings", of_village(campaign_id, VILLAGE_B, theirs)).await.is(201);
    close(app, campaign_id.as_str().expect("an id")).await;
    app.village_a().post("/rankings", of_village(&json!(open), VILLAGE_A, ours)).await.is(201);

    // The same on the other side.
    let written = json!({ "pairing_id": second.id(), "month": "2020-04", "content": "助学", "progress": "已走访9户" });
    town.post("/progress-updates", written).await.is(201);
    let outcome = json!({ "pairing_id": second.id(), "indicator": "jobs_offered", "quantity": 2, "happened_on": "2020-04-20" });
    let outcome = organisation.post("/outcomes", outcome).await.is(201);
    town.post(&format!("{}/confirm", outcome.path()), json!({})).await.is(200);
    let made = organisation.post("/projects", project(&second.id())).await.is(201);
    town.post("/tasks", task(&made.id())).await.is(201);
    town.post("/reports", json!({ "campaign_id": campaign_id, "town_code": TOWN_B, "month": "2020-04" })).await.is(201);
    app.attached(Who::Bureau, "villages", VILLAGE_B).await.is(201);
    let family = village.post("/households", household(VILLAGE_B, 11)).await.is(201);
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_b, "household_id": family.id() });
    let helped = village.post("/pairings", two).await.is(201);
    for (client, action) in [(&organisation, "accept"), (&bureau, "confirm"), (&town, "activate")] {
        client.post(&format!("{}/{action}", helped.path()), json!({})).await.is(200);
    }
    let plan =
        village.post("/assistance-plans", json!({ "campaign_id": campaign_id, "household_id": family.id() })).await.is(201);
    village.post("/assistance-measures", measure(&plan.id())).await.is(201);
    let record = organisation.post("/assistance-records", gift(&family.id())).await.is(201);
    let fields = [("object_type", "assistance_records"), ("object_id", &*record.id())];
    organisation.upload("/attachments", &fields, ("收条.pdf", "application/pdf", PDF)).await.is(201);

    // Of cases one that is published on each side, and one that is not; of what has appeared something on each side.
    let id = campaign_id.as_str().expect("an id");
    for (who, pairing) in [(Who::OrganisationA, &first), (Who::OrganisationB, &second)] {
        app.as_(who).post("/cases", case(&pairing.id(), id)).await.is(201);
        let appeared = with(item(id), "/pairing_id", json!(pairing.id()));
        app.as_(who).post("/publicity-items", with(appeared, "/title", json!(format!("{who:?}")))).await.is(201);
    }
    let shown = organisation.post("/cases", case(&second.id(), id)).await.is(201);
    bureau.post(&format!("{}/select", shown.path()), json!({ "note": "有代表性" })).await.is(200);
    bureau.post(&format!("{}/publish", shown.path()), json!({ "people_shown": "nobody" })).await.is(200);
    app.village_a().post("/case-uptakes", uptake(&shown.id())).await.is(201);

    let across = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_B });
    let across = app.organisation_a().post("/pairings", across).await.is(201);
    village.post(&format!("{}/accept", across.path()), json!({})).await.is(200);
    bureau.post(&format!("{}/confirm", across.path()), json!({})).await.is(200);
    town.post("/agreements", agreement(&across.id())).await.is(201);

    // A pairing that is over, and a family that does not consent.
    bureau.post(&format!("{}/terminate", first.path()), json!({ "note": "社会组织注销" })).await.is(200);
    let (over, pairing) = app.helped(next(33), 13).await;
    app.organisation_a().post("/assistance-records", gift(&over.id())).await.is(201);
    bureau.post(&format!("{}/terminate", pairing.path()), json!({ "note": "已脱贫" })).await.is(200);
    let (withdrawn, _) = app.helped(next(34), 15).await;
    app.organisation_a().post("/assistance-records", gift(&withdrawn.id())).await.is(201);
    let file = app.village_a().get(&withdrawn.path()).await.is(200);
    let no = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&file.path(), no).if_match(&file.etag()).await.is(200);
    // A withdrawal ends the pairing, but scope must not rely on that. So this family's pairing continues.
    let (silent, _) = app.helped(next(36), 25).await;
    let last = format!("village_code = '{VILLAGE_A}' AND sequence = (SELECT MAX(sequence) FROM households)");
    app.sql(&format!("UPDATE households SET consented = FALSE WHERE {last}")).await;
    let unasked = app.village_a().post("/households", with(household(VILLAGE_A, 17), "/consent", Value::Null)).await.is(201);
    let (kept, other) = (household(VILLAGE_A, 19), household(VILLAGE_A, 21));
    let (kept, other) =
        (app.village_a().post("/households", kept).await.is(201), app.village_a().post("/households", other).await.is(201));
    let head = json!({ "id": kept["members"][0]["id"], "relation": "head" });
    let merging = json!({ "other_id": other.id(), "other_version": 1, "members": [head], "note": "入户核实为同一户" });
    app.village_a().post(&format!("{}/merge", kept.path()), merging).await.is(200);

    // The other county.
    let elsewhere = app.as_(Who::OtherBureau);
    let theirs = with(with(next(35), "/area_code", json!(OTHER_COUNTY)), "/agreement_prefix", json!("南社协"));
    let theirs = elsewhere.post("/campaigns", theirs).await.is(201);
    let member = json!({ "campaign_id": theirs.id(), "village_code": OTHER_VILLAGE });
    elsewhere.post("/enrolments", member).await.is(201);
    publish(app, Who::OtherBureau, with(need(&theirs.id()), "/village_code", json!(OTHER_VILLAGE))).await;
    elsewhere.post("/publicity-items", item(&theirs.id())).await.is(201);
    elsewhere.post("/institutions", institution(92, OTHER_COUNTY)).await.is(201);
    let neighbour = app.joined("neighbour", Role::Village, OTHER_VILLAGE, None).await;
    neighbour.post("/households", household(OTHER_VILLAGE, 23)).await.is(201);
    let keeper = app.joined("keeper", Role::Admin, OTHER_COUNTY, None).await;
    let account = format!("/users/{}/reset_password", app.world.accounts[&Who::OtherBureau].user_id);
    keeper.post(&account, json!({ "note": "忘记密码" })).await.is(202);
    seal::all(&app.app).await.expect("the trail is sealed");
    vec![withdrawn.id(), silent.id(), unasked.id()]
}
