//! Organisations as a workbook, with their directed donations on a second sheet: template, import, export.

use std::collections::{HashMap, HashSet};

use contract::codes::is_area_code;
use contract::imports::ImportReport;
use contract::organisations::{
    DirectedDonation, OrganisationInput, OrganisationKind, OrganisationQuery, OrganisationState, OrganisationSummary, Rating,
};
use contract::{ErrorCode, FieldError, Lang, validation};
use entities::organisations::{ActiveModel, Column, Entity, Model, OBJECT, donation};
use entities::scope;
use platform::audit::{self, Event, to_map};
use platform::download::Download;
use platform::error::OnUnique;
use platform::excel::{self, Column as Cell, Kind, Of, Report, Row, Sheet, Table, Writer};
use platform::object::locked;
use platform::{App, Caller, Result, Tx, former};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::{Map, Value, json};

use super::service::{self, begun, donation_rows, editable};
use crate::areas;
use crate::villages;

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[
    &Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::required("credit_code", Kind::Text, "51350582MJ0000018G"),
            Cell::required("name", Kind::Text, "晋江市某某商会"),
            Cell::required("kind", Kind::Code(&Of::<OrganisationKind>::ALL), "商会"),
            Cell::new("rating", Kind::Code(&Of::<Rating>::ALL), "4A"),
            Cell::required("area_code", Kind::Text, "350582101"),
            Cell::read_only("area_name", Kind::Text, "shown_by_code"),
            Cell::new("strengths", Kind::Text, "资金、市场渠道"),
            Cell::new("member_count", Kind::Integer, "120"),
            Cell::new("contact_name", Kind::Text, "陈某"),
            Cell::new("contact_phone", Kind::Text, "0595-85000000"),
            Cell::read_only("state", Kind::Code(&Of::<OrganisationState>::ALL), "changed_by_step"),
            Cell::read_only("ended_on", Kind::Date, "changed_by_step"),
            Cell::read_only("former_names", Kind::Text, "kept_when_renamed"),
            Cell::version(),
        ],
    },
    &Sheet {
        name: "directed_donations",
        personal: false,
        columns: &[
            Cell::required("credit_code", Kind::Key, "51350582MJ0000018G"),
            Cell::read_only("organisation_name", Kind::Text, "shown_by_code"),
            Cell::required("village_code", Kind::Text, "350582101001"),
            Cell::required("donated_on", Kind::Date, "2020-03-01"),
            Cell::required("amount_fen", Kind::Money, "50000"),
            Cell::new("purpose", Kind::Text, "村道路灯"),
            Cell::new("confirmed", Kind::Flag, "是"),
            Cell::new("remove_row", Kind::Removal, "否"),
            Cell::row_id(),
        ],
    },
];

/// Adds organisations and updates known ones, by their credit codes, all or none. Rows that change nothing need no permission.
/// The second sheet adds donations, and changes or removes those that it names: see [`Known::given`].
///
/// # Errors
/// `validation_failed` with every bad cell, `conflict` if somebody entered the same one meanwhile.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let caller = tx.caller()?;
    let (table, donations) = (&tables[0], &tables[1]);
    let mut report = Report::new(tables, dry_run, lang);
    let mut given: HashMap<&str, Vec<&Row>> = HashMap::new();
    donations.rows.iter().for_each(|row| given.entry(row.key()).or_default().push(row));
    let mut seen = HashSet::new();
    for batch in table.rows.chunks(excel::BATCH) {
        let known = Known::look_up(tx, batch, donations, &given).await?;
        let mut changes = Changes::default();
        for row in batch {
            let found = known.organisations.get(row.key());
            // Organisations of another county are not revealed.
            let organisation = found.filter(|found| scope::in_county(caller, &found.area_code));
            let given_before = organisation.and_then(|found| known.donations.get(&found.id)).map_or(&[][..], Vec::as_slice);
            let before = organisation.map(|row| row.clone().into_input(given_before.iter().cloned().map(Into::into).collect()));
            let fields = before.as_ref().map(to_map).unwrap_or_default();
            let mut current = fields.clone();
            let first = seen.insert(row.key());
            if let Some(rows) = given.get(row.key()).filter(|_| first && !row.key().is_empty()) {
                let given = known.given(&mut report, donations, rows, organisation.map(|_| given_before));
                current.insert("directed_donations".to_owned(), json!(given));
            }
            let input = match organisation {
                Some(_) => report.renew::<OrganisationInput>(table, row, &fields, current),
                None => report.check::<OrganisationInput>(table, row, current),
            };
            if first {
                report.compare(table, row, &known.kept(organisation, row));
                let names = [organisation.map(|known| &known.name), input.as_ref().map(|input| &input.name)];
                let kept = [("organisation_name", names.into_iter().flatten().map(|name| json!(name)).collect::<Vec<_>>())];
                given.get(row.key()).into_iter().flatten().for_each(|row| report.compare(donations, row, &kept));
            }
            let is_same = before.is_some() && before == input;
            let fault = match organisation {
                // A missing key was already reported.
                _ if row.key().is_empty() => continue,
                _ if !first => Some(("credit_code", "duplicate")),
                None if found.is_some() => Some(("credit_code", "taken")),
                // An export has it under another code.
                None if row.version(table.sheet).is_some() => Some(("credit_code", "unknown")),
                Some(_) if is_same => continue,
                Some(known) if !editable(caller, known.id, &known.area_code) => Some(("credit_code", "outside_own_scope")),
                Some(known) if known.state.0 != OrganisationState::Active => Some(("credit_code", "organisation_ended")),
                _ => {
                    let rated = |input: &OrganisationInput| {
                        service::rates(caller, before.as_ref().and_then(|before| before.rating), input.rating)
                    };
                    let unrated = input.as_ref().is_some_and(|input| !rated(input));
                    known.area_fault(caller, row).or(unrated.then_some(("rating", "bureau_only")))
                }
            };
            if let Some((field, code)) = fault {
                report.fault(table, row, field, code);
            }
            let (Some(input), None) = (input, fault) else { continue };
            if organisation.is_some_and(|known| report.is_stale(table, row, known.version)) {
                continue;
            }
            match (organisation, before) {
                (Some(row), Some(before)) => {
                    report.updated();
                    changes.update(tx, row, &before, &input);
                }
                _ => {
                    report.created();
                    changes.create(tx, &input);
                }
            }
        }
        if report.writes() {
            changes.write(tx).await?;
        }
    }
    for row in donations.rows.iter().filter(|row| row.key().is_empty() || !seen.contains(row.key())) {
        report.check::<DirectedDonation>(donations, row, Map::new());
        if !row.key().is_empty() {
            report.fault(donations, row, "credit_code", "unknown");
        }
    }
    report.finish(tx, OBJECT).await
}

/// Existing data for a batch.
struct Known {
    organisations: HashMap<String, Model>,
    donations: HashMap<Uuid, Vec<donation::Model>>,
    /// The areas that take part, with their names.
    areas: HashMap<String, String>,
    villages: HashSet<String>,
    /// Of these, those that others have replaced.
    ended: HashSet<String>,
}

impl Known {
    async fn look_up(tx: &Tx, batch: &[Row], donations: &Table, given: &HashMap<&str, Vec<&Row>>) -> Result<Self> {
        let db = &tx.connection;
        let organisations = Entity::find().filter(Column::CreditCode.is_in(batch.iter().map(Row::key)));
        let organisations: Vec<Model> = locked(organisations, Column::Id).all(db).await?;
        let typed = batch.iter().filter_map(|row| row.text(SHEETS[0], "area_code"));
        let area_codes = typed.chain(organisations.iter().map(|known| &*known.area_code)).collect();
        let areas = areas::service::known(db, area_codes).await?;
        let village_codes: HashSet<_> = batch
            .iter()
            .filter_map(|row| given.get(row.key()))
            .flatten()
            .filter_map(|row| row.text(donations.sheet, "village_code"))
            .collect();
        Ok(Self {
            donations: service::rows_of_donations(db, organisations.iter().map(|row| row.id)).await?,
            organisations: organisations.into_iter().map(|row| (row.credit_code.clone(), row)).collect(),
            areas,
            ended: areas::service::ended(db, village_codes.iter().copied()).await?,
            villages: villages::service::known(&tx.asker()?, village_codes).await?,
        })
    }

    /// What the columns say of an organisation that only exports fill; `known` is `None` if it is new. The area may be named as
    /// before or after the change.
    fn kept(&self, known: Option<&Model>, row: &Row) -> [(&'static str, Vec<Value>); 4] {
        let codes = [known.map(|known| &*known.area_code), row.text(SHEETS[0], "area_code")];
        let areas: Vec<_> = codes.into_iter().flatten().filter_map(|code| Some(json!(self.areas.get(code)?))).collect();
        let former_names = known.map(|known| former::listed(known.former_names.as_deref()).join("、"));
        let state = known.map_or(OrganisationState::Active, |known| known.state.0);
        [
            ("area_name", areas),
            ("state", vec![json!(state)]),
            ("ended_on", vec![json!(known.and_then(|known| known.ended_on))]),
            ("former_names", vec![json!(former_names.filter(|names| !names.is_empty()))]),
        ]
    }

    /// The donations of an organisation after the rows of the sheet that name it. `known` are its present ones; `None` if it is
    /// new. A row is about the donation with which an export has marked it, or else about one with the same village, day and
    /// amount, and the same purpose unless the row has none. Other rows are further donations. Donations that no row is about
    /// stay.
    fn given(
        &self,
        report: &mut Report,
        table: &Table,
        rows: &[&Row],
        known: Option<&[donation::Model]>,
    ) -> Vec<DirectedDonation> {
        let before: Vec<DirectedDonation> = known.unwrap_or_default().iter().cloned().map(Into::into).collect();
        let mut after: Vec<_> = before.iter().cloned().map(Some).collect();
        let mut met = vec![false; before.len()];
        for &row in rows {
            let id = row.id(table.sheet);
            let marked = known.unwrap_or_default().iter().position(|known| id.is_some_and(|id| known.id.to_string() == id));
            let mut added = None;
            let mut at = marked.filter(|at| !met[*at]);
            if at.is_none() {
                let Some(input) = report.check::<DirectedDonation>(table, row, Map::new()) else {
                    self.village_fault(report, table, row);
                    continue;
                };
                let is_about = |known: &DirectedDonation| {
                    let same_gift = (known.donated_on, known.amount_fen) == (input.donated_on, input.amount_fen);
                    let same_purpose = input.purpose.is_none() || input.purpose == known.purpose;
                    same_gift && same_purpose && known.village_code == input.village_code
                };
                at = (0..before.len()).find(|at| !met[*at] && is_about(&before[*at]));
                added = Some(input);
            }
            match (at, added) {
                (Some(at), _) if row.removes(table.sheet) => {
                    met[at] = true;
                    report.changes(table, row, &to_map(&before[at]), &Map::new());
                    after[at] = None;
                }
                (Some(at), _) => {
                    met[at] = true;
                    let now = to_map(&before[at]);
                    let Some(input) = report.renew::<DirectedDonation>(table, row, &now, now.clone()) else { continue };
                    if input.village_code != before[at].village_code {
                        self.village_fault(report, table, row);
                    }
                    after[at] = Some(input);
                }
                // The donation of an export is gone already.
                (None, _) if row.removes(table.sheet) && id.is_some() => {}
                (None, _) if row.removes(table.sheet) => report.fault(table, row, "remove_row", "unknown"),
                (None, _) if id.is_some() && known.is_some() => report.fault(table, row, "id", "changed_since"),
                (None, added) => {
                    self.village_fault(report, table, row);
                    if let (Some(input), Some(_)) = (&added, known) {
                        report.changes(table, row, &Map::new(), &to_map(input));
                    }
                    after.push(added);
                }
            }
        }
        // Whoever has deleted rows of an export expects the donations to go.
        let unlisted = met.iter().filter(|met| !**met).count();
        if let Some(&first) = rows.iter().find(|row| row.id(table.sheet).is_some()).filter(|_| unlisted > 0) {
            let count = Map::from_iter([("count".to_owned(), unlisted.into())]);
            report.note(table, first, FieldError::new("", "donations_not_listed", count));
        }
        after.into_iter().flatten().collect()
    }

    /// Reports a village that is in nobody's catalogue. An invalid code was already reported.
    fn village_fault(&self, report: &mut Report, table: &Table, row: &Row) {
        let code = row.text(table.sheet, "village_code").filter(|code| validation::village_code(code).is_ok());
        if code.is_some_and(|code| !self.villages.contains(code)) {
            report.fault(table, row, "village_code", "unknown");
        } else if code.is_some_and(|code| self.ended.contains(code)) {
            report.fault(table, row, "village_code", "village_ended");
        }
    }

    /// The fault of a row's area. An invalid code was already reported.
    fn area_fault(&self, caller: &Caller, row: &Row) -> Option<(&'static str, &'static str)> {
        let code = row.text(SHEETS[0], "area_code").filter(|code| is_area_code(code))?;
        if !self.areas.contains_key(code) {
            Some(("area_code", "unknown"))
        } else if !scope::covers(caller, code) {
            Some(("area_code", "outside_own_scope"))
        } else {
            None
        }
    }
}

/// The changes of a batch, written with a few statements.
#[derive(Default)]
struct Changes {
    new: Vec<ActiveModel>,
    renewed: Vec<ActiveModel>,
    /// The organisations whose donations are replaced.
    emptied: Vec<Uuid>,
    donations: Vec<donation::ActiveModel>,
    entries: Vec<audit::Entry>,
}

impl Changes {
    fn create(&mut self, tx: &Tx, input: &OrganisationInput) {
        let id = Uuid::now_v7();
        self.new.push(begun(tx, id, input));
        self.donations.extend(donation_rows(id, &input.directed_donations));
        self.entries.push(tx.entry(Event::of(OBJECT, id, "create"), &(), input));
    }

    fn update(&mut self, tx: &Tx, known: &Model, before: &OrganisationInput, input: &OrganisationInput) {
        // The row is never inserted, so its id does not matter: the conflict is about the credit code.
        let names = former::listed(known.former_names.as_deref());
        let former_names = former::kept(&names, &known.name, &input.name);
        self.renewed.push(ActiveModel {
            version: Set(known.version + 1),
            name_words: Set(former::found_by(&input.name, former_names.as_deref())),
            former_names: Set(former_names),
            ..begun(tx, Uuid::now_v7(), input)
        });
        if before.directed_donations != input.directed_donations {
            self.emptied.push(known.id);
            self.donations.extend(donation_rows(known.id, &input.directed_donations));
        }
        self.entries.push(tx.entry(Event::of(OBJECT, known.id, "update"), before, input));
    }

    async fn write(self, tx: &Tx) -> Result<()> {
        let db = &tx.connection;
        if !self.new.is_empty() {
            Entity::insert_many(self.new).exec_without_returning(db).await.on_unique(ErrorCode::Conflict)?;
        }
        if !self.renewed.is_empty() {
            Entity::insert_many(self.renewed).on_conflict(renew()).exec_without_returning(db).await?;
        }
        if !self.emptied.is_empty() {
            donation::Entity::delete_many().filter(donation::Column::OrganisationId.is_in(self.emptied)).exec(db).await?;
        }
        for rows in self.donations.chunks(excel::BATCH) {
            donation::Entity::insert_many(rows.to_vec()).exec_without_returning(db).await?;
        }
        audit::record_all(tx, self.entries).await
    }
}

fn renew() -> OnConflict {
    OnConflict::column(Column::CreditCode)
        .update_columns([
            Column::Name,
            Column::NameKey,
            Column::NameWords,
            Column::Kind,
            Column::Rating,
            Column::AreaCode,
            Column::Strengths,
            Column::MemberCount,
            Column::ContactName,
            Column::ContactPhone,
            Column::FormerNames,
            Column::UpdatedAt,
            Column::Version,
        ])
        .to_owned()
}

/// The export of the list as a workbook.
pub async fn export(app: &App, caller: &Caller, query: &OrganisationQuery, lang: Lang) -> Result<Download> {
    Writer::answer(
        (app, caller, lang),
        OBJECT,
        SHEETS,
        query,
        async move |app: &App, caller: &Caller, query: &OrganisationQuery, writer: &mut Writer| {
            service::each(app, caller, query, async |then, rows| {
                let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
                let mut donations = service::rows_of_donations(then, ids.iter().copied()).await?;
                let found = Entity::find().filter(Column::Id.is_in(ids)).all(then).await?;
                let mut details: HashMap<_, _> = found.into_iter().map(|row| (row.id, row)).collect();
                let (mut organisations, mut given) = (Vec::new(), Vec::new());
                for summary in rows.into_iter().map(OrganisationSummary::from) {
                    let Some(row) = details.remove(&summary.id) else { continue };
                    let ended_on = row.ended_on;
                    given.extend(donations.remove(&summary.id).unwrap_or_default().into_iter().map(|donation| {
                        let id = donation.id;
                        let mut fields = to_map(&DirectedDonation::from(donation));
                        fields.insert("id".to_owned(), id.to_string().into());
                        fields.insert("credit_code".to_owned(), row.credit_code.as_str().into());
                        fields.insert("organisation_name".to_owned(), row.name.as_str().into());
                        fields
                    }));
                    let version = row.version;
                    let mut fields = to_map(&row.into_input(Vec::new()));
                    fields.insert("area_name".to_owned(), summary.area_name.into());
                    fields.insert("version".to_owned(), version.into());
                    fields.insert("state".to_owned(), json!(summary.state));
                    fields.insert("ended_on".to_owned(), json!(ended_on));
                    fields.insert("former_names".to_owned(), summary.former_names.join("、").into());
                    organisations.push(fields);
                }
                writer.rows(0, organisations).await?;
                writer.rows(1, given).await
            })
            .await
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_column() {
        let example = SHEETS.iter().map(|sheet| sheet.example()).collect::<Vec<_>>();
        let donation: DirectedDonation = platform::extract::checked(example[1].clone()).unwrap();
        let mut organisation: OrganisationInput = platform::extract::checked(example[0].clone()).unwrap();
        organisation.directed_donations = vec![donation.clone()];
        let fields = |value: &dyn Fn() -> Map<String, Value>| value().into_iter().map(|(field, _)| field).collect::<HashSet<_>>();
        let mut columns: HashSet<_> = SHEETS[0].inputs().map(str::to_owned).collect();
        columns.insert("directed_donations".to_owned());
        assert_eq!(fields(&|| to_map(&organisation)), columns);
        assert_eq!(fields(&|| to_map(&donation)), SHEETS[1].inputs().map(str::to_owned).collect());
    }
}
