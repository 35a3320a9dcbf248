//! Answers questions of other domains: whether a family may be helped, and which texts about it may be shown.

use chrono::TimeDelta;
use contract::households::{HouseholdAction, HouseholdStatus, LeaveReason};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Permission};
use entities::households::{Column, Entity, Model, OBJECT, member, merge, not_twice};
use entities::scope;
use platform::audit::Event;
use platform::budget::Budget;
use platform::coded::Code;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::consent::{self, Ask};
use super::names::Told;
use super::policy;
use super::service;
use super::writing::{Change, write_change};

/// The household in a field of an input, within the caller's scope.
///
/// # Errors
/// A fault at `pointer` if there is no such household.
pub async fn named(tx: &Tx, id: Uuid, pointer: &str) -> Result<Model> {
    let found = scope::households(tx.caller()?).filter(Column::Id.eq(id)).one(&tx.connection).await?;
    found.ok_or_else(|| Error::field(pointer, "unknown"))
}

/// The same, including files of families that have moved: what they were given before that still belongs there.
///
/// # Errors
/// A fault at `pointer` if there is no such file.
pub async fn named_here(tx: &Tx, id: Uuid, pointer: &str) -> Result<Model> {
    let found = scope::files(tx.caller()?).filter(Column::Id.eq(id)).filter(not_twice((Entity, Column::Id)));
    found.one(&tx.connection).await?.ok_or_else(|| Error::field(pointer, "unknown"))
}

/// The same, including all files that continue in another: help under such a file can still be corrected there.
///
/// # Errors
/// A fault at `pointer` if there is no such file.
pub async fn named_file(tx: &Tx, id: Uuid, pointer: &str) -> Result<Model> {
    let found = scope::files(tx.caller()?).filter(Column::Id.eq(id)).one(&tx.connection).await?;
    found.ok_or_else(|| Error::field(pointer, "unknown"))
}

/// Locks a household until the transaction ends, so that its state and consent cannot change.
///
/// # Errors
/// `not_found`.
pub async fn hold(tx: &Tx, id: Uuid) -> Result<Model> {
    let held = Entity::find_by_id(id).lock_exclusive().one(&tx.connection).await?;
    held.ok_or_else(|| ErrorCode::NotFound.into())
}

/// Locks a household that is not anonymised. Records about an anonymised one no longer change.
///
/// # Errors
/// `not_found`, `household_anonymised`.
pub async fn hold_known(tx: &Tx, id: Uuid) -> Result<Model> {
    let held = hold(tx, id).await?;
    if held.anonymised_on.is_some() { Err(ErrorCode::HouseholdAnonymised.into()) } else { Ok(held) }
}

/// Locks a household whose family consents to `ask`.
///
/// # Errors
/// `not_found`, `household_not_consented`, `photos_not_consented`.
pub async fn hold_consenting(tx: &Tx, id: Uuid, ask: Ask) -> Result<Model> {
    let held = hold(tx, id).await?;
    consent::require(consent::of(&tx.connection, &tx.vault, id).await?.as_ref(), ask)?;
    Ok(held)
}

/// Locks a household that may be helped: the family consents and is in difficulty.
///
/// # Errors
/// `household_not_consented`, `household_lifted_out`, `household_left`, `household_moved`, `household_merged`.
pub async fn hold_assistable(tx: &Tx, id: Uuid) -> Result<Model> {
    let held = hold_consenting(tx, id, Ask::Assistance).await?;
    match held.status.0 {
        HouseholdStatus::Registered | HouseholdStatus::Assisted | HouseholdStatus::Relapsed => Ok(held),
        HouseholdStatus::LiftedOut => Err(ErrorCode::HouseholdLiftedOut.into()),
        HouseholdStatus::Left => Err(ErrorCode::HouseholdLeft.into()),
        HouseholdStatus::Transferred if held.leave_reason == Some(Code(LeaveReason::Duplicate)) => {
            Err(ErrorCode::HouseholdMerged.into())
        }
        HouseholdStatus::Transferred => Err(ErrorCode::HouseholdMoved.into()),
    }
}

/// Records that an organisation begins to help a household: from today it is assisted, unless it is already.
///
/// # Errors
/// Those of [`hold_assistable`].
pub async fn begin_assistance(tx: &Tx, id: Uuid) -> Result<()> {
    let before = hold_assistable(tx, id).await?;
    if before.status.0 == HouseholdStatus::Assisted {
        return Ok(());
    }
    let (to, since) = (HouseholdStatus::Assisted, tx.today());
    write_change(tx, (id, &before.village_code), before.version, Change::to(to, since)).await?;
    let fields = |status: HouseholdStatus, since: Date| serde_json::json!({ "status": status, "status_since": since });
    let event = Event::of(OBJECT, id, HouseholdAction::Assist.code());
    tx.record(event, &fields(before.status.0, before.status_since), &fields(to, since)).await
}

/// Whether somebody is a member of a household, or was one when they were given something. Members of a file that continues in
/// another one belong to that one.
pub async fn membership(db: &impl ConnectionTrait, id: Uuid, member_id: Uuid) -> Result<Membership> {
    let kept = merge::Entity::find().select_only().column(merge::Column::KeptId).filter(merge::Column::MergedId.eq(id));
    let theirs =
        Condition::any().add(member::Column::HouseholdId.eq(id)).add(member::Column::HouseholdId.in_subquery(kept.into_query()));
    let found = member::Entity::find_by_id(member_id).filter(theirs).select_only().column(member::Column::LeftOn);
    Ok(match found.into_tuple::<Option<Date>>().one(db).await? {
        None => Membership::None,
        Some(None) => Membership::Member,
        Some(Some(day)) => Membership::Until(day),
    })
}

/// Somebody's membership of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    None,
    Member,
    /// A member until this day.
    Until(Date),
}

pub(super) const NAME_FAMILY: &str = "name_family";
/// Limits refusals of texts that identify a family, for callers who may not look it up: each refusal confirms a name that may be
/// a guess.
pub(super) static NAMED: Budget = Budget { actions: &[NAME_FAMILY], most: 20, within: TimeDelta::days(1) };

/// Refuses texts that identify a family, whoever writes them, because nothing is masked where they appear, and asks for a second
/// look at those that may. Each fault is reported at its field, and leaves an event.
///
/// # Errors
/// `validation_failed`, `perhaps_personal`; `too_many_requests` for an organisation that was refused too often.
pub async fn check_words(tx: &Tx, id: Uuid, texts: &[(String, &str)]) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let may = tx.caller()?.may(Permission::RevealHouseholds);
    if !may {
        NAMED.check(tx, 1).await?;
    }
    let file = service::file(tx, id).await?;
    let told: Vec<_> = texts.iter().filter_map(|(at, words)| Some((at, policy::tells_who(words, &file)?))).collect();
    let which = |certainty: Told| told.iter().filter(move |(_, told)| *told == certainty).map(|(at, _)| (*at).clone());
    let faults: Vec<_> = which(Told::Surely).map(|at| FieldError::at(at, "personal_data")).collect();
    let refused = if faults.is_empty() {
        match service::looked_twice(tx, id, which(Told::Perhaps).collect()).await {
            Err(error) if error.code == ErrorCode::PerhapsPersonal => error,
            other => return other,
        }
    } else {
        Error::fields(faults)
    };
    // Of what is in doubt the answer tells as much as of what is sure.
    let refused = refused.traced(OBJECT, id, NAME_FAMILY);
    Err(if may { refused } else { refused.spending(&NAMED, 1) })
}

/// [`check_words`] for the remarks of a step.
///
/// # Errors
/// `validation_failed`.
pub async fn check_step(tx: &Tx, id: Uuid, input: &StepInput) -> Result<()> {
    let remarks = [("/note", &input.note), ("/on_behalf_reason", &input.on_behalf_reason)];
    let texts: Vec<_> = remarks.iter().filter_map(|(at, words)| Some(((*at).to_owned(), words.as_deref()?))).collect();
    check_words(tx, id, &texts).await
}
