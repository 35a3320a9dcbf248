//! Cadres who stand by institutions (挂钩帮扶), and what comes of it.

use baishe::startup;
use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_adoptions"),
        op("create_adoption").on(fresh_campaign).body(proposal_of).foreign(ValidationFailed),
        op("export_adoptions"),
        op("list_adoption_cadres"),
        op("read_cadre_year")
            .on(fresh_campaign)
            .query(|target| format!("campaign_id={}&cadre_id={}", target.id, target.body.as_str().unwrap_or_default()))
            .foreign(ValidationFailed),
        op("read_adoption").on(any_proposed).but(&[(TownB, NotFound)]),
        op("step_adoption")
            .on(any_proposed)
            .step("accept")
            .reasons()
            .only(&[Institution, Bureau])
            .or(Forbidden)
            .but(&[(Cadre, IllegalStep)]),
        op("list_adoption_history").on(any_proposed).but(&[(TownB, NotFound)]),
        op("list_adoption_updates"),
        op("create_adoption_update")
            .on(any_active)
            .body(|_, target| update(&target.id))
            .only(&[Cadre])
            .or(Forbidden)
            .foreign(Forbidden),
        op("export_adoption_updates"),
        op("read_adoption_update").on(any_update).but(&[(TownB, NotFound)]),
        op("update_adoption_update").on(any_update).body(|_, _| json!({ "content": "上门两次" })).only(&[Cadre]).or(Forbidden),
        op("list_adoption_update_history").on(any_update).but(&[(TownB, NotFound)]),
        op("list_help_records"),
        op("create_help_record")
            .on(any_active)
            .body(|_, target| help(&target.id))
            .only(&[Cadre])
            .or(Forbidden)
            .foreign(Forbidden),
        op("export_help_records"),
        op("read_help_record").on(any_help).but(&[(TownB, NotFound)]),
        op("update_help_record").on(any_help).body(|_, _| json!({ "hours": 3 })).only(&[Cadre]).or(Forbidden),
        op("step_help_record").on(any_help).step("confirm").reasons().only(&[Institution, Bureau]).or(Forbidden),
        op("list_help_record_history").on(any_help).but(&[(TownB, NotFound)]),
        op("list_difficulties"),
        op("create_difficulty")
            .on(fresh_campaign)
            .body(|app, target| difficulty(app, &target.id))
            .only(&[Institution])
            .or(Forbidden)
            .foreign(Forbidden),
        op("export_difficulties"),
        op("read_difficulty").on(any_difficulty).but(&[(TownB, NotFound)]),
        op("update_difficulty").on(any_difficulty).body(|_, _| json!({ "title": "夜班无人" })).only(&[Institution]).or(Forbidden),
        op("step_difficulty")
            .on(any_difficulty)
            .step("solve")
            .body(|_, target| json!({ "note": "协调两名护理员", "solved_on": "2020-04-20", "adoption_id": target.body }))
            .only(&[Institution, Cadre])
            .or(Forbidden),
        op("list_difficulty_history").on(any_difficulty).but(&[(TownB, NotFound)]),
    ],
    example: |app| {
        Box::pin(async {
            let adoption = active(app, &app.opened().await).await;
            let cadre = app.as_(Cadre);
            cadre.post("/adoption-updates", update(&adoption.id())).await.is(201);
            cadre.post("/help-records", help(&adoption.id())).await.is(201);
            let campaign_id = adoption["campaign_id"].as_str().expect("an id");
            app.as_(Institution).post("/difficulties", difficulty(app, campaign_id)).await.is(201);
        })
    },
    pages: &[
        ("auditor", "/adoption-updates"),
        ("auditor", "/adoptions"),
        ("auditor", "/cadre-year"),
        ("auditor", "/difficulties"),
        ("auditor", "/help-records"),
        ("bureau", "/adoption-updates"),
        ("bureau", "/adoption-updates/{}"),
        ("bureau", "/adoptions"),
        ("bureau", "/adoptions/{}"),
        ("bureau", "/cadre-year"),
        ("bureau", "/difficulties"),
        ("bureau", "/difficulties/{}"),
        ("bureau", "/help-records"),
        ("bureau", "/help-records/{}"),
        ("cadre", "/adoption-updates"),
        ("cadre", "/adoption-updates/new"),
        ("cadre", "/adoption-updates/{}"),
        ("cadre", "/adoption-updates/{}/edit"),
        ("cadre", "/adoptions"),
        ("cadre", "/adoptions/new"),
        ("cadre", "/adoptions/{}"),
        ("cadre", "/cadre-year"),
        ("cadre", "/difficulties"),
        ("cadre", "/difficulties/{}"),
        ("cadre", "/help-records"),
        ("cadre", "/help-records/new"),
        ("cadre", "/help-records/{}"),
        ("institution", "/adoption-updates"),
        ("institution", "/adoptions"),
        ("institution", "/adoptions/new"),
        ("institution", "/adoptions/{}"),
        ("institution", "/cadre-year"),
        ("institution", "/difficulties"),
        ("institution", "/difficulties/new"),
        ("institution", "/difficulties/{}"),
        ("institution", "/difficulties/{}/edit"),
        ("institution", "/help-records"),
        ("institution", "/help-records/{}"),
        ("leader", "/adoption-updates"),
        ("leader", "/adoptions"),
        ("leader", "/cadre-year"),
        ("leader", "/difficulties"),
        ("leader", "/help-records"),
        ("town", "/adoption-updates"),
        ("town", "/adoptions"),
        ("town", "/cadre-year"),
        ("town", "/difficulties"),
        ("town", "/help-records"),
    ],
    ..Domain::EMPTY
};

impl TestApp {
    /// Another campaign, and its id.
    async fn opened(&self) -> String {
        self.bureau().post("/campaigns", next_campaign()).await.is(201).id()
    }
}

fn cadre_id(app: &TestApp) -> Value {
    json!(app.world.accounts[&Cadre].user_id)
}

pub fn proposal(app: &TestApp, campaign_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "cadre_id": cadre_id(app), "institution_id": app.world.institution })
}

fn update(adoption_id: &str) -> Value {
    json!({ "adoption_id": adoption_id, "month": "2020-04", "content": "走访机构，了解护理人员情况" })
}

fn help(adoption_id: &str) -> Value {
    json!({
        "adoption_id": adoption_id, "kind": "goods", "happened_on": "2020-04-20", "amount_fen": 200_000, "hours": 2,
        "goods": [{ "name": "护理床", "quantity": 2, "unit": "张" }], "description": "联系爱心企业捐赠",
    })
}

fn difficulty(app: &TestApp, campaign_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "institution_id": app.world.institution, "title": "夜班护理人员不足", "raised_on": "2020-04-18",
    })
}

fn proposal_of(app: &TestApp, target: &Target) -> Value {
    proposal(app, &target.id)
}

async fn proposed(app: &TestApp, campaign_id: &str) -> Answer {
    app.as_(Cadre).post("/adoptions", proposal(app, campaign_id)).await.is(201)
}

/// An adoption that is active since the first day of the tests.
async fn active(app: &TestApp, campaign_id: &str) -> Answer {
    let made = proposed(app, campaign_id).await;
    app.as_(Institution).post(&format!("{}/accept", made.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", made.path()), json!({})).await.is(200).about(&made.path())
}

/// A campaign, and the id of the cadre.
fn fresh_campaign(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let id = app.opened().await;
        Target { body: cadre_id(app), ..Target::at(format!("/campaigns/{id}")) }
    })
}

fn any_proposed(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { proposed(app, &app.opened().await).await.into() })
}

fn any_active(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { active(app, &app.opened().await).await.into() })
}

fn any_update(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let adoption = active(app, &app.opened().await).await;
        app.as_(Cadre).post("/adoption-updates", update(&adoption.id())).await.is(201).into()
    })
}

fn any_help(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let adoption = active(app, &app.opened().await).await;
        app.as_(Cadre).post("/help-records", help(&adoption.id())).await.is(201).into()
    })
}

/// A difficulty, and an adoption under which it can be solved.
fn any_difficulty(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign_id = app.opened().await;
        let adoption = active(app, &campaign_id).await;
        let made = app.as_(Institution).post("/difficulties", difficulty(app, &campaign_id)).await.is(201);
        Target { body: json!(adoption.id()), ..made.into() }
    })
}

async fn waiting(client: &Client) -> Vec<String> {
    let list = client.get("/work-items").await.is(200);
    let groups = list["groups"].as_array().expect("groups").iter();
    groups.map(|group| group["kind"].as_str().expect("a kind").to_owned()).collect()
}

both_databases!(the_bureau_speaks_with_a_reason_for_an_institution_that_cannot, async |app| {
    let made = proposed(app, &app.opened().await).await;
    let accept = format!("{}/accept", made.path());
    app.bureau().post(&accept, json!({})).await.fault("/on_behalf_reason", "required");
    let why = json!({ "on_behalf_reason": "该机构暂无账号，已电话确认" });
    assert_eq!(app.bureau().post(&accept, why.clone()).await.is(200)["state"], "accepted");
    app.bureau().post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    let given = app.as_(Cadre).post("/help-records", help(&made.id())).await.is(201);
    let confirm = format!("{}/confirm", given.path());
    app.bureau().post(&confirm, json!({})).await.fault("/on_behalf_reason", "required");
    assert_eq!(app.bureau().post(&confirm, why).await.is(200)["state"], "confirmed");
    let history = app.as_(Auditor).get(&format!("{}/history", given.path())).await.is(200);
    assert_eq!(history.items()[0]["on_behalf_reason"], "该机构暂无账号，已电话确认");
});

both_databases!(both_sides_agree_and_the_bureau_confirms, async |app| {
    let (bureau, cadre, institution) = (app.bureau(), app.as_(Cadre), app.as_(Institution));
    let campaign_id = app.opened().await;
    let made = proposed(app, &campaign_id).await;
    assert_eq!(
        (&made["state"], &made["proposed_by"], &made["cadre_name"]),
        (&json!("proposed"), &json!("cadre"), &json!("Cadre"))
    );
    assert_eq!(made["allowed_actions"], json!(["withdraw"]));
    assert_eq!(waiting(&institution).await, ["answer_adoptions"]);
    let to = |action: &str| format!("{}/{action}", made.path());
    cadre.post(&to("accept"), json!({})).await.refused(IllegalStep);
    institution.post(&to("decline"), json!({})).await.fault("/note", "required");
    bureau.post(&to("confirm"), json!({})).await.refused(IllegalStep);
    institution.post(&to("accept"), json!({})).await.is(200);
    assert!(waiting(&bureau).await.contains(&"confirm_adoptions".to_owned()));
    let confirmed = bureau.post(&to("confirm"), json!({})).await.is(200);
    assert_eq!((&confirmed["state"], &confirmed["active_since"]), (&json!("active"), &json!("2020-04-20")));
    assert_eq!(waiting(&cadre).await, ["write_adoption_updates"]);
    bureau.post(&to("terminate"), json!({})).await.fault("/note", "required");
    let done = bureau.post(&to("complete"), json!({})).await.is(200);
    assert_eq!((&done["state"], &done["ended_on"]), (&json!("completed"), &json!("2020-04-20")));

    // The institution proposes, and the bureau recommends: then both answer.
    let second = app.opened().await;
    let asked = institution.post("/adoptions", proposal(app, &second)).await.is(201);
    institution.post(&format!("{}/accept", asked.path()), json!({})).await.refused(IllegalStep);
    cadre.post(&format!("{}/decline", asked.path()), json!({ "note": "已有挂钩机构" })).await.is(200);
    let recommended = bureau.post("/adoptions", proposal(app, &second)).await.is(201);
    for (client, state) in [(&institution, "proposed"), (&cadre, "accepted")] {
        assert_eq!(client.post(&format!("{}/accept", recommended.path()), json!({})).await.is(200)["state"], state);
    }
    bureau.post(&format!("{}/withdraw", recommended.path()), json!({ "note": "误推" })).await.refused(IllegalStep);
    cadre.post(&format!("{}/withdraw", recommended.path()), json!({ "note": "调岗" })).await.is(200);

    // Nobody answers for ever.
    let third = app.opened().await;
    let late = proposed(app, &third).await;
    app.clock.set(noon("2020-05-20"));
    institution.post(&format!("{}/accept", late.path()), json!({})).await.refused(IllegalStep);
    startup::tidy(&app.app).await;
    assert_eq!(bureau.get(&late.path()).await.is(200)["state"], "expired");
});

both_databases!(the_same_two_have_one_live_adoption_however_many_propose_it, async |app| {
    let campaign_id = app.opened().await;
    let clients = [app.as_(Cadre), app.as_(Institution), app.bureau()];
    let calls = (0..9).map(|number| clients[number % 3].post("/adoptions", proposal(app, &campaign_id)));
    let (made, refused) = at_once(calls).await;
    assert_eq!((made.len(), refused.len()), (1, 8));
    assert!(refused.iter().all(|answer| answer["code"] == "adoption_exists"));
    let again = app.bureau().post("/adoptions", proposal(app, &campaign_id)).await.refused(AdoptionExists);
    assert_eq!(again["existing"], made[0].path());
    app.as_(Cadre).post("/adoptions", proposal(app, &app.opened().await)).await.is(201);
});

both_databases!(nobody_proposes_for_another_or_what_is_not_there, async |app| {
    let campaign_id = app.opened().await;
    let body = proposal(app, &campaign_id);
    let other = app.joined("other", contract::Role::Cadre, COUNTY, None).await;
    let far = app.bureau().post("/institutions", institution(50, COUNTY)).await.is(201);
    other.post("/adoptions", body.clone()).await.refused(OutsideOwnScope);
    let theirs = with(body.clone(), "/institution_id", json!(far.id()));
    app.as_(Institution).post("/adoptions", theirs.clone()).await.fault("/institution_id", "unknown");
    for (pointer, value) in [
        ("/campaign_id", json!(far.id())),
        ("/cadre_id", json!(app.world.accounts[&Bureau].user_id)),
        ("/institution_id", json!(app.world.organisation_a)),
    ] {
        app.bureau().post("/adoptions", with(body.clone(), pointer, value)).await.fault(pointer, "unknown");
    }
    app.bureau().post(&format!("{}/shut_down", far.path()), json!({ "note": "停办" })).await.is(200);
    app.bureau().post("/adoptions", theirs).await.fault("/institution_id", "institution_closed");
    app.clock.set(noon("2020-12-10"));
    app.as_(Cadre).post("/adoptions", body).await.refused(OutsidePhase);
    // A cadre sees their own, an institution its own, a town those of its institutions.
    app.clock.set(instant(NOW));
    let made = proposed(app, &campaign_id).await;
    for client in [&other, &app.town_b(), &app.as_(OtherBureau)] {
        client.get(&made.path()).await.refused(NotFound);
        assert_eq!(client.get("/adoptions").await.is(200)["total"], 0);
    }
    app.village_a().get(&made.path()).await.refused(Forbidden);
    for who in [Bureau, LeadingGroup, TownA, Institution, Cadre, Auditor] {
        assert_eq!(app.as_(who).get("/adoptions?q=敬老").await.is(200)["total"], 1, "{who:?}");
    }
    let cadres = app.as_(Institution).get("/adoptions/cadres").await.is(200);
    assert_eq!(cadres["total"], 2);
});

both_databases!(a_cadre_writes_month_by_month_what_was_done, async |app| {
    let adoption = active(app, &app.opened().await).await;
    let cadre = app.as_(Cadre);
    let month = |month: &str| with(update(&adoption.id()), "/month", json!(month));
    cadre.post("/adoption-updates", month("2020-05")).await.fault("/month", "future");
    cadre.post("/adoption-updates", month("2020-03")).await.fault("/month", "date_outside_campaign");
    let made = cadre.post("/adoption-updates", month("2020-04")).await.is(201);
    cadre.post("/adoption-updates", month("2020-04")).await.refused(ProgressExists);
    assert_eq!(waiting(&cadre).await, [""; 0]);
    cadre.patch(&made.path(), json!({ "month": "2020-05" })).if_match("*").await.fault("/month", "fixed");
    let changed = cadre.patch(&made.path(), json!({ "content": "走访两次" })).if_match(&made.etag()).await.is(200);
    cadre.patch(&made.path(), json!({ "content": "三次" })).if_match(&made.etag()).await.refused(StaleVersion);
    assert_eq!(changed["version"], 2);
    let early = proposed(app, &app.opened().await).await;
    cadre.post("/adoption-updates", update(&early.id())).await.refused(AdoptionNotActive);
});

both_databases!(help_counts_once_the_institution_has_confirmed_it, async |app| {
    let campaign_id = app.opened().await;
    let adoption = active(app, &campaign_id).await;
    let (bureau, cadre, institution) = (app.bureau(), app.as_(Cadre), app.as_(Institution));
    let body = help(&adoption.id());
    let nothing = json!({ "adoption_id": adoption.id(), "kind": "visit", "happened_on": "2020-04-20" });
    cadre.post("/help-records", nothing).await.fault("/description", "nothing_given");
    for (pointer, value, code) in [
        ("/happened_on", json!("2020-04-21"), "future"),
        ("/happened_on", json!("2020-04-01"), "date_outside_campaign"),
        ("/amount_fen", json!(0), "range"),
        ("/hours", json!(-1), "range"),
    ] {
        cadre.post("/help-records", with(body.clone(), pointer, value)).await.fault(pointer, code);
    }
    cadre.post("/help-records", with(body.clone(), "/happened_on", json!("2020-04-19"))).await.refused(AdoptionNotActive);
    let made = cadre.post("/help-records", body.clone()).await.is(201);
    assert_eq!(waiting(&institution).await, ["confirm_help"]);
    let figures = async || {
        let board = app.as_(LeadingGroup).get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
        (
            board["adoptions"]["help"]["value"].clone(),
            board["adoptions"]["amount_fen"].clone(),
            board["adoptions"]["hours"].clone(),
        )
    };
    assert_eq!(figures().await, (json!(0), json!(0), json!(0)));
    bureau.post(&format!("{}/complete", adoption.path()), json!({})).await.refused(RecordsOpen);
    cadre.post(&format!("{}/confirm", made.path()), json!({})).await.refused(Forbidden);
    let confirmed = institution.post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    assert_eq!((&confirmed["state"], &confirmed["editable"]), (&json!("confirmed"), &json!(false)));
    assert_eq!(figures().await, (json!(1), json!(200_000), json!(2)));
    cadre.patch(&made.path(), json!({ "amount_fen": 1 })).if_match("*").await.refused(IllegalStep);
    // What was confirmed by mistake is revoked, and recorded anew.
    bureau.post(&format!("{}/revoke", made.path()), json!({ "note": "金额有误" })).await.is(200);
    assert_eq!(figures().await, (json!(0), json!(0), json!(0)));
    let second = cadre.post("/help-records", with(body, "/amount_fen", json!(150_000))).await.is(201);
    institution.post(&format!("{}/reject", second.path()), json!({})).await.fault("/note", "required");
    institution.post(&format!("{}/reject", second.path()), json!({ "note": "未收到" })).await.is(200);
    bureau.post(&format!("{}/complete", adoption.path()), json!({})).await.is(200);
});

both_databases!(a_difficulty_is_solved_under_an_adoption_on_a_day, async |app| {
    let campaign_id = app.opened().await;
    let adoption = active(app, &campaign_id).await;
    let (cadre, institution) = (app.as_(Cadre), app.as_(Institution));
    let made = institution.post("/difficulties", difficulty(app, &campaign_id)).await.is(201);
    assert!(waiting(&cadre).await.contains(&"solve_difficulties".to_owned()));
    let solve = format!("{}/solve", made.path());
    let body = json!({ "note": "协调两名护理员", "solved_on": "2020-04-20", "adoption_id": adoption.id() });
    for (pointer, value, code) in [
        ("/note", Value::Null, "required"),
        ("/solved_on", Value::Null, "required"),
        ("/solved_on", json!("2020-04-21"), "future"),
        ("/solved_on", json!("2020-04-17"), "end_before_start"),
        ("/adoption_id", Value::Null, "required"),
        ("/adoption_id", json!(made.id()), "unknown"),
    ] {
        cadre.post(&solve, with(body.clone(), pointer, value)).await.fault(pointer, code);
    }
    let solved = cadre.post(&solve, body.clone()).await.is(200);
    assert_eq!((&solved["state"], &solved["solution"]), (&json!("solved"), &json!("协调两名护理员")));
    assert_eq!((&solved["cadre_name"], &solved["solved_on"]), (&json!("Cadre"), &json!("2020-04-20")));
    institution.patch(&made.path(), json!({ "title": "别的" })).if_match("*").await.refused(IllegalStep);
    let open = institution.post(&format!("{}/unsolve", made.path()), json!({ "note": "一周后离职" })).await.is(200);
    assert_eq!((&open["solution"], &open["adoption_id"]), (&Value::Null, &Value::Null));
    // The institution may manage by itself.
    let own = json!({ "note": "自行招聘", "solved_on": "2020-04-19" });
    institution.post(&solve, own).await.is(200);
    institution
        .post("/difficulties", with(difficulty(app, &campaign_id), "/raised_on", json!("2020-04-30")))
        .await
        .fault("/raised_on", "future");
});

both_databases!(whoever_leaves_stands_by_nobody_any_more, async |app| {
    let (admin, bureau) = (app.admin(), app.bureau());
    let (first, second) = (app.opened().await, app.opened().await);
    let (running, asked) = (active(app, &first).await, proposed(app, &second).await);
    let account = format!("/users/{}", app.world.accounts[&Cadre].user_id);
    admin.post(&format!("{account}/disable"), json!({})).await.is(200);
    for (adoption, state) in [(&running, "terminated"), (&asked, "withdrawn")] {
        assert_eq!(bureau.get(&adoption.path()).await.is(200)["state"], state);
        let history = bureau.get(&format!("{}/history", adoption.path())).await.is(200);
        assert_eq!(history.items()[0]["action"], "cadre_left");
    }
    bureau.post("/adoptions", proposal(app, &second)).await.fault("/cadre_id", "unknown");
    admin.post(&format!("{account}/enable"), json!({})).await.is(200);
    assert_eq!(bureau.get(&running.path()).await.is(200)["state"], "terminated", "who comes back begins anew");

    // Another role is no cadre's either, and an institution that closes is stood by no more.
    let again = bureau.post("/adoptions", proposal(app, &second)).await.is(201);
    let seen = admin.get(&account).await.is(200);
    admin.patch(&account, json!({ "role": "leading_group" })).if_match(&seen.etag()).await.is(200);
    assert_eq!(bureau.get(&again.path()).await.is(200)["state"], "withdrawn");
    let seen = admin.get(&account).await.is(200);
    admin.patch(&account, json!({ "role": "cadre" })).if_match(&seen.etag()).await.is(200);
    let third = bureau.post("/adoptions", proposal(app, &second)).await.is(201);
    let institution = format!("/institutions/{}/shut_down", app.world.institution);
    bureau.post(&institution, json!({ "note": "停办" })).await.is(200);
    let ended = bureau.get(&third.path()).await.is(200);
    assert_eq!(ended["state"], "withdrawn");
});

both_databases!(a_cadre_reads_the_year_on_one_page, async |app| {
    let campaign_id = app.opened().await;
    let adoption = active(app, &campaign_id).await;
    let (cadre, institution) = (app.as_(Cadre), app.as_(Institution));
    cadre.post("/adoption-updates", update(&adoption.id())).await.is(201);
    let given = cadre.post("/help-records", help(&adoption.id())).await.is(201);
    institution.post(&format!("{}/confirm", given.path()), json!({})).await.is(200);
    cadre.post("/help-records", help(&adoption.id())).await.is(201);
    let raised = institution.post("/difficulties", difficulty(app, &campaign_id)).await.is(201);
    institution.post("/difficulties", with(difficulty(app, &campaign_id), "/title", json!("消防改造资金不足"))).await.is(201);
    let body = json!({ "note": "协调两名护理员", "solved_on": "2020-04-20", "adoption_id": adoption.id() });
    cadre.post(&format!("{}/solve", raised.path()), body).await.is(200);
    app.clock.set(noon("2020-06-02"));
    let path = format!("/adoptions/year?campaign_id={campaign_id}");
    app.statements.take();
    let year = cadre.get(&path).await.is(200);
    assert!(app.statements.take().len() <= 14, "whatever the year holds");
    let months: Vec<_> = year["months"].as_array().expect("months").iter().map(|month| month["month"].clone()).collect();
    assert_eq!(months, ["2020-04", "2020-05", "2020-06"]);
    let april = &year["months"][0];
    let count = |field: &str| april[field].as_array().map(Vec::len);
    assert_eq!((count("updates"), count("help"), count("solved")), (Some(1), Some(1), Some(1)));
    assert_eq!((&year["amount_fen"], &year["hours"], &year["open_difficulties"]), (&json!(200_000), &json!(2), &json!(1)));
    assert_eq!(year["adoptions"].as_array().map(Vec::len), Some(1));
    let id = app.world.accounts[&Cadre].user_id;
    assert_eq!(app.bureau().get(&format!("{path}&cadre_id={id}")).await.is(200)["amount_fen"], 200_000);
    app.bureau().get(&path).await.fault("/cadre_id", "required");
    app.joined("other", contract::Role::Cadre, COUNTY, None)
        .await
        .get(&format!("{path}&cadre_id={id}"))
        .await
        .refused(OutsideOwnScope);

    // The month of all towns tells of it apart, and each figure leads to its records.
    let month = app.bureau().get(&format!("/report-months?campaign_id={campaign_id}&month=2020-04")).await.is(200);
    assert_eq!(month["towns"], json!([]));
    for figure in ["active", "updates", "help", "solved", "open"] {
        let figure = &month["adoptions"][figure];
        assert_eq!(figure["value"], 1, "{figure}");
        assert_eq!(app.bureau().get(figure["records"].as_str().expect("a list")).await.is(200)["total"], 1);
    }
    assert!(app.village_a().get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200)["adoptions"].is_null());
});
