//! Plans meetings, and takes down that they were held.

use std::collections::{HashMap, HashSet};

use contract::meetings::{Attendance, Meeting, MeetingAction, MeetingInput, MeetingParty, MeetingState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError};
use entities::meetings::{ActiveModel, Entity, OBJECT, participant};
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{Meetings, allowed, is_ahead, keeps};
use crate::areas;
use crate::campaigns;
use crate::enrolments;

/// Plans a meeting.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`.
pub async fn create(tx: &Tx, input: MeetingInput) -> Result<Meeting> {
    let caller = tx.caller()?;
    let attendance = checked(tx, &input, None).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        area_code: Set(caller.area_code.clone()),
        state: Set(Code(MeetingState::Planned)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input, attendance)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    invite(tx, id, &input.participants).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    Meetings::read(&tx.asker()?, id).await
}

/// Changes a meeting, also once it was held: then it is known who came, and what was resolved.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step` if it is cancelled, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Meeting> {
    tx.hold::<Entity>(id).await?;
    let before = Meetings::read(&tx.asker()?, id).await?;
    if !keeps(tx.caller()?, &before.head.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.head.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.head.state, &before.head.allowed_actions));
    }
    let Some(input) = patch.changes::<MeetingInput>(&before.details)? else { return Ok(before) };
    if input.campaign_id != before.details.campaign_id {
        return Err(Error::field("/campaign_id", "fixed"));
    }
    let attendance = checked(tx, &input, Some(&before)).await?;
    tx.write::<Entity>(id, before.head.version, columns(&input, attendance)).await?;
    if input.participants != before.details.participants {
        participant::Entity::delete_many().filter(participant::Column::MeetingId.eq(id)).exec(&tx.connection).await?;
        invite(tx, id, &input.participants).await?;
    }
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    Meetings::read(&tx.asker()?, id).await
}

/// Takes a step. A kick-off that was held meets the milestone of its campaign.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `meeting_ahead`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: MeetingAction, input: StepInput) -> Result<Meeting> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let row = Meetings::row(&tx.asker()?, id).await?.row;
    if !keeps(caller, &row.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(row.version)?;
    let allowed = allowed(&tx.asker()?, &row);
    let found = MeetingState::STEPS.find(row.state.0, action, caller.role);
    let step = found.map_err(|code| workflow::refused(code, row.state.0, &allowed))?;
    if step.reason && input.note.is_none() {
        return Err(Error::field("/note", "required"));
    }
    if action == MeetingAction::Hold && is_ahead(row.held_on, tx.today()) {
        return Err(ErrorCode::MeetingAhead.into());
    }
    tx.write::<Entity>(id, row.version, ActiveModel { state: Set(Code(step.to)), ..Default::default() }).await?;
    let state = |state: MeetingState| serde_json::json!({ "state": state });
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &state(row.state.0), &state(step.to)).await?;
    Meetings::read(&tx.asker()?, id).await
}

/// Checks the day and those who take part, and returns them with their names. Whoever takes part already keeps the name of that day,
/// and stays although they have left the campaign.
async fn checked(tx: &Tx, input: &MeetingInput, before: Option<&Meeting>) -> Result<Vec<Attendance>> {
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    if !(campaign.details.starts_on..=campaign.details.ends_on).contains(&input.held_on) {
        return Err(Error::field("/held_on", "date_outside_campaign"));
    }
    if before.is_some_and(|before| before.head.state == MeetingState::Held) && is_ahead(input.held_on, tx.today()) {
        return Err(Error::field("/held_on", "future"));
    }
    let mut names = names(tx, input).await?;
    for known in before.iter().flat_map(|before| &before.attendance) {
        let party = MeetingParty { area_code: known.area_code.clone(), organisation_id: known.organisation_id };
        names.insert(party, known.name.clone());
    }
    let mut faults = Vec::new();
    let mut attendance = Vec::new();
    for (index, party) in input.participants.iter().enumerate() {
        match names.get(party) {
            Some(name) => attendance.push(Attendance {
                area_code: party.area_code.clone(),
                organisation_id: party.organisation_id,
                name: name.clone(),
            }),
            None => {
                let field = if party.organisation_id.is_some() { "organisation_id" } else { "area_code" };
                faults.push(FieldError::at(format!("/participants/{index}/{field}"), "unknown"));
            }
        }
    }
    if faults.is_empty() { Ok(attendance) } else { Err(Error::fields(faults)) }
}

/// The names of those who can take part: towns of the caller's area, and whoever is confirmed in the campaign, villages of the caller's
/// area alone. Takes two statements.
async fn names(tx: &Tx, input: &MeetingInput) -> Result<HashMap<MeetingParty, String>> {
    let own = &tx.caller()?.area_code;
    let codes = || input.participants.iter().filter_map(|party| party.area_code.as_deref());
    let towns: HashSet<&str> = codes().filter(|code| code.len() == 9 && code.starts_with(own)).collect();
    let towns = areas::service::known(&tx.connection, towns).await?;
    let villages: Vec<&str> = codes().filter(|code| code.len() == 12 && code.starts_with(own)).collect();
    let organisations: Vec<Uuid> = input.participants.iter().filter_map(|party| party.organisation_id).collect();
    let enrolled = enrolments::service::confirmed(tx, input.campaign_id, &villages, &organisations).await?;
    let town = |(code, name): (String, String)| {
        (MeetingParty { area_code: Some(code), organisation_id: None }, format!("{name}社会事务办"))
    };
    let member = |(area_code, organisation_id, name)| (MeetingParty { area_code, organisation_id }, name);
    Ok(towns.into_iter().map(town).chain(enrolled.into_iter().map(member)).collect())
}

/// Enters for whom a meeting exists.
async fn invite(tx: &Tx, meeting_id: Uuid, participants: &[MeetingParty]) -> Result<()> {
    let rows = participants.iter().zip(1..).map(|(party, position)| participant::ActiveModel {
        meeting_id: Set(meeting_id),
        position: Set(position),
        area_code: Set(party.area_code.clone()),
        organisation_id: Set(party.organisation_id),
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        participant::Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}

fn columns(input: &MeetingInput, attendance: Vec<Attendance>) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_words: Set(spelling::words(&input.title)),
        unit_count: Set(attendance.len().try_into().unwrap_or(i32::MAX)),
        attendance: Set(AsJson(attendance)),
        ..input.{ campaign_id, kind, title, held_on, place, chair, person_count, resolutions }
    })
}
