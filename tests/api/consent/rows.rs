//! The expected outcome of each operation that touches a family.

use contract::ErrorCode::*;
use reqwest::Method;
use serde_json::{Value, json};

use super::Family;
use super::To::{self, *};
use crate::support::Who::*;
use crate::support::*;

/// A call by somebody, and its outcome for a family that consents, that does not consent to photos, and that has withdrawn.
pub struct Row {
    pub operation: &'static str,
    pub who: Who,
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    /// Kind and id of the object to attach something to, and whether it is a photo.
    pub attached: Option<(&'static str, String, bool)>,
    pub to: [To; 3],
}

fn get(operation: &'static str, who: Who, path: impl Into<String>, to: [To; 3]) -> Row {
    Row { operation, who, method: Method::GET, path: path.into(), body: None, attached: None, to }
}

fn post(operation: &'static str, who: Who, path: impl Into<String>, body: Value, to: [To; 3]) -> Row {
    Row { method: Method::POST, body: Some(body), ..get(operation, who, path, to) }
}

fn patch(operation: &'static str, who: Who, path: impl Into<String>, body: Value, to: [To; 3]) -> Row {
    Row { method: Method::PATCH, ..post(operation, who, path, body, to) }
}

fn upload(who: Who, kind: &'static str, id: String, photo: bool, to: [To; 3]) -> Row {
    Row { attached: Some((kind, id, photo)), ..post("create_attachment", who, "/attachments", Value::Null, to) }
}

const REFUSED: To = Refused(HouseholdNotConsented);

const GONE: To = Refused(NotFound);

/// For those who keep the file, and for the bureau.
const ALWAYS: [To; 3] = [Told, Told, Told];

/// For everybody else.
const WHILE_CONSENTING: [To; 3] = [Told, Told, GONE];

const LISTED_WHILE_CONSENTING: [To; 3] = [Told, Told, Silent];

/// For new entries.
const ADDED_WHILE_CONSENTING: [To; 3] = [Done, Done, REFUSED];

/// Reading operations come first, then changes, so that each call finds its object unchanged.
pub fn rows(app: &TestApp, f: &Family) -> Vec<Row> {
    let home = format!("/households/{}", f.id);
    let of = |kind: &str, id: &str| format!("/attachments?object_type={kind}&object_id={id}");
    let campaign_id = f.pairing["campaign_id"].as_str().expect("an id");
    let why = |purpose: &str| json!({ "purpose": purpose });
    let read = |file: &Answer| format!("{}?purpose=verification", file.path());
    let pairing = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": f.id });
    let by_town = json!({ "note": "属实", "on_behalf_reason": "村委会暂无账号" });
    // The gifts are alike, and the caller has confirmed that they are not doubles.
    let given = with(gift(&f.id), "/not_a_double", json!(true));
    let under_pairing = with(given.clone(), "/pairing_id", f.pairing["id"].clone());
    let figures = format!("campaign_id={campaign_id}");
    let mut rows = Vec::new();
    for (operation, path) in [
        ("list_households", "/households?members=true".to_owned()),
        ("list_assistance_plans", "/assistance-plans".to_owned()),
        ("export_assistance_plans", "/assistance-plans/export".to_owned()),
        ("list_assistance_measures", "/assistance-measures".to_owned()),
        ("export_assistance_measures", "/assistance-measures/export".to_owned()),
        ("list_assistance_records", "/assistance-records".to_owned()),
        ("export_assistance_records", "/assistance-records/export".to_owned()),
        ("list_pairings", "/pairings".to_owned()),
    ] {
        rows.push(get(operation, OrganisationA, path.clone(), LISTED_WHILE_CONSENTING));
        rows.extend([VillageA, TownA, Bureau].map(|who| get(operation, who, path.clone(), ALWAYS)));
    }
    for (operation, path) in [
        ("read_household", home.clone()),
        ("read_assistance_plan", f.plan.path()),
        ("read_assistance_measure", f.measure.path()),
        ("read_assistance_record", f.record.path()),
    ] {
        rows.push(get(operation, OrganisationA, path.clone(), WHILE_CONSENTING));
        rows.extend([VillageA, TownA, Bureau].map(|who| get(operation, who, path.clone(), ALWAYS)));
    }
    for (operation, path) in [
        ("list_household_statuses", format!("{home}/statuses")),
        ("list_assistance_plan_history", format!("{}/history", f.plan.path())),
        ("list_assistance_measure_history", format!("{}/history", f.measure.path())),
        ("list_assistance_record_history", format!("{}/history", f.record.path())),
    ] {
        rows.push(get(operation, OrganisationA, path.clone(), [Done, Done, GONE]));
        rows.push(get(operation, VillageA, path, [Done, Done, Done]));
    }
    for who in [VillageA, TownA, Bureau] {
        let reveal = |purpose: &str, to| post("reveal_household", who, format!("{home}/reveal"), why(purpose), to);
        rows.extend([
            post("search_households", who, "/households/search", json!({ "name": "许清水" }), ALWAYS),
            get("list_household_visits", who, format!("{home}/visits"), ALWAYS),
            get("list_household_history", who, format!("{home}/history"), [Done, Done, Done]),
            reveal("verification", ALWAYS),
            reveal("complaint", ALWAYS),
            reveal("edit", ALWAYS),
            reveal("visit", [Told, Told, REFUSED]),
            reveal("payment", [Told, Told, REFUSED]),
            get("read_attachment", who, read(&f.photo), [Done, Done, Done]),
            get("read_attachment", who, format!("{}?purpose=visit", f.photo.path()), [Done, Done, REFUSED]),
            get("read_attachment", who, read(&f.portrait), [Done, Done, Done]),
            get("list_attachments", who, of("households", &f.id), ALWAYS),
            get("read_pairing", who, f.pairing.path(), ALWAYS),
            get("list_pairing_history", who, format!("{}/history", f.pairing.path()), ALWAYS),
        ]);
    }
    // Lists show 张* and the file number only. Two callers may export the full data, for a purpose, and only of families that
    // consent.
    rows.extend([TownA, Bureau].map(|who| post("export_households", who, "/households/export", why("verification"), ALWAYS)));
    rows.extend([
        // Outsiders never see photos of the help, and nothing at all after a withdrawal.
        get("list_attachments", OrganisationA, of("assistance_records", &f.record.id()), [Done, Done, GONE]),
        get("read_attachment", OrganisationA, read(&f.photo), [Done, GONE, GONE]),
        get("read_attachment", OrganisationA, read(&f.paper), [Done, Done, GONE]),
        get("read_attachment", OrganisationA, read(&f.portrait), [GONE, GONE, GONE]),
        // That there was a pairing, and how it ended, stays visible. Its parties do not.
        get("read_pairing", OrganisationA, f.pairing.path(), LISTED_WHILE_CONSENTING),
        get("read_pairing", Auditor, f.pairing.path(), LISTED_WHILE_CONSENTING),
        get("list_pairings", Auditor, "/pairings", LISTED_WHILE_CONSENTING),
        get("list_pairing_history", OrganisationA, format!("{}/history", f.pairing.path()), LISTED_WHILE_CONSENTING),
        get("list_pairing_history", Auditor, format!("{}/history", f.pairing.path()), LISTED_WHILE_CONSENTING),
        get("export_pairings", OrganisationA, "/pairings/export", [Done, Done, Silent]),
        get("export_pairings", Bureau, "/pairings/export", [Done, Done, Done]),
        get("list_work_items", OrganisationA, "/work-items", [Done, Done, Silent]),
        get("list_work_items", VillageA, "/work-items", ALWAYS),
        get("read_dashboard", OrganisationA, format!("/dashboard?{figures}"), [Silent, Silent, Silent]),
        get("list_outcome_totals", OrganisationA, format!("/outcomes/totals?{figures}"), [Silent, Silent, Silent]),
        // What waits for confirmation may be completed regardless of consent. New entries need consent.
        post("create_household_visit", VillageA, format!("{home}/visits"), visit(), ADDED_WHILE_CONSENTING),
        post("create_household_visit", TownA, format!("{home}/visits"), visit(), ADDED_WHILE_CONSENTING),
        post("create_assistance_record", OrganisationA, "/assistance-records", given.clone(), ADDED_WHILE_CONSENTING),
        post("create_assistance_record", OrganisationA, "/assistance-records", under_pairing.clone(), ADDED_WHILE_CONSENTING),
        post("create_assistance_record", OrganisationB, "/assistance-records", gift(&f.id), [Refused(HouseholdNotPaired); 3]),
        post("create_assistance_record", VillageA, "/assistance-records", given, ADDED_WHILE_CONSENTING),
        post("create_assistance_record", TownA, "/assistance-records", under_pairing, ADDED_WHILE_CONSENTING),
        upload(OrganisationA, "assistance_records", f.record.id(), true, [Done, Refused(PhotosNotConsented), GONE]),
        upload(OrganisationA, "assistance_records", f.record.id(), false, [Done, Done, GONE]),
        upload(VillageA, "assistance_records", f.record.id(), true, [Done, Refused(PhotosNotConsented), REFUSED]),
        upload(VillageA, "assistance_records", f.record.id(), false, [Done, Done, Done]),
        upload(VillageA, "households", f.id.clone(), true, [Done, Refused(PhotosNotConsented), REFUSED]),
        upload(VillageA, "households", f.id.clone(), false, [Done, Done, Done]),
        post("create_assistance_measure", VillageA, "/assistance-measures", measure(&f.plan.id()), ADDED_WHILE_CONSENTING),
        patch("update_assistance_measure", TownA, f.measure.path(), json!({ "amount_fen": 100 }), ADDED_WHILE_CONSENTING),
        patch("update_assistance_record", OrganisationA, f.record.path(), json!({ "amount_fen": 1 }), [Done, Done, GONE]),
        patch("update_assistance_record", VillageA, f.record.path(), json!({ "amount_fen": 2 }), [Done, Done, Done]),
        post(
            "step_assistance_plan",
            VillageA,
            format!("{}/agree", f.plan.path()),
            json!({ "agreed_by": "许清水" }),
            ADDED_WHILE_CONSENTING,
        ),
        post("step_assistance_measure", VillageA, format!("{}/drop", f.planned.path()), json!({ "note": "不再办理" }), [Done; 3]),
        post("step_assistance_plan", VillageA, format!("{}/close", f.plan.path()), json!({ "note": "不再帮扶" }), [Done; 3]),
        post(
            "create_assistance_plan",
            VillageA,
            "/assistance-plans",
            json!({ "campaign_id": campaign_id, "household_id": f.id }),
            ADDED_WHILE_CONSENTING,
        ),
        post("step_assistance_record", VillageA, format!("{}/confirm", f.record.path()), json!({}), [Done; 3]),
        post("step_assistance_record", TownA, format!("{}/reject", f.other_record.path()), by_town, [Done; 3]),
        // Those who keep the file may correct mistakes.
        post(
            "create_assistance_record",
            OrganisationA,
            "/assistance-records",
            with(gift(&f.id), "/corrects_id", f.other_record["id"].clone()),
            [Refused(IllegalStep), Refused(IllegalStep), REFUSED],
        ),
        post("create_assistance_record", VillageA, "/assistance-records", correction(f), [Done; 3]),
        Row {
            method: Method::DELETE,
            body: None,
            ..post(
                "delete_attachment",
                OrganisationA,
                f.photo.path(),
                json!({}),
                [Refused(OutsideOwnScope), Refused(OutsideOwnScope), GONE],
            )
        },
        Row {
            method: Method::DELETE,
            body: None,
            ..post("delete_attachment", VillageA, f.portrait.path(), json!({}), [Done; 3])
        },
        // This is possible although the record is confirmed, and whatever the family consents to.
        post("remove_attachment", VillageA, format!("{}/remove", f.photo.path()), json!({ "reason": "unconsented" }), [Done; 3]),
        post("step_household", TownA, format!("{home}/lift_out"), json!({ "note": "收入稳定" }), [Done; 3]),
        post("step_household", VillageA, format!("{home}/relapse"), json!({ "note": "收入下降" }), ADDED_WHILE_CONSENTING),
        post("step_household", VillageA, format!("{home}/assist"), json!({}), [Done, Done, Refused(IllegalStep)]),
        patch("update_household", VillageA, home.clone(), json!({ "phone": null }), [Done; 3]),
        post(
            "step_pairing",
            Bureau,
            format!("{}/terminate", f.pairing.path()),
            json!({ "note": "不再帮扶" }),
            [Done, Done, Refused(IllegalStep)],
        ),
        post("create_pairing", VillageA, "/pairings", pairing, ADDED_WHILE_CONSENTING),
        // The file moves with the family, whatever it consents to.
        post(
            "move_household",
            TownA,
            format!("{home}/move"),
            json!({ "village_code": "350582104205", "moved_on": "2020-04-20", "note": "随子女迁居" }),
            [Done; 3],
        ),
    ]);
    rows
}

fn correction(f: &Family) -> Value {
    let record = with(gift(&f.id), "/corrects_id", f.record["id"].clone());
    with(record, "/pairing_id", f.pairing["id"].clone())
}
