//! A household leaves, moves to another village or joins another household, and what was agreed about it there ends. Members
//! found one of their own.

use contract::attachments::AttachmentObject;
use contract::households::{
    Household, HouseholdAction, HouseholdJoinInput, HouseholdMoveInput, HouseholdSplitInput, HouseholdStepInput,
};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::attachments;
use crate::households;
use crate::pairings;
use crate::plans;

/// Takes a step of a household. When it leaves, its pairings and plans end.
///
/// # Errors
/// Those of [`households::service::step`].
pub async fn step(tx: &Tx, id: Uuid, action: HouseholdAction, input: HouseholdStepInput) -> Result<Household> {
    households::service::step(tx, id, action, input).await?;
    if action == HouseholdAction::Leave {
        end_help(tx, id, "household_left").await?;
    }
    households::service::read(&tx.asker()?, id).await
}

/// Moves a household to another village. Its plans end, because the old village keeps them and they depend on what is there. Its
/// pairings end as well, except those that the caller keeps: these continue on the new file. Its papers and photos move with it.
/// Returns its new file.
///
/// # Errors
/// Those of [`households::moving::move_to`] and [`pairings::carrying::carry`].
pub async fn move_to(tx: &Tx, id: Uuid, input: HouseholdMoveInput) -> Result<Household> {
    let (keep, village_code) = (input.keep_pairings.clone(), input.village_code.clone());
    let new_id = households::moving::move_to(tx, id, input).await?;
    let kept = pairings::carrying::hold(tx, id, &keep).await?;
    end_help(tx, id, "household_moved").await?;
    pairings::carrying::carry(tx, kept, new_id, &village_code).await?;
    attachments::service::hand_over(tx, AttachmentObject::Household, id, new_id).await?;
    households::service::read(&tx.asker()?, new_id).await
}

/// Opens a file for members who leave a household. Pairings and plans stay with the household that they leave, because they were
/// agreed with it. Returns the file of the new one.
///
/// # Errors
/// As [`households::splitting::split`].
pub async fn split(tx: &Tx, id: Uuid, input: HouseholdSplitInput) -> Result<Household> {
    let new_id = households::splitting::split(tx, id, input).await?;
    households::service::read(&tx.asker()?, new_id).await
}

/// Lets a household join another one. Its pairings and plans end, and its papers and photos go with it. Returns the file of the
/// household that it joined.
///
/// # Errors
/// As [`households::joining::join`].
pub async fn join(tx: &Tx, id: Uuid, input: HouseholdJoinInput) -> Result<Household> {
    let into_id = input.into_id;
    households::joining::join(tx, id, input).await?;
    end_help(tx, id, "household_joined").await?;
    attachments::service::hand_over(tx, AttachmentObject::Household, id, into_id).await?;
    households::service::read(&tx.asker()?, into_id).await
}

async fn end_help(tx: &Tx, id: Uuid, action: &str) -> Result<()> {
    pairings::ending::end_of_household(tx, id, action).await?;
    plans::service::close_of_household(tx, id, action).await
}
