//! The records that exist for a caller, and their list.

use contract::assistance::{AidKind, AssistanceRecord, RecordQuery, RecordSort, RecordState};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::campaigns::Indicator;
use contract::{CodedEnum, Page, Permission};
use entities::assistance::{Column, Entity, Leave, OBJECT, Relation, Row};
use entities::pairings::{Column as PairingColumn, Entity as Pairing};
use entities::reports::counted;
use entities::{commitments, names, scope};
use platform::audit;
use platform::coded::{Code, is_one_of};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, CommonTableExpression, ExprTrait, Query, SelectStatement, UnionType, WithClause};
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::audit::families;
use crate::households;
use crate::organisations;

/// Records of assistance.
#[derive(Debug)]
pub struct AssistanceRecords;

impl Object for AssistanceRecords {
    type Entity = Entity;
    type Row = Row;
    type Shown = AssistanceRecord;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::assistance(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_household(select.join(JoinType::LeftJoin, Relation::Household.def()))
            .join(JoinType::LeftJoin, entities::pairings::Relation::Organisation.def())
            .join(JoinType::LeftJoin, Relation::Member.def())
            .join_rev(JoinType::LeftJoin, commitments::Relation::Record.def())
            .join(JoinType::LeftJoin, commitments::Relation::Entry.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> AssistanceRecord {
        let (caller, state) = (asker.caller, row.state.0);
        let may = caller.may(Permission::WriteAssistance);
        let leave = Leave {
            allowed_actions: if may { RecordState::STEPS.allowed(state, caller.role) } else { Vec::new() },
            editable: may && state == RecordState::Recorded,
            texts: policy::reads_in_full(caller.role),
            names: names_family(caller, &row),
        };
        row.into_record(asker.vault, leave)
    }

    /// The history of a record. It names the family only to those to whom the record does.
    async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
        let row = Self::row(asker, id).await?;
        let mut page = audit::history(&asker.db, OBJECT, id.to_string(), query).await?;
        if !names_family(asker.caller, &row) {
            page.items.iter_mut().for_each(families::hide);
        }
        Ok(page)
    }
}

/// Whether a record names the family that it helped. The present consent decides, not the one when it was written.
fn names_family(caller: &Caller, row: &Row) -> bool {
    row.consented || households::consent::keeps_files(caller)
}

impl Listed for AssistanceRecords {
    type Query = RecordQuery;

    async fn filtered(asker: &Asker<'_>, query: &RecordQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| PairingColumn::CampaignId.eq(id))
            .given(query.household_id, |id| Column::HouseholdId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.organisation_id, |id| PairingColumn::OrganisationId.eq(id))
            .given(query.measure_id, |id| Column::MeasureId.eq(id))
            .given(query.chain_of, |id| Column::Id.in_subquery(chain(id)))
            .given(query.carried_in, |id| Column::Id.in_subquery(counted::carried_in(id)))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.indicator, counted_by)
            .given(query.month, |month| Column::HappenedOn.between(month.first_day(), month.last_day()))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.waits_for_me, || is_one_of((Entity, Column::State), policy::waiting_for(asker.caller.role)))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            // Free text is sealed, so the search covers only giver and place.
            select = select.filter(
                Condition::any()
                    .add(organisations::service::called(&asker.db, (Pairing, PairingColumn::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: RecordSort) -> By<Row> {
        match sort {
            RecordSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            RecordSort::HappenedOn => by(Column::HappenedOn, |row| row.happened_on.into()),
        }
    }
}

/// The kinds that an indicator counts.
fn counted_by(indicator: Indicator) -> Condition {
    let kinds = AidKind::ALL.iter().copied().filter(|kind| kind.indicator() == Some(indicator)).map(Code);
    let of_kind = Condition::any().add(Column::Kind.is_in(kinds));
    if indicator == Indicator::HouseholdAidFen { of_kind.add(Column::AmountFen.is_not_null()) } else { of_kind }
}

/// The record with this id, those that it corrects, directly or not, and those that correct it.
fn chain(id: Uuid) -> SelectStatement {
    let (record, chain) = (|| Alias::new("record"), || Alias::new("chain"));
    let columns = [Column::Id, Column::CorrectsId];
    let linked = |of: Column, to: Column| Expr::col((record(), of)).equals((chain(), to));
    let next = Query::select()
        .columns(columns.map(|column| (record(), column)))
        .from_as(Entity, record())
        .join(JoinType::InnerJoin, chain(), linked(Column::Id, Column::CorrectsId).or(linked(Column::CorrectsId, Column::Id)))
        .to_owned();
    let mut first = Query::select().columns(columns).from(Entity).and_where(Column::Id.eq(id)).to_owned();
    let whole = CommonTableExpression::new()
        .table_name(chain())
        .columns(columns)
        .query(first.union(UnionType::Distinct, next).to_owned())
        .to_owned();
    let with = WithClause::new().recursive(true).cte(whole).to_owned();
    Query::select().column((chain(), Column::Id)).from(chain()).with_cte(with).to_owned()
}
