//! What paired sides do together: agreements, projects, tasks.

use serde_json::{Value, json};

use super::answer::Answer;
use super::fixtures::{agreement, campaign, household};
use super::server::TestApp;
use super::world::{VILLAGE_A, VILLAGE_B, Who};

/// A minimal PDF.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n29\n%%EOF\n";

/// A PDF with some words in it.
pub fn paper(words: &str) -> Vec<u8> {
    let head = format!("%PDF-1.4\n% {words}\n1 0 obj\n<<>>\nendobj\n");
    format!("{head}xref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n{}\n%%EOF\n", head.len()).into_bytes()
}

/// A project from May to November.
pub fn project(pairing_id: &str) -> Value {
    json!({
        "pairing_id": pairing_id, "title": "龙眼深加工", "goal": "collective_economy", "industry": "agriculture",
        "cooperation_form": "商会出资，村集体合作社经营", "plan": "五月选址，六月动工，十一月投产",
        "budget_fen": 1_000_000,
        "funding": [{ "source": "own_funds", "amount_fen": 600_000 }, { "source": "village", "amount_fen": 400_000 }],
        "starts_on": "2020-05-01", "ends_on": "2020-11-30",
        "expected_outcomes": [{ "indicator": "economy_projects", "target": 1 }, { "indicator": "jobs_offered", "target": 8 }],
    })
}

/// A task of June that the organisation answers for.
pub fn task(project_id: &str) -> Value {
    json!({ "project_id": project_id, "month": "2020-06", "title": "完成选址", "responsible": "organisation", "due_on": "2020-06-30" })
}

impl TestApp {
    /// A pairing of a household of village A with organisation A, confirmed by the bureau, in a campaign in which village and
    /// organisation are paired.
    pub async fn confirmed_with(&self, campaign_id: &str, household_id: &str) -> Answer {
        let two =
            json!({ "campaign_id": campaign_id, "organisation_id": self.world.organisation_a, "household_id": household_id });
        let pairing = self.village_a().post("/pairings", two).await.is(201);
        self.organisation_a().post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
        self.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200).about(&pairing.path())
    }

    /// The same, active from today.
    pub async fn helps(&self, campaign_id: &str, household_id: &str) -> Answer {
        let pairing = self.confirmed_with(campaign_id, household_id).await;
        let path = pairing.path();
        self.town_a().post(&format!("{path}/activate"), json!({})).await.is(200).about(&path)
    }

    /// A household of village A and its pairing with organisation A, active from today in a new campaign.
    pub async fn helped(&self, campaign: Value, order: u32) -> (Answer, Answer) {
        let village = self.active(campaign, "2020-04-18").await;
        let family = self.village_a().post("/households", household(VILLAGE_A, order)).await.is(201);
        let pairing = self.helps(village["campaign_id"].as_str().expect("an id"), &family.id()).await;
        (family, pairing)
    }

    /// Attaches a signed scan to an agreement.
    pub async fn scan(&self, agreement: &Answer) -> Answer {
        let fields = [("object_type", "agreements"), ("object_id", &*agreement.id())];
        self.bureau().upload("/attachments", &fields, ("scan.pdf", "application/pdf", PDF)).await.is(201)
    }

    /// A signed agreement, and so an active pairing.
    pub async fn signed(&self, campaign: Value) -> Answer {
        let draft = self.agreement(campaign).await;
        self.scan(&draft).await;
        self.bureau().post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })).await.is(200);
        self.bureau().get(&draft.path()).await.is(200)
    }

    /// The draft of a project of an active pairing.
    pub async fn project(&self, campaign: Value) -> Answer {
        let pairing = self.active(campaign, "2020-04-18").await;
        self.organisation_a().post("/projects", project(&pairing.id())).await.is(201)
    }

    /// Drafts of four agreements in one campaign: both organisations with both villages.
    pub async fn four_drafts(&self) -> Vec<Answer> {
        let bureau = self.bureau();
        let campaign_id = self.enrolled(campaign()).await;
        for member in [
            json!({ "campaign_id": campaign_id, "village_code": VILLAGE_B }),
            json!({ "campaign_id": campaign_id, "organisation_id": self.world.organisation_b }),
        ] {
            let entered = bureau.post("/enrolments", member).await.is(201);
            bureau.post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
        }
        let mut drafts = Vec::new();
        for (organisation, organisation_id) in
            [(Who::OrganisationA, self.world.organisation_a), (Who::OrganisationB, self.world.organisation_b)]
        {
            for (village, village_code) in [(Who::VillageA, VILLAGE_A), (Who::VillageB, VILLAGE_B)] {
                let two = json!({ "campaign_id": campaign_id, "organisation_id": organisation_id, "village_code": village_code });
                let pairing = self.as_(organisation).post("/pairings", two).await.is(201);
                self.as_(village).post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
                bureau.post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
                drafts.push(bureau.post("/agreements", agreement(&pairing.id())).await.is(201));
            }
        }
        drafts
    }
}
