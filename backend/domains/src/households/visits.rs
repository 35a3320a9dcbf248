//! Visits to families: 进村入户，摸清每个贫困户贫困状况及原因. Another visit corrects a wrong one, and both stay.

use chrono::TimeDelta;
use contract::households::{Visit, VisitInput, VisitQuery, VisitSort};
use contract::{ErrorCode, Page};
use entities::households::OBJECT;
use entities::households::visit::{ActiveModel, Column, Entity, PLACE, Personal, Row};
use platform::audit::{self, Event};
use platform::error::OnUnique;
use platform::list;
use platform::{App, Asker, Caller, Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::consent::{self, Ask};
use super::service;

/// The action in the trail of reading visits.
const READ: &str = "read_visits";

/// The visits to a household, latest first. Reading them leaves an entry in the trail before the answer, once an hour for each
/// household.
///
/// # Errors
/// `not_found` outside the caller's scope, `bad_cursor`.
pub async fn list(app: &App, caller: &Caller, id: Uuid, query: VisitQuery) -> Result<Page<Visit>> {
    let db = &app.database.read;
    service::exists(&Asker::of(app, caller), id).await?;
    let select = Entity::find().filter(Column::HouseholdId.eq(id));
    let order = |VisitSort::VisitedOn| list::by(Column::VisitedOn, |row: &Row| row.visited_on.into());
    let page = list::page(db, select, &query, order).await?;
    let since = app.clock.now() - TimeDelta::hours(1);
    if !page.items.is_empty() && !audit::done_since(db, caller.user_id, READ, (OBJECT, id), since).await? {
        let tx = Tx::of(app, caller.clone()).await?;
        tx.record(Event::of(OBJECT, id, READ), &(), &()).await?;
        tx.commit().await?;
    }
    Ok(list::map(page, |row| row.into_visit(&app.vault)))
}

/// Records a visit, or the correction of one.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `household_not_consented`, `household_merged`, `validation_failed`, `already_entered`,
/// `already_corrected`.
pub async fn create(tx: &Tx, id: Uuid, input: VisitInput) -> Result<Visit> {
    let visit_id = tx.new_id::<Entity>(input.id).await?;
    let row = service::held_own(tx, id).await?.row;
    let file = service::file(tx, id).await?;
    // A wrong visit may be corrected even if the family no longer consents. Of a family that has moved the consent of today
    // counts, which its present file has.
    if input.corrects_id.is_none() {
        consent::require(consent::of(&tx.connection, &tx.vault, id).await?.as_ref(), Ask::Visit)?;
    }
    if input.visited_on > tx.today() {
        return Err(Error::field("/visited_on", "future"));
    }
    if !row.status.0.is_there() && input.visited_on > row.status_since {
        return Err(Error::field("/visited_on", if row.has_moved() { "after_moving" } else { "after_leaving" }));
    }
    for (pointer, text) in [("/visitors", Some(&input.visitors)), ("/note", input.note.as_ref())] {
        service::check_remark(tx, id, &file, pointer, text.map(String::as_str)).await?;
    }
    if let Some(corrected) = input.corrects_id {
        let known = Entity::find_by_id(corrected).filter(Column::HouseholdId.eq(id)).count(&tx.connection).await?;
        if known == 0 {
            return Err(Error::field("/corrects_id", "unknown"));
        }
    }
    let recorded_by = Some(tx.caller()?.name.clone());
    let personal = Personal { visitors: input.visitors, note: input.note, recorded_by };
    let row = ActiveModel {
        id: Set(visit_id),
        household_id: Set(id),
        visited_on: Set(input.visited_on),
        personal: Set(tx.vault.seal(PLACE, visit_id, &personal)?),
        created_at: Set(tx.now),
        corrects_id: Set(input.corrects_id),
    };
    // Of two who correct a visit at once, the second is refused.
    let (action, faster) = match input.corrects_id {
        Some(_) => ("correct_visit", ErrorCode::AlreadyCorrected),
        None => ("visit", ErrorCode::AlreadyEntered),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(faster)?;
    let after = serde_json::json!({ "visited_on": input.visited_on });
    tx.record(Event::of(OBJECT, id, action), &(), &after).await?;
    let made = Entity::find_by_id(visit_id).into_partial_model::<Row>().one(&tx.connection).await?;
    Ok(made.ok_or(ErrorCode::NotFound)?.into_visit(&tx.vault))
}
