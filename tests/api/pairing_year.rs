//! The year of a pair, and its task book.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::projects::{CONSENTS, steps};
use super::query_plans::finds_by_index;
use super::task_plans::{planned, six};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// A pair that works together: a running project of six tasks, progress of April with a photo, an outcome, and a family that is
/// helped. Returns the pairings with the village and with the family.
async fn working(app: &TestApp) -> (Answer, Answer) {
    let (family, helped) = app.helped(campaign(), 1).await;
    let pairing = app.active_village().await;
    let organisation = app.organisation_a();
    let project = organisation.post("/projects", project(&pairing.id())).await.is(201);
    let path = format!("{}/plan", project.path());
    let empty = organisation.get(&path).await.is(200);
    organisation.patch(&path, six()).if_match(&empty.etag()).await.is(200);
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(TownA, "submit"), (Bureau, "approve"), (VillageA, "start")]).await;
    let written = json!({ "pairing_id": pairing.id(), "month": "2020-04", "content": "助学", "progress": "已走访12户" });
    let update = app.town_a().post("/progress-updates", written).await.is(201);
    app.attached(TownA, "progress_updates", &update.id()).await.is(201);
    for (indicator, quantity) in [("jobs_offered", 3), ("money_donated_fen", 500_000)] {
        let outcome =
            json!({ "pairing_id": pairing.id(), "indicator": indicator, "quantity": quantity, "happened_on": "2020-04-20" });
        let outcome = organisation.post("/outcomes", outcome).await.is(201);
        if indicator == "jobs_offered" {
            app.village_a().post(&format!("{}/confirm", outcome.path()), json!({})).await.is(200);
        }
    }
    let record = organisation.post("/assistance-records", gift(&family.id())).await.is(201);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    (pairing, helped)
}

fn year(pairing: &Answer) -> String {
    format!("{}/year", pairing.path())
}

fn month<'a>(year: &'a Answer, month: &str) -> &'a Value {
    year["months"].as_array().expect("months").iter().find(|one| one["month"] == month).expect("the month")
}

fn told(year: &Answer) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = year["steps"].as_array().expect("steps").iter();
    steps.map(|step| format!("{} {} {}", text(&step["kind"]), text(&step["by"]), step["days_late"])).collect()
}

both_databases!(a_year_says_what_was_planned_and_done_and_whose_turn_it_is, async |app| {
    let (pairing, _) = working(app).await;
    let first = app.village_a().get(&year(&pairing)).await.is(200);
    let months: Vec<_> = first["months"].as_array().expect("months").iter().map(|month| month["month"].clone()).collect();
    assert_eq!((&months[0], months.last(), months.len()), (&json!("2020-04"), Some(&json!("2020-12")), 9));
    let april = month(&first, "2020-04");
    assert_eq!((&april["update"]["progress"], &april["owed_update"]), (&json!("已走访12户"), &Value::Null));
    let photo = &april["photos"][0];
    assert_eq!((&photo["object_type"], april["photos"].as_array().map(Vec::len)), (&json!("progress_updates"), Some(1)));
    app.village_a().get(photo["content"].as_str().expect("a path")).await.is(200);
    assert_eq!(april["outcomes"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&april["aid"]["households"], &april["aid"]["confirmed"], &april["aid"]["recorded"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let records = app.village_a().get(april["aid"]["records"].as_str().expect("an address")).await.is(200);
    assert_eq!(records["total"], 1, "the figure opens its records");
    assert_eq!(month(&first, "2020-06")["tasks"][0]["title"], "选址");
    // Expected were one project and eight jobs.
    let figures: Vec<_> = first["indicators"].as_array().expect("indicators").iter().collect();
    let told_of = |code: &str| {
        let one = figures.iter().find(|one| one["indicator"] == code).expect("the indicator");
        (one["target"].clone(), one["confirmed"].clone(), one["recorded"].clone())
    };
    assert_eq!(told_of("jobs_offered"), (json!(8), json!(3), json!(0)));
    assert_eq!(told_of("money_donated_fen"), (Value::Null, json!(0), json!(500_000)));
    assert_eq!(told_of("economy_projects"), (json!(1), json!(0), json!(0)));
    assert_eq!((&first["late"], &first["left_out"]), (&json!(0), &json!([])));
    assert_eq!(told(&first)[0], "confirm_outcome village 0");
    assert_eq!(first["steps"][1]["kind"], "finish_task");

    // In August two tasks are late, and so is what nobody has told of three months.
    app.clock.set(instant("2020-08-10T02:00:00Z"));
    let later = app.village_a().get(&year(&pairing)).await.is(200);
    let expected = [
        "write_progress sides 66",
        "finish_task organisation 41",
        "write_progress sides 36",
        "finish_task organisation 10",
        "write_progress sides 5",
    ];
    assert_eq!(told(&later)[..5], expected);
    assert_eq!(later["late"], 5);
    assert_eq!(month(&later, "2020-05")["owed_update"], json!({ "due_on": "2020-06-05", "overdue": true }));
    assert_eq!(month(&later, "2020-08")["owed_update"], json!({ "due_on": "2020-09-05", "overdue": false }));
    assert_eq!(month(&later, "2020-06")["tasks"][0]["overdue"], true);
    assert!(month(&later, "2020-06")["tasks"][0]["allowed_actions"].as_array().is_some_and(|steps| !steps.is_empty()));
});

both_databases!(a_year_costs_ten_statements_and_is_found_by_index, async |app| {
    let (pairing, helped) = working(app).await;
    for who in [Bureau, TownA, VillageA, OrganisationA, LeadingGroup, Auditor] {
        let client = app.as_(who);
        for one in [&pairing, &helped] {
            if who == LeadingGroup && one.id() == helped.id() {
                continue;
            }
            client.get(&year(one)).await.is(200);
            app.statements.take();
            client.get(&year(one)).await.is(200);
            let statements = app.statements.take().len();
            assert!(statements <= 10, "{who:?}: {statements} statements");
            finds_by_index(app, &client, &year(one), false).await;
        }
    }
    // As many with more of everything.
    app.statements.take();
    app.bureau().get(&year(&pairing)).await.is(200);
    let before = app.statements.take().len();
    for month in ["2020-05", "2020-07", "2020-09"] {
        let plan =
            format!("/projects/{}/plan", app.bureau().get("/projects").await.is(200).items()[0]["id"].as_str().expect("an id"));
        let seen = app.town_a().get(&plan).await.is(200);
        let more = json!({ "tasks": [planned("走访", "village", month), planned("培训", "village", month)] });
        app.town_a().patch(&plan, more).if_match(&seen.etag()).await.is(200);
    }
    app.statements.take();
    app.bureau().get(&year(&pairing)).await.is(200);
    assert_eq!(app.statements.take().len(), before);
});

both_databases!(what_a_year_has_no_room_for_is_said_with_its_address, async |app| {
    let (pairing, _) = working(app).await;
    let plan =
        format!("/projects/{}/plan", app.bureau().get("/projects").await.is(200).items()[0]["id"].as_str().expect("an id"));
    let seen = app.town_a().get(&plan).await.is(200);
    let many: Vec<_> = (0..194).map(|number| planned(&format!("任务{number}"), "village", "2020-07")).collect();
    app.town_a().patch(&plan, json!({ "tasks": many })).if_match(&seen.etag()).await.is(200);
    assert_eq!(app.bureau().get(&year(&pairing)).await.is(200)["left_out"], json!([]));
    let project_id = plan.split('/').nth(2).expect("an id");
    app.town_a().post("/tasks", task(project_id)).await.is(201);
    let full = app.bureau().get(&year(&pairing)).await.is(200);
    let address = format!("/tasks?pairing_id={}", pairing.id());
    assert_eq!(full["left_out"], json!([{ "object": "tasks", "records": address }]));
    assert_eq!(app.bureau().get(&address).await.is(200)["total"], 201);
    assert_eq!(full["steps"].as_array().map(Vec::len), Some(20));
});

both_databases!(a_year_shows_nobody_what_they_read_no_list_of, async |app| {
    let (pairing, helped) = working(app).await;
    let april = |year: &Answer| month(year, "2020-04").clone();
    for who in [Bureau, TownA, VillageA, OrganisationA, Auditor] {
        let seen = app.as_(who).get(&year(&pairing)).await.is(200);
        assert_eq!(april(&seen)["aid"]["households"], 1, "{who:?}");
        assert_eq!(seen["projects"].as_array().map(Vec::len), Some(1), "{who:?}");
    }
    // Families in sums alone: one of a village is one too few.
    let group = app.as_(LeadingGroup).get(&year(&pairing)).await.is(200);
    assert_eq!((&april(&group)["aid"], group["projects"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
    app.as_(LeadingGroup).get(&year(&helped)).await.refused(NotFound);
    let cadre = app.as_(Cadre).get(&year(&pairing)).await.is(200);
    for nothing in ["agreements", "projects", "indicators"] {
        assert_eq!(cadre[nothing], json!([]), "{nothing}");
    }
    assert!(april(&cadre)["update"].is_null() && april(&cadre)["photos"] == json!([]) && april(&cadre)["owed_update"].is_null());
    for stranger in [TownB, VillageB, OrganisationB, OtherBureau] {
        app.as_(stranger).get(&year(&pairing)).await.refused(NotFound);
        app.as_(stranger).get(&year(&helped)).await.refused(NotFound);
    }
    // With a family: what is given in sums, and nothing of the village's pairing.
    let own = app.organisation_a().get(&year(&helped)).await.is(200);
    assert_eq!((&own["projects"], &april(&own)["aid"]["confirmed"]), (&json!([]), &json!(1)));
    let records = app.organisation_a().get(april(&own)["aid"]["records"].as_str().expect("an address")).await.is(200);
    assert_eq!(records["total"], 1);
    // 撤回同意: the organisation learns nothing of the family any more, its sums included.
    let family = helped["household"]["id"].as_str().expect("an id");
    let path = format!("/households/{family}");
    let etag = app.village_a().get(&path).await.is(200).etag();
    let withdrawal = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&path, withdrawal).if_match(&etag).await.is(200);
    assert_eq!(april(&app.organisation_a().get(&year(&pairing)).await.is(200))["aid"], Value::Null);
    assert_eq!(april(&app.village_a().get(&year(&pairing)).await.is(200))["aid"]["households"], 1);
});

both_databases!(a_task_book_is_the_same_to_the_byte_until_a_plan_changes, async |app| {
    let (pairing, helped) = working(app).await;
    let path = format!("{}/task-book", pairing.path());
    let first = app.organisation_a().get(&path).await.is(200);
    assert!(first.header("content-disposition").is_some_and(|name| name.contains("docx")));
    app.clock.set(instant("2020-05-10T02:00:00Z"));
    for who in [OrganisationA, VillageA, TownA, Bureau, LeadingGroup] {
        assert_eq!(app.as_(who).get(&path).await.is(200).bytes, first.bytes, "{who:?}");
    }
    let task = app.bureau().get("/tasks?sort=month").await.is(200).items()[0]["id"].as_str().expect("an id").to_owned();
    app.organisation_a().post(&format!("/tasks/{task}/finish"), json!({})).await.is(200);
    assert_ne!(app.bureau().get(&path).await.is(200).bytes, first.bytes);
    app.bureau().get(&format!("{}/task-book", helped.path())).await.is(200);
});
