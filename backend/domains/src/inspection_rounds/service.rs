//! Plans, opens and closes rounds.

use std::collections::HashMap;

use contract::inspections::{
    Draw, DrawLine, InspectionRound, InspectionState, RoundAction, RoundInput, RoundState, RoundStepInput, Selection,
};
use contract::pairings::PairingState;
use contract::projects::ProjectState;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::inspection_rounds::{ActiveModel, Column, Entity, OBJECT, Row};
use entities::{inspections, names, organisations, pairings, projects, scope, tasks};
use platform::area::lies_in;
use platform::audit::{self, Event};
use platform::coded::{AsJson, Code, codes};
use platform::object::{Object, locked};
use platform::{Asker, Error, Patch, Result, Tx, spelling};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, FromQueryResult, QuerySelect, QueryTrait};
use serde_json::json;

use super::draw::draw;
use super::list::Rounds;
use super::policy;
use crate::campaigns;
use crate::checklists::list::Checklists;
use crate::inspections::inspectors;
use crate::projects::list::running;

/// The most pairings that are chosen from.
const MOST: u64 = 5000;
/// How many inspections are written at once.
const AT_ONCE: usize = 500;

/// Plans a round, which is a draft at first.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`.
pub async fn create(tx: &Tx, input: RoundInput) -> Result<InspectionRound> {
    let caller = tx.caller()?;
    let names = check(tx, &input, &[]).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(input.campaign_id),
        area_code: Set(caller.area_code.clone()),
        items: Set(None),
        draw: Set(None),
        state: Set(Code(RoundState::Draft)),
        opened_on: Set(None),
        closed_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input, names)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = Rounds::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

fn columns(input: RoundInput, names: Vec<String>) -> ActiveModel {
    ActiveModel {
        kind: Set(Code(input.kind)),
        name_words: Set(spelling::words(&input.title)),
        title: Set(input.title),
        starts_on: Set(input.starts_on),
        ends_on: Set(input.ends_on),
        checklist_id: Set(input.checklist_id),
        selection: Set(AsJson(input.selection)),
        inspectors: Set(AsJson(input.inspectors)),
        inspector_names: Set(AsJson(names)),
        ..Default::default()
    }
}

/// Checks what is written of a round, and returns the names of those who inspect.
async fn check(tx: &Tx, input: &RoundInput, known: &[Uuid]) -> Result<Vec<String>> {
    let asker = tx.asker()?;
    let campaign = campaigns::service::named(&asker, input.campaign_id, "/campaign_id").await?.details;
    if !asker.caller.area_code.starts_with(&campaign.area_code) {
        return Err(Error::field("/campaign_id", "unknown"));
    }
    for (pointer, day) in [("/starts_on", input.starts_on), ("/ends_on", input.ends_on)] {
        if !(campaign.starts_on..=campaign.ends_on).contains(&day) {
            return Err(Error::field(pointer, "date_outside_campaign"));
        }
    }
    for (index, town) in input.selection.towns.iter().enumerate() {
        if !scope::covers(asker.caller, &town.town_code) {
            return Err(Error::field(format!("/selection/towns/{index}/town_code"), "unknown"));
        }
    }
    let checklist = Checklists::row(&asker, input.checklist_id).await;
    checklist
        .map_err(|error| if error.code == ErrorCode::NotFound { Error::field("/checklist_id", "unknown") } else { error })?;
    inspectors::names(tx, &input.inspectors, known).await
}

/// Changes a draft.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<InspectionRound> {
    let (_, before) = held(tx, id).await?;
    if !before.editable {
        return Err(platform::workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<RoundInput>(&before.details)? else { return Ok(before) };
    if input.campaign_id != before.details.campaign_id {
        return Err(Error::field("/campaign_id", "fixed"));
    }
    let names = check(tx, &input, &before.details.inspectors).await?;
    tx.write::<Entity>(id, before.version, columns(input, names)).await?;
    let after = Rounds::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// A round that the caller holds, locked and in the version that they have seen.
async fn held(tx: &Tx, id: Uuid) -> Result<(String, InspectionRound)> {
    tx.hold::<Entity>(id).await?;
    let row: Row = Rounds::row(&tx.asker()?, id).await?;
    if !scope::covers(tx.caller()?, &row.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(row.version)?;
    Ok((row.area_code.clone(), Rounds::shown(&tx.asker()?, row)))
}

/// What a round chooses from, and what it chooses: as it would be now, or as it was when the round was opened.
///
/// # Errors
/// `not_found`, a fault where there is too much to choose from.
pub async fn read_draw(asker: &Asker<'_>, id: Uuid) -> Result<Draw> {
    let row = Rounds::row(asker, id).await?;
    let kept = Entity::find_by_id(id).select_only().column(Column::Draw).into_tuple::<(Option<AsJson<Draw>>,)>();
    if let Some((Some(AsJson(draw)),)) = kept.one(&asker.db).await? {
        return Ok(draw);
    }
    drawn(asker, id, row.campaign_id, &row.area_code, &row.selection.0).await
}

/// A pairing that is chosen from.
#[derive(FromQueryResult)]
struct Pooled {
    id: Uuid,
    village_code: String,
    village_name: String,
    credit_code: String,
    organisation_name: String,
}

async fn drawn(asker: &Asker<'_>, id: Uuid, campaign_id: Uuid, area_code: &str, selection: &Selection) -> Result<Draw> {
    use pairings::{Column as Pairing, Entity as Pairings};
    let of_pairing = || Expr::col((projects::Entity, projects::Column::PairingId)).equals((Pairings, Pairing::Id));
    let theirs = || projects::Entity::find().filter(of_pairing());
    let mut meets = Condition::all()
        .add(Pairing::CampaignId.eq(campaign_id))
        .add(pairings::with_village())
        .add(Pairing::State.eq(Code(PairingState::Active)))
        .add(pairings::lies_in(area_code));
    if !selection.towns.is_empty() {
        let towns = selection.towns.iter().map(|town| lies_in(Pairings, &town.town_code));
        meets = meets.add(towns.fold(Condition::any(), Condition::add));
    }
    if let Some(goal) = selection.goal {
        let live = projects::Column::State.is_in(codes(ProjectState::LIVE));
        let with_goal = theirs().filter(projects::Column::Goal.eq(Code(goal))).filter(live);
        meets = meets.add(Expr::exists(with_goal.into_query()));
    }
    if selection.overdue_tasks {
        let late = theirs().filter(running()).filter(projects::Column::Id.in_subquery(tasks::late(asker.today)));
        meets = meets.add(Expr::exists(late.into_query()));
    }
    if selection.never_inspected {
        meets = meets.add(Pairing::Id.not_in_subquery(inspections::held_of()));
    }
    let pool: Vec<Pooled> = names::on_pairing(scope::pairings(asker.caller))
        .filter(meets)
        .select_only()
        .column(Pairing::Id)
        .column(Pairing::VillageCode)
        .column_as(entities::areas::Column::Name, "village_name")
        .column_as(organisations::Column::CreditCode, "credit_code")
        .column_as(organisations::Column::Name, "organisation_name")
        .limit(MOST + 1)
        .into_model()
        .all(&asker.db)
        .await?;
    if pool.len() as u64 > MOST {
        return Err(Error::field("/selection", "too_many"));
    }
    let line = |pooled: Pooled| DrawLine {
        pairing_id: pooled.id,
        village_code: pooled.village_code,
        village_name: pooled.village_name,
        credit_code: pooled.credit_code,
        organisation_name: pooled.organisation_name,
        ticket: None,
        chosen: false,
    };
    Ok(draw(id, selection, pool.into_iter().map(line).collect()))
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`, `checklist_not_in_use`,
/// `nothing_chosen`, `draw_changed`, `inspections_planned`.
pub async fn step(tx: &Tx, id: Uuid, action: RoundAction, input: RoundStepInput) -> Result<InspectionRound> {
    tx.hold::<Entity>(id).await?;
    let row = Rounds::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    let (caller, area_code) = (tx.caller()?, row.area_code.clone());
    let state = policy::decide(row.state.0, action, caller.role, scope::covers(caller, &area_code), input.note.as_ref())?;
    if action != RoundAction::Open && input.digest.is_some() {
        return Err(Error::field("/digest", "not_for_step"));
    }
    let before = Rounds::shown(&tx.asker()?, row);
    let columns = match action {
        RoundAction::Open => open(tx, &before, &area_code, input.digest.as_deref()).await?,
        RoundAction::Close => {
            if inspections::any_planned(&tx.connection, id).await? {
                return Err(ErrorCode::InspectionsPlanned.into());
            }
            ActiveModel { closed_on: Set(Some(tx.today())), ..Default::default() }
        }
        RoundAction::Cancel => {
            cancel_planned(tx, id).await?;
            ActiveModel { closed_on: Set(Some(tx.today())), ..Default::default() }
        }
    };
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(state)), ..columns }).await?;
    let after = Rounds::read(&tx.asker()?, id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: None };
    tx.record(Event::of(OBJECT, id, action.code()).because(why), &before, &after).await?;
    Ok(after)
}

/// Freezes the checklist, keeps the draw, and plans an inspection of each pairing that was drawn.
async fn open(tx: &Tx, round: &InspectionRound, area_code: &str, digest: Option<&str>) -> Result<ActiveModel> {
    let details = &round.details;
    // Locked, so that the items are those of one moment.
    tx.hold::<entities::checklists::Entity>(details.checklist_id).await?;
    let checklist = Checklists::read(&tx.asker()?, details.checklist_id).await?;
    if checklist.state != contract::inspections::ChecklistState::InUse {
        return Err(ErrorCode::ChecklistNotInUse.into());
    }
    let draw = drawn(&tx.asker()?, round.id, details.campaign_id, area_code, &details.selection).await?;
    if digest.is_some_and(|digest| digest != draw.digest) {
        return Err(ErrorCode::DrawChanged.into());
    }
    if draw.chosen == 0 {
        return Err(ErrorCode::NothingChosen.into());
    }
    hold_pairings(tx, &draw).await?;
    let (mut rows, mut inspectors, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for line in draw.lines.iter().filter(|line| line.chosen) {
        let id = Uuid::now_v7();
        rows.push(inspections::ActiveModel {
            id: Set(id),
            round_id: Set(round.id),
            pairing_id: Set(line.pairing_id),
            village_code: Set(line.village_code.clone()),
            inspectors: Set(AsJson(details.inspectors.clone())),
            inspector_names: Set(AsJson(round.inspector_names.clone())),
            planned_on: Set(details.ends_on),
            held_on: Set(None),
            results: Set(AsJson(Vec::new())),
            conclusion: Set(None),
            summary: Set(None),
            entry_id: Set(None),
            state: Set(Code(InspectionState::Planned)),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            version: Set(1),
        });
        let inspector = |user_id: &Uuid| inspections::inspector::ActiveModel { inspection_id: Set(id), user_id: Set(*user_id) };
        inspectors.extend(details.inspectors.iter().map(inspector));
        let made = json!({ "round_id": round.id, "pairing_id": line.pairing_id, "planned_on": details.ends_on });
        entries.push(tx.entry(Event::of(inspections::OBJECT, id, "create"), &(), &made));
    }
    for rows in rows.chunks(AT_ONCE) {
        inspections::Entity::insert_many(rows.to_vec()).exec_without_returning(&tx.connection).await?;
    }
    for rows in inspectors.chunks(AT_ONCE) {
        inspections::inspector::Entity::insert_many(rows.to_vec()).exec_without_returning(&tx.connection).await?;
    }
    audit::record_all(tx, entries).await?;
    Ok(ActiveModel {
        items: Set(Some(AsJson(checklist.details.items))),
        draw: Set(Some(AsJson(draw))),
        opened_on: Set(Some(tx.today())),
        ..Default::default()
    })
}

/// Locks the pairings that were drawn, so that none ends, and no village is replaced, before the transaction ends.
///
/// # Errors
/// `draw_changed` where one has changed since.
async fn hold_pairings(tx: &Tx, draw: &Draw) -> Result<()> {
    let chosen: HashMap<_, _> =
        draw.lines.iter().filter(|line| line.chosen).map(|line| (line.pairing_id, &line.village_code)).collect();
    let rows = pairings::Entity::find().filter(pairings::Column::Id.is_in(chosen.keys().copied()));
    let rows = locked(rows, pairings::Column::Id).all(&tx.connection).await?;
    let as_drawn = |row: &pairings::Model| {
        row.state.0 == PairingState::Active && chosen.get(&row.id).is_some_and(|code| **code == row.village_code)
    };
    if rows.iter().filter(|row| as_drawn(row)).count() == chosen.len() { Ok(()) } else { Err(ErrorCode::DrawChanged.into()) }
}

/// Cancels the inspections of a round that is cancelled. What was held stays.
async fn cancel_planned(tx: &Tx, round_id: Uuid) -> Result<()> {
    use inspections::{ActiveModel, Column, Entity, OBJECT};
    let planned = Entity::find().filter(Column::RoundId.eq(round_id)).filter(Column::State.eq(Code(InspectionState::Planned)));
    for row in locked(planned, Column::Id).all(&tx.connection).await? {
        let columns = ActiveModel { state: Set(Code(InspectionState::Cancelled)), ..Default::default() };
        tx.write::<Entity>(row.id, row.version, columns).await?;
        let (before, after) = (json!({ "state": row.state.0 }), json!({ "state": InspectionState::Cancelled }));
        tx.record(Event::of(OBJECT, row.id, "round_cancelled"), &before, &after).await?;
    }
    Ok(())
}
