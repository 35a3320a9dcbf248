//! An institution closes (停办), and what depends on it ends with it.

use contract::institutions::{Institution, InstitutionAction};
use contract::workflow::StepInput;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::adoptions;
use crate::institutions;
use crate::users;
use crate::users::service::Party;

/// Takes a step of an institution. With it end its accounts, their sessions and its adoptions; reinstating it restores none of them.
///
/// # Errors
/// Those of [`institutions::service::step`].
pub async fn step(tx: &Tx, id: Uuid, action: InstitutionAction, input: StepInput) -> Result<Institution> {
    let party = Party::Institution(id);
    users::service::hold_those_of(tx, party).await?;
    let after = institutions::service::step(tx, id, action, input).await?;
    if action == InstitutionAction::ShutDown {
        users::service::disable_those_of(tx, party).await?;
        adoptions::ending::end_of_institution(tx, id).await?;
    }
    Ok(after)
}
