//! How the pairings of the demo came about. Most were confirmed by the middle of May, some failed, and some are still open.

use contract::campaigns::Campaign;
use contract::pairings::{Pairing, PairingAction as A, PairingInput};
use contract::workflow::StepInput;
use domains::pairings::{ending, service};
use domains::workflows::pairing;
use platform::{Caller, Result};
use rand::Rng;
use uuid::Uuid;

use super::catalogue::Catalogue;
use super::people::{People, TOWN};
use super::{Story, day};

/// The organisation and the village that propose something to the accounts for visitors.
const ASKING: usize = 88;

/// Makes the pairings. Returns those that were confirmed in May.
pub async fn make(story: &mut Story, people: &People, catalogue: &Catalogue, campaign: &Campaign) -> Result<Vec<Pairing>> {
    let mut confirmed = Vec::new();
    for index in 0..catalogue.organisations.len() {
        let organisation = catalogue.organisations[index];
        let village = near(catalogue, people, organisation, index);
        let (staff, committee) = (people.of_organisation(organisation), people.of_village(village));
        let proposed_on = story.random.random_range(1..=8);
        let answered_on = proposed_on + story.random.random_range(1..=5);
        let input = input(campaign, organisation, village, "就近结对，优势互补");
        let answers: &[&Caller] = match index % 10 {
            0..=4 => &[committee],
            5..=7 => &[staff],
            _ => &[staff, committee],
        };
        let proposer = match index % 10 {
            0..=4 => staff,
            5..=7 => committee,
            8 => people.town_of(village),
            _ => &people.bureau,
        };
        let made = service::create(story.act(proposer, day(5, proposed_on)), input).await?;
        for answer in answers {
            pairing::step(story.act(answer, day(5, answered_on)), made.id, A::Accept, StepInput::default()).await?;
        }
        let done = pairing::step(story.act(&people.bureau, day(5, 14)), made.id, A::Confirm, StepInput::default()).await?;
        confirmed.push(done);
    }
    ugly(story, people, catalogue, campaign).await?;
    Ok(confirmed)
}

/// For three in four organisations a village of their own town, for the others any village.
fn near<'a>(catalogue: &'a Catalogue, people: &People, organisation: Uuid, index: usize) -> &'a String {
    let town = &people.of_organisation(organisation).area_code;
    let own: Vec<_> = catalogue.villages.iter().filter(|village| village.starts_with(town.as_str())).collect();
    if index % 4 == 3 || own.is_empty() {
        &catalogue.villages[(index * 7) % catalogue.villages.len()]
    } else {
        own[(index / 19) % own.len()]
    }
}

/// The proposals that failed, because they were declined, withdrawn or expired, and those that are still open at the end.
async fn ugly(story: &mut Story, people: &People, catalogue: &Catalogue, campaign: &Campaign) -> Result<()> {
    for index in 0..17 {
        let organisation = catalogue.organisations[index * 5];
        let village = &catalogue.villages[(index * 35 + 11) % catalogue.villages.len()];
        let (staff, committee) = (people.of_organisation(organisation), people.of_village(village));
        // The last proposals were made shortly before the end of the demo, and wait for an answer.
        let late = index >= 10;
        let proposed_on = if late { day(10, 25) } else { day(6, 2) };
        let proposer = if index % 2 == 0 { staff } else { committee };
        let wish = input(campaign, organisation, village, "希望增加一个合作村");
        let made = service::create(story.act(proposer, proposed_on), wish).await?;
        let other = if index % 2 == 0 { committee } else { staff };
        let because = |note: &str| StepInput { note: Some(note.to_owned()), on_behalf_reason: None };
        match index {
            0..=4 => {
                pairing::step(story.act(other, day(6, 5)), made.id, A::Decline, because("现有合作项目较多，暂不增加")).await?
            }
            5..=7 => pairing::step(story.act(proposer, day(6, 4)), made.id, A::Withdraw, because("人员调整，暂缓")).await?,
            10 | 11 => pairing::step(story.act(other, day(10, 28)), made.id, A::Accept, StepInput::default()).await?,
            _ => made,
        };
    }
    // Visitors who sign in as the village or the organisation find a proposal to answer.
    let village = catalogue.villages.iter().find(|village| village.starts_with(TOWN));
    if let (Some(village), Some(organisation)) = (village, people.shown) {
        let (asking, asked) = (catalogue.organisations[ASKING], &catalogue.villages[ASKING % catalogue.villages.len()]);
        let note = "愿结合自身专长，为老人和困难学生提供服务";
        service::create(story.act(people.of_organisation(asking), day(10, 30)), input(campaign, asking, village, note)).await?;
        let note = "村里困难家庭学生较多，希望协会帮助助学";
        service::create(story.act(people.of_village(asked), day(10, 30)), input(campaign, organisation, asked, note)).await?;
    }
    story.act(&people.bureau, day(6, 30));
    story.tx.caller = None;
    ending::expire(&story.tx).await?;
    Ok(())
}

fn input(campaign: &Campaign, organisation_id: Uuid, village_code: &str, note: &str) -> PairingInput {
    PairingInput {
        campaign_id: campaign.id,
        organisation_id,
        village_code: Some(village_code.to_owned()),
        household_id: None,
        note: Some(note.to_owned()),
        commitments: Vec::new(),
        on_behalf_reason: None,
    }
}
