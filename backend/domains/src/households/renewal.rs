//! Changes existing files from a workbook whose rows name their numbers, as an export does.
//!
//! An empty cell, or one masked as exports mask it, leaves the stored value as it is. So masked text is never stored.

use std::collections::{HashMap, HashSet};

use contract::FieldError;
use contract::households::{HouseholdInput, HouseholdStatus, Relation as Kinship};
use entities::households::{ActiveModel, Column, Entity, MEMBERS, Model, OBJECT, Whole, member, parts};
use entities::{names, scope};
use platform::audit::{self, Event, to_map};
use platform::error::OnUnique;
use platform::excel::{self, Report, Row, Table};
use platform::object::locked;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, Iterable, JoinType, QueryOrder, QuerySelect};
use serde_json::{Map, Value, json};

use super::doubles;
use super::service::keeps;
use super::uniqueness::{ENTER_KNOWN, LOOK_UPS};
use super::workbook::{Persons, REFERENCE, document_key, member_fault};
use super::writing::{columns, digested, member_rows};

/// A file named by a row.
#[derive(Debug)]
pub(super) struct File {
    model: Model,
    /// Its contents; `None` if they cannot be opened.
    details: Option<HouseholdInput>,
    members: Vec<member::Model>,
    /// The names of its town and village.
    place: [String; 2],
}

/// Locks and opens the files whose numbers the rows of a batch name. Files that the caller does not keep are not found. Takes one
/// statement to find them, and three to read.
pub(super) async fn known(tx: &Tx, batch: &[Row]) -> Result<HashMap<(String, i32), File>> {
    let caller = tx.caller()?;
    let named: HashSet<_> = batch.iter().filter_map(|row| parts(row.key())).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let found = scope::households(caller)
        .select_only()
        .columns([Column::Id, Column::VillageCode, Column::NumberedIn, Column::Sequence])
        .filter(Column::NumberedIn.is_in(named.iter().map(|(village, _)| *village)))
        .filter(Column::Sequence.is_in(named.iter().map(|(_, sequence)| *sequence)))
        .into_tuple::<(Uuid, String, String, i32)>()
        .all(&tx.connection)
        .await?;
    let ids: Vec<_> = found
        .iter()
        .filter(|(_, village, numbered_in, sequence)| {
            named.contains(&(numbered_in.as_str(), *sequence)) && keeps(caller, village)
        })
        .map(|(id, ..)| *id)
        .collect();
    let models = locked(Entity::find().filter(Column::Id.is_in(ids.iter().copied())), Column::Id);
    let models = models.all(&tx.connection).await?;
    let rows = names::on_household(Entity::find()).filter(Column::Id.is_in(ids.iter().copied()));
    let rows = rows.into_partial_model::<entities::households::Row>().all(&tx.connection).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut members: HashMap<Uuid, Vec<member::Model>> = HashMap::new();
    let of_files = member::Entity::find().filter(member::Column::HouseholdId.is_in(ids)).filter(member::is_member());
    for row in of_files.order_by_asc(member::Column::Position).all(&tx.connection).await? {
        members.entry(row.household_id).or_default().push(row);
    }
    let files = models.into_iter().filter_map(|model| {
        let (row, members) = (rows.remove(&model.id)?, members.remove(&model.id).unwrap_or_default());
        let opened = members.iter().map(|member| Some((member.id, tx.vault.show(MEMBERS, member.id, &member.personal)?)));
        let whole = opened.collect::<Option<Vec<_>>>().zip(row.open(&tx.vault).ok());
        let place = [row.town_name.clone(), row.village_name.clone()];
        let details = whole.map(|(members, personal)| Whole { row, personal, members }.details());
        Some(((model.numbered_in.clone(), model.sequence), File { model, details, members, place }))
    });
    Ok(files.collect())
}

/// The identity numbers in rows whose marked members already have them, as in an export. They need no look-up: whoever reads this
/// knows that the person is there.
pub(super) async fn settled(tx: &Tx, members: &Table) -> Result<HashSet<String>> {
    let household: RelationDef = member::Entity::belongs_to(Entity).from(member::Column::HouseholdId).to(Column::Id).into();
    let caller = tx.caller()?;
    let marked: Vec<(Uuid, String)> =
        members.rows.iter().filter_map(|row| Some((Uuid::try_parse(row.id(members.sheet)?).ok()?, document_key(row)?))).collect();
    let mut settled = HashSet::new();
    for batch in marked.chunks(excel::BATCH) {
        let rows = member::Entity::find()
            .join(JoinType::InnerJoin, household.clone())
            .filter(member::Column::Id.is_in(batch.iter().map(|(id, _)| *id)))
            .filter(scope::of_files(caller))
            .select_only()
            .columns([member::Column::Id, member::Column::IdentityHash])
            .into_tuple::<(Uuid, Option<Vec<u8>>)>()
            .all(&tx.connection)
            .await?;
        let kept: HashMap<_, _> = rows.into_iter().collect();
        let is_its_own = |id: &Uuid, number: &str| {
            kept.get(id).is_some_and(|hash| hash.as_ref() == Some(&tx.vault.hash("identity_number", number)))
        };
        settled.extend(batch.iter().filter(|(id, number)| is_its_own(id, number)).map(|(_, number)| number.clone()));
    }
    Ok(settled)
}

impl File {
    /// The file as changed by its row and the rows of its members; `None` if they change nothing, or have faults.
    pub fn renewed<'a>(
        &self,
        tx: &Tx,
        report: &mut Report,
        table: &Table,
        row: &Row,
        family: &[&'a Row],
        persons: &mut Persons<'a>,
    ) -> Option<Renewed> {
        let Some(before) = &self.details else {
            report.fault(table, row, REFERENCE, "unreadable");
            return None;
        };
        let mut members = before.members.clone();
        let mut places: HashMap<usize, &Row> = HashMap::new();
        let mut is_whole = true;
        for &row in family {
            let id = row.id(persons.members.sheet);
            let at = before.members.iter().position(|member| member.id.map(|id| id.to_string()).as_deref() == id);
            let Some(at) = at else {
                // New members are entered in the file itself, which checks consent and duplicates.
                report.fault(persons.members, row, "id", if id.is_some() { "unknown" } else { "new_member" });
                is_whole = false;
                continue;
            };
            if places.insert(at, row).is_some() {
                report.fault(persons.members, row, "id", "duplicate");
            }
            match persons.member(report, row, Some((&before.members[at], before.members.as_slice()))) {
                Some(member) => members[at] = member,
                None => is_whole = false,
            }
        }
        let unlisted = before.members.len() - places.len();
        if let Some(first) = family.first().filter(|_| is_whole && unlisted > 0) {
            let count = Map::from_iter([("count".to_owned(), unlisted.into())]);
            report.note(persons.members, first, FieldError::new("", "members_not_listed", count));
        }
        let fields = to_map(before);
        let mut current = fields.clone();
        current.insert("members".to_owned(), json!(members));
        let after = report.renew::<HouseholdInput>(table, row, &fields, current);
        report.compare(table, row, &self.kept(before, after.as_ref()));
        // What the row says of duplicates is no change by itself.
        let not_a_double = after.as_ref().is_some_and(|file| file.not_a_double);
        let after = after.map(|file| HouseholdInput { not_a_double: false, ..file });
        if is_whole && after.as_ref() == Some(before) {
            return None;
        }
        // Also checked if there are faults, because masked text from an older export may not match the stored value.
        let is_stale = report.is_stale(table, row, self.model.version);
        let after = after.filter(|_| is_whole)?.completed();
        let renamed = doubles::is_other(tx, before, &after);
        let after = HouseholdInput { not_a_double: renamed && not_a_double, ..after };
        let faults = self.faults(before, &after, persons.today);
        let is_faultless = faults.is_empty();
        for fault in faults {
            match member_fault(&fault).and_then(|(at, pointer)| Some((*places.get(&at)?, pointer))) {
                Some((row, pointer)) => report.add(persons.members, row, FieldError { pointer, ..fault }),
                None => report.add(table, row, fault),
            }
        }
        if is_stale || !is_faultless {
            return None;
        }
        Some(Renewed { model: self.model.clone(), rows: self.members.clone(), before: before.clone(), after, renamed })
    }

    /// What the columns say that only exports fill. A head may be named as before or after the change.
    fn kept(&self, before: &HouseholdInput, after: Option<&HouseholdInput>) -> [(&'static str, Vec<Value>); 7] {
        let [town, village] = self.place.clone();
        [
            ("town_name", vec![town.into()]),
            ("village_name", vec![village.into()]),
            ("head_name", [Some(before), after].into_iter().flatten().filter_map(head).map(Into::into).collect()),
            ("consented", vec![before.consented().into()]),
            ("status", vec![json!(self.model.status.0)]),
            ("status_since", vec![json!(self.model.status_since)]),
            ("leave_reason", vec![json!(self.model.leave_reason.as_ref().map(|reason| reason.0))]),
        ]
    }

    /// The faults of a change. A file's village, its day of opening and the family's consent are changed in the file itself,
    /// because other changes follow from them.
    fn faults(&self, before: &HouseholdInput, after: &HouseholdInput, today: chrono::NaiveDate) -> Vec<FieldError> {
        let fixed = [
            ("/household_reference", "fixed", self.model.anonymised_on.is_some()),
            ("/village_code", "changed_on_page", after.village_code != before.village_code),
            ("/registered_on", "changed_on_page", after.registered_on != before.registered_on),
            ("/consent", "changed_on_page", after.consent != before.consent),
        ];
        let fixed = fixed.into_iter().filter(|(.., is_changed)| *is_changed);
        fixed.map(|(pointer, code, _)| FieldError::at(pointer, code)).chain(after.between(today)).collect()
    }
}

/// The name of a family's head.
fn head(file: &HouseholdInput) -> Option<&str> {
    file.members.iter().find(|member| member.relation == Kinship::Head).map(|member| &*member.name)
}

/// What the columns say of a new file that only exports fill.
pub(super) fn of_new(file: &HouseholdInput) -> [(&'static str, Vec<Value>); 5] {
    [
        ("head_name", head(file).into_iter().map(Into::into).collect()),
        ("consented", vec![file.consented().into()]),
        ("status", vec![json!(HouseholdStatus::Registered)]),
        ("status_since", vec![json!(file.registered_on)]),
        ("leave_reason", vec![Value::Null]),
    ]
}

/// A file as changed by the rows of a workbook.
#[derive(Debug)]
pub(super) struct Renewed {
    model: Model,
    rows: Vec<member::Model>,
    before: HouseholdInput,
    after: HouseholdInput,
    /// Whether it may resemble files that it did not resemble before.
    renamed: bool,
}

impl Renewed {
    pub fn id(&self) -> Uuid {
        self.model.id
    }

    /// The changed file, if it may resemble files that it did not resemble before.
    pub fn renamed(&self) -> Option<&HouseholdInput> {
        Some(&self.after).filter(|_| self.renamed)
    }
}

/// Writes changed files, with a few statements for all of them.
///
/// # Errors
/// `known_elsewhere` if somebody enters one of their persons at the same moment.
pub(super) async fn write(tx: &Tx, files: Vec<Renewed>) -> Result<()> {
    let db = &tx.connection;
    let (mut households, mut members, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for Renewed { model, rows, before, after, .. } in files {
        let (id, version) = (model.id, model.version);
        // The row is never inserted, so its id does not matter: the conflict is about the number of the file.
        let mut household =
            ActiveModel { id: Set(Uuid::now_v7()), updated_at: Set(tx.now), version: Set(version + 1), ..model.into() };
        let new = columns(&tx.vault, id, &after)?;
        for column in Column::iter() {
            if let Set(value) = new.get(column) {
                household.try_set(column, value)?;
            }
        }
        households.push(household);
        let is_other = before.members.iter().zip(&after.members).map(|(before, after)| before != after);
        for ((row, new), _) in
            rows.into_iter().zip(member_rows(&tx.vault, id, &after.members)?).zip(is_other).filter(|(_, is)| *is)
        {
            let member::ActiveModel { personal, name_hash, identity_hash, .. } = new;
            members.push((row.id, member::ActiveModel { personal, name_hash, identity_hash, ..row.into() }));
        }
        let [before, after] = [before, after].map(|file| digested(&tx.vault, &file));
        entries.push(tx.entry(Event::of(OBJECT, id, "update"), &before?, &after?));
    }
    if !households.is_empty() {
        Entity::insert_many(households).on_conflict(renew()).exec_without_returning(db).await?;
    }
    while !members.is_empty() {
        let rest = members.split_off(members.len().min(excel::BATCH));
        // A number may move from one member to another, which the database would refuse row by row.
        let (ids, rows): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        let freed = member::Entity::update_many().col_expr(member::Column::IdentityHash, Expr::value(None::<Vec<u8>>));
        freed.filter(member::Column::Id.is_in(ids)).exec(db).await?;
        let renewed = OnConflict::column(member::Column::Id)
            .update_columns([member::Column::Personal, member::Column::NameHash, member::Column::IdentityHash])
            .to_owned();
        let written = member::Entity::insert_many(rows).on_conflict(renewed).exec_without_returning(db).await;
        let known = Error::field("/members", "known_elsewhere").traced(OBJECT, "*", ENTER_KNOWN);
        written.on_unique(known.spending(&LOOK_UPS, 1))?;
        members = rest;
    }
    audit::record_all(tx, entries).await
}

/// One statement updates many rows. All of them exist, so each insert is a conflict.
fn renew() -> OnConflict {
    OnConflict::columns([Column::NumberedIn, Column::Sequence])
        .update_columns([
            Column::Category,
            Column::MainCause,
            Column::SecondaryCauses,
            Column::Groups,
            Column::IncomePerHeadFen,
            Column::MemberCount,
            Column::Consented,
            Column::Complete,
            Column::Missing,
            Column::Personal,
            Column::PhoneHash,
            Column::SecondPhoneHash,
            Column::UpdatedAt,
            Column::Version,
        ])
        .to_owned()
}
