//! Institutions as a workbook: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::codes::is_area_code;
use contract::imports::ImportReport;
use contract::institutions::{InstitutionInput, InstitutionKind, InstitutionState};
use contract::{ErrorCode, Lang};
use entities::institutions::{ActiveModel, Column, Entity, Model, OBJECT};
use entities::scope;
use platform::audit::{self, Event, to_map};
use platform::error::OnUnique;
use platform::excel::{self, Column as Cell, Kind, Of, Report, Row, Sheet, Table};
use platform::object::{Exported, locked};
use platform::{Caller, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::{Map, Value, json};

use super::list::Institutions;
use super::service::begun;
use crate::areas;

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::required("code", Kind::Text, "JJ001"),
        Cell::required("name", Kind::Text, "晋江市某某养老院"),
        Cell::required("kind", Kind::Code(&Of::<InstitutionKind>::ALL), "养老院（敬老院）"),
        Cell::required("area_code", Kind::Text, "350582101"),
        Cell::read_only("area_name", Kind::Text, "shown_by_code"),
        Cell::new("address", Kind::Text, "某某路 18 号"),
        Cell::new("bed_count", Kind::Integer, "120"),
        Cell::new("staff_count", Kind::Integer, "26"),
        Cell::new("served_count", Kind::Integer, "83"),
        Cell::new("difficulties", Kind::Text, "护理人员不足，缺少适老化洗浴设备"),
        Cell::new("contact_name", Kind::Text, "陈某"),
        Cell::new("contact_phone", Kind::Text, "0595-85000000"),
        Cell::read_only("state", Kind::Code(&Of::<InstitutionState>::ALL), "changed_by_step"),
        Cell::version(),
    ],
}];

impl Exported for Institutions {
    const SHEETS: &'static [&'static Sheet] = SHEETS;
}

/// Enters institutions and updates known ones, by their codes, all or none. Rows that change nothing need no permission.
///
/// # Errors
/// `validation_failed` with every bad cell, `conflict` if somebody entered the same one meanwhile.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let caller = tx.caller()?;
    let table = &tables[0];
    let mut report = Report::new(tables, dry_run, lang);
    let mut seen = HashSet::new();
    for batch in table.rows.chunks(excel::BATCH) {
        let known = Known::look_up(tx, batch).await?;
        let (mut new, mut renewed, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for row in batch {
            let found = known.institutions.get(row.key());
            // Institutions of another area are not revealed.
            let institution = found.filter(|found| scope::covers(caller, &found.area_code));
            let before = institution.map(|row| row.clone().into_input());
            let input = match &before {
                Some(before) => report.renew::<InstitutionInput>(table, row, &to_map(before), to_map(before)),
                None => report.check::<InstitutionInput>(table, row, Map::new()),
            };
            let first = seen.insert(row.key());
            if first {
                report.compare(table, row, &known.kept(institution, row));
            }
            let is_same = before.is_some() && before == input;
            let fault = match institution {
                // A missing key was already reported.
                _ if row.key().is_empty() => continue,
                _ if !first => Some(("code", "duplicate")),
                None if found.is_some() => Some(("code", "taken")),
                // An export has it under another code.
                None if row.version(table.sheet).is_some() => Some(("code", "unknown")),
                Some(_) if is_same => continue,
                Some(known) if known.state.0 != InstitutionState::Open => Some(("code", "institution_closed")),
                _ => known.area_fault(caller, row),
            };
            if let Some((field, code)) = fault {
                report.fault(table, row, field, code);
            }
            let (Some(input), None) = (input, fault) else { continue };
            if institution.is_some_and(|known| report.is_stale(table, row, known.version)) {
                continue;
            }
            if let (Some(known), Some(before)) = (institution, before) {
                report.updated();
                entries.push(tx.entry(Event::of(OBJECT, known.id, "update"), &before, &input));
                renewed.push(ActiveModel { version: Set(known.version + 1), ..begun(tx, known.id, &input) });
            } else {
                report.created();
                let id = Uuid::now_v7();
                entries.push(tx.entry(Event::of(OBJECT, id, "create"), &(), &input));
                new.push(begun(tx, id, &input));
            }
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
    report.finish(tx, OBJECT).await
}

/// Existing data for a batch.
struct Known {
    institutions: HashMap<String, Model>,
    /// The areas that take part, with their names.
    areas: HashMap<String, String>,
}

impl Known {
    async fn look_up(tx: &Tx, batch: &[Row]) -> Result<Self> {
        let db = &tx.connection;
        let institutions = Entity::find().filter(Column::Code.is_in(batch.iter().map(Row::key)));
        let institutions: Vec<Model> = locked(institutions, Column::Id).all(db).await?;
        let typed = batch.iter().filter_map(|row| row.text(SHEETS[0], "area_code"));
        let codes = typed.chain(institutions.iter().map(|known| &*known.area_code)).collect();
        let areas = areas::service::known(db, codes).await?;
        Ok(Self { institutions: institutions.into_iter().map(|row| (row.code.clone(), row)).collect(), areas })
    }

    /// What the columns say of an institution that only exports fill; `known` is `None` if it is new. The area may be named as
    /// before or after the change.
    fn kept(&self, known: Option<&Model>, row: &Row) -> [(&'static str, Vec<Value>); 2] {
        let codes = [known.map(|known| &*known.area_code), row.text(SHEETS[0], "area_code")];
        let names = codes.into_iter().flatten().filter_map(|code| Some(json!(self.areas.get(code)?))).collect();
        let state = known.map_or(InstitutionState::Open, |known| known.state.0);
        [("area_name", names), ("state", vec![json!(state)])]
    }

    /// The fault of a row's area. An invalid code was already reported.
    fn area_fault(&self, caller: &Caller, row: &Row) -> Option<(&'static str, &'static str)> {
        let code = row.text(SHEETS[0], "area_code").filter(|code| is_area_code(code))?;
        if !self.areas.contains_key(code) {
            Some(("area_code", "unknown"))
        } else {
            (!scope::covers(caller, code)).then_some(("area_code", "outside_own_scope"))
        }
    }
}

/// One statement updates many rows. All of them exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::column(Column::Id)
        .update_columns([
            Column::Name,
            Column::NameKey,
            Column::NameWords,
            Column::Kind,
            Column::AreaCode,
            Column::Address,
            Column::BedCount,
            Column::StaffCount,
            Column::ServedCount,
            Column::Difficulties,
            Column::ContactName,
            Column::ContactPhone,
            Column::UpdatedAt,
            Column::Version,
        ])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_column() {
        let example: InstitutionInput = platform::extract::checked(SHEETS[0].example()).unwrap();
        let fields: HashSet<_> = to_map(&example).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, SHEETS[0].inputs().map(str::to_owned).collect());
    }
}
