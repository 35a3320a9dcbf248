//! Every operation of the document × every account, inside and outside of its scope.
//!
//! A new operation needs one line in [`table`]: this test fails until it is there.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use contract::ErrorCode::{self, Forbidden, IllegalStep, NotFound, OutsideOwnScope, Unauthenticated, ValidationFailed};
use reqwest::Method;
use serde_json::{Value, json};

use baishe::platform::excel::MEDIA_TYPE as XLSX;

use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// How an operation is called, and who may. Unless it says otherwise: all whose role has the permission, and where it is about an object,
/// those of its county; for the county next door it is not there.
struct Entry {
    operation: &'static str,
    object: Option<Object>,
    body: Option<fn(&TestApp, &Target) -> Value>,
    /// The fields of a form and its file, where it is one.
    upload: Option<fn(&Target) -> Upload>,
    query: Option<fn(&Target) -> String>,
    only: Option<&'static [Who]>,
    otherwise: ErrorCode,
    foreign: Option<ErrorCode>,
    but: &'static [(Who, ErrorCode)],
}

/// Makes or finds what the call is about, anew for each call, of which the caller is told.
type Object = for<'a> fn(&'a TestApp, Who) -> Made<'a>;
type Made<'a> = Pin<Box<dyn Future<Output = Target> + 'a>>;

/// The fields of a form, and the file with its type.
type Upload = (Vec<(&'static str, String)>, &'static str, Vec<u8>);

/// What a call is about: path below the API's base, id and version.
#[derive(Default)]
struct Target {
    path: String,
    id: String,
    etag: Option<String>,
}

impl Target {
    fn at(path: String) -> Self {
        Self { id: path.rsplit('/').next().unwrap_or_default().to_owned(), path, etag: None }
    }

    /// A step of it.
    fn step(self, action: &str) -> Self {
        Self { path: format!("{}/{action}", self.path), ..self }
    }
}

impl From<Answer> for Target {
    fn from(answer: Answer) -> Self {
        Self { etag: answer.header("etag").map(str::to_owned), ..Self::at(answer.path()) }
    }
}

fn op(operation: &'static str) -> Entry {
    Entry {
        operation,
        object: None,
        body: None,
        upload: None,
        query: None,
        only: None,
        otherwise: OutsideOwnScope,
        foreign: None,
        but: &[],
    }
}

impl Entry {
    /// The object that the path names, or that the body is about.
    fn on(self, object: Object) -> Self {
        Self { object: Some(object), foreign: Some(NotFound), ..self }
    }

    fn body(self, body: fn(&TestApp, &Target) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn upload(self, upload: fn(&Target) -> Upload) -> Self {
        Self { upload: Some(upload), ..self }
    }

    /// Parameters that must be there.
    fn query(self, query: fn(&Target) -> String) -> Self {
        Self { query: Some(query), ..self }
    }

    /// Of those with the permission only these may; the others read it and get `outside_own_scope`, unless [`Entry::or`].
    fn only(self, who: &'static [Who]) -> Self {
        Self { only: Some(who), ..self }
    }

    /// What the others get, where it is not `outside_own_scope`.
    fn or(self, code: ErrorCode) -> Self {
        Self { otherwise: code, ..self }
    }

    /// The county next door may as well.
    fn everywhere(self) -> Self {
        Self { foreign: None, ..self }
    }

    /// What the county next door gets, where it is not `not_found`.
    fn foreign(self, code: ErrorCode) -> Self {
        Self { foreign: Some(code), ..self }
    }

    /// Exceptions.
    fn but(self, but: &'static [(Who, ErrorCode)]) -> Self {
        Self { but, ..self }
    }

    /// None where it is allowed.
    fn refusal(&self, who: Who, operation: &Operation) -> Option<ErrorCode> {
        let permitted = operation.permission.is_some_and(|permission| permission.roles().contains(&who.role()));
        if !permitted {
            return Some(Forbidden);
        }
        if let Some((_, code)) = self.but.iter().find(|(exception, _)| *exception == who) {
            return Some(*code);
        }
        if who == OtherBureau && self.foreign.is_some() {
            return self.foreign;
        }
        match self.only {
            Some(only) if !only.contains(&who) => Some(self.otherwise),
            _ => None,
        }
    }

    async fn call(&self, app: &TestApp, operation: &Operation, client: &Client, target: Target) -> Answer {
        let template = operation.path.trim_start_matches(baishe::platform::api::BASE);
        // What stands behind the last parameter is the sub-collection or the step.
        let path = match template.rsplit_once('}') {
            Some((_, rest)) => format!("{}{rest}", target.path),
            None => template.to_owned(),
        };
        let path = self.query.map_or(path.clone(), |query| format!("{path}?{}", query(&target)));
        if let Some(upload) = self.upload {
            let (fields, media_type, file) = upload(&target);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            return client.upload(&path, &fields, ("file", media_type, &file)).await;
        }
        let mut call = client.call(operation.method.clone(), &path);
        if let Some(body) = self.body {
            call = call.json(body(app, &target));
        }
        if let (&Method::PATCH, Some(etag)) = (&operation.method, &target.etag) {
            call = call.if_match(etag);
        }
        call.await
    }
}

fn village_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&format!("/villages/{VILLAGE_A}")).await.is(200).into() })
}

fn area(_: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/areas/{VILLAGE_A}")) })
}

/// The organisation of an account, of which everybody in the county may read.
fn organisation_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().get(&app.organisation_a_path()).await.is(200).into() })
}

fn campaign_2020(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let list = app.bureau().get("/campaigns").await.is(200);
        match list.items().first().and_then(|campaign| campaign["id"].as_str()) {
            Some(id) => app.bureau().get(&format!("/campaigns/{id}")).await.is(200).into(),
            None => app.open_campaign().await.into(),
        }
    })
}

/// Another session of the caller's own.
fn own_session(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let login = json!({ "account": who.account(), "password": PASSWORD });
        app.anonymous().post("/auth/login", login).await.is(200);
        let sessions = app.as_(who).get("/me/sessions").await.is(200);
        let other = sessions.items().iter().find(|session| session["current"] == false).expect("the session just opened");
        Target::at(format!("/me/sessions/{}", other["id"].as_str().expect("an id")))
    })
}

/// A number for each call: codes must not repeat.
fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A campaign of its own for each call.
fn next_campaign() -> Value {
    with(campaign(), "/document_number", json!(format!("晋政民〔2020〕{}号", next_number())))
}

fn campaign_just_opened(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/campaigns", next_campaign()).await.is(201).into() })
}

/// The application of village A, which is not confirmed.
fn application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_just_opened(app, who).await;
        let village = json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A });
        app.village_a().post("/enrolments", village).await.is(201).into()
    })
}

/// The same, confirmed: all of the county read it.
fn confirmed_application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let application = application(app, who).await;
        app.bureau().post(&format!("{}/confirm", application.path), json!({})).await.is(200);
        application
    })
}

fn confirmed_members(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", app.enrolled(next_campaign()).await)) })
}

fn pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.proposed(next_campaign()).await.into() })
}

fn confirmed_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/pairings/{}", app.confirmed(next_campaign()).await.id())) })
}

fn draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.agreement(next_campaign()).await.into() })
}

fn scanned_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let draft = app.agreement(next_campaign()).await;
        app.scan(&draft).await;
        draft.into()
    })
}

fn project_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.project(next_campaign()).await.into() })
}

fn project_task(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let project = app.project(next_campaign()).await;
        app.town_a().post("/tasks", task(&project.id())).await.is(201).into()
    })
}

fn active_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.active(next_campaign(), "2020-04-18").await.into() })
}

fn progress(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.progress(next_campaign()).await.into() })
}

/// A picture of organisation A, attached by the caller where they may.
fn attachment(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let who = if who == OrganisationA { who } else { Bureau };
        app.attached(who, "organisations", &app.world.organisation_a.to_string()).await.is(201).into()
    })
}

/// Village A, whose low-income households rise by one, as a workbook.
fn villages_workbook(_: &Target) -> Upload {
    let rows: &[&[&str]] = &[&["代码", "相对贫困户数"], &[VILLAGE_A, &next_number().to_string()]];
    (vec![], XLSX, workbook(&[("村（社区）", rows)]))
}

/// Another organisation of town A.
fn organisations_workbook(_: &Target) -> Upload {
    let row: &[&str] = &[&credit_code(next_number()), "新入会", "商会", TOWN_A];
    (vec![], XLSX, workbook(&[("社会组织", &[&["统一社会信用代码", "名称", "类别", "区划代码"], row])]))
}

/// A step for each of these.
macro_rules! steps {
    ($($name:ident = $object:ident / $action:literal),+ $(,)?) => {
        $(fn $name(app: &TestApp, who: Who) -> Made<'_> {
            Box::pin(async move { $object(app, who).await.step($action) })
        })+
    };
}
steps! {
    confirming = application / "confirm",
    withdrawing = application / "withdraw",
    leaving = confirmed_application / "withdraw",
    accepting = pairing / "accept",
    confirming_pairing = pairing / "confirm",
    consenting = project_draft / "consent",
    approving = project_draft / "approve",
    cancelling_task = project_task / "cancel",
}

/// The body of a step that gives every reason that could be wanted.
fn reasons(_: &TestApp, _: &Target) -> Value {
    json!({ "note": "村里人手不够", "on_behalf_reason": "村委会暂无账号" })
}

/// What everybody may call, signed in or not.
const OPEN: &[&str] = &["login", "refresh_session", "logout"];

/// Who sees the application of village A.
const APPLICATION: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, Auditor];
/// Who sees the pairing of village A and organisation A.
const PAIRING: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Cadre, Auditor];

/// Who sees its agreement and its progress.
const PARTIES: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Auditor];

fn table() -> Vec<Entry> {
    vec![
        op("read_me"),
        op("change_password").body(|_, _| json!({ "current_password": PASSWORD, "new_password": PASSWORD })),
        op("list_sessions"),
        op("end_session").on(own_session).everywhere(),
        op("list_areas"),
        op("read_area").on(area).everywhere(),
        op("list_campaigns"),
        op("create_campaign").body(|_, _| next_campaign()).foreign(OutsideOwnScope),
        op("read_campaign").on(campaign_2020),
        op("update_campaign").on(campaign_2020).body(|_, _| json!({ "title": "百社解千难" })),
        op("list_campaign_history").on(campaign_2020),
        op("list_villages"),
        op("read_village").on(village_a),
        op("update_village").on(village_a).body(|_, _| json!({ "old_base": true })).only(&[Bureau, TownA, VillageA]),
        op("list_village_history").on(village_a),
        op("list_organisations"),
        op("create_organisation")
            .body(|_, _| organisation(next_number(), TOWN_A))
            .only(&[Bureau, TownA])
            .but(&[(OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("read_organisation").on(organisation_a),
        op("update_organisation").on(organisation_a).body(|_, _| json!({ "strengths": "助学" })).only(&[Bureau, OrganisationA]),
        op("list_organisation_history").on(organisation_a),
        op("read_village_template"),
        op("import_villages").upload(villages_workbook).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_villages"),
        op("read_organisation_template"),
        op("import_organisations").upload(organisations_workbook).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_organisations"),
        op("list_attachments")
            .on(organisation_a)
            .query(|organisation| format!("object_type=organisations&object_id={}", organisation.id)),
        op("create_attachment")
            .on(organisation_a)
            .upload(|organisation| {
                let fields = vec![("object_type", "organisations".to_owned()), ("object_id", organisation.id.clone())];
                (fields, "image/png", picture(image::ImageFormat::Png))
            })
            .only(&[Bureau, OrganisationA]),
        op("read_attachment").on(attachment),
        op("delete_attachment").on(attachment).only(&[Bureau, OrganisationA]),
        op("list_enrolments"),
        op("create_enrolment")
            .on(campaign_just_opened)
            .body(|_, campaign| json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A }))
            .only(&[Bureau, TownA, VillageA])
            .foreign(ValidationFailed),
        op("read_enrolment").on(application).only(APPLICATION).or(NotFound),
        op("list_enrolment_history").on(application).only(APPLICATION).or(NotFound),
        op("step_enrolment").on(confirming).body(reasons).only(&[Bureau]).or(NotFound).but(&[(TownA, Forbidden), (VillageA, Forbidden)]),
        op("step_enrolment").on(withdrawing).body(reasons).only(&[TownA, VillageA]).or(NotFound).but(&[(Bureau, Forbidden)]),
        op("step_enrolment").on(leaving).body(reasons).only(&[TownA, VillageA]).but(&[(Bureau, Forbidden)]),
        op("list_pairings"),
        op("create_pairing")
            .on(confirmed_members)
            .body(|app, campaign| {
                json!({ "campaign_id": campaign.id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A })
            })
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .foreign(ValidationFailed),
        op("read_pairing").on(pairing).only(PAIRING).or(NotFound),
        op("list_pairing_history").on(pairing).only(PAIRING).or(NotFound),
        op("step_pairing")
            .on(accepting)
            .body(reasons)
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden), (OrganisationA, IllegalStep)]),
        op("step_pairing")
            .on(confirming_pairing)
            .body(reasons)
            .only(&[])
            .or(NotFound)
            .but(&[(Bureau, IllegalStep), (TownA, Forbidden), (VillageA, Forbidden), (OrganisationA, Forbidden)]),
        op("list_work_items"),
        op("list_agreements"),
        op("create_agreement")
            .on(confirmed_pairing)
            .body(|_, pairing| agreement(&pairing.id))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("read_agreement").on(draft).only(PARTIES).or(NotFound),
        op("read_agreement_document").on(draft).only(PARTIES).or(NotFound),
        op("list_agreement_history").on(draft).only(PARTIES).or(NotFound),
        op("update_agreement")
            .on(draft)
            .body(|_, _| json!({ "witness": "陈志强" }))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("sign_agreement")
            .on(scanned_draft)
            .body(|_, _| json!({ "signed_on": "2020-04-20" }))
            .only(&[Bureau, TownA, OrganisationA])
            .or(NotFound)
            .but(&[(VillageA, Forbidden)]),
        op("terminate_agreement").on(draft).body(reasons).only(&[Bureau, TownA, VillageA, OrganisationA]).or(NotFound),
        op("list_projects"),
        op("create_project")
            .on(active_pairing)
            .body(|_, pairing| project(&pairing.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_project").on(project_draft).only(PARTIES).or(NotFound),
        op("list_project_history").on(project_draft).only(PARTIES).or(NotFound),
        op("update_project")
            .on(project_draft)
            .body(|_, _| json!({ "title": "龙眼干加工" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project")
            .on(consenting)
            .body(reasons)
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project")
            .on(approving)
            .body(reasons)
            .only(&[])
            .or(NotFound)
            .but(&[(Bureau, IllegalStep), (TownA, Forbidden), (VillageA, Forbidden), (OrganisationA, Forbidden)]),
        op("list_tasks"),
        op("create_task")
            .on(project_draft)
            .body(|_, project| task(&project.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_task").on(project_task).only(PARTIES).or(NotFound),
        op("list_task_history").on(project_task).only(PARTIES).or(NotFound),
        op("update_task")
            .on(project_task)
            .body(|_, _| json!({ "weight": 3 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_task")
            .on(cancelling_task)
            .body(reasons)
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("list_progress_updates"),
        op("create_progress_update")
            .on(active_pairing)
            .body(|_, pairing| json!({ "pairing_id": pairing.id, "month": "2020-04", "content": "助学", "progress": "已走访12户" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed),
        op("read_progress_update").on(progress).only(PARTIES).or(NotFound),
        op("update_progress_update")
            .on(progress)
            .body(|_, _| json!({ "progress": "已走访15户" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("list_progress_update_history").on(progress).only(PARTIES).or(NotFound),
    ]
}

#[test]
fn every_operation_of_the_document_is_in_the_table() {
    let documented: BTreeSet<_> = operations().iter().map(|operation| operation.id.as_str()).collect();
    let known: BTreeSet<_> = table().iter().map(|entry| entry.operation).chain(OPEN.iter().copied()).collect();
    assert_eq!(documented, known, "the document (left) and the table of tests/api/authorization.rs (right) differ");
    let open = operations().iter().filter(|operation| operation.permission.is_none()).map(|operation| operation.id.as_str());
    assert_eq!(
        open.collect::<BTreeSet<_>>(),
        BTreeSet::from_iter(OPEN.iter().copied()),
        "what needs no permission is a decision: name it here"
    );
}

both_databases!(every_operation_is_open_to_the_right_people, async |app| {
    let mut wrong = Vec::new();
    for entry in table() {
        let Some(operation) = operations().iter().find(|operation| operation.id == entry.operation) else { continue };
        for who in [None].into_iter().chain(Who::ALL.map(Some)) {
            let target = match entry.object {
                Some(object) => object(app, who.unwrap_or(Bureau)).await,
                None => Target::default(),
            };
            let client = who.map_or_else(|| app.anonymous(), |who| app.as_(who));
            let answer = entry.call(app, operation, &client, target).await;
            let refusal = who.map_or(Some(Unauthenticated), |who| entry.refusal(who, operation));
            let as_it_should = match refusal {
                Some(code) => answer["code"] == contract::CodedEnum::code(code),
                None => (200..300).contains(&answer.status),
            };
            if !as_it_should {
                let body = String::from_utf8_lossy(&answer.bytes);
                wrong.push(format!("{} by {who:?}: {} instead of {refusal:?}: {body}", entry.operation, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});
