//! Who takes part: both sides choose among those that are confirmed. What is not decided yet concerns few.

use serde_json::json;

use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

both_databases!(what_is_not_confirmed_exists_for_those_alone_whom_it_concerns, async |app| {
    let campaign_id = app.bureau().post("/campaigns", campaign()).await.is(201).id();
    let village = json!({ "campaign_id": campaign_id, "village_code": VILLAGE_A });
    let organisation = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a });
    let village = app.village_a().post("/enrolments", village).await.is(201);
    let organisation = app.organisation_a().post("/enrolments", organisation).await.is(201);
    for confirmed in [false, true] {
        for (enrolment, concerns) in [(&village, &[VillageA, TownA, Bureau][..]), (&organisation, &[OrganisationA, Bureau])] {
            for who in [VillageA, VillageB, TownA, TownB, OrganisationA, OrganisationB, Bureau, OtherBureau] {
                let exists = concerns.contains(&who) || confirmed && who != OtherBureau;
                let list = app.as_(who).get("/enrolments").await.is(200);
                let listed = list.items().iter().any(|item| item["id"] == enrolment["id"]);
                let read = app.as_(who).get(&enrolment.path()).await.status;
                assert_eq!((listed, read), (exists, if exists { 200 } else { 404 }), "{who:?}, {confirmed}: {}", enrolment.body);
            }
            if !confirmed {
                app.bureau().post(&format!("{}/confirm", enrolment.path()), json!({})).await.is(200);
            }
        }
    }
});
