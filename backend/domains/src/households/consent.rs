//! The one question that is asked before anything of a family is shown or added: does the family consent to this, now, for whoever it is for.
//!
//! 个人信息保护法第十三条、第十五条、第二十九条: what rests on consent ends with it. Village and town, who keep the file, and the bureau above them read on: they
//! close what was begun, correct what is wrong, and write down what the family decides. Nobody else is shown a family that does not consent, its present state
//! included, and nobody adds aid, visits or photos. Nothing of a family is made public, so nothing asks for the consent to publicity.

use contract::households::{Consent, ConsentScope, RevealPurpose};
use contract::mask::UNREADABLE;
use contract::{ErrorCode, Permission};
use entities::households::{Column, Entity, OBJECT, Personal, merge};
use platform::crypto::Sealed;
use platform::{Caller, Error, Result, Vault};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect};

/// What a family is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To be helped, and known to those who help.
    Assistance,
    /// To be visited. A visit is how a family is asked at first: only one that has said no is not visited.
    Visit,
    /// To be photographed, and seen on photos by those who help.
    Photos,
}

/// Whether a family gives what it is asked for.
pub fn gives(consent: Option<&Consent>, ask: Ask) -> bool {
    let to = |scope| consent.is_some_and(|consent| consent.covers(scope));
    match ask {
        Ask::Assistance => to(ConsentScope::Assistance),
        Ask::Visit => consent.is_none() || to(ConsentScope::Assistance),
        Ask::Photos => to(ConsentScope::Photos),
    }
}

/// Refuses what a family does not give. What was entered at its door before it withdrew, and arrives after, is refused as well: keeping it would be something
/// new, and the day that somebody types cannot decide. So that whoever sent it understands, the refusal names the day.
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

/// What a family must give for a purpose that its file is read for. To keep the file in order, verify it or answer a complaint it need give nothing.
pub fn asked_for(purpose: RevealPurpose) -> Option<Ask> {
    match purpose {
        RevealPurpose::Visit => Some(Ask::Visit),
        RevealPurpose::Payment => Some(Ask::Assistance),
        RevealPurpose::Edit | RevealPurpose::Verification | RevealPurpose::Complaint => None,
    }
}

/// Whether a caller keeps files, or stands above those who do. They are shown a family whatever it consents to.
pub fn keeps_files(caller: &Caller) -> bool {
    caller.may(Permission::RevealHouseholds)
}

/// The consent of the family that a file is about. One that cannot be read is a consent to nothing, and not none: the family may have withdrawn it, and
/// only one that was never asked is visited.
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
