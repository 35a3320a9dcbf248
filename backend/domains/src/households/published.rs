//! What everybody may read must not tell who a family is. Words that may name one are refused here, not only asked about: whoever
//! reads them later cannot ask.

use std::collections::HashMap;

use contract::households::MemberInput;
use contract::{FieldError, Permission};
use entities::households::{Column, Entity, MEMBERS, OBJECT, Personal, member};
use entities::pairings;
use platform::area::{VILLAGE, within};
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{IntoCondition, SimpleExpr};
use sea_orm::{QuerySelect, QueryTrait};

use super::eligibility::{NAME_FAMILY, NAMED};
use super::names::Said;
use super::policy::{Telling, tells_anybody};

/// Some families, as far as words could tell of them.
#[derive(Debug)]
pub struct Families(Vec<(Uuid, Telling)>);

/// Texts that tell of a family, by their fields, and one of the families.
type Told = (Option<Uuid>, Vec<&'static str>);

/// The families that words could name which are about an area or by somebody: all of the area, or those of the villages that the
/// organisation is or was paired with.
pub fn concerned(area_code: &str, organisation_id: Option<Uuid>) -> SimpleExpr {
    match organisation_id.filter(|_| area_code.len() != VILLAGE) {
        Some(id) => of_organisations([id]),
        None => within((Entity, Column::VillageCode), area_code),
    }
}

/// The families of the villages that organisations are or were paired with.
pub fn of_organisations(ids: impl IntoIterator<Item = Uuid>) -> SimpleExpr {
    let of = pairings::Entity::find()
        .select_only()
        .column(pairings::Column::VillageCode)
        .filter(pairings::Column::OrganisationId.is_in(ids))
        .filter(pairings::Column::ActiveSince.is_not_null());
    Column::VillageCode.in_subquery(of.into_query())
}

impl Families {
    /// Those that are `concerned`, with their past members. Takes two statements.
    ///
    /// # Errors
    /// `too_many_requests` for whoever may not open files and was refused too often: each refusal confirms what may be a guess.
    pub async fn of(tx: &Tx, concerned: impl IntoCondition) -> Result<Self> {
        if !tx.caller()?.may(Permission::RevealHouseholds) {
            NAMED.check(tx, 1).await?;
        }
        let files = Entity::find().filter(concerned).filter(Column::AnonymisedOn.is_null());
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
            Ok((row.id, Telling::new(&members, given_by, own.phone.as_deref(), own.bank_account)))
        });
        Ok(Self(families.collect::<Result<_>>()?))
    }

    /// Which texts tell of one of these families, or hold anybody's number.
    fn told(&self, texts: &[(&'static str, &str)]) -> Option<Told> {
        let mut family = None;
        let mut fields = Vec::new();
        for (pointer, words) in texts {
            let said = Said::new(words);
            let named = self.0.iter().find(|(_, telling)| telling.told(&said, words).is_some()).map(|(id, _)| *id);
            if named.is_some() || tells_anybody(words).is_some() {
                fields.push(*pointer);
                family = family.or(named);
            }
        }
        (!fields.is_empty()).then_some((family, fields))
    }

    /// The faults of the texts of a row of a workbook, which only those import who may open files.
    pub fn faults(&self, texts: &[(&'static str, &str)]) -> Vec<FieldError> {
        self.told(texts).map_or_else(Vec::new, |(_, fields)| faults(fields))
    }
}

fn faults(fields: Vec<&'static str>) -> Vec<FieldError> {
    fields.into_iter().map(|pointer| FieldError::at(pointer, "names_family")).collect()
}

/// Which of these texts, by their fields, tell of a family that is `concerned` or hold anybody's number; and one of the families.
///
/// # Errors
/// `too_many_requests`.
pub async fn told(tx: &Tx, concerned: impl IntoCondition, texts: &[(&'static str, &str)]) -> Result<Option<Told>> {
    Ok(Families::of(tx, concerned).await?.told(texts))
}

/// Refuses texts that tell of a family that is `concerned`, each at its field.
///
/// # Errors
/// `validation_failed`, `too_many_requests`.
pub async fn check(tx: &Tx, concerned: impl IntoCondition, texts: &[(&'static str, &str)]) -> Result<()> {
    let Some((family, fields)) = told(tx, concerned, texts).await? else { return Ok(()) };
    Err(traced(tx, Error::fields(faults(fields)), family)?)
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
