//! Puts a cadre's year together from the lists behind it (精准滴灌).

use contract::adoptions::{
    AdoptionQuery, AdoptionUpdateQuery, CadreMonth, CadreYear, CadreYearQuery, DifficultyQuery, DifficultyState, HelpQuery,
    HelpState,
};
use contract::{ErrorCode, ListQuery, Month, Role};
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
    let adoptions = Adoptions::list(asker, &whole(adoptions)).await?.items;
    let updates = AdoptionUpdateQuery { campaign_id, cadre_id: cadre, ..Default::default() };
    let updates = AdoptionUpdates::list(asker, &whole(updates)).await?.items;
    let help = HelpQuery { campaign_id, cadre_id: cadre, state: Some(HelpState::Confirmed), ..Default::default() };
    let help = HelpRecords::list(asker, &whole(help)).await?.items;
    let difficulties =
        Difficulties::list(asker, &whole(DifficultyQuery { campaign_id, cadre_id: cadre, ..Default::default() })).await?.items;
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
    let months: Vec<_> = std::iter::successors(Some(Month::of(campaign.details.starts_on)), |month| Some(month.next()))
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
    })
}
