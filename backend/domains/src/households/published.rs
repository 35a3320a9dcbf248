//! What everybody may read must not tell who a family is. Words that may name one are refused here, not only asked about: whoever
//! reads them later cannot ask.

use std::collections::HashMap;

use contract::households::MemberInput;
use contract::{FieldError, Permission};
use entities::households::{Column, Entity, MEMBERS, OBJECT, Personal, member};
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect, QueryTrait};

use super::eligibility::{NAME_FAMILY, NAMED};
use super::names::Said;
use super::policy::{Telling, tells_anybody};

/// The families of some villages, as far as words could tell of them.
#[derive(Debug)]
pub struct Families(Vec<Family>);

#[derive(Debug)]
struct Family {
    id: Uuid,
    village_code: String,
    telling: Telling,
}

impl Families {
    /// Those of these villages, with their past members. Takes two statements.
    pub async fn of(tx: &Tx, villages: &[String]) -> Result<Self> {
        if villages.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let files = Entity::find().filter(Column::VillageCode.is_in(villages)).filter(Column::AnonymisedOn.is_null());
        let theirs = files.clone().select_only().column(Column::Id).into_query();
        let members = member::Entity::find().filter(member::Column::HouseholdId.in_subquery(theirs));
        let mut by_family: HashMap<Uuid, Vec<MemberInput>> = HashMap::new();
        for row in members.all(&tx.connection).await? {
            by_family.entry(row.household_id).or_default().push(tx.vault.open(MEMBERS, row.id, &row.personal)?);
        }
        let families = files.all(&tx.connection).await?.into_iter().map(|row| {
            let own: Personal = tx.vault.open(OBJECT, row.id, &row.personal)?;
            let members = by_family.remove(&row.id).unwrap_or_default();
            let given_by = own.consent.map(|consent| consent.given_by);
            let telling = Telling::new(&members, given_by, own.phone.as_deref(), own.bank_account);
            Ok(Family { id: row.id, village_code: row.village_code, telling })
        });
        Ok(Self(families.collect::<Result<_>>()?))
    }

    /// A family of the village, or of any of them, that words tell of.
    pub fn named_in(&self, village: Option<&str>, words: &str) -> Option<Uuid> {
        let said = Said::new(words);
        let here = self.0.iter().filter(|family| village.is_none_or(|code| code == family.village_code));
        here.filter(|family| family.telling.told(&said, words).is_some()).map(|family| family.id).next()
    }
}

/// Which of these texts, by their fields, tell of a family of these villages or hold anybody's number; and one of the families.
///
/// # Errors
/// `too_many_requests` for whoever may not open files and was refused too often: each refusal confirms what may be a guess.
pub async fn told(
    tx: &Tx,
    villages: &[String],
    texts: &[(&'static str, &str)],
) -> Result<Option<(Option<Uuid>, Vec<&'static str>)>> {
    if !tx.caller()?.may(Permission::RevealHouseholds) {
        NAMED.check(tx, 1).await?;
    }
    let families = Families::of(tx, villages).await?;
    let mut family = None;
    let mut fields = Vec::new();
    for (pointer, words) in texts {
        let named = families.named_in(None, words);
        if named.is_some() || tells_anybody(words).is_some() {
            fields.push(*pointer);
            family = family.or(named);
        }
    }
    Ok((!fields.is_empty()).then_some((family, fields)))
}

/// Refuses texts that tell of a family of these villages, each at its field.
///
/// # Errors
/// `validation_failed`, `too_many_requests`.
pub async fn check(tx: &Tx, villages: &[String], texts: &[(&'static str, &str)]) -> Result<()> {
    let Some((family, fields)) = told(tx, villages, texts).await? else { return Ok(()) };
    let refused = Error::fields(fields.into_iter().map(|pointer| FieldError::at(pointer, "names_family")).collect());
    Err(traced(tx, refused, family)?)
}

/// The refusal of words that tell of a family, which leaves a trace.
///
/// # Errors
/// `unauthenticated`.
pub fn traced(tx: &Tx, refused: Error, family: Option<Uuid>) -> Result<Error> {
    let Some(id) = family else { return Ok(refused) };
    let refused = refused.traced(OBJECT, id, NAME_FAMILY);
    let may = tx.caller()?.may(Permission::RevealHouseholds);
    Ok(if may { refused } else { refused.spending(&NAMED, 1) })
}
