//! The monthly forms of the towns. Most were sent in time. Some were late or returned, are still with the town, or were never
//! begun.

use contract::Month;
use contract::campaigns::Campaign;
use contract::reports::{ReportAction as A, ReportInput};
use contract::workflow::StepInput;
use domains::reports::service;
use platform::Result;

use super::people::{People, TOWN};
use super::year::MONTHS;
use super::{Story, day};

/// The steps of a form, as days of the month after the form's month.
#[derive(Clone, Copy)]
struct Way {
    submitted: Option<u32>,
    returned: Option<u32>,
    sent_again: Option<u32>,
    accepted: Option<u32>,
}

const ACCEPTED: Way = Way { submitted: Some(4), returned: None, sent_again: None, accepted: Some(8) };
const DRAFT: Way = Way { submitted: None, returned: None, sent_again: None, accepted: None };

/// The steps of a town's form. `None` if it was never begun.
fn way(town: usize, month: u32, own: bool) -> Option<Way> {
    let returned = Way { returned: Some(6), sent_again: Some(9), accepted: Some(11), ..ACCEPTED };
    // The forms of October are due in two days. The town for visitors has not begun its own.
    if month == *MONTHS.end() {
        let early = Way { submitted: Some(2), accepted: None, ..ACCEPTED };
        return match town % 5 {
            _ if own => None,
            0 => Some(early),
            1 => Some(DRAFT),
            2 if town == 2 => Some(Way { submitted: Some(1), returned: Some(2), ..early }),
            _ => None,
        };
    }
    match (town, month) {
        _ if own => Some(ACCEPTED),
        (4, 7) | (13, 9) => None,
        (7, 9) => Some(DRAFT),
        (10, 9) => Some(Way { returned: Some(8), accepted: None, ..ACCEPTED }),
        (16, 9) => Some(Way { accepted: None, ..ACCEPTED }),
        _ if (town + 3 * month as usize) % 9 == 4 => Some(Way { submitted: Some(8), accepted: Some(10), ..ACCEPTED }),
        _ if (town * 2 + month as usize) % 11 == 5 => Some(returned),
        _ => Some(ACCEPTED),
    }
}

/// In April nobody was paired yet, and the towns said so (零报告). The bureau has overlooked one.
async fn nil(story: &mut Story, people: &People, campaign: &Campaign) -> Result<()> {
    for (index, (code, office)) in people.towns_in_order().into_iter().enumerate() {
        let input = ReportInput { campaign_id: campaign.id, town_code: code.to_owned(), month: Month::of(day(4, 1)) };
        let id = service::create(story.act(office, day(5, 4)), input).await?.id;
        let sent_on = if index == 9 { day(5, 7) } else { day(5, 4) };
        service::step(story.act(office, sent_on), id, A::Nil, StepInput::default()).await?;
        if index != 16 {
            service::step(story.act(&people.bureau, day(5, 8)), id, A::Accept, StepInput::default()).await?;
        }
    }
    Ok(())
}

/// The towns draft and send their forms, and the bureau examines them.
pub async fn send(story: &mut Story, people: &People, campaign: &Campaign) -> Result<()> {
    let plain = StepInput::default;
    nil(story, people, campaign).await?;
    for month in MONTHS {
        for (index, (code, office)) in people.towns_in_order().into_iter().enumerate() {
            let Some(way) = way(index, month, code == TOWN) else { continue };
            let on = |date| day(month + 1, date);
            let input = ReportInput { campaign_id: campaign.id, town_code: code.to_owned(), month: Month::of(day(month, 1)) };
            let id = service::create(story.act(office, on(1)), input).await?.id;
            if let Some(date) = way.submitted {
                service::step(story.act(office, on(date)), id, A::Submit, plain()).await?;
            }
            if let Some(date) = way.returned {
                let why = StepInput {
                    note: Some("个别村社进展填写过于简单，请补充具体数据".to_owned()), on_behalf_reason: None
                };
                service::step(story.act(&people.bureau, on(date)), id, A::Return, why).await?;
            }
            if let Some(date) = way.sent_again {
                service::step(story.act(office, on(date)), id, A::Submit, plain()).await?;
            }
            if let Some(date) = way.accepted {
                service::step(story.act(&people.bureau, on(date)), id, A::Accept, plain()).await?;
            }
        }
    }
    Ok(())
}
