//! A month of all towns: which have sent the form, and which have not.

use contract::areas::AreaLevel;
use contract::campaigns::Campaign;
use contract::reports::{Report, ReportMonth, ReportMonthQuery, ReportState, ReportTiming, TownMonth};
use contract::{ErrorCode, Permission};
use entities::reports::{Column, Entity, Row, TownRow};
use entities::scope;
use platform::area::within;
use platform::clock::local_date;
use platform::coded::{Code, Written};
use platform::download::Download;
use platform::object::Object;
use platform::{Asker, Error, Result, excel};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func};
use sea_orm::{Condition, JoinType, QueryOrder, QuerySelect, QueryTrait};

use super::list::{Reports, allowed};
use super::policy::Facts;
use super::workbook::{self, Form};
use crate::campaigns;
use crate::help;
use crate::tallies;

/// A month, town by town.
///
/// # Errors
/// A fault at `/campaign_id`.
pub async fn read(asker: &Asker<'_>, query: &ReportMonthQuery) -> Result<ReportMonth> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let month = month_of(asker, &campaign, query).await?;
    if !asker.caller.may(Permission::ReadAdoptions) || query.standing.is_some() || query.begun.is_some() {
        return Ok(month);
    }
    let adoptions = help::figures::of(asker, campaign.id, Some(query.month), query.within.as_deref()).await?;
    Ok(ReportMonth { adoptions: Some(adoptions), ..month })
}

/// [`read`] for a known campaign. Takes one statement.
pub async fn month_of(asker: &Asker<'_>, campaign: &Campaign, query: &ReportMonthQuery) -> Result<ReportMonth> {
    let (due_on, month) = (campaign.report_due(query.month), query.month);
    let towns = towns(asker, query).await?.into_iter().map(|row| {
        let state = row.state.map(|state| state.0);
        let day = |at: Option<DateTimeUtc>| at.map(local_date);
        let rows = row.row_count.map(i32::unsigned_abs);
        let (paired, filled) = (row.pairing_count.is_some(), rows.is_some_and(|rows| rows > 0));
        let owed = row.takes_part || paired || filled;
        let (sent, again) = (day(row.submitted_at), day(row.resubmitted_at));
        let timing = ReportTiming::of(row.due_on.unwrap_or(due_on), owed, state, sent, again, asker.today);
        TownMonth {
            town_code: row.town_code,
            town_name: row.town_name,
            pairing_count: row.pairing_count.unwrap_or_default(),
            standing: timing.standing,
            report_id: row.report_id,
            state,
            row_count: rows,
            nil: state.is_some_and(|state| state.is_nil(rows.unwrap_or_default() as usize)),
            overdue: timing.overdue,
            submitted_at: row.submitted_at,
            resubmitted_at: row.resubmitted_at,
            resubmitted_late: timing.resubmitted_late,
            allowed_actions: state.map(|state| allowed(asker, Facts { state, filled, paired, month })).unwrap_or_default(),
        }
    });
    let towns = towns
        .filter(|town| query.standing.is_none_or(|standing| standing == town.standing))
        .filter(|town| query.begun.is_none_or(|begun| begun == town.report_id.is_some()))
        .collect();
    Ok(ReportMonth { campaign_id: campaign.id, month, due_on, towns, adoptions: None })
}

/// The towns that took part in the month, had active pairings or have a report, each with its report. Takes one statement.
async fn towns(asker: &Asker<'_>, query: &ReportMonthQuery) -> Result<Vec<TownRow>> {
    use entities::areas as area;
    let live = tallies::service::active_by_town(query.campaign_id, query.month);
    let town = (area::Entity, area::Column::Code);
    // A form keeps the name under which its town sent it.
    let name = Func::coalesce([Expr::col((Entity, Column::TownName)), Expr::col((area::Entity, area::Column::Name))]);
    let report_of_month = Condition::all()
        .add(Expr::col((Entity, Column::TownCode)).equals(town))
        .add(Column::CampaignId.eq(query.campaign_id))
        .add(Column::Month.eq(Written(query.month)));
    let takes_part =
        entities::enrolments::takes_part(Expr::val(query.campaign_id), Expr::col(town), Expr::val(query.month.to_string()));
    let mut select = scope::own_areas(asker.caller)
        .select_only()
        .column_as(area::Column::Code, "town_code")
        .column_as(Expr::from(name), "town_name")
        .column_as(Expr::col(("live", "n")), "pairing_count")
        .column_as(takes_part.clone(), "takes_part")
        .column_as(Column::Id, "report_id")
        .column_as(Column::State, "state")
        .column_as(Column::RowCount, "row_count")
        .column_as(Column::SubmittedAt, "submitted_at")
        .column_as(Column::ResubmittedAt, "resubmitted_at")
        .column_as(Column::DueOn, "due_on")
        .filter(area::Column::Level.eq(Code(AreaLevel::Town)))
        .filter(Condition::any().add(Column::Id.is_not_null()).add(Expr::col(("live", "n")).is_not_null()).add(takes_part))
        .order_by_asc(area::Column::Code);
    if let Some(code) = &query.within {
        select = select.filter(within(town, code));
    }
    QueryTrait::query(&mut select).join(JoinType::LeftJoin, Entity, report_of_month).join_subquery(
        JoinType::LeftJoin,
        live,
        Alias::new("live"),
        Expr::col(("live", "area_code")).equals(town),
    );
    Ok(select.into_model::<TownRow>().all(&asker.db).await?)
}

/// The reports of a month that towns have sent, as one workbook.
///
/// # Errors
/// A fault at `/campaign_id`, `report_empty` if no town has sent one.
pub async fn workbook(asker: &Asker<'_>, query: &ReportMonthQuery) -> Result<Download> {
    let campaign = campaigns::service::named(asker, query.campaign_id, "/campaign_id").await?;
    let mut select = Reports::named(Reports::scope(asker.caller))
        .filter(Column::CampaignId.eq(campaign.id))
        .filter(Column::Month.eq(Written(query.month)))
        .filter(Column::State.is_in([ReportState::Submitted, ReportState::Nil, ReportState::Accepted].map(Code)))
        .order_by_asc(Column::TownCode);
    if let Some(code) = &query.within {
        select = select.filter(within((Entity, Column::TownCode), code));
    }
    let rows = select.into_partial_model::<Row>().all(&asker.db).await?;
    let reports = rows.into_iter().map(|row| row.into_report(false, Vec::new(), asker.today));
    let reports: Vec<Report> =
        reports.filter(|report| query.standing.is_none_or(|standing| standing == report.standing)).collect();
    if reports.is_empty() {
        return Err(ErrorCode::ReportEmpty.into());
    }
    let forms = reports.iter().map(|report| Form {
        name: &report.town_name,
        unit: &report.unit,
        filled_on: report.filled_on,
        rows: &report.rows,
        nil: report.nil,
    });
    let bytes = workbook::write(&forms.collect::<Vec<_>>()).map_err(Error::internal)?;
    Ok(Download::new(format!("{}-{}.xlsx", workbook::TITLE, query.month), excel::MEDIA_TYPE, bytes))
}
