//! The agreements that exist for a caller, and their list.

use contract::Permission;
use contract::agreements::{Agreement, AgreementAction, AgreementQuery, AgreementSort, AgreementState, AgreementSummary};
use entities::agreements::{Column, Entity, OBJECT, Row, Whole};
use entities::organisations::Column as OrganisationColumn;
use entities::pairings::Column as PairingColumn;
use entities::{names, scope};
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::search::Searched;
use platform::{Caller, Result, area};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

use crate::pairings;

/// Agreements. A list leaves out their texts.
#[derive(Debug)]
pub struct Agreements;

/// The search covers the names that it was signed with, so old names find it.
const TEXTS: Searched = Searched { table: "agreements", key: "id", texts: &["number", "organisation_name", "village_name"] };

impl Object for Agreements {
    type Entity = Entity;
    type Row = Whole;
    type Shown = Agreement;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::agreements(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, whole: Whole) -> Agreement {
        let state = whole.row.state.0;
        let editable = asker.caller.may(Permission::WriteAgreements) && state == AgreementState::Draft;
        whole.into_agreement(allowed(asker.caller, state), editable)
    }
}

impl Line<Agreements> for Row {
    type Shown = AgreementSummary;

    fn shown(self, asker: &Asker<'_>) -> AgreementSummary {
        let allowed = allowed(asker.caller, self.state.0);
        self.into_summary(allowed)
    }
}

impl Listed<Row> for Agreements {
    type Query = AgreementQuery;

    async fn filtered(asker: &Asker<'_>, query: &AgreementQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.organisation_id, |id| PairingColumn::OrganisationId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.ends_by, |day| Column::EndsOn.lte(day))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            let texts = TEXTS.contain(&asker.db, (Entity, Column::Id), q).await?;
            select = select.filter(pairings::list::called(asker, q).await?.add(texts));
        }
        Ok(select)
    }

    fn order(sort: AgreementSort) -> By<Row> {
        match sort {
            AgreementSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            AgreementSort::EndsOn => by(Column::EndsOn, |row| row.ends_on.into()),
            AgreementSort::OrganisationName => by(OrganisationColumn::NameKey, |row| (&row.organisation_key).into()),
        }
    }
}

fn allowed(caller: &Caller, state: AgreementState) -> Vec<AgreementAction> {
    let may = caller.may(Permission::WriteAgreements);
    if may { AgreementState::STEPS.allowed(state, caller.role) } else { Vec::new() }
}
