//! Decides before anything about a family is shown or added: does the family consent to this, now, for this caller?
//!
//! 个人信息保护法第十三条、第十五条、第二十九条: what rests on consent ends with it. Village and town, who keep the file, and the bureau above them can
//! still read it: they complete what was begun, correct mistakes, and record what the family decides. Nobody else sees a family
//! that does not consent, not even its present state, and nobody adds aid, visits or photos. Nothing about a family is made
//! public, so nothing asks for consent to publicity.

use contract::households::{Consent, ConsentScope, RevealPurpose};
use contract::mask::UNREADABLE;
use contract::{ErrorCode, Permission};
use entities::households::{Column, Entity, OBJECT, Personal, merge};
use platform::crypto::Sealed;
use platform::{Caller, Error, Result, Vault};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect};

/// What a family may consent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To be helped, and known to those who help.
    Assistance,
    /// To be visited. The first visit is how a family is asked at all, so only a family that has refused is not visited.
    Visit,
    /// To be photographed, and seen on photos by those who help.
    Photos,
}

/// Whether a family consents to `ask`.
pub fn gives(consent: Option<&Consent>, ask: Ask) -> bool {
    let to = |scope| consent.is_some_and(|consent| consent.covers(scope));
    match ask {
        Ask::Assistance => to(ConsentScope::Assistance),
        Ask::Visit => consent.is_none() || to(ConsentScope::Assistance),
        Ask::Photos => to(ConsentScope::Photos),
    }
}

/// Refuses an action that a family does not consent to. This includes an entry made on its doorstep before it withdrew that
/// arrives afterwards: storing it would be new processing, and a typed day proves nothing. The refusal names the day, so that the
/// sender understands.
///
/// # Errors
/// `household_not_consented`, `photos_not_consented`.
pub fn require(consent: Option<&Consent>, ask: Ask) -> Result<()> {
    if gives(consent, ask) {
        return Ok(());
    }
    Err(match consent.and_then(|consent| consent.withdrawn_on) {
        Some(day) => Error::new(
            ErrorCode::HouseholdNotConsented,
            format!(
                "该户已于 {day} 撤回知情同意：此后送达的登记和照片不再保存，撤回前填写的也不例外 / \
                 the family withdrew its consent on {day}: what arrives after that is not kept, even if it was entered before"
            ),
        ),
        None if ask == Ask::Photos => ErrorCode::PhotosNotConsented.into(),
        None => ErrorCode::HouseholdNotConsented.into(),
    })
}

/// The consent that a purpose of reading a file requires. Keeping the file in order, verifying it, or answering a complaint needs
/// none.
pub fn asked_for(purpose: RevealPurpose) -> Option<Ask> {
    match purpose {
        RevealPurpose::Visit => Some(Ask::Visit),
        RevealPurpose::Payment => Some(Ask::Assistance),
        RevealPurpose::Edit | RevealPurpose::Verification | RevealPurpose::Complaint => None,
    }
}

/// Whether a caller keeps files, or supervises those who do. Such callers see a family whatever it consents to.
pub fn keeps_files(caller: &Caller) -> bool {
    caller.may(Permission::RevealHouseholds)
}

/// The consent of the family in a file. An unreadable consent counts as consent to nothing, not as one that was never asked for:
/// the family may have withdrawn it, and a family that was never asked may be visited.
///
/// # Errors
/// `not_found`.
pub async fn of(db: &impl ConnectionTrait, vault: &Vault, household_id: Uuid) -> Result<Option<Consent>> {
    let kept = merge::Entity::find().filter(merge::Column::MergedId.eq(household_id)).select_only().column(merge::Column::KeptId);
    let id = kept.into_tuple::<Uuid>().one(db).await?.unwrap_or(household_id);
    let personal = Entity::find_by_id(id).select_only().column(Column::Personal).into_tuple::<Sealed>().one(db).await?;
    let personal: Option<Personal> = vault.show(OBJECT, id, &personal.ok_or(ErrorCode::NotFound)?);
    Ok(personal.map_or_else(|| Some(to_nothing()), |personal| personal.consent))
}

fn to_nothing() -> Consent {
    Consent { given_on: Date::default(), given_by: UNREADABLE.to_owned(), scope: Vec::new(), withdrawn_on: None }
}
