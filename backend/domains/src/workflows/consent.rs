//! Changes a family's file, and ends what rests on its consent if the change withdraws it.
//!
//! 个人信息保护法第十五条: the family may withdraw its consent. Then the pairings with it end in the same transaction. What was done for it
//! until then stays recorded.

use contract::households::{Household, HouseholdMergeInput, HouseholdUnmergeInput};
use platform::{Patch, Result, Tx};
use uuid::Uuid;

use crate::households;
use crate::households::service::Withdrawn;
use crate::pairings;

/// Changes a file.
///
/// # Errors
/// Those of [`households::service::update`].
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Household> {
    let withdrawn = households::service::update(tx, id, patch).await?;
    end_what_rests_on_it(tx, id, withdrawn).await?;
    households::service::read(&tx.asker()?, id).await
}

/// Merges another file into one.
///
/// # Errors
/// Those of [`households::merging::merge`].
pub async fn merge(tx: &Tx, id: Uuid, input: HouseholdMergeInput) -> Result<Household> {
    let withdrawn = households::merging::merge(tx, id, input).await?;
    end_what_rests_on_it(tx, id, withdrawn).await?;
    households::service::read(&tx.asker()?, id).await
}

/// Undoes a merge. A file that consented only through the other one loses its consent.
///
/// # Errors
/// Those of [`households::merging::unmerge`].
pub async fn unmerge(tx: &Tx, id: Uuid, input: HouseholdUnmergeInput) -> Result<Household> {
    for file in households::merging::unmerge(tx, id, input).await? {
        end_what_rests_on_it(tx, file, Withdrawn(true)).await?;
    }
    households::service::read(&tx.asker()?, id).await
}

async fn end_what_rests_on_it(tx: &Tx, id: Uuid, withdrawn: Withdrawn) -> Result<()> {
    if withdrawn.0 { pairings::ending::end_of_household(tx, id, "consent_withdrawn").await } else { Ok(()) }
}
