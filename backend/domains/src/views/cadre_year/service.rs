//! Puts a cadre's year together from the lists behind it (精准滴灌).

use contract::adoptions::{
    AdoptionQuery, AdoptionUpdateQuery, CadreMonth, CadreYear, CadreYearQuery, CutList, DifficultyQuery, DifficultyState,
    HelpQuery, HelpState,
};
use contract::{ErrorCode, ListQuery, Month, ObjectKind, Page, Role};
use platform::object::Listed;
use platform::{Asker, Error, Result};

use crate::adoption_updates::list::AdoptionUpdates;
use crate::adoptions::list::Adoptions;
use crate::adoptions::service::cadre_name;
use crate::campaigns;
use crate::difficulties::list::Difficulties;
use crate::help::list::HelpRecords;

/// As many of each kind as one page holds.
const MOST: u32 = 200;

/// A query that is read as a whole.
fn whole<Q: ListQuery>(mut query: Q) -> Q {
    query.set_limit(Some(MOST));
    query
}

/// Says that a list has more rows than were read.
fn cut<T>(object_type: ObjectKind, page: &Page<T>) -> Option<CutList> {
    let shown = page.items.len().try_into().unwrap_or(u32::MAX);
    let total = page.total.unwrap_or(shown);
    (total > shown).then_some(CutList { object_type, total, total_capped: page.total_capped, shown })
}

/// The year of a cadre, as far as the caller may see it. The number of statements does not depend on the number of rows.
///
/// # Errors
/// Faults at `/campaign_id` and `/cadre_id`, `outside_own_scope` for a cadre who asks for another one.
pub async fn read(asker: &Asker<'_>, query: &CadreYearQuery) -> Result<CadreYear> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let own = (asker.caller.role == Role::Cadre).then_some(asker.caller.user_id);
    let cadre_id = query.cadre_id.or(own).ok_or_else(|| Error::field("/cadre_id", "required"))?;
    if own.is_some_and(|own| own != cadre_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let cadre_name = cadre_name(asker, cadre_id, "/cadre_id").await?;
    let (campaign_id, cadre) = (Some(campaign.id), Some(cadre_id));
    let adoptions = AdoptionQuery { campaign_id, cadre_id: cadre, ..Default::default() };
    let adoptions = Adoptions::list(asker, &whole(adoptions)).await?;
    let updates = AdoptionUpdateQuery { campaign_id, cadre_id: cadre, ..Default::default() };
    let updates = AdoptionUpdates::list(asker, &whole(updates)).await?;
    let help = HelpQuery { campaign_id, cadre_id: cadre, state: Some(HelpState::Confirmed), ..Default::default() };
    let help = HelpRecords::list(asker, &whole(help)).await?;
    let difficulties =
        Difficulties::list(asker, &whole(DifficultyQuery { campaign_id, cadre_id: cadre, ..Default::default() })).await?;
    let cut = [
        cut(ObjectKind::Adoption, &adoptions),
        cut(ObjectKind::AdoptionUpdate, &updates),
        cut(ObjectKind::HelpRecord, &help),
        cut(ObjectKind::Difficulty, &difficulties),
    ];
    let (adoptions, updates, help, difficulties) = (adoptions.items, updates.items, help.items, difficulties.items);
    let solved: Vec<_> = difficulties
        .iter()
        .filter(|one| one.adoption_id.is_some_and(|id| adoptions.iter().any(|adoption| adoption.id == id)))
        .collect();
    let is_open = |one: &&contract::adoptions::Difficulty| {
        one.state == DifficultyState::Open
            && adoptions.iter().any(|adoption| adoption.institution_id == one.details.institution_id)
    };
    let open_difficulties = difficulties.iter().filter(is_open).count().try_into().unwrap_or(u32::MAX);
    let last = Month::of(campaign.details.ends_on.min(asker.today));
    let months: Vec<_> = Month::of(campaign.details.starts_on)
        .onwards()
        .take_while(|month| *month <= last)
        .map(|month| {
            let help: Vec<_> = help.iter().filter(|one| Month::of(one.details.happened_on) == month).cloned().collect();
            CadreMonth {
                month,
                updates: updates.iter().filter(|update| update.details.month == month).cloned().collect(),
                amount_fen: help.iter().filter_map(|one| one.details.amount_fen).sum(),
                hours: help.iter().filter_map(|one| one.details.hours).map(i64::from).sum(),
                help,
                solved: solved
                    .iter()
                    .filter(|one| one.solved_on.is_some_and(|day| Month::of(day) == month))
                    .map(|one| (*one).clone())
                    .collect(),
            }
        })
        .collect();
    Ok(CadreYear {
        campaign_id: campaign.id,
        cadre_id,
        cadre_name,
        amount_fen: months.iter().map(|month| month.amount_fen).sum(),
        hours: months.iter().map(|month| month.hours).sum(),
        adoptions,
        months,
        open_difficulties,
        cut: cut.into_iter().flatten().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_that_it_goes_on() {
        let page = |total| Page { items: vec![(); 200], next_cursor: None, total, total_capped: false };
        let expected = CutList { object_type: ObjectKind::HelpRecord, total: 201, total_capped: false, shown: 200 };
        assert_eq!(cut(ObjectKind::HelpRecord, &page(Some(201))), Some(expected));
        assert_eq!(cut(ObjectKind::HelpRecord, &page(Some(200))), None);
    }
}
