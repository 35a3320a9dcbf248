//! Valid bodies, for tests to send as they are or to spoil.

use contract::Role;
use contract::codes::identity_check;
use platform::Tx;
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::client::{Call, Client};
use super::document::{Operation, operations};
use super::server::TestApp;
use super::world::{COUNTY, VILLAGE_A, VILLAGE_B, Who, credit_code};

/// An organisation. The template uses the numbers up to 9.
pub fn organisation(number: u32, area_code: &str) -> Value {
    json!({
        "name": format!("第{number}社会工作服务中心"), "credit_code": credit_code(number), "kind": "social_work", "area_code": area_code,
    })
}

/// An institution. The template uses the numbers up to 9.
pub fn institution(number: u32, area_code: &str) -> Value {
    json!({ "name": format!("第{number}敬老院"), "code": format!("JJ{number:03}"), "kind": "care_home", "area_code": area_code })
}

/// The campaign of 2020 with the dates of the notice.
pub fn campaign() -> Value {
    json!({
        "title": "2020年“百社解千难”活动", "document_number": "晋政民〔2020〕28号", "agreement_prefix": "百社协", "area_code": COUNTY,
        "starts_on": "2020-04-15", "ends_on": "2020-12-31",
        "phases": [
            { "phase": "preparation", "starts_on": "2020-04-15", "ends_on": "2020-05-31" },
            { "phase": "implementation", "starts_on": "2020-06-01", "ends_on": "2020-11-30" },
            { "phase": "summary", "starts_on": "2020-12-01", "ends_on": "2020-12-31" },
        ],
        "milestones": [
            { "kind": "acceptance", "due_on": "2020-12-20" },
            { "kind": "survey", "due_on": "2020-04-30" },
            { "kind": "kick_off", "due_on": "2020-05-10", "done_on": "2020-05-08" },
            { "kind": "pairing", "due_on": "2020-05-15" },
        ],
        "settings": {},
        "targets": [{ "indicator": "jobs_offered", "target": 500 }],
        "leading_group": [{ "name": "王小明", "post": "leader", "unit": "市民政局" }],
    })
}

/// The draft of an agreement.
pub fn agreement(pairing_id: &str) -> Value {
    json!({ "pairing_id": pairing_id, "starts_on": "2020-04-20", "organisation_signatory": "蔡文良", "village_signatory": "吴建设" })
}

/// A valid identity number of somebody born on a day such as `19650312`.
pub fn identity_number(born: &str, order: u32) -> String {
    // The number distinguishes a thousand people born on one day. The next thousand are born a day later.
    let born = born.parse::<u32>().expect("a day") + order / 1000;
    let body = format!("350582{born}{:03}", order % 1000);
    format!("{body}{}", identity_check(&body).expect("17 digits"))
}

fn household_head(order: u32) -> Value {
    json!({
        "name": "许清水", "relation": "head", "identity_number": identity_number("19650312", order), "health": "chronic_illness",
        "schooling": "primary", "labour": "ordinary", "groups": ["seriously_ill"],
    })
}

/// A complete file with a head and a daughter of eight.
pub fn household(village: &str, order: u32) -> Value {
    json!({
        "village_code": village, "registered_on": "2020-04-16", "category": "minimum_living", "main_cause": "illness",
        "secondary_causes": ["schooling"], "income_per_head_fen": 480_000, "address": "永湖村新厝角落12号",
        "phone": "13805950137", "bank_account": "6217001850012345678",
        "consent": { "given_on": "2020-04-16", "given_by": "许清水", "scope": ["assistance", "photos"] },
        "members": [
            household_head(order),
            {
                "name": "许小荷", "relation": "child", "identity_number": identity_number("20120601", order), "health": "healthy",
                "schooling": "primary", "labour": "none", "groups": ["student"],
            },
        ],
    })
}

/// A visit to a family.
pub fn visit() -> Value {
    json!({ "visited_on": "2020-04-19", "visitors": "永湖村两委", "note": "户主已出院，长女学费尚缺" })
}

/// Money and rice for a family.
pub fn gift(household_id: &str) -> Value {
    json!({
        "household_id": household_id, "kind": "visit", "happened_on": "2020-04-20", "amount_fen": 200_000,
        "goods": [{ "name": "大米", "quantity": 2, "unit": "袋" }], "description": "看望老人",
    })
}

/// A measure for June that the organisation answers for.
pub fn measure(plan_id: &str) -> Value {
    json!({
        "plan_id": plan_id, "month": "2020-06", "kind": "schooling", "responsible": "organisation", "amount_fen": 300_000,
        "description": "资助长女学费",
    })
}

/// `body` with one field changed; `null` removes it.
pub fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a JSON pointer");
    let parent = body.pointer_mut(parent).expect("what the pointer leads to");
    match (parent, value) {
        (Value::Object(fields), Value::Null) => {
            fields.remove(field);
        }
        (Value::Object(fields), value) => {
            fields.insert(field.to_owned(), value);
        }
        (Value::Array(items), value) => items[field.parse::<usize>().expect("an index")] = value,
        _ => panic!("{pointer} leads nowhere"),
    }
    body
}

/// A small picture.
pub fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(6, 4).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// A workbook of sheets with their rows, the header first.
pub fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a name");
        for (number, row) in (0..).zip(rows.iter()) {
            sheet.write_row(number, 0, row.iter().copied()).expect("a row");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

impl TestApp {
    /// Opens the campaign of 2020.
    pub async fn open_campaign(&self) -> Answer {
        self.bureau().post("/campaigns", campaign()).await.is(201)
    }

    /// A campaign with village A and organisation A enrolled and confirmed; returns its id.
    pub async fn enrolled(&self, campaign: Value) -> String {
        let id = self.bureau().post("/campaigns", campaign).await.is(201).id();
        for (client, member) in [
            (self.village_a(), json!({ "campaign_id": id, "village_code": VILLAGE_A })),
            (self.organisation_a(), json!({ "campaign_id": id, "organisation_id": self.world.organisation_a })),
        ] {
            let entered = client.post("/enrolments", member).await.is(201);
            self.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
        }
        id
    }

    /// A pairing of the two, proposed by organisation A.
    pub async fn proposed(&self, campaign: Value) -> Answer {
        let campaign_id = self.enrolled(campaign).await;
        let proposal =
            json!({ "campaign_id": campaign_id, "organisation_id": self.world.organisation_a, "village_code": VILLAGE_A });
        self.organisation_a().post("/pairings", proposal).await.is(201)
    }

    /// The same, accepted and confirmed.
    pub async fn confirmed(&self, campaign: Value) -> Answer {
        let pairing = self.proposed(campaign).await;
        self.village_a().post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
        self.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200)
    }

    /// A pairing of the two, active since a day, without an agreement.
    pub async fn active(&self, campaign: Value, since: &str) -> Answer {
        let pairing = self.confirmed(campaign).await;
        self.activate(&pairing.id(), since).await
    }

    /// Makes a confirmed pairing active since a day, without an agreement.
    pub async fn activate(&self, id: &str, since: &str) -> Answer {
        use domains::auth;
        use domains::pairings;
        let bureau = self.world.accounts[&Who::Bureau].session_id;
        let caller = auth::service::caller(&self.app.database.read, bureau, self.clock.now()).await.expect("the bureau");
        let tx = Tx::of(&self.app, caller).await.expect("a transaction");
        let since = since.parse().expect("a date");
        pairings::service::activate(&tx, id.parse().expect("an id"), since).await.expect("it was confirmed");
        tx.commit().await.expect("a commit");
        self.bureau().get(&format!("/pairings/{id}")).await.is(200)
    }

    /// Two pairings of a campaign, active since a day: that of village A and organisation A, and that of village B and
    /// organisation B.
    pub async fn both_active(&self, campaign: Value, since: &str) -> (Answer, Answer) {
        let first = self.active(campaign, since).await;
        let (campaign_id, organisation_id) = (&first["campaign_id"], self.world.organisation_b);
        for (who, member) in [
            (Who::VillageB, json!({ "campaign_id": campaign_id, "village_code": VILLAGE_B })),
            (Who::OrganisationB, json!({ "campaign_id": campaign_id, "organisation_id": organisation_id })),
        ] {
            let entered = self.as_(who).post("/enrolments", member).await.is(201);
            self.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
        }
        let proposal = json!({ "campaign_id": campaign_id, "organisation_id": organisation_id, "village_code": VILLAGE_B });
        let second = self.as_(Who::OrganisationB).post("/pairings", proposal).await.is(201);
        self.as_(Who::VillageB).post(&format!("{}/accept", second.path()), json!({})).await.is(200);
        self.bureau().post(&format!("{}/confirm", second.path()), json!({})).await.is(200);
        let second = self.activate(&second.id(), since).await;
        (first, second)
    }

    /// The draft of an agreement for a confirmed pairing.
    pub async fn agreement(&self, campaign: Value) -> Answer {
        let pairing = self.confirmed(campaign).await;
        self.town_a().post("/agreements", agreement(&pairing.id())).await.is(201)
    }

    /// Sends a request as an administrator and lets the auditor confirm it. Returns the request, and the password made of both
    /// halves.
    pub async fn by_two(&self, call: Call) -> (Answer, String) {
        let asked = call.await.is(202);
        let done = self.as_(Who::Auditor).post(&format!("{}/confirm", asked.path()), json!({})).await.is(200);
        let half = |answer: &Answer| answer["password_half"].as_str().unwrap_or_default().to_owned();
        let password = [half(&asked), half(&done)].concat();
        (done, password)
    }

    /// An account that took two persons to create, and its one-time password.
    pub async fn made_by_two(&self, input: Value) -> (Answer, String) {
        let input = with(input, "/reason", json!("新到任"));
        let (done, password) = self.by_two(self.admin().post("/users", input)).await;
        let made = self.admin().get(&format!("/users/{}", done["user_id"].as_str().expect("an account"))).await.is(200);
        (made, password)
    }

    /// The operations that answer with pages, each with a path that lists something and a client that may read it.
    pub async fn lists(&self) -> Vec<(&'static Operation, String, Client)> {
        let mut lists = Vec::new();
        for operation in operations() {
            let pages = operation.value["responses"]["200"].to_string().contains("#/components/schemas/Page_");
            if operation.method != Method::GET || !pages || !operation.value["parameters"].to_string().contains("\"cursor\"") {
                continue;
            }
            let mut path = operation.path.clone();
            let client = self.reader(operation);
            if let Some((parents, _)) = operation.path.split_once("/{") {
                // The first parent object of the list.
                let parents = client.get(&format!("{parents}?limit=1")).await.is(200);
                let parent = parents.items().first().unwrap_or_else(|| panic!("{}: let an example make one", operation.id));
                let key = parent["id"].as_str().or(parent["code"].as_str()).expect("an id or a code");
                path = path.replace("{id}", key).replace("{code}", key);
            }
            if operation.id == "list_attachments" {
                path = format!("{path}?object_type=villages&object_id={VILLAGE_A}&");
            } else {
                path.push('?');
            }
            lists.push((operation, path, client));
        }
        assert!(lists.len() >= 10, "only {} lists: are they still found?", lists.len());
        lists
    }

    /// A client that may read what an operation answers: the bureau, or else the administrator.
    pub fn reader(&self, operation: &Operation) -> Client {
        let bureau = operation.permission.is_some_and(|permission| permission.roles().contains(&Role::Bureau));
        if bureau { self.bureau() } else { self.admin() }
    }

    /// The first object in a list of the bureau.
    pub async fn first(&self, list: &str) -> Answer {
        let (bureau, kind) = (self.bureau(), list.split('?').next().unwrap_or(list));
        let listed = bureau.get(list).await.is(200);
        let first = listed.items().first().unwrap_or_else(|| panic!("{list}: an example before is to make one"));
        bureau.get(&format!("{kind}/{}", first["id"].as_str().expect("an id"))).await.is(200)
    }

    /// The first active pairing with a village.
    pub async fn active_village(&self) -> Answer {
        self.first("/pairings?state=active&kind=village").await
    }

    /// April's progress of a pairing that has been active since the eighteenth.
    pub async fn progress(&self, campaign: Value) -> Answer {
        let pairing = self.active(campaign, "2020-04-18").await;
        let written = json!({ "pairing_id": pairing.id(), "month": "2020-04", "content": "助学", "progress": "已走访12户" });
        self.town_a().post("/progress-updates", written).await.is(201)
    }

    /// A picture attached to an object.
    pub async fn attached(&self, who: Who, object_type: &str, object_id: &str) -> Answer {
        let fields = [("object_type", object_type), ("object_id", object_id)];
        let bytes = picture(image::ImageFormat::Png);
        self.as_(who).upload("/attachments", &fields, ("照片.png", "image/png", &bytes)).await
    }

    /// The path of the organisation of [`Who::OrganisationA`](super::Who::OrganisationA).
    pub fn organisation_a_path(&self) -> String {
        format!("/organisations/{}", self.world.organisation_a)
    }
}
