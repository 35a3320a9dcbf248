//! Drafts, sends and judges a town's form.

use contract::areas::AreaLevel;
use contract::reports::{
    COMPILERS, Preflight, Report, ReportAction, ReportFormInput, ReportInput, ReportRowInput, ReportStanding, ReportState,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month};
use entities::reports::{ActiveModel, Column, Entity, OBJECT, Row, counted};
use entities::scope;
use platform::audit::Event;
use platform::coded::{AsJson, Code, Written, codes};
use platform::download::Download;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Asker, Error, Patch, Result, Tx, excel, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoCondition, LockType};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, QueryOrder, QuerySelect, QueryTrait, RelationTrait};

use super::aid;
use super::counting;
use super::findings;
use super::list::Reports;
use super::policy;
use super::source::Source;
use super::workbook::{self, Form};
use crate::areas;
use crate::campaigns;
use crate::pairings;

/// The sources of a town's form, by village and organisation: the pairings that were active in its month, and those for which it
/// carries something over, with the progress of that month and of the one before.
async fn sources(db: &impl ConnectionTrait, campaign_id: Uuid, town_code: &str, form: (Uuid, Month)) -> Result<Vec<Source>> {
    use entities::pairings as pairing;
    let month = form.1;
    let (first, last) = (month.first_day(), month.last_day());
    let mut aid = aid::of_town(db, campaign_id, town_code, form).await?;
    let update_of = |month: Month| {
        entities::progress::Relation::Pairing.def().rev().on_condition(move |_, update| {
            Expr::col((update, entities::progress::Column::Month)).eq(Written(month)).into_condition()
        })
    };
    let aided = Condition::all()
        .add(pairing::Column::OrganisationId.is_in(aid.keys().map(|parties| parties.0)))
        .add(pairing::Column::VillageCode.is_in(aid.keys().map(|parties| parties.1.as_str())));
    let mut sources = pairing::Entity::find()
        .join(JoinType::InnerJoin, pairing::Relation::Organisation.def())
        .join(JoinType::InnerJoin, pairing::Relation::Village.def())
        .join_as(JoinType::LeftJoin, update_of(month), "this_month")
        .join_as(JoinType::LeftJoin, update_of(month.previous()), "last_month")
        .filter(pairing::Column::CampaignId.eq(campaign_id))
        .filter(entities::pairings::lies_in(town_code))
        .filter(entities::pairings::with_village())
        .filter(Condition::any().add(entities::pairings::active_between(first, last)).add(aided))
        .into_partial_model::<Source>()
        .all(db)
        .await?;
    for source in &mut sources {
        source.active = pairings::policy::active_between(source.active_since, source.ended_on, first, last);
    }
    // The same parties may have been paired before. The help goes to the last of their pairings, and to no other.
    sources.sort_by_key(|source| std::cmp::Reverse((source.active, source.active_since, source.pairing_id)));
    for source in &mut sources {
        source.aid = aid.remove(&(source.organisation_id, source.village_code.clone())).unwrap_or_default();
    }
    sources.retain(|source| source.active || source.aid.given.is_some() || source.aid.carried.is_some());
    // Sorted here, because the database's order of Chinese names depends on its configuration.
    sources.sort_by(|a, b| {
        (&a.village_code, &a.organisation_name, a.pairing_id).cmp(&(&b.village_code, &b.organisation_name, b.pairing_id))
    });
    Ok(sources)
}

/// [`sources`] of an existing form.
async fn sources_of(db: &impl ConnectionTrait, row: &Row) -> Result<Vec<Source>> {
    sources(db, row.campaign_id, &row.town_code, (row.id, row.month.0)).await
}

/// Locks the forms of a town until the transaction ends, so that no two of them carry the same record.
async fn hold_town(tx: &Tx, campaign_id: Uuid, town_code: &str) -> Result<()> {
    let forms = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::TownCode.eq(town_code))
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate);
    forms.into_tuple::<Uuid>().all(&tx.connection).await?;
    Ok(())
}

/// The records that a form counts.
async fn counted_in(tx: &Tx, id: Uuid) -> Result<Vec<counted::Model>> {
    Ok(counted::Entity::find().filter(counted::Column::ReportId.eq(id)).all(&tx.connection).await?)
}

/// Replaces the records that a form counts.
async fn set_counted(tx: &Tx, id: Uuid, entries: Vec<counted::Model>) -> Result<()> {
    counted::Entity::delete_many().filter(counted::Column::ReportId.eq(id)).exec(&tx.connection).await?;
    for entries in entries.chunks(1_000) {
        let rows = entries.iter().cloned().map(counted::ActiveModel::from);
        counted::Entity::insert_many(rows).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::Conflict)?;
    }
    Ok(())
}

/// Renews the rows of a form and the records that it counts, and returns its columns.
async fn renew(tx: &Tx, row: &Row) -> Result<ActiveModel> {
    let sources = sources_of(&tx.connection, row).await?;
    let rows = policy::redraft(row.rows.0.clone(), &sources, &row.left_out.0);
    set_counted(tx, row.id, counting::renewed(row.id, &rows, &counted_in(tx, row.id).await?, &sources)).await?;
    Ok(ActiveModel { row_count: Set(rows.len().try_into().unwrap_or(i32::MAX)), rows: Set(AsJson(rows)), ..Default::default() })
}

/// Takes what belongs to the month of a form out of the later forms that are still in the town's hands, because this form tells of
/// its own month. Returns those forms, whose rows must be renewed after this one's.
async fn give_back(tx: &Tx, form: &Row) -> Result<Vec<Row>> {
    use entities::assistance as record;
    let month = form.month.0;
    let later = Reports::named(Reports::scope(tx.caller()?))
        .filter(Column::CampaignId.eq(form.campaign_id))
        .filter(Column::TownCode.eq(&form.town_code))
        .filter(Column::Month.gt(Written(month)))
        .filter(Column::State.is_in(codes(ReportState::EDITABLE)))
        .order_by_asc(Column::Month)
        .into_partial_model::<Row>()
        .all(&tx.connection)
        .await?;
    let mut given = Vec::new();
    for row in later {
        let own = record::Entity::find().select_only().column(record::Column::Id);
        let own = own.filter(record::Column::HappenedOn.between(month.first_day(), month.last_day()));
        let back = counted::Entity::delete_many()
            .filter(counted::Column::ReportId.eq(row.id))
            .filter(counted::Column::RecordId.in_subquery(own.into_query()));
        if back.exec(&tx.connection).await?.rows_affected > 0 {
            given.push(row);
        }
    }
    Ok(given)
}

/// Drafts a town's form of a month.
///
/// # Errors
/// `forbidden` for the bureau, `validation_failed`, `outside_own_scope`, `report_exists`.
pub async fn create(tx: &Tx, input: ReportInput) -> Result<Report> {
    let caller = tx.caller()?;
    if !COMPILERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let town = areas::service::named(tx, &input.town_code, Some(AreaLevel::Town), "/town_code").await?;
    if !scope::covers(caller, &town.code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !town.code.starts_with(&campaign.details.area_code) {
        return Err(Error::field("/town_code", "unknown"));
    }
    let details = &campaign.details;
    if let Some(fault) = campaigns::policy::month_fault(details.starts_on, details.ends_on, tx.today(), input.month) {
        return Err(Error::field("/month", fault));
    }
    hold_town(tx, campaign.id, &town.code).await?;
    let id = Uuid::now_v7();
    let sources = sources(&tx.connection, campaign.id, &town.code, (id, input.month)).await?;
    let rows = policy::redraft(Vec::new(), &sources, &[]);
    let entries = counting::renewed(id, &rows, &[], &sources);
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        month: Set(Written(input.month)),
        state: Set(Code(ReportState::Draft)),
        unit: Set(format!("{}社会事务办", town.name)),
        town_code: Set(town.code),
        town_name: Set(town.name),
        filled_on: Set(None),
        row_count: Set(rows.len().try_into().unwrap_or(i32::MAX)),
        rows: Set(AsJson(rows)),
        left_out: Set(AsJson(Vec::new())),
        return_reason: Set(None),
        submitted_at: Set(None),
        resubmitted_at: Set(None),
        due_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::ReportExists)?;
    set_counted(tx, id, entries).await?;
    let made = Reports::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Edits a form that the town may still change.
///
/// # Errors
/// `not_found`, `forbidden` for the bureau, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Report> {
    let caller = tx.caller()?;
    let seen = Reports::row(&tx.asker()?, id).await?;
    if !COMPILERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    hold_town(tx, seen.campaign_id, &seen.town_code).await?;
    let before = Reports::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let state = before.state.0;
    if !policy::editable(state, caller.role) {
        return Err(workflow::illegal(state, &ReportState::STEPS.allowed(state, caller.role)));
    }
    let form = form(&before);
    let Some(input) = patch.changes::<ReportFormInput>(&form)? else { return Reports::read(&tx.asker()?, id).await };
    let sources = sources_of(&tx.connection, &before).await?;
    let rows = policy::edit(&before.rows.0, input.rows, &sources)?;
    let entries = counting::edited(id, &before.rows.0, &rows, &counted_in(tx, id).await?, &sources);
    set_counted(tx, id, entries).await?;
    let left_out = policy::left_out(&before.left_out.0, &before.rows.0, &rows);
    let columns = ActiveModel {
        unit: Set(input.unit),
        filled_on: Set(input.filled_on),
        row_count: Set(rows.len().try_into().unwrap_or(i32::MAX)),
        rows: Set(AsJson(rows)),
        left_out: Set(AsJson(left_out)),
        ..Default::default()
    };
    write(tx, before, columns, Event::of(OBJECT, id, "update")).await
}

/// The editable part of a report.
fn form(row: &Row) -> ReportFormInput {
    let rows = row.rows.0.iter().map(|row| ReportRowInput {
        pairing_id: row.pairing_id,
        village_name: row.village_name.clone(),
        organisation_name: row.organisation_name.clone(),
        content: row.content.clone(),
        progress: row.progress.clone(),
        edited: Some(row.edited),
    });
    ReportFormInput { unit: row.unit.clone(), filled_on: row.filled_on, rows: rows.collect() }
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `report_empty`, `report_not_nil`, `month_running`,
/// `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: ReportAction, input: StepInput) -> Result<Report> {
    let caller = tx.caller()?;
    let seen = Reports::row(&tx.asker()?, id).await?;
    hold_town(tx, seen.campaign_id, &seen.town_code).await?;
    let before = Reports::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(ReportState::STEPS, before.state.0, action, caller.role, &input)?;
    let mut columns = ActiveModel { ..Default::default() };
    let mut later = Vec::new();
    match action {
        ReportAction::Submit | ReportAction::Nil => {
            if action == ReportAction::Nil {
                check_nil(tx, &before).await?;
            } else if before.rows.0.is_empty() {
                return Err(ErrorCode::ReportEmpty.into());
            }
            columns.filled_on = Set(before.filled_on.or(Some(tx.today())));
            columns.town_name = Set(areas::service::read(&tx.connection, &before.town_code).await?.name);
            match before.submitted_at {
                None => {
                    columns.submitted_at = Set(Some(tx.now));
                    columns.due_on = Set(Some(before.timing(tx.today()).due_on));
                }
                Some(_) => columns.resubmitted_at = Set(Some(tx.now)),
            }
        }
        ReportAction::Redraft => {
            later = give_back(tx, &before).await?;
            columns = renew(tx, &before).await?;
        }
        ReportAction::Return | ReportAction::Reopen => columns.return_reason = Set(input.note.clone()),
        ReportAction::Accept => {
            if !policy::is_over(before.month.0, tx.today()) {
                return Err(ErrorCode::MonthRunning.into());
            }
            // A pairing may have been entered since, as active in the month.
            if before.state.0 == ReportState::Nil {
                check_nil(tx, &before).await?;
            }
        }
    }
    columns.state = Set(Code(step.to));
    let made = write(tx, before, columns, Event::of(OBJECT, id, action.code()).because(input)).await?;
    for form in later {
        let columns = renew(tx, &form).await?;
        let event = Event::of(OBJECT, form.id, action.code());
        write(tx, form, columns, event).await?;
    }
    Ok(made)
}

/// A form that has rows, or that should have some, is no nil return (零报告), also where its rows were taken out.
async fn check_nil(tx: &Tx, row: &Row) -> Result<()> {
    let nothing = row.rows.0.is_empty() && sources_of(&tx.connection, row).await?.is_empty();
    if nothing { Ok(()) } else { Err(ErrorCode::ReportNotNil.into()) }
}

async fn write(tx: &Tx, before: Row, columns: ActiveModel, event: Event<'_>) -> Result<Report> {
    tx.write::<Entity>(before.id, before.version, columns).await?;
    let after = Reports::row(&tx.asker()?, before.id).await?;
    let for_history = |row: Row| row.into_report(false, Vec::new(), tx.today());
    tx.record(event, &for_history(before), &for_history(after.clone())).await?;
    Ok(Reports::shown(&tx.asker()?, after))
}

/// What the town should check before it sends a report.
///
/// # Errors
/// `not_found`.
pub async fn preflight(asker: &Asker<'_>, id: Uuid) -> Result<Preflight> {
    let row = Reports::row(asker, id).await?;
    let timing = row.timing(asker.today);
    let sources = sources_of(&asker.db, &row).await?;
    let findings = findings::findings(&row.rows.0, &sources, &row.left_out.0, row.month.0, &row.settings.0, asker.today);
    Ok(Preflight { due_on: timing.due_on, late: timing.standing == ReportStanding::Missing, findings })
}

/// A report as a workbook.
///
/// # Errors
/// `not_found`.
pub async fn workbook(asker: &Asker<'_>, id: Uuid) -> Result<Download> {
    let report = Reports::read(asker, id).await?;
    let form =
        Form { name: &report.town_name, unit: &report.unit, filled_on: report.filled_on, rows: &report.rows, nil: report.nil };
    let bytes = workbook::write(&[form]).map_err(Error::internal)?;
    let name = format!("{}-{}-{}.xlsx", workbook::TITLE, report.town_name, report.month);
    Ok(Download::new(name, excel::MEDIA_TYPE, bytes))
}
