//! Families with all data that a family can have, for tests of what must not be revealed.

use baishe::commands::retention::{Command, run};
use serde_json::json;

use super::answer::Answer;
use super::cooperation::paper;
use super::fixtures::*;
use super::server::TestApp;
use super::world::*;

/// Values that identify them, which are stored sealed only. The addresses and remarks occur nowhere else.
pub const SECRETS: &[&str] = &[
    "许清水",
    "许小荷",
    "新厝角落",
    "13805950137",
    "6217001850012345678",
    "350582196503",
    "350582201206",
    "学费尚缺",
    "看望老人",
    "大米",
    "资助长女学费",
    "收条",
];

/// One family with everything that can belong to it, and three others.
pub struct Families {
    /// Of village A, helped by organisation A.
    pub family: Answer,
    pub pairing: Answer,
    pub plan: Answer,
    pub measure: Answer,
    pub record: Answer,
    /// Attached to the file, and to the record.
    pub card: Answer,
    pub receipt: Answer,
    /// Two files of village A, the second merged into the first.
    pub kept: Answer,
    pub merged: Answer,
    /// A family of village B.
    pub other: Answer,
}

/// The content of the attachments: no word of it may appear on the disk.
pub fn receipt() -> Vec<u8> {
    paper("收条 许清水 350582196503120012")
}

impl TestApp {
    /// Runs retention, and returns its output line by line and its summary.
    pub async fn retention(&self, dry_run: bool) -> (Vec<String>, String) {
        let mut lines = Vec::new();
        let told = run(&self.app, Command::Run { dry_run }, |line| lines.push(line)).await.expect("the command runs");
        (lines, told)
    }

    /// A family of village A that organisation A helps, its pairing, a plan that is not agreed to yet, and a measure for June in
    /// it.
    pub async fn planned(&self) -> (Answer, Answer, Answer, Answer) {
        let (family, pairing) = self.helped(campaign(), 1).await;
        let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
        let plan = self.village_a().post("/assistance-plans", plan).await.is(201);
        let measure = with(measure(&plan.id()), "/member_id", family["members"][1]["id"].clone());
        let measure = self.village_a().post("/assistance-measures", measure).await.is(201);
        (family, pairing, plan, measure)
    }

    pub async fn families(&self) -> Families {
        let (village, organisation) = (self.village_a(), self.organisation_a());
        let (family, pairing, plan, measure) = self.planned().await;
        village.post(&format!("{}/visits", family.path()), visit()).await.is(201);
        let agreed = json!({ "agreed_by": "许清水", "agreed_on": "2020-04-20" });
        let plan = village.post(&format!("{}/agree", plan.path()), agreed).await.is(200).about(&plan.path());
        let record = with(gift(&family.id()), "/member_id", family["members"][0]["id"].clone());
        let record = organisation.post("/assistance-records", record).key("gift").await.is(201);
        let attach = async |client: &super::client::Client, kind: &str, id: String| {
            let fields = [("object_type", kind), ("object_id", &*id)];
            client.upload("/attachments", &fields, ("许清水.pdf", "application/pdf", &receipt())).await.is(201)
        };
        let card = attach(&village, "households", family.id()).await;
        let receipt = attach(&organisation, "assistance_records", record.id()).await;

        let kept = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
        let merged = village.post("/households", household(VILLAGE_A, 5)).await.is(201);
        let head = json!({ "id": kept["members"][0]["id"], "relation": "head" });
        let merging = json!({ "other_id": merged["id"], "other_version": 1, "members": [head], "note": "入户核实为同一户" });
        village.post(&format!("{}/merge", kept.path()), merging).await.is(200);
        let other = self.as_(Who::VillageB).post("/households", household(VILLAGE_B, 7)).await.is(201);
        Families { family, pairing, plan, measure, record, card, receipt, kept, merged, other }
    }

    /// The same. Today those of village A are lifted out, and the one of village B withdraws its consent. Organisation A still
    /// helps the first.
    pub async fn families_released(&self) -> Families {
        let families = self.families().await;
        self.village_a().post(&format!("{}/confirm", families.record.path()), json!({})).await.is(200);
        let lift_out = format!("{}/lift_out", families.family.path());
        self.town_a().post(&lift_out, json!({ "note": "收入稳定" })).await.is(200);
        for step in ["assist", "lift_out"] {
            let step = format!("{}/{step}", families.kept.path());
            self.town_a().post(&step, json!({ "note": "收入稳定" })).await.is(200);
        }
        let (village, path) = (self.as_(Who::VillageB), families.other.path());
        let etag = village.get(&path).await.is(200).etag();
        let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
        village.patch(&path, withdraw).if_match(&etag).await.is(200);
        families
    }
}
