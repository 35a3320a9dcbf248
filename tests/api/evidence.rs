//! Which objects take attachments, from whom, in each state: listed here by hand, independently of the service's rules.

use std::collections::BTreeSet;

use contract::CodedEnum;
use contract::agreements::AgreementState;
use contract::assistance::RecordState;
use contract::attachments::AttachmentObject;
use contract::cases::CaseState;
use contract::catalogue::CatalogueEntryState;
use contract::findings::FindingState;
use contract::inspections::InspectionState;
use contract::institutions::InstitutionState;
use contract::meetings::MeetingState;
use contract::outcomes::OutcomeState;
use contract::projects::ProjectState;
use contract::supervision_orders::SupervisionOrderState;
use serde_json::{Value, json};

use super::cases::case;
use super::catalogue::need;
use super::findings::finding;
use super::inspections::{in_use, open, round};
use super::meetings::meeting;
use super::supervision_orders::issued;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

const NOBODY: &[Who] = &[];
/// The two sides, and the town that guides them.
const SIDES: &[Who] = &[TownA, VillageA, OrganisationA];
const SIDES_AND_BUREAU: &[Who] = &[Bureau, TownA, VillageA, OrganisationA];
const KEEPERS: &[Who] = &[TownA, VillageA];
const BUREAU_AND_KEEPERS: &[Who] = &[Bureau, TownA, VillageA];

/// A kind of object, one of its states, and who may attach files in it.
const WELCOME: &[(&str, &str, &[Who])] = &[
    ("organisations", "there", &[Bureau, OrganisationA]),
    ("institutions", "open", &[Bureau, TownA, Institution]),
    ("institutions", "closed", NOBODY),
    ("villages", "there", BUREAU_AND_KEEPERS),
    ("catalogue_entries", "draft", BUREAU_AND_KEEPERS),
    ("catalogue_entries", "published", BUREAU_AND_KEEPERS),
    ("catalogue_entries", "fulfilled", NOBODY),
    ("catalogue_entries", "withdrawn", NOBODY),
    ("catalogue_entries", "expired", NOBODY),
    ("cases", "nominated", &[Bureau, TownA, OrganisationA]),
    ("cases", "returned", &[Bureau, TownA, OrganisationA]),
    ("cases", "selected", &[Bureau]),
    ("cases", "published", NOBODY),
    ("cases", "unpublished", &[Bureau]),
    ("agreements", "draft", SIDES_AND_BUREAU),
    ("agreements", "signed", NOBODY),
    ("agreements", "expired", NOBODY),
    ("agreements", "terminated", NOBODY),
    ("agreements", "renewed", NOBODY),
    ("projects", "draft", SIDES),
    ("projects", "submitted", SIDES),
    ("projects", "approved", SIDES),
    ("projects", "returned", SIDES),
    ("projects", "in_progress", SIDES),
    ("projects", "completed", SIDES),
    ("projects", "suspended", SIDES),
    ("projects", "accepted", NOBODY),
    ("projects", "cancelled", NOBODY),
    ("progress_updates", "open", SIDES),
    ("progress_updates", "closed", NOBODY),
    ("outcomes", "recorded", SIDES),
    ("outcomes", "confirmed", NOBODY),
    ("outcomes", "corrected", NOBODY),
    ("outcomes", "withdrawn", NOBODY),
    ("inspections", "planned", &[Bureau, TownA]),
    ("inspections", "held", &[Bureau, TownA]),
    ("inspections", "cancelled", NOBODY),
    // The village is responsible.
    ("findings", "open", BUREAU_AND_KEEPERS),
    ("findings", "rectifying", BUREAU_AND_KEEPERS),
    ("findings", "submitted", BUREAU_AND_KEEPERS),
    ("findings", "reopened", BUREAU_AND_KEEPERS),
    ("findings", "closed", NOBODY),
    ("households", "kept", KEEPERS),
    ("households", "anonymised", NOBODY),
    ("assistance_records", "recorded", SIDES),
    ("assistance_records", "confirmed", NOBODY),
    ("assistance_records", "rejected", NOBODY),
    ("assistance_records", "corrected", NOBODY),
    ("supervision_orders", "draft", &[Bureau]),
    ("supervision_orders", "issued", NOBODY),
    ("supervision_orders", "received", &[TownA]),
    ("supervision_orders", "answered", NOBODY),
    ("supervision_orders", "returned", &[TownA]),
    ("supervision_orders", "closed", NOBODY),
    ("supervision_orders", "withdrawn", NOBODY),
    ("meetings", "planned", &[Bureau]),
    ("meetings", "held", &[Bureau]),
    ("meetings", "cancelled", NOBODY),
];

#[test]
fn every_state_of_every_kind_is_in_the_table() {
    let known: BTreeSet<_> = WELCOME.iter().map(|(kind, state, _)| (*kind, *state)).collect();
    assert_eq!(known.len(), WELCOME.len(), "each once");
    let kinds: BTreeSet<_> = known.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, AttachmentObject::ALL.iter().map(|kind| kind.code()).collect());
    fn states<T: CodedEnum>() -> Vec<&'static str> {
        T::ALL.iter().map(|state| state.code()).collect()
    }
    for (kind, states) in [
        ("institutions", states::<InstitutionState>()),
        ("catalogue_entries", states::<CatalogueEntryState>()),
        ("cases", states::<CaseState>()),
        ("agreements", states::<AgreementState>()),
        ("projects", states::<ProjectState>()),
        ("outcomes", states::<OutcomeState>()),
        ("inspections", states::<InspectionState>()),
        ("findings", states::<FindingState>()),
        ("assistance_records", states::<RecordState>()),
        ("supervision_orders", states::<SupervisionOrderState>()),
        ("meetings", states::<MeetingState>()),
    ] {
        for state in states {
            assert!(known.contains(&(kind, state)), "{kind} {state}");
        }
    }
}

/// One object of each kind, by its id or code.
async fn one_of_each(app: &TestApp) -> Vec<(&'static str, String)> {
    let progress = app.progress(campaign()).await;
    let outcome =
        json!({ "pairing_id": progress["pairing_id"], "indicator": "jobs_offered", "quantity": 1, "happened_on": "2020-04-20" });
    let outcome = app.town_a().post("/outcomes", outcome).await.is(201);
    let project = app.organisation_a().post("/projects", project(progress["pairing_id"].as_str().expect("an id"))).await.is(201);
    let draft = app.agreement(with(campaign(), "/document_number", json!("晋政民〔2020〕29号"))).await;
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.helps(progress["campaign_id"].as_str().expect("an id"), &family.id()).await;
    let record = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let need = need(progress["campaign_id"].as_str().expect("an id"));
    let need = app.village_a().post("/catalogue-entries", need).await.is(201);
    let pairing_id = progress["pairing_id"].as_str().expect("an id");
    let case = case(pairing_id, progress["campaign_id"].as_str().expect("an id"));
    let case = app.organisation_a().post("/cases", case).await.is(201);
    let form = json!({ "campaign_id": progress["campaign_id"], "town_code": TOWN_A, "month": "2020-04" });
    app.town_a().post("/reports", form).await.is(201);
    let round = round(progress["campaign_id"].as_str().expect("an id"), &in_use(app).await.id());
    let inspection = app.first(&format!("/inspections?round_id={}", open(app, round).await.id())).await;
    let finding = app.bureau().post("/findings", finding(&inspection.id(), "village")).await.is(201);
    let meeting = meeting(progress["campaign_id"].as_str().expect("an id"), json!([]));
    let meeting = app.bureau().post("/meetings", meeting).await.is(201);
    vec![
        ("inspections", inspection.id()),
        ("findings", finding.id()),
        ("organisations", app.world.organisation_a.to_string()),
        ("institutions", app.world.institution.to_string()),
        ("villages", VILLAGE_A.to_owned()),
        ("catalogue_entries", need.id()),
        ("cases", case.id()),
        ("agreements", draft.id()),
        ("projects", project.id()),
        ("progress_updates", progress.id()),
        ("outcomes", outcome.id()),
        ("households", family.id()),
        ("assistance_records", record.id()),
        ("supervision_orders", issued(app, json!({ "area_code": TOWN_A })).await.id()),
        ("meetings", meeting.id()),
    ]
}

/// Sets the state of the object of a kind directly, skipping the steps towards it.
async fn put(app: &TestApp, kind: &str, state: &str) {
    let statement = match (kind, state) {
        (_, "there") => return,
        ("households", "kept") => "UPDATE households SET anonymised_on = NULL".to_owned(),
        // The database asks who has rectified and who has verified.
        ("findings", "closed") => "UPDATE findings SET state = 'closed', closed_on = '2020-04-20', \
            rectified_by = (SELECT id FROM users WHERE account = 'villagea'), rectified_role = 'village', \
            verified_by = (SELECT id FROM users WHERE account = 'bureau'), verified_role = 'bureau'"
            .to_owned(),
        ("progress_updates", "open") => "UPDATE reports SET state = 'draft'".to_owned(),
        ("progress_updates", _) => "UPDATE reports SET state = 'accepted'".to_owned(),
        ("households", _) => "UPDATE households SET anonymised_on = '2020-04-20'".to_owned(),
        _ => format!("UPDATE {kind} SET state = '{state}'"),
    };
    app.sql(&statement).await;
}

both_databases!(files_are_attached_and_removed_only_while_the_object_is_open, async |app| {
    let objects = one_of_each(app).await;
    let mut wrong = Vec::new();
    for (kind, id) in &objects {
        // Attached by somebody who may, in a state that allows it.
        let opens = WELCOME.iter().find(|(of, _, who)| of == kind && !who.is_empty()).expect("a state in which it can be");
        put(app, kind, opens.1).await;
        let mut earlier = Vec::new();
        for who in opens.2 {
            earlier.push((*who, app.attached(*who, kind, id).await.is(201)));
        }
        for (_, state, welcome) in WELCOME.iter().filter(|(of, ..)| of == kind) {
            put(app, kind, state).await;
            for who in Who::ALL {
                let status = app.attached(who, kind, id).await.status;
                if (status == 201) != welcome.contains(&who) {
                    wrong.push(format!("{who:?} attaches to {kind} {state}: {status}"));
                }
            }
            if welcome.is_empty() {
                for (who, file) in &earlier {
                    let status = app.as_(*who).delete(&file.path()).await.status;
                    if status != 403 {
                        wrong.push(format!("{who:?} removes from {kind} {state}: {status}"));
                    }
                }
            }
        }
        put(app, kind, opens.1).await;
        for (who, file) in &earlier {
            app.as_(*who).delete(&file.path()).await.is(204);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

/// A kind of object, the state in which nothing can be attached any more (or its only one), and who may still remove what does
/// not belong there.
const KEPT: &[(&str, &str, &[Who])] = &[
    ("organisations", "there", &[Bureau, OrganisationA]),
    ("institutions", "open", &[Bureau, TownA, Institution]),
    ("villages", "there", BUREAU_AND_KEEPERS),
    ("catalogue_entries", "fulfilled", &[Bureau]),
    ("cases", "published", &[Bureau]),
    ("agreements", "signed", NOBODY),
    ("projects", "accepted", &[Bureau, TownA]),
    ("progress_updates", "closed", &[Bureau, TownA]),
    ("outcomes", "confirmed", &[Bureau, TownA]),
    ("inspections", "cancelled", &[Bureau, TownA]),
    ("findings", "closed", &[Bureau, TownA]),
    ("households", "kept", BUREAU_AND_KEEPERS),
    ("assistance_records", "confirmed", BUREAU_AND_KEEPERS),
    ("supervision_orders", "closed", NOBODY),
    ("meetings", "cancelled", NOBODY),
];

both_databases!(what_does_not_belong_there_is_removed_by_whoever_keeps_the_object, async |app| {
    let objects = one_of_each(app).await;
    let kinds: BTreeSet<_> = KEPT.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, AttachmentObject::ALL.iter().map(|kind| kind.code()).collect());
    let mut wrong = Vec::new();
    for (kind, id) in &objects {
        let (_, opens, welcome) =
            WELCOME.iter().find(|(of, _, who)| of == kind && !who.is_empty()).expect("a state in which it can be");
        let (_, closed, keepers) = KEPT.iter().find(|(of, ..)| of == kind).expect("every kind is in the table");
        for who in Who::ALL {
            put(app, kind, opens).await;
            let file = app.attached(welcome[0], kind, id).await.is(201);
            put(app, kind, closed).await;
            let removed = app.as_(who).post(&format!("{}/remove", file.path()), json!({ "reason": "misplaced" })).await;
            if (removed.status == 204) != keepers.contains(&who) {
                wrong.push(format!("{who:?} removes from {kind} {closed}: {}", removed.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

/// Who changes a plan, and which sides' consent remains then: that of the side that changed it.
const LEFT: &[(Who, bool, bool)] = &[(OrganisationA, true, false), (VillageA, false, true), (TownA, false, false)];

both_databases!(whoever_changes_a_plan_and_however_the_others_agree_anew, async |app| {
    let project = app.project(campaign()).await;
    let task = app.town_a().post("/tasks", task(&project.id())).await.is(201);
    let mut wrong = Vec::new();
    for state in ["draft", "returned"] {
        for (who, organisation, village) in LEFT {
            for change in ["title", "plan", "budget", "task added", "task changed", "task cancelled"] {
                app.sql(&format!("UPDATE projects SET state = '{state}'")).await;
                for side in [OrganisationA, VillageA] {
                    // The consent may remain from an earlier round.
                    app.as_(side).post(&format!("{}/consent", project.path()), json!({})).await;
                }
                let before = app.bureau().get(&project.path()).await.is(200);
                assert!(before["organisation_consented_at"].is_string() && before["village_consented_at"].is_string());
                edit(app, *who, &project, &task, change, &before).await;
                let after = app.bureau().get(&project.path()).await.is(200);
                let left = (after["organisation_consented_at"].is_string(), after["village_consented_at"].is_string());
                if left != (*organisation, *village) {
                    wrong.push(format!("{change} by {who:?} of a plan that is {state} leaves {left:?}"));
                }
                let submit = app.organisation_a().post(&format!("{}/submit", project.path()), json!({})).await;
                if submit.status != 409 {
                    wrong.push(format!("{change} by {who:?} of a plan that is {state}: submitted with {}", submit.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

async fn edit(app: &TestApp, who: Who, project: &Answer, task: &Answer, change: &str, before: &Answer) {
    let client = app.as_(who);
    let patch = |body: Value| client.patch(&project.path(), body).if_match("*");
    let other = |at: &str, one: Value, two: Value| json!({ at: if before[at] == one { two } else { one } });
    match change {
        "title" => drop(patch(other("title", json!("龙眼深加工"), json!("龙眼干加工"))).await.is(200)),
        "plan" => drop(patch(other("plan", json!("改为两步"), json!("改为三步"))).await.is(200)),
        "budget" => {
            let fen = if before["budget_fen"] == 1_000_000 { 900_000 } else { 1_000_000 };
            let funding = json!([{ "source": "own_funds", "amount_fen": fen }]);
            patch(json!({ "budget_fen": fen, "funding": funding })).await.is(200);
        }
        "task changed" => {
            let now = client.get(&task.path()).await.is(200);
            let weight = now["weight"].as_i64().expect("a number") % 50 + 1;
            client.patch(&task.path(), json!({ "weight": weight })).if_match("*").await.is(200);
        }
        _ => {
            let added = client.post("/tasks", crate::support::task(&project.id())).await.is(201);
            if change == "task cancelled" {
                for side in [OrganisationA, VillageA] {
                    app.as_(side).post(&format!("{}/consent", project.path()), json!({})).await;
                }
                client.post(&format!("{}/cancel", added.path()), json!({ "note": "不再需要" })).await.is(200);
            }
        }
    }
}
