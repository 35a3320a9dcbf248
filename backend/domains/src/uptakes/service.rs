//! Says who has taken up a case.

use contract::cases::{CaseState, Uptake, UptakeInput};
use contract::{ErrorCode, Role};
use entities::case_uptakes::{ActiveModel, Entity, OBJECT};
use entities::scope;
use platform::audit::Event;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{Uptakes, writes};
use crate::cases;
use crate::cases::list::Cases;
use crate::households::published;

/// Who takes a case up.
struct Taker {
    village_code: Option<String>,
    organisation_id: Option<Uuid>,
}

/// Takes a case up.
///
/// # Errors
/// `validation_failed`, `pairing_not_confirmed`, `uptake_exists`, `too_many_requests`.
pub async fn create(tx: &Tx, input: UptakeInput) -> Result<Uptake> {
    // It is not taken down before the transaction ends.
    Cases::row(&tx.asker()?, input.case_id).await.map_err(unknown)?;
    tx.hold::<entities::cases::Entity>(input.case_id).await?;
    let case = Cases::row(&tx.asker()?, input.case_id).await.map_err(unknown)?;
    let (CaseState::Published, Some(published_on)) = (case.state.0, case.published_on) else {
        return Err(Error::field("/case_id", "case_not_published"));
    };
    let taker = taker(tx, input.pairing_id).await?;
    let own = match input.pairing_id {
        Some(id) => case.pairing_id == Some(id),
        None => {
            taker.village_code.as_ref() == Some(&case.area_code)
                || taker.organisation_id.is_some() && taker.organisation_id == case.organisation_id
        }
    };
    if own {
        return Err(Error::field("/case_id", "own_case"));
    }
    check(tx, &input, &taker, published_on).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        village_code: Set(taker.village_code),
        organisation_id: Set(taker.organisation_id),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::UptakeExists)?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    Uptakes::read(&tx.asker()?, id).await
}

fn unknown(error: Error) -> Error {
    if error.code == ErrorCode::NotFound { Error::field("/case_id", "unknown") } else { error }
}

async fn taker(tx: &Tx, pairing_id: Option<Uuid>) -> Result<Taker> {
    let caller = tx.caller()?;
    if let Some(id) = pairing_id {
        let pairing = cases::service::begun(tx, id).await?;
        return Ok(Taker { village_code: Some(pairing.village_code), organisation_id: Some(pairing.organisation_id) });
    }
    match (caller.role, scope::organisation(caller)) {
        (Role::Village, _) => Ok(Taker { village_code: Some(caller.area_code.clone()), organisation_id: None }),
        (_, Some(id)) => Ok(Taker { village_code: None, organisation_id: Some(id) }),
        // A town takes nothing up itself.
        _ => Err(Error::field("/pairing_id", "required")),
    }
}

async fn check(tx: &Tx, input: &UptakeInput, taker: &Taker, published_on: Date) -> Result<()> {
    if input.taken_on > tx.today() {
        return Err(Error::field("/taken_on", "future"));
    }
    if input.taken_on < published_on {
        return Err(Error::field("/taken_on", "before_publication"));
    }
    let village = taker.village_code.as_deref().unwrap_or_default();
    published::check(tx, published::concerned(village, taker.organisation_id), &[("/words", &input.words)]).await
}

/// Changes what was said of an uptake.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`, `too_many_requests`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Uptake> {
    tx.hold::<Entity>(id).await?;
    let row = Uptakes::row(&tx.asker()?, id).await?;
    let may = writes(tx.caller()?, &row);
    let taker = Taker { village_code: row.village_code.clone(), organisation_id: row.organisation_id };
    let before = row.into_uptake(may);
    tx.check_version(before.version)?;
    if !may {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let Some(input) = patch.changes::<UptakeInput>(&before.details)? else { return Ok(before) };
    for (pointer, same) in
        [("/case_id", input.case_id == before.details.case_id), ("/pairing_id", input.pairing_id == before.details.pairing_id)]
    {
        if !same {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    let case = Cases::row(&tx.asker()?, input.case_id).await?;
    check(tx, &input, &taker, case.published_on.unwrap_or(input.taken_on)).await?;
    tx.write::<Entity>(id, before.version, columns(&input)).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    Uptakes::read(&tx.asker()?, id).await
}

fn columns(input: &UptakeInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel { ..input.{ case_id, pairing_id, taken_on, words } })
}
