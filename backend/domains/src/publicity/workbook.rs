//! Publicity as a workbook: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::campaigns::Campaign;
use contract::imports::ImportReport;
use contract::publicity::{Channel, PublicityInput, PublicityItem, PublicityState};
use contract::{ErrorCode, Lang};
use entities::publicity::{ActiveModel, Column, Entity, Model, OBJECT};
use entities::scope;
use platform::audit::{self, Event, to_map};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::excel::{self, Column as Cell, Kind, Of, Report, Row, Sheet, Table};
use platform::object::{Exported, Object, locked};
use platform::{Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::{Map, Value, json};

use super::list::{PublicityItems, keeps};
use super::service::{begun, day_fault, fixed, texts};
use crate::campaigns;
use crate::households::published::{Families, concerned};

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::required("title", Kind::Text, "百社解千难：商会路灯照亮回家路"),
        Cell::required("document_number", Kind::Key, "晋政民〔2020〕28号"),
        Cell::required("channel", Kind::Code(&Of::<Channel>::ALL), "报纸"),
        Cell::required("outlet", Kind::Text, "晋江经济报"),
        Cell::new("feature", Kind::Text, "百社解千难专栏"),
        Cell::required("appeared_on", Kind::Date, "2020-06-18"),
        Cell::new("link", Kind::Text, "https://www.example.com/news/1"),
        Cell::new("reach", Kind::Integer, "12000"),
        Cell::new("reach_unit", Kind::Text, "份"),
        Cell::read_only("organisation_name", Kind::Text, "shown_by_code"),
        Cell::read_only("area_name", Kind::Text, "shown_by_code"),
        Cell::read_only("case_title", Kind::Text, "shown_by_code"),
        Cell::read_only("state", Kind::Code(&Of::<PublicityState>::ALL), "changed_by_step"),
        Cell::row_id(),
        Cell::version(),
    ],
}];

impl Exported for PublicityItems {
    const SHEETS: &'static [&'static Sheet] = SHEETS;
}

/// Enters new items, as seen by the caller's office, and changes those that an export has marked, all or none.
///
/// # Errors
/// `validation_failed` with every bad cell, `publicity_exists` if somebody enters one of them at the same moment.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let table = &tables[0];
    let mut report = Report::new(tables, dry_run, lang);
    let (mut met, mut seen) = (HashSet::new(), HashSet::new());
    for batch in table.rows.chunks(excel::BATCH) {
        let known = Known::look_up(tx, batch).await?;
        let mut changes = Changes::default();
        for row in batch {
            match row.id(table.sheet) {
                Some(id) => known.renew(tx, &mut report, table, row, met.insert(id), &mut changes)?,
                None => known.add(tx, &mut report, table, row, &mut seen, &mut changes)?,
            }
        }
        if report.writes() {
            changes.write(tx).await?;
        }
    }
    report.finish(tx, OBJECT).await
}

/// What makes two items the same.
type Same = (Uuid, Channel, String, String, String);

fn same(input: &PublicityInput) -> Same {
    (input.campaign_id, input.channel, input.appeared_on.to_string(), input.outlet.clone(), input.title.clone())
}

/// Existing data for a batch.
struct Known {
    items: HashMap<String, (Model, PublicityItem)>,
    /// Campaigns by the number of their document.
    campaigns: HashMap<String, Campaign>,
    /// Recorded items with these titles.
    recorded: HashMap<Same, Uuid>,
    /// The families that words of the batch could name.
    families: Families,
}

impl Known {
    async fn look_up(tx: &Tx, batch: &[Row]) -> Result<Self> {
        let (db, caller, sheet) = (&tx.connection, tx.caller()?, SHEETS[0]);
        let given = |field: &'static str| batch.iter().filter_map(move |row| row.text(sheet, field)).collect::<HashSet<_>>();
        let ids: Vec<Uuid> = batch.iter().filter_map(|row| row.id(sheet)?.parse().ok()).collect();
        let held: Vec<Model> =
            locked(scope::publicity(caller).filter(Column::Id.is_in(ids.iter().copied())), Column::Id).all(db).await?;
        let models: HashMap<Uuid, Model> = held.into_iter().map(|row| (row.id, row)).collect();
        let items = PublicityItems::named(scope::publicity(caller)).filter(Column::Id.is_in(ids));
        let items = items.into_partial_model::<entities::publicity::Row>().all(db).await?;
        let asker = tx.asker()?;
        let items: HashMap<_, _> = items
            .into_iter()
            .filter_map(|row| {
                let (model, item) = (models.get(&row.own.id)?.clone(), PublicityItems::shown(&asker, row));
                Some((item.id.to_string(), (model, item)))
            })
            .collect();
        let titles = given("title");
        let recorded =
            Entity::find().filter(Column::Title.is_in(titles)).filter(Column::State.eq(Code(PublicityState::Recorded)));
        let recorded = recorded.all(db).await?;
        // What is new is about the caller's area.
        let areas: HashSet<_> = models.values().map(|row| &row.area_code).chain([&caller.area_code]).collect();
        let concerned = areas.into_iter().map(|code| concerned(code, None)).fold(Condition::any(), Condition::add);
        Ok(Self {
            campaigns: campaigns::service::numbered(&asker, given("document_number")).await?,
            recorded: recorded.into_iter().map(|row| (row.id, row.into_input())).map(|(id, input)| (same(&input), id)).collect(),
            families: Families::of(tx, concerned).await?,
            items,
        })
    }

    /// The faults of a row besides those of its fields.
    fn faults(
        &self,
        tx: &Tx,
        input: &PublicityInput,
        campaign: Option<&Campaign>,
        own: Option<&Model>,
    ) -> Vec<contract::FieldError> {
        let mut faults = input.faults();
        let fault = |field: &str, code| contract::FieldError::at(format!("/{field}"), code);
        if let Some(campaign) = campaign {
            let day = day_fault(input.appeared_on, campaign.details.starts_on, tx.today());
            faults.extend(day.map(|code| fault("appeared_on", code)));
        }
        if self.recorded.get(&same(input)).is_some_and(|id| own.is_none_or(|own| own.id != *id)) {
            faults.push(fault("title", "taken"));
        }
        faults.extend(self.families.faults(&texts(input)));
        faults
    }

    /// A row that an export has marked.
    fn renew(&self, tx: &Tx, report: &mut Report, table: &Table, row: &Row, first: bool, changes: &mut Changes) -> Result<()> {
        let Some((model, item)) = row.id(table.sheet).and_then(|id| self.items.get(id)).filter(|_| first) else {
            report.fault(table, row, "id", if first { "unknown" } else { "duplicate" });
            return Ok(());
        };
        let before = to_map(&item.details);
        let input = report.renew::<PublicityInput>(table, row, &before, before.clone());
        report.compare(table, row, &kept(item));
        if row.text(table.sheet, "document_number").is_some_and(|typed| typed != item.document_number) {
            report.fault(table, row, "document_number", "fixed");
            return Ok(());
        }
        let Some(input) = input else { return Ok(()) };
        if input == item.details {
            return Ok(());
        }
        let fault = if !keeps(tx.caller()?, model) {
            Some(("title", "outside_own_scope"))
        } else if !item.editable {
            Some(("state", "not_published"))
        } else {
            fixed(&item.details, &input).map(|field| (field, "fixed"))
        };
        if let Some((field, code)) = fault {
            report.fault(table, row, field, code);
            return Ok(());
        }
        let faults = self.faults(tx, &input, self.campaigns.get(&item.document_number), Some(model));
        faults.iter().for_each(|fault| report.add(table, row, fault.clone()));
        if faults.is_empty() && !report.is_stale(table, row, item.version) {
            report.updated();
            changes.entries.push(tx.entry(Event::of(OBJECT, item.id, "update"), &item.details, &input));
            let renewed = begun(tx, item.id, &input);
            changes.renewed.push(ActiveModel {
                area_code: Set(model.area_code.clone()),
                organisation_id: Set(model.organisation_id),
                version: Set(item.version + 1),
                ..renewed
            });
        }
        Ok(())
    }

    /// A row that is a new item.
    fn add(
        &self,
        tx: &Tx,
        report: &mut Report,
        table: &Table,
        row: &Row,
        seen: &mut HashSet<Same>,
        changes: &mut Changes,
    ) -> Result<()> {
        let caller = tx.caller()?;
        let number = row.text(table.sheet, "document_number");
        let campaign = number.and_then(|number| self.campaigns.get(number));
        let campaign = campaign.filter(|campaign| caller.area_code.starts_with(&campaign.details.area_code));
        let id = campaign.map(|campaign| campaign.id).unwrap_or_default();
        let input = report.check::<PublicityInput>(table, row, Map::from_iter([("campaign_id".to_owned(), json!(id))]));
        if number.is_some() && campaign.is_none() {
            report.fault(table, row, "document_number", "unknown");
            return Ok(());
        }
        let Some(input) = input else { return Ok(()) };
        let mut faults = self.faults(tx, &input, campaign, None);
        if !seen.insert(same(&input)) {
            faults.push(contract::FieldError::at("/title", "duplicate"));
        }
        faults.iter().for_each(|fault| report.add(table, row, fault.clone()));
        if faults.is_empty() {
            report.created();
            let id = Uuid::now_v7();
            changes.entries.push(tx.entry(Event::of(OBJECT, id, "create"), &(), &input));
            let new = begun(tx, id, &input);
            changes.new.push(ActiveModel { area_code: Set(caller.area_code.clone()), organisation_id: Set(None), ..new });
        }
        Ok(())
    }
}

/// What the columns say of an item that only exports fill.
fn kept(item: &PublicityItem) -> [(&'static str, Vec<Value>); 4] {
    [
        ("organisation_name", vec![json!(item.organisation_name)]),
        ("area_name", vec![json!(item.area_name)]),
        ("case_title", vec![json!(item.case_title)]),
        ("state", vec![json!(item.state)]),
    ]
}

/// The changes of a batch, written with a few statements.
#[derive(Default)]
struct Changes {
    new: Vec<ActiveModel>,
    renewed: Vec<ActiveModel>,
    entries: Vec<audit::Entry>,
}

impl Changes {
    async fn write(self, tx: &Tx) -> Result<()> {
        if !self.new.is_empty() {
            let new = Entity::insert_many(self.new).exec_without_returning(&tx.connection).await;
            new.on_unique(ErrorCode::PublicityExists)?;
        }
        if !self.renewed.is_empty() {
            let renewed = Entity::insert_many(self.renewed).on_conflict(renew()).exec_without_returning(&tx.connection).await;
            renewed.on_unique(ErrorCode::PublicityExists)?;
        }
        audit::record_all(tx, self.entries).await
    }
}

/// All renewed items exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::column(Column::Id)
        .update_columns([
            Column::Title,
            Column::NameKey,
            Column::NameWords,
            Column::Channel,
            Column::Outlet,
            Column::Feature,
            Column::AppearedOn,
            Column::Link,
            Column::Reach,
            Column::ReachUnit,
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
        let mut example = SHEETS[0].example();
        example["campaign_id"] = json!(Uuid::nil());
        let example: PublicityInput = platform::extract::checked(example).unwrap();
        let said = PublicityInput { pairing_id: Some(Uuid::nil()), case_id: Some(Uuid::nil()), ..example };
        let mut columns: HashSet<_> = SHEETS[0].inputs().map(str::to_owned).collect();
        // The campaign is named by the number of its document; what an item is about is said on its page.
        columns.extend(["campaign_id", "pairing_id", "case_id"].map(str::to_owned));
        columns.remove("document_number");
        assert_eq!(to_map(&said).into_iter().map(|(field, _)| field).collect::<HashSet<_>>(), columns);
    }
}
