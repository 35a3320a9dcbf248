//! The calendar as a workbook: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::calendar::{CalendarDayInput, CalendarDayKind};
use contract::imports::ImportReport;
use contract::{ErrorCode, Lang};
use entities::calendar_days::{self, ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::{self, Event, to_map};
use platform::error::OnUnique;
use platform::excel::{self, Column as Cell, Kind, Of, Report, Sheet, Table};
use platform::object::{Exported, locked};
use platform::{Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockType, OnConflict};
use serde_json::Map;

use super::list::CalendarDays;
use super::service::begun;
use crate::campaigns;

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::required("day", Kind::Date, "2027-10-01"),
        Cell::required("kind", Kind::Code(&Of::<CalendarDayKind>::ALL), "放假"),
        Cell::required("name", Kind::Text, "国庆节"),
        Cell::version(),
    ],
}];

impl Exported for CalendarDays {
    const SHEETS: &'static [&'static Sheet] = SHEETS;
}

/// Enters days and changes known ones, all or none. Then the due days of campaigns move, once.
///
/// # Errors
/// `validation_failed` with every bad cell.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    calendar_days::hold(tx, LockType::Update).await?;
    let table = &tables[0];
    let mut report = Report::new(tables, dry_run, lang);
    let (mut seen, mut changed) = (HashSet::new(), Vec::new());
    for batch in table.rows.chunks(excel::BATCH) {
        let inputs: Vec<_> = batch.iter().map(|row| report.check::<CalendarDayInput>(table, row, Map::new())).collect();
        let typed = Entity::find().filter(Column::Day.is_in(inputs.iter().flatten().map(|input| input.day)));
        let known: Vec<Model> = locked(typed, Column::Id).all(&tx.connection).await?;
        let known: HashMap<_, _> = known.into_iter().map(|row| (row.day, row)).collect();
        let (mut new, mut renewed, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for (row, input) in batch.iter().zip(inputs) {
            let Some(input) = input else { continue };
            if !seen.insert(input.day) {
                report.fault(table, row, "day", "duplicate");
                continue;
            }
            let Some(known) = known.get(&input.day) else {
                // An export has it under another day.
                if row.version(table.sheet).is_some() {
                    report.fault(table, row, "day", "unknown");
                    continue;
                }
                report.created();
                let id = Uuid::now_v7();
                entries.push(tx.entry(Event::of(OBJECT, id, "create"), &(), &input));
                changed.push(input.day);
                new.push(begun(tx, id, &input));
                continue;
            };
            let before = known.clone().into_input();
            if before == input || report.is_stale(table, row, known.version) {
                continue;
            }
            report.changes(table, row, &to_map(&before), &to_map(&input));
            report.updated();
            entries.push(tx.entry(Event::of(OBJECT, known.id, "update"), &before, &input));
            changed.push(input.day);
            renewed.push(ActiveModel { version: Set(known.version + 1), ..begun(tx, known.id, &input) });
        }
        if report.writes() {
            if !new.is_empty() {
                Entity::insert_many(new).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::Conflict)?;
            }
            if !renewed.is_empty() {
                Entity::insert_many(renewed).on_conflict(renew()).exec_without_returning(&tx.connection).await?;
            }
            audit::record_all(tx, entries).await?;
        }
    }
    if let (true, Some(first), Some(last)) = (report.writes(), changed.iter().min(), changed.iter().max()) {
        campaigns::service::move_due_days(tx, *first, *last).await?;
    }
    report.finish(tx, OBJECT).await
}

/// One statement updates many rows. All of them exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::column(Column::Id).update_columns([Column::Kind, Column::Name, Column::UpdatedAt, Column::Version]).to_owned()
}
