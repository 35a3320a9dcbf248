//! An organisation is deregistered (注销) or merged into another, and what depends on it ends with it.

use contract::organisations::{Organisation, OrganisationAction, OrganisationStepInput};
use contract::workflow::StepInput;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::agreements;
use crate::catalogue;
use crate::enrolments;
use crate::organisations;
use crate::pairings;
use crate::users;
use crate::users::service::Party;

/// Takes a step of an organisation.
///
/// With the organisation end its accounts and their sessions, its pairings with villages and households, the agreements of these,
/// its enrolments in campaigns that are not over, and what it offers in the catalogue. What was done until then stays, under its
/// name. Reinstating it restores none of that: its accounts are enabled one by one, and it needs new pairings.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: OrganisationAction, input: OrganisationStepInput) -> Result<Organisation> {
    users::service::hold_those_of(tx, Party::Organisation(id)).await?;
    let before = organisations::service::take(tx, id, action, &input).await?;
    if action != OrganisationAction::Reinstate {
        users::service::disable_those_of(tx, Party::Organisation(id)).await?;
        let why = StepInput { note: input.note.clone(), on_behalf_reason: None };
        for pairing_id in pairings::ending::end_of_organisation(tx, id).await? {
            agreements::service::terminate_with(tx, pairing_id, &why).await?;
        }
        enrolments::service::withdraw_ended(tx, id).await?;
        catalogue::ending::withdraw_of_organisation(tx, id).await?;
    }
    organisations::service::finish(tx, before, action, input).await
}
