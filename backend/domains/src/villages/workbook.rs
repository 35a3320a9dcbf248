//! Villages as a workbook: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::Lang;
use contract::imports::ImportReport;
use contract::villages::{Industry, VillageInput};
use entities::scope;
use entities::villages::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::{self, Event, to_map};
use platform::excel::{self, Column as Cell, Kind, Of, Report, Row, Sheet, Table};
use platform::object::{Exported, Object, locked};
use platform::{Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::{Map, json};

use super::list::{Villages, editable};
use super::service::columns;
use crate::areas;

/// The sheets of the workbook.
pub const SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::required("code", Kind::Key, "350582101001"),
        Cell::read_only("name", Kind::Text, "shown_by_code"),
        Cell::read_only("town_name", Kind::Text, "shown_by_code"),
        Cell::new("resources", Kind::Text, "耕地 800 亩，沿海滩涂"),
        Cell::new("industries", Kind::Codes(&Of::<Industry>::ALL), "农、商"),
        Cell::new("old_base", Kind::Flag, "否"),
        Cell::new("population", Kind::Integer, "3200"),
        Cell::new("low_income_households", Kind::Integer, "12"),
        Cell::new("collective_income_fen", Kind::Money, "185000.50"),
        Cell::new("contact_name", Kind::Text, "王某"),
        Cell::new("contact_phone", Kind::Text, "0595-85000000"),
        Cell::version(),
    ],
}];

/// Updates the profiles of known villages, all or none. Rows that change nothing need no permission.
///
/// # Errors
/// `validation_failed` with every bad cell.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let caller = tx.caller()?;
    let table = &tables[0];
    let mut report = Report::new(tables, dry_run, lang);
    let mut seen = HashSet::new();
    for batch in table.rows.chunks(excel::BATCH) {
        let (known, names) = (known(tx, batch).await?, names(tx, batch).await?);
        let ended = areas::service::ended(&tx.connection, known.keys().map(String::as_str)).await?;
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        for row in batch {
            let village = known.get(row.key());
            let before = village.cloned().map(VillageInput::from);
            let input = match &before {
                Some(before) => report.renew::<VillageInput>(table, row, &to_map(before), to_map(before)),
                None => report.check::<VillageInput>(table, row, Map::new()),
            };
            if let Some((name, town_name)) = names.get(row.key()) {
                report.compare(table, row, &[("name", vec![json!(name)]), ("town_name", vec![json!(town_name)])]);
            }
            let is_same = before.is_some() && before == input;
            let fault = match village {
                // A missing key was already reported.
                _ if row.key().is_empty() => continue,
                _ if !seen.insert(row.key()) => Some("duplicate"),
                None => Some("unknown"),
                Some(_) if is_same => continue,
                Some(village) if ended.contains(&village.code) => Some("village_ended"),
                Some(village) => (!editable(caller, &village.code)).then_some("outside_own_scope"),
            };
            if let Some(code) = fault {
                report.fault(table, row, "code", code);
            }
            let (Some(village), Some(input), None) = (village, input, fault) else { continue };
            if report.is_stale(table, row, village.version) {
                continue;
            }
            report.updated();
            entries.push(tx.entry(Event::of(OBJECT, &village.code, "update"), &before, &input));
            rows.push(ActiveModel {
                code: Set(village.code.clone()),
                created_at: Set(village.created_at),
                updated_at: Set(tx.now),
                version: Set(village.version + 1),
                ..columns(input)
            });
        }
        if report.writes() && !rows.is_empty() {
            Entity::insert_many(rows).on_conflict(renew()).exec_without_returning(&tx.connection).await?;
            audit::record_all(tx, entries).await?;
        }
    }
    report.finish(tx, OBJECT).await
}

/// Locks the villages of a batch until the transaction ends.
async fn known(tx: &Tx, batch: &[Row]) -> Result<HashMap<String, Model>> {
    let villages = scope::villages(tx.caller()?).filter(Column::Code.is_in(batch.iter().map(Row::key)));
    let villages = locked(villages, Column::Code).all(&tx.connection).await?;
    Ok(villages.into_iter().map(|village| (village.code.clone(), village)).collect())
}

/// The names of the villages of a batch and of their towns, by code.
async fn names(tx: &Tx, batch: &[Row]) -> Result<HashMap<String, (String, String)>> {
    let villages = Villages::named(scope::villages(tx.caller()?)).filter(Column::Code.is_in(batch.iter().map(Row::key)));
    let rows = villages.into_partial_model::<entities::villages::Row>().all(&tx.connection).await?;
    Ok(rows.into_iter().map(|row| (row.code, (row.name, row.town_name))).collect())
}

/// One statement updates many rows. All of them exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::column(Column::Code)
        .update_columns([
            Column::Resources,
            Column::Industries,
            Column::OldBase,
            Column::Population,
            Column::LowIncomeHouseholds,
            Column::CollectiveIncomeFen,
            Column::ContactName,
            Column::ContactPhone,
            Column::UpdatedAt,
            Column::Version,
        ])
        .to_owned()
}

impl Exported for Villages {
    const SHEETS: &'static [&'static Sheet] = SHEETS;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_profile_has_a_column() {
        let fields: HashSet<_> = to_map(&VillageInput::default()).into_iter().map(|(field, _)| field).collect();
        let columns: HashSet<_> = SHEETS[0].inputs().map(str::to_owned).collect();
        assert_eq!(fields, columns);
    }
}
