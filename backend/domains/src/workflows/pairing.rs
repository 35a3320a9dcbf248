//! A pairing takes a step, and what depends on it ends with it.

use contract::pairings::{Pairing, PairingAction, PairingState};
use contract::workflow::StepInput;
use entities::commitments::Holder;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::agreements;
use crate::catalogue::commitments;
use crate::pairings;

/// Takes a step of a pairing.
///
/// When a pairing with a village is completed, its draft agreement is discarded; a signed agreement runs to the end of its term
/// (为期一年). When the pairing is terminated, its agreement ends. Either way the pairings with households of that village end,
/// because they depend on it. What it still holds of the catalogue is fulfilled when it is completed, and free when it ends early.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `outside_phase`, `stale_version`, `validation_failed`,
/// `projects_open`, `records_open`.
pub async fn step(tx: &Tx, id: Uuid, action: PairingAction, input: StepInput) -> Result<Pairing> {
    let before = pairings::service::take(tx, id, action, &input).await?;
    match (action, before.household_id) {
        (PairingAction::Complete, None) => {
            agreements::service::give_up_drafts(tx, id, &input).await?;
            pairings::ending::fall_with(tx, &before, PairingState::Completed).await?;
            commitments::settle_of(tx, [Holder::Pairing(id)]).await?;
        }
        (PairingAction::Terminate, None) => {
            agreements::service::terminate_with(tx, id, &input).await?;
            pairings::ending::fall_with(tx, &before, PairingState::Terminated).await?;
        }
        _ => {}
    }
    pairings::service::finish(tx, before, action, input).await
}
