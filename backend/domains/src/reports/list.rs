//! The reports that exist for a caller, and their list.

use contract::Permission;
use contract::reports::{Report, ReportAction, ReportQuery, ReportSort, ReportSummary};
use entities::reports::{Column, Entity, OBJECT, Relation, Row, SummaryRow};
use entities::scope;
use platform::area::within;
use platform::coded::{Code, Written, is_one_of};
use platform::list::{By, Key, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;

/// Reports. A list leaves out their rows.
#[derive(Debug)]
pub struct Reports;

impl Object for Reports {
    type Entity = Entity;
    type Row = Row;
    type Shown = Report;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::reports(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select.join(JoinType::InnerJoin, Relation::Campaign.def()).join(JoinType::InnerJoin, Relation::Town.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Report {
        let (caller, state) = (asker.caller, row.state.0);
        let editable = caller.may(Permission::WriteReports) && policy::editable(state, caller.role);
        let facts = policy::Facts { state, filled: !row.rows.0.is_empty(), paired: row.paired, month: row.month.0 };
        let actions = allowed(asker, facts);
        row.into_report(editable, actions, asker.today)
    }
}

impl Line<Reports> for SummaryRow {
    type Shown = ReportSummary;

    fn shown(self, asker: &Asker<'_>) -> ReportSummary {
        self.into_summary(asker.today)
    }
}

impl Listed<SummaryRow> for Reports {
    type Query = ReportQuery;

    async fn filtered(asker: &Asker<'_>, query: &ReportQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.waits_for_me, || is_one_of((Entity, Column::State), policy::waiting_for(asker.caller.role)))
            .given(query.within.as_ref(), |code| within((Entity, Column::TownCode), code));
        if let Some(q) = &query.q {
            select = select.filter(areas::service::called(&asker.db, (Entity, Column::TownCode), q).await?);
        }
        Ok(select)
    }

    fn order(sort: ReportSort) -> By<SummaryRow> {
        match sort {
            ReportSort::Month => by(Column::Month, |row| Key::Text(row.month.0.to_string())),
            ReportSort::TownCode => by(Column::TownCode, |row| (&row.town_code).into()),
            ReportSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// The steps that a caller may take with a month's report.
pub(super) fn allowed(asker: &Asker<'_>, facts: policy::Facts) -> Vec<ReportAction> {
    let caller = asker.caller;
    if caller.may(Permission::WriteReports) { policy::allowed(facts, caller.role, asker.today) } else { Vec::new() }
}
