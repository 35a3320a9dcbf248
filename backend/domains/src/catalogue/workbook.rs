//! The catalogue as a workbook: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::campaigns::{Campaign, Goal};
use contract::catalogue::{CatalogueEntry, CatalogueEntryInput, CatalogueEntryState, CatalogueSide, SupplyKind, Urgency};
use contract::households::Group;
use contract::imports::ImportReport;
use contract::organisations::OrganisationState;
use contract::villages::Industry;
use contract::{FieldError, Lang, validation};
use entities::catalogue::{ActiveModel, Column, Entity, Model, OBJECT};
use entities::{households, organisations as organisation, scope};
use platform::audit::{self, Event, to_map};
use platform::coded::codes;
use platform::excel::{self, Column as Cell, Kind, Of, Report, Row, Sheet, Table};
use platform::object::{Exported, Object, locked};
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, Condition};
use serde_json::{Map, Value, json};

use super::list::{CatalogueEntries, keeps};
use super::service::{begun, fault, is_open};
use crate::areas;
use crate::campaigns;
use crate::households::published::{self, Families};
use crate::villages;

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::required("title", Kind::Text, "村道路灯"),
        Cell::required("document_number", Kind::Key, "晋政民〔2020〕28号"),
        Cell::new("village_code", Kind::Text, "350582101001"),
        Cell::new("credit_code", Kind::Key, "51350582MJ0000018G"),
        Cell::read_only("name", Kind::Text, "shown_by_code"),
        Cell::read_only("town_name", Kind::Text, "shown_by_code"),
        Cell::read_only("side", Kind::Code(&Of::<CatalogueSide>::ALL), "shown_by_code"),
        Cell::required("goal", Kind::Code(&Of::<Goal>::ALL), "基础设施"),
        Cell::new("industry", Kind::Code(&Of::<Industry>::ALL), "农"),
        Cell::required("kind", Kind::Code(&Of::<SupplyKind>::ALL), "设施建设"),
        Cell::new("for_group", Kind::Code(&Of::<Group>::ALL), "空巢老人"),
        Cell::required("description", Kind::Text, "主村道夜间无照明，需安装太阳能路灯"),
        Cell::required("quantity", Kind::Integer, "30"),
        Cell::required("quantity_unit", Kind::Text, "盏"),
        Cell::new("amount_fen", Kind::Money, "60000"),
        Cell::new("from_month", Kind::Text, "2020-06"),
        Cell::new("to_month", Kind::Text, "2020-09"),
        Cell::required("urgency", Kind::Code(&Of::<Urgency>::ALL), "较急"),
        Cell::new("place", Kind::Text, "村口至小学路段"),
        Cell::new("contact_name", Kind::Text, "王建设"),
        Cell::new("contact_phone", Kind::Text, "0595-85000000"),
        Cell::new("not_a_double", Kind::Flag, "否"),
        Cell::read_only("state", Kind::Code(&Of::<CatalogueEntryState>::ALL), "changed_by_step"),
        Cell::read_only("requested", Kind::Integer, "changed_by_step"),
        Cell::read_only("committed", Kind::Integer, "changed_by_step"),
        Cell::read_only("fulfilled", Kind::Integer, "changed_by_step"),
        Cell::read_only("remaining", Kind::Integer, "changed_by_step"),
        Cell::row_id(),
        Cell::version(),
    ],
}];

/// The fault of a row that looks like another entry.
const SIMILAR: &str = "similar_entry";

impl Exported for CatalogueEntries {
    const SHEETS: &'static [&'static Sheet] = SHEETS;
}

/// Publishes new entries, and changes those that an export has marked, all or none. Rows that change nothing need no permission.
///
/// # Errors
/// `validation_failed` with every bad cell.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let table = &tables[0];
    let mut report = Report::new(tables, dry_run, lang);
    let (mut met, mut seen) = (HashSet::new(), Vec::new());
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

/// Existing data for a batch.
struct Known {
    entries: HashMap<String, CatalogueEntry>,
    /// Campaigns by the number of their document.
    campaigns: HashMap<String, Campaign>,
    organisations: HashMap<String, organisation::Model>,
    villages: HashSet<String>,
    /// Of these, those that others have replaced.
    ended: HashSet<String>,
    /// The families that words of the batch could name.
    families: Families,
    /// The live entries of these villages and organisations.
    live: Vec<(Uuid, CatalogueEntryInput)>,
}

impl Known {
    /// Villages and organisations are locked, always in the same order, and the entries behind them.
    async fn look_up(tx: &Tx, batch: &[Row]) -> Result<Self> {
        let (db, caller, sheet) = (&tx.connection, tx.caller()?, SHEETS[0]);
        let texts = |field: &'static str| batch.iter().filter_map(move |row| row.text(sheet, field)).collect::<HashSet<_>>();
        let codes_given = texts("village_code");
        let mut sorted: Vec<String> = codes_given.iter().map(|code| (*code).to_owned()).collect();
        sorted.sort_unstable();
        villages::service::hold_all(tx, &sorted).await?;
        let organisations = scope::organisations(caller).filter(organisation::Column::CreditCode.is_in(texts("credit_code")));
        let organisations: Vec<organisation::Model> = locked(organisations, organisation::Column::Id).all(db).await?;
        let ids: Vec<Uuid> = batch.iter().filter_map(|row| row.id(sheet)?.parse().ok()).collect();
        entities::catalogue::hold(db, ids.iter().copied()).await?;
        let entries = CatalogueEntries::named(scope::catalogue(caller)).filter(Column::Id.is_in(ids));
        let entries = entries.into_partial_model::<entities::catalogue::Row>().all(db).await?;
        let asker = tx.asker()?;
        let entries = entries.into_iter().map(|row| CatalogueEntries::shown(&asker, row));
        let entries: HashMap<_, _> = entries.map(|entry| (entry.id.to_string(), entry)).collect();
        let of_villages: HashSet<_> = codes_given
            .iter()
            .copied()
            .chain(entries.values().filter_map(|entry| entry.details.village_code.as_deref()))
            .collect();
        let of_organisations: HashSet<_> = organisations
            .iter()
            .map(|known| known.id)
            .chain(entries.values().filter_map(|entry| entry.details.organisation_id))
            .collect();
        let concerned = Condition::any()
            .add(households::Column::VillageCode.is_in(of_villages.iter().copied()))
            .add(published::of_organisations(of_organisations.iter().copied()));
        let live: Vec<Model> = Entity::find()
            .filter(Column::State.is_in(codes(CatalogueEntryState::LIVE)))
            .filter(
                Condition::any()
                    .add(Column::VillageCode.is_in(of_villages.iter().copied()))
                    .add(Column::OrganisationId.is_in(of_organisations.iter().copied())),
            )
            .all(db)
            .await?;
        Ok(Self {
            campaigns: campaigns::service::numbered(&asker, texts("document_number")).await?,
            organisations: organisations.into_iter().map(|row| (row.credit_code.clone(), row)).collect(),
            ended: areas::service::ended(db, codes_given.iter().copied()).await?,
            villages: villages::service::known(&asker, codes_given.clone()).await?,
            families: Families::of(tx, concerned).await?,
            live: live.into_iter().map(|row| (row.id, row.into_input())).collect(),
            entries,
        })
    }

    /// A row that an export has marked.
    fn renew(&self, tx: &Tx, report: &mut Report, table: &Table, row: &Row, first: bool, changes: &mut Changes) -> Result<()> {
        let Some(entry) = row.id(table.sheet).and_then(|id| self.entries.get(id)).filter(|_| first) else {
            report.fault(table, row, "id", if first { "unknown" } else { "duplicate" });
            return Ok(());
        };
        let before = to_map(&entry.details);
        let input = report.renew::<CatalogueEntryInput>(table, row, &before, before.clone());
        report.compare(table, row, &kept(entry));
        let other = |field: &str, own: Option<&str>| row.text(table.sheet, field).is_some_and(|typed| Some(typed) != own);
        for (field, own) in [("document_number", Some(&*entry.document_number)), ("credit_code", entry.credit_code.as_deref())] {
            if other(field, own) {
                report.fault(table, row, field, "fixed");
                return Ok(());
            }
        }
        let Some(input) = input else { return Ok(()) };
        let plain = CatalogueEntryInput { not_a_double: false, ..input.clone() };
        if plain == entry.details {
            return Ok(());
        }
        let caller = tx.caller()?;
        let fault = if !keeps(caller, &entry.area_code, entry.details.organisation_id) {
            Some(("title", "outside_own_scope"))
        } else if !entry.editable {
            Some(("state", "not_published"))
        } else {
            fault(entry, &input)
        };
        if let Some((field, code)) = fault {
            report.fault(table, row, field, code);
            return Ok(());
        }
        let mut faults = self.faults(&input);
        let campaign = self.campaigns.get(&entry.document_number);
        if let Some(campaign) = campaign.filter(|_| !input.has_months_of(&entry.details)) {
            faults.extend(input.month_faults(&campaign.details, tx.today()));
        }
        faults.iter().for_each(|fault| report.add(table, row, fault.clone()));
        if !input.is_like(&entry.details) && self.is_double(report, table, row, &input, Some(entry.id)) {
            return Ok(());
        }
        if faults.is_empty() && !report.is_stale(table, row, entry.version) {
            report.updated();
            changes.entries.push(tx.entry(Event::of(OBJECT, entry.id, "update"), &entry.details, &input));
            changes.ids.push(entry.id);
            let renewed = begun(tx, entry.id, &input, entry.area_code.clone(), entry.state);
            changes.renewed.push(ActiveModel { version: Set(entry.version + 1), ..renewed });
        }
        Ok(())
    }

    /// A row that is a new entry.
    fn add(
        &self,
        tx: &Tx,
        report: &mut Report,
        table: &Table,
        row: &Row,
        seen: &mut Vec<CatalogueEntryInput>,
        changes: &mut Changes,
    ) -> Result<()> {
        let caller = tx.caller()?;
        let text = |field| row.text(table.sheet, field);
        let campaign = text("document_number").and_then(|number| self.campaigns.get(number));
        let organisation = text("credit_code").and_then(|code| self.organisations.get(code));
        let mut current =
            Map::from_iter([("campaign_id".to_owned(), json!(campaign.map(|campaign| campaign.id).unwrap_or_default()))]);
        if let Some(organisation) = organisation {
            current.insert("organisation_id".to_owned(), json!(organisation.id));
        }
        let input = report.check::<CatalogueEntryInput>(table, row, current);
        let village = text("village_code").filter(|code| validation::village_code(code).is_ok());
        let area_code = village.or(organisation.map(|known| known.area_code.as_str()));
        let fault = match (text("village_code"), text("credit_code")) {
            (None, None) | (Some(_), Some(_)) => Some(("village_code", "one_of_two")),
            (_, Some(_)) if organisation.is_none() => Some(("credit_code", "unknown")),
            (_, Some(_)) if organisation.is_some_and(|known| known.state.0 != OrganisationState::Active) => {
                Some(("credit_code", "organisation_ended"))
            }
            _ if village.is_some_and(|code| !self.villages.contains(code)) => Some(("village_code", "unknown")),
            _ if village.is_some_and(|code| self.ended.contains(code)) => Some(("village_code", "village_ended")),
            _ if area_code.is_some_and(|area| !keeps(caller, area, organisation.map(|known| known.id))) => {
                Some((if village.is_some() { "village_code" } else { "credit_code" }, "outside_own_scope"))
            }
            _ => match (text("document_number"), campaign, area_code) {
                // A missing number was already reported.
                (None, ..) => None,
                (_, None, _) => Some(("document_number", "unknown")),
                (_, Some(campaign), Some(area)) if !area.starts_with(&campaign.details.area_code) => {
                    Some(("document_number", "unknown"))
                }
                // Needs are collected while they can still be met.
                (_, Some(campaign), _) => {
                    (!is_open(campaign.current_phase)).then_some(("document_number", "date_outside_campaign"))
                }
            },
        };
        if let Some((field, code)) = fault {
            report.fault(table, row, field, code);
        }
        let (Some(input), Some(area_code), None) = (input, area_code, fault) else { return Ok(()) };
        let mut faults = self.faults(&input);
        faults.extend(campaign.into_iter().flat_map(|campaign| input.month_faults(&campaign.details, tx.today())));
        faults.iter().for_each(|fault| report.add(table, row, fault.clone()));
        let twice = seen.iter().any(|other| other.is_like(&input)) && !input.not_a_double;
        seen.push(input.clone());
        if twice {
            report.fault(table, row, "not_a_double", SIMILAR);
        }
        if !faults.is_empty() || twice || self.is_double(report, table, row, &input, None) {
            return Ok(());
        }
        report.created();
        let id = Uuid::now_v7();
        changes.entries.push(tx.entry(Event::of(OBJECT, id, "create"), &(), &input));
        changes.new.push(begun(tx, id, &input, area_code.to_owned(), CatalogueEntryState::Published));
        Ok(())
    }

    /// The faults that lie between fields, and words that tell of a family.
    fn faults(&self, input: &CatalogueEntryInput) -> Vec<FieldError> {
        let mut faults = input.faults();
        faults.extend(self.families.faults(&input.texts()));
        faults
    }

    /// Reports what looks like another entry of the same village or organisation, unless the row says that it is not.
    fn is_double(&self, report: &mut Report, table: &Table, row: &Row, input: &CatalogueEntryInput, own: Option<Uuid>) -> bool {
        let double = !input.not_a_double && self.live.iter().any(|(id, other)| Some(*id) != own && other.is_like(input));
        if double {
            report.fault(table, row, "not_a_double", SIMILAR);
        }
        double
    }
}

/// What the columns say of an entry that only exports fill.
fn kept(entry: &CatalogueEntry) -> [(&'static str, Vec<Value>); 8] {
    [
        ("name", vec![json!(entry.name)]),
        ("town_name", vec![json!(entry.town_name)]),
        ("side", vec![json!(entry.side)]),
        ("state", vec![json!(entry.state)]),
        ("requested", vec![json!(entry.requested)]),
        ("committed", vec![json!(entry.committed)]),
        ("fulfilled", vec![json!(entry.fulfilled)]),
        ("remaining", vec![json!(entry.remaining)]),
    ]
}

/// The changes of a batch, written with a few statements.
#[derive(Default)]
struct Changes {
    new: Vec<ActiveModel>,
    renewed: Vec<ActiveModel>,
    /// The entries that are renewed.
    ids: Vec<Uuid>,
    entries: Vec<audit::Entry>,
}

impl Changes {
    async fn write(self, tx: &Tx) -> Result<()> {
        if !self.new.is_empty() {
            Entity::insert_many(self.new).exec_without_returning(&tx.connection).await?;
        }
        if !self.renewed.is_empty() {
            Entity::insert_many(self.renewed).on_conflict(renew()).exec_without_returning(&tx.connection).await?;
        }
        audit::record_all(tx, self.entries).await?;
        super::commitments::settle(tx, self.ids).await
    }
}

/// All renewed entries exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::column(Column::Id)
        .update_columns([
            Column::Title,
            Column::NameKey,
            Column::NameWords,
            Column::Goal,
            Column::Industry,
            Column::Kind,
            Column::ForGroup,
            Column::Description,
            Column::Quantity,
            Column::QuantityUnit,
            Column::AmountFen,
            Column::FromMonth,
            Column::ToMonth,
            Column::Urgency,
            Column::Place,
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
        let mut example = SHEETS[0].example();
        example["campaign_id"] = json!(Uuid::nil());
        let example: CatalogueEntryInput = platform::extract::checked(example).unwrap();
        let said = CatalogueEntryInput { not_a_double: true, organisation_id: Some(Uuid::nil()), ..example };
        let mut columns: HashSet<_> = SHEETS[0].inputs().map(str::to_owned).collect();
        // These are named by the number of the document and the credit code.
        columns.extend(["campaign_id", "organisation_id"].map(str::to_owned));
        assert_eq!(to_map(&said).into_iter().map(|(field, _)| field).collect::<HashSet<_>>(), columns);
    }
}
