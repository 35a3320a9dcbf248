//! Lists, opens and changes campaigns.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use contract::areas::AreaLevel;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::calendar::WorkCalendar;
use contract::campaigns::{
    Campaign, CampaignInput, CampaignQuery, CampaignSort, CampaignSummary, DueDay, MilestoneKind, MilestoneState, ReportDayRule,
};
use contract::enrolments::EnrolmentKind;
use contract::pairings::PairingState;
use contract::tallies::TallyFigure;
use contract::{CodedEnum, ErrorCode, ObjectKind, Page, Permission};
use entities::campaigns::{ActiveModel, Column, Entity, Model, OBJECT, Relation, Row};
use entities::{calendar_days, scope};
use platform::audit::{self, Event};
use platform::coded::AsJson;
use platform::error::OnUnique;
use platform::list::{self, by};
use platform::object::{Given, locked};
use platform::spelling::{self, sought};
use platform::{Asker, Caller, Error, Patch, Result, Tx, columns};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ConnectionTrait, JoinType, QueryOrder, QuerySelect, RelationTrait};
use serde_json::json;

use super::policy::{self, Counts};
use crate::areas;
use crate::tallies;

fn editable(caller: &Caller, area_code: &str) -> bool {
    caller.may(Permission::WriteCampaigns) && scope::covers(caller, area_code)
}

/// Lists campaigns.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: &CampaignQuery) -> Result<Page<CampaignSummary>> {
    // An outer join: with an inner join SQLite may scan all areas to find the few that have campaigns.
    let mut select = scope::campaigns(asker.caller).join(JoinType::LeftJoin, Relation::Area.def());
    if let Some(year) = query.year {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(|| Error::field("/year", "range"))?;
        let last = NaiveDate::from_ymd_opt(year, 12, 31).ok_or_else(|| Error::field("/year", "range"))?;
        select = select.filter(Column::StartsOn.between(first, last));
    }
    let select = select.given(query.open_on, |day| Column::EndsOn.gte(day));
    let select = select.given(query.q.as_ref(), |q| list::contains((Entity, Column::NameWords), &sought(q)));
    let order = |sort| match sort {
        CampaignSort::StartsOn => by(Column::StartsOn, |row: &Row| row.starts_on.into()),
        CampaignSort::Title => by(Column::NameKey, |row: &Row| (&row.name_key).into()),
    };
    Ok(list::map(list::page(&asker.db, select, query, order).await?, CampaignSummary::from))
}

/// One campaign, with its deadlines as of `today`.
///
/// # Errors
/// `not_found` outside the caller's catalogue.
pub async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Campaign> {
    let (row, area) = scope::campaigns(asker.caller)
        .filter(Column::Id.eq(id))
        .find_also_related(entities::areas::Entity)
        .one(&asker.db)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let counts = counts(&asker.db, id).await?;
    Ok(campaign(asker, row, area.map(|area| area.name).unwrap_or_default(), counts))
}

fn campaign(asker: &Asker<'_>, row: Model, area_name: String, counts: Counts) -> Campaign {
    let (id, due_days, updated_at, version) = (row.id, row.due_days.0.clone(), row.updated_at, row.version);
    let details = CampaignInput::from(row);
    Campaign {
        id,
        area_name,
        current_phase: policy::phase_on(&details.phases, asker.today),
        milestone_states: judged(id, &details, counts, asker.today),
        due_days,
        editable: editable(asker.caller, &details.area_code),
        updated_at,
        version,
        details,
    }
}

/// The campaign in a field of an input.
///
/// # Errors
/// A fault at `pointer` if there is no such campaign.
pub async fn named(asker: &Asker<'_>, id: Uuid, pointer: &str) -> Result<Campaign> {
    let found = scope::campaigns(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?;
    let row = found.ok_or_else(|| Error::field(pointer, "unknown"))?;
    Ok(campaign(asker, row, String::new(), Counts::default()))
}

/// The campaigns that these documents have called for, by the numbers of the documents. Where several share a number, it is that of
/// the smallest area.
pub async fn numbered(asker: &Asker<'_>, numbers: HashSet<&str>) -> Result<HashMap<String, Campaign>> {
    let found = scope::campaigns(asker.caller).filter(Column::DocumentNumber.is_in(numbers));
    let rows = found.order_by_asc(Column::AreaCode).all(&asker.db).await?.into_iter();
    let campaigns = rows.map(|row| campaign(asker, row, String::new(), Counts::default()));
    Ok(campaigns.map(|campaign| (campaign.details.document_number.clone(), campaign)).collect())
}

/// The campaigns that run, or ended so recently that their last forms are due; newest first, and only a few.
pub async fn running(asker: &Asker<'_>) -> Result<Vec<Campaign>> {
    let rows = scope::campaigns(asker.caller)
        .filter(Column::StartsOn.lte(asker.today))
        .filter(Column::EndsOn.gte(asker.today - Days::new(60)))
        .order_by_desc(Column::StartsOn)
        .order_by_desc(Column::Id)
        .limit(4)
        .all(&asker.db)
        .await?;
    Ok(rows.into_iter().map(|row| campaign(asker, row, String::new(), Counts::default())).collect())
}

/// The campaigns of the same area that were over before one began, the latest first.
pub async fn before(asker: &Asker<'_>, later: &Campaign, most: u64) -> Result<Vec<Campaign>> {
    let rows = scope::campaigns(asker.caller)
        .filter(Column::AreaCode.eq(&later.details.area_code))
        .filter(Column::EndsOn.lt(later.details.starts_on))
        .order_by_desc(Column::EndsOn)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(&asker.db)
        .await?;
    Ok(rows.into_iter().map(|row| campaign(asker, row, String::new(), Counts::default())).collect())
}

/// The deadlines of a campaign that was read already, judged against today. Takes three statements.
pub async fn deadlines(asker: &Asker<'_>, campaign: &Campaign) -> Result<Vec<MilestoneState>> {
    let counts = counts(&asker.db, campaign.id).await?;
    Ok(judged(campaign.id, &campaign.details, counts, asker.today))
}

/// The deadlines, with the list of those who are missing in the survey.
fn judged(id: Uuid, details: &CampaignInput, counts: Counts, today: NaiveDate) -> Vec<MilestoneState> {
    let mut states = policy::milestone_states(details, counts, today);
    if counts.surveyed < counts.villages + counts.organisations {
        let path = ObjectKind::Enrolment.path();
        let missing = format!("{path}?campaign_id={id}&state=confirmed&without_entry=true&sort=area_code");
        let surveys = states.iter_mut().filter(|state| state.kind == MilestoneKind::Survey);
        surveys.for_each(|state| state.missing = Some(missing.clone()));
    }
    states
}

/// What the deadlines are measured by.
async fn counts(db: &impl ConnectionTrait, id: Uuid) -> Result<Counts> {
    use PairingState::{Accepted, Active, Completed, Confirmed};
    let tallies = tallies::service::of_campaign(db, id).await?;
    let sum = |figure, keys: &[&str]| {
        let counted = tallies::service::of(&tallies, figure).filter(|tally| keys.contains(&tally.key.as_str()));
        counted.map(|tally| tally.n).sum()
    };
    let in_state =
        |states: &[PairingState]| sum(TallyFigure::Pairings, &states.iter().map(|state| state.code()).collect::<Vec<_>>());
    let rounds = entities::inspections::by_kind(db, id).await?;
    let inspected = |milestone| {
        let theirs = rounds.iter().filter(|(kind, ..)| kind.milestone() == Some(milestone));
        theirs.fold((0, 0), |(held, all), (_, n, of_them)| (held + of_them, all + n))
    };
    let statements = vec![entities::enrolments::surveyed(id), entities::meetings::kick_offs(id)];
    let counted = list::counts(db, statements).await?;
    let at = |number: usize| counted.get(number).copied().unwrap_or_default();
    Ok(Counts {
        villages: sum(TallyFigure::Enrolments, &[EnrolmentKind::Village.code()]),
        organisations: sum(TallyFigure::Enrolments, &[EnrolmentKind::Organisation.code()]),
        surveyed: at(0),
        kick_offs: at(1),
        pairings: in_state(&[Accepted, Confirmed, Active, Completed]),
        signed: in_state(&[Active, Completed]),
        mid_year: inspected(MilestoneKind::MidYearInspection),
        acceptance: inspected(MilestoneKind::Acceptance),
    })
}

/// Opens a campaign.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`.
pub async fn create(tx: &Tx, input: CampaignInput) -> Result<Campaign> {
    check(tx, &input).await?;
    let id = Uuid::now_v7();
    let calendar = calendar(tx, &input).await?;
    let row = ActiveModel {
        id: Set(id),
        due_days: Set(AsJson(policy::due_days(None, &input, &calendar, tx.today()))),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    let event = Event::of(OBJECT, id, "create");
    tx.record(event, &(), &input).await?;
    read(&tx.asker()?, id).await
}

/// Changes a campaign. Months whose forms were due before today keep their due day, whatever the new settings say.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Campaign> {
    let before = read(&tx.asker()?, id).await?;
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<CampaignInput>(&before.details)? else { return Ok(before) };
    check(tx, &input).await?;
    if input.rankings_due() >= tx.today() && entities::rankings::any_closed(&tx.connection, id).await? {
        // Whoever could rank again has seen by now what the other side ranks (双向选择).
        return Err(Error::field("/settings/rankings_due_on", "rankings_closed"));
    }
    let due_days = policy::due_days(Some(&before), &input, &calendar(tx, &input).await?, tx.today());
    let columns = ActiveModel { due_days: Set(AsJson(due_days)), ..columns(&input) };
    tx.write::<Entity>(id, before.version, columns).await.on_unique(taken())?;
    let event = Event::of(OBJECT, id, "update");
    tx.record(event, &before.details, &input).await?;
    read(&tx.asker()?, id).await
}

/// How long after its month a form is due at most, a long holiday included.
const DUE_WITHIN: Days = Days::new(100);

/// The calendar by which a campaign's forms are due, shared until the transaction ends. Empty where its rule asks none.
async fn calendar(tx: &Tx, details: &CampaignInput) -> Result<WorkCalendar> {
    if details.settings.report_day_rule != ReportDayRule::NextWorkday {
        return Ok(WorkCalendar::default());
    }
    calendar_days::hold(tx, LockType::Share).await?;
    calendar_days::known(tx, details.starts_on, details.ends_on + DUE_WITHIN).await
}

/// Moves the due days of all campaigns by the calendar, of which the days between these have changed. The caller holds the calendar.
/// Months whose forms were due before today keep their day.
pub async fn move_due_days(tx: &Tx, first: NaiveDate, last: NaiveDate) -> Result<()> {
    let concerned = Entity::find().filter(Column::StartsOn.lte(last)).filter(Column::EndsOn.gte(first - DUE_WITHIN));
    let rows = locked(concerned, Column::Id).all(&tx.connection).await?;
    let (begin, end) = (rows.iter().map(|row| row.starts_on).min(), rows.iter().map(|row| row.ends_on).max());
    let (Some(begin), Some(end)) = (begin, end) else { return Ok(()) };
    let calendar = calendar_days::known(tx, begin, end + DUE_WITHIN).await?;
    for row in rows {
        let before = campaign(&tx.asker()?, row, String::new(), Counts::default());
        let due_days = policy::due_days(Some(&before), &before.details, &calendar, tx.today());
        if due_days == before.due_days {
            continue;
        }
        let told = |days: &[DueDay]| json!({ "due_days": days });
        tx.record(Event::of(OBJECT, before.id, "update"), &told(&before.due_days), &told(&due_days)).await?;
        let columns = ActiveModel { due_days: Set(AsJson(due_days)), ..Default::default() };
        tx.write::<Entity>(before.id, before.version, columns).await?;
    }
    Ok(())
}

/// The history of a campaign.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let campaign = scope::campaigns(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    audit::history(&asker.db, OBJECT, campaign.id.to_string(), query).await
}

async fn check(tx: &Tx, input: &CampaignInput) -> Result<()> {
    let area = areas::service::named(tx, &input.area_code, None, "/area_code").await?;
    if area.level == AreaLevel::Village {
        return Err(Error::field("/area_code", "unknown"));
    }
    if scope::covers(tx.caller()?, &input.area_code) { Ok(()) } else { Err(ErrorCode::OutsideOwnScope.into()) }
}

fn taken() -> Error {
    Error::field("/document_number", "taken")
}

fn columns(input: &CampaignInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.title)),
        name_words: Set(spelling::words(&input.title)),
        ..input.{
            title, document_number, agreement_prefix, area_code, starts_on, ends_on, phases, milestones, settings, targets,
            leading_group,
        }
    })
}
