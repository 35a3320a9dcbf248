//! Writes households: their sealed rows and their history.

use std::collections::HashMap;

use chrono::NaiveDate;
use contract::households::{
    Health, HouseholdInput, HouseholdStatus, Labour, LeaveReason, MemberInput, Relation as Kinship, Schooling,
};
use contract::ledger::LedgerFigure;
use contract::phone;
use entities::households::{ActiveModel, Column, Entity, MEMBERS, Model, OBJECT, Personal, file_number, member, status};
use platform::area::town_of;
use platform::audit::{self, Event};
use platform::coded::{AsJson, Code};
use platform::error::OnUnique;
use platform::excel;
use platform::{Error, Result, Tx, Vault};
use sea_orm::ActiveValue::{self, NotSet, Set};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use serde_json::{Map, Value};

use super::days;
use super::names;
use super::uniqueness::{ENTER_KNOWN, LOOK_UPS};
use crate::areas;
use crate::villages;

/// Locks villages until the transaction ends, and returns the highest file number of each. Their codes must be sorted.
///
/// # Errors
/// A fault at `/village_code` where another village has replaced one of them.
pub(super) async fn numbers(tx: &Tx, villages: &[String]) -> Result<HashMap<String, i32>> {
    villages::service::hold_all(tx, villages).await?;
    if !areas::service::ended(&tx.connection, villages.iter().map(String::as_str)).await?.is_empty() {
        return Err(Error::field("/village_code", "village_ended"));
    }
    let mut last = HashMap::new();
    for batch in villages.chunks(excel::BATCH) {
        let rows = Entity::find()
            .select_only()
            .column(Column::NumberedIn)
            .column_as(Column::Sequence.max(), "last")
            .filter(Column::NumberedIn.is_in(batch))
            .group_by(Column::NumberedIn);
        last.extend(rows.into_tuple::<(String, i32)>().all(&tx.connection).await?);
    }
    Ok(last)
}

/// The rows of a new file, and its entry in the history.
#[derive(Debug)]
pub(super) struct New {
    household: ActiveModel,
    members: Vec<member::ActiveModel>,
    status: status::ActiveModel,
    entry: audit::Entry,
}

impl New {
    /// Makes a file with its number in the village. All members must have ids.
    ///
    /// # Errors
    /// `internal` only.
    pub fn of(tx: &Tx, id: Uuid, sequence: i32, input: &HouseholdInput) -> Result<Self> {
        let household = ActiveModel {
            id: Set(id),
            village_code: Set(input.village_code.clone()),
            numbered_in: Set(input.village_code.clone()),
            sequence: Set(sequence),
            status: Set(Code(HouseholdStatus::Registered)),
            status_since: Set(input.registered_on),
            status_at: Set(Some(tx.now)),
            consent_at: Set(Some(tx.now)),
            split_from_id: Set(None),
            registered_on: Set(input.registered_on),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            version: Set(1),
            ..columns(&tx.vault, id, input)?
        };
        Ok(Self {
            household,
            members: member_rows(&tx.vault, id, &input.members)?,
            status: Change::to(HouseholdStatus::Registered, input.registered_on)
                .counted(LedgerFigure::Registered)
                .row(id, &input.village_code),
            entry: tx.entry(Event::of(OBJECT, id, "create"), &(), &digested(&tx.vault, input)?),
        })
    }

    /// The file of a household that moves to another village: it continues `before`, with its number in the new village, and the
    /// household's data in `file`.
    ///
    /// # Errors
    /// `internal` only.
    pub fn moved(tx: &Tx, id: Uuid, sequence: i32, file: &HouseholdInput, before: &Model, change: Change) -> Result<Self> {
        let new = Self::of(tx, id, sequence, file)?;
        let household = ActiveModel {
            status: Set(Code(change.status)),
            status_since: Set(change.since),
            // Nothing changes for a household that was lifted out before it moved.
            status_at: Set(if change.heading.is_some() { Some(tx.now) } else { before.status_at }),
            consent_at: Set(before.consent_at),
            ..new.household
        };
        let entry = tx.entry(Event::of(OBJECT, id, "move_in"), &(), &digested(&tx.vault, file)?);
        Ok(Self { household, status: change.row(id, &file.village_code), entry, ..new })
    }

    /// The file of a household that members of the one in `before` found: with its number in the village, and what is known of
    /// them in
    /// `file`.
    ///
    /// # Errors
    /// Internal only.
    pub fn split(tx: &Tx, id: Uuid, sequence: i32, file: &HouseholdInput, before: &Model, change: Change) -> Result<Self> {
        let new = Self::moved(tx, id, sequence, file, before, change)?;
        let household = ActiveModel { split_from_id: Set(Some(before.id)), ..new.household };
        let mut after = digested(&tx.vault, file)?;
        after.insert("split_from".to_owned(), file_number(&before.numbered_in, before.sequence).into());
        let entry = tx.entry(Event::of(OBJECT, id, "split_off"), &(), &after);
        Ok(Self { household, entry, ..new })
    }
}

/// A household's new status.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub status: HouseholdStatus,
    pub since: NaiveDate,
    pub note: Option<String>,
    pub heading: Option<LedgerFigure>,
    pub leave_reason: Option<LeaveReason>,
    /// The day as of which the ledger counts it, unless that month is closed.
    pub counted_on: NaiveDate,
}

impl Change {
    /// A status from a day on that the ledger does not count.
    pub fn to(status: HouseholdStatus, since: NaiveDate) -> Self {
        Self { status, since, note: None, heading: None, leave_reason: None, counted_on: since }
    }

    /// The same, counted by the ledger as this figure.
    pub fn counted(self, as_what: LedgerFigure) -> Self {
        Self { heading: Some(as_what), ..self }
    }

    /// The columns of a household with this status. Retention counts from the time of entry, whatever day was typed.
    pub fn columns(&self, tx: &Tx) -> ActiveModel {
        ActiveModel {
            status: Set(Code(self.status)),
            status_since: Set(self.since),
            status_at: Set(Some(tx.now)),
            leave_reason: Set(self.leave_reason.map(Code)),
            ..Default::default()
        }
    }

    /// The row of the history, which the ledger counts in this village.
    pub fn row(self, household_id: Uuid, village_code: &str) -> status::ActiveModel {
        status::ActiveModel {
            id: Set(Uuid::now_v7()),
            household_id: Set(household_id),
            status: Set(Code(self.status)),
            since: Set(self.since),
            note: Set(self.note),
            heading: Set(self.heading.map(Code)),
            leave_reason: Set(self.leave_reason.map(Code)),
            village_code: Set(village_code.to_owned()),
            counted_on: Set(self.counted_on),
        }
    }
}

/// Writes a household's new status to its file and to the history of its statuses. The ledger counts it in this village.
pub(super) async fn write_change(tx: &Tx, (id, village_code): (Uuid, &str), version: i32, change: Change) -> Result<()> {
    tx.write::<Entity>(id, version, change.columns(tx)).await?;
    write_status(tx, (id, village_code), change).await
}

/// Writes a new status to the history of a household's statuses.
pub(super) async fn write_status(tx: &Tx, (id, village_code): (Uuid, &str), mut change: Change) -> Result<()> {
    if change.heading.is_some() {
        change.counted_on = days::counted_on(tx, id, &[village_code], change.counted_on).await?;
    }
    status::Entity::insert(change.row(id, village_code)).exec_without_returning(&tx.connection).await?;
    Ok(())
}

/// Inserts files, with one statement for each kind of row and batch.
///
/// # Errors
/// `known_elsewhere` if two enter the same person at once and neither has found the other, so that the database decides.
pub(super) async fn open(tx: &Tx, files: Vec<New>) -> Result<()> {
    let (mut households, mut members, mut statuses, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for file in files {
        households.push(file.household);
        members.extend(file.members);
        statuses.push(file.status);
        entries.push(file.entry);
    }
    count_in_open_months(tx, &mut statuses).await?;
    Entity::insert_many(households).exec_without_returning(&tx.connection).await?;
    write_members(tx, members).await?;
    status::Entity::insert_many(statuses).exec_without_returning(&tx.connection).await?;
    audit::record_all(tx, entries).await
}

/// Lets the ledger count new files in months that are open, whatever day they are kept since.
async fn count_in_open_months(tx: &Tx, statuses: &mut [status::ActiveModel]) -> Result<()> {
    let Some(first) = statuses.iter().filter_map(|row| row.counted_on.try_as_ref()).min().copied() else { return Ok(()) };
    let villages = statuses.iter().filter_map(|row| row.village_code.try_as_ref()).map(String::as_str);
    let open = days::open_since(tx, villages, first).await?;
    for row in statuses {
        let day = row.village_code.try_as_ref().and_then(|code| open.get(town_of(code)));
        if let (Some(day), Some(counted_on)) = (day, row.counted_on.try_as_ref()) {
            row.counted_on = Set(Ord::max(*day, *counted_on));
        }
    }
    Ok(())
}

/// The rows of a household's members.
///
/// # Errors
/// `internal` only.
pub fn member_rows(vault: &Vault, household_id: Uuid, members: &[MemberInput]) -> Result<Vec<member::ActiveModel>> {
    let rows = (1..).zip(members).map(|(position, input)| {
        let id = input.id.unwrap_or_else(Uuid::now_v7);
        Ok(member::ActiveModel {
            id: Set(id),
            household_id: Set(household_id),
            position: Set(position),
            name_hash: Set(names::hash(vault, &input.name)),
            identity_hash: Set(input.document_key().map(|key| vault.hash("identity_number", &key))),
            personal: Set(vault.seal(MEMBERS, id, &MemberInput { id: None, ..input.clone() })?),
            left_on: Set(None),
        })
    });
    rows.collect()
}

/// The rows of former members to whom something was given or promised, because records still name them. Only the name is stored,
/// and whether they are a child.
///
/// # Errors
/// `internal` only.
pub(super) fn past_rows(
    tx: &Tx,
    household_id: Uuid,
    gone: &[MemberInput],
    left_on: NaiveDate,
) -> Result<Vec<member::ActiveModel>> {
    let bare = |member: &MemberInput| MemberInput {
        identity_number: None,
        health: Health::Healthy,
        disability: None,
        schooling: Schooling::None,
        labour: Labour::None,
        groups: Vec::new(),
        ..member.clone()
    };
    let bare: Vec<_> = gone.iter().map(bare).collect();
    let mut rows = member_rows(&tx.vault, household_id, &bare)?;
    rows.iter_mut().for_each(|row| row.left_on = Set(Some(left_on)));
    Ok(rows)
}

pub(super) async fn write_members(tx: &Tx, mut rows: Vec<member::ActiveModel>) -> Result<()> {
    // If two enter the same person at once, neither has found the other, so the database decides.
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(excel::BATCH));
        let written = member::Entity::insert_many(rows).exec_without_returning(&tx.connection).await;
        let known = Error::field("/members", "known_elsewhere").traced(OBJECT, "*", ENTER_KNOWN);
        written.on_unique(known.spending(&LOOK_UPS, 1))?;
        rows = rest;
    }
    Ok(())
}

/// When the family's consent or its withdrawal was entered: now, if this change is either.
pub(super) fn consent_at(tx: &Tx, before: &HouseholdInput, after: &HouseholdInput) -> ActiveValue<Option<DateTimeUtc>> {
    let withdrawn = |file: &HouseholdInput| file.consent.as_ref().map(|consent| consent.withdrawn_on.is_some());
    if withdrawn(before) == withdrawn(after) { NotSet } else { Set(Some(tx.now)) }
}

/// The columns of a file, from its input.
///
/// # Errors
/// `internal` only.
pub fn columns(vault: &Vault, id: Uuid, input: &HouseholdInput) -> Result<ActiveModel> {
    let head = input.members.iter().find(|member| member.relation == Kinship::Head);
    let personal = Personal {
        head_name: head.map(|member| member.name.clone()).unwrap_or_default(),
        address: input.address.clone(),
        phone: input.phone.clone(),
        bank_account: input.bank_account.clone(),
        consent: input.consent.clone(),
    };
    let missing = input.missing();
    let mut phones = input.phone.as_deref().map(phone::keys).unwrap_or_default().into_iter();
    let mut phone_hash = || Set(phones.next().map(|key| vault.hash("phone", &key)));
    Ok(ActiveModel {
        category: Set(Code(input.category)),
        main_cause: Set(Code(input.main_cause)),
        secondary_causes: Set(AsJson(input.secondary_causes.clone())),
        groups: Set(AsJson(input.groups())),
        income_per_head_fen: Set(input.income_per_head_fen),
        member_count: Set(i32::try_from(input.members.len()).unwrap_or(i32::MAX)),
        consented: Set(input.consented()),
        complete: Set(missing.is_empty()),
        missing: Set(AsJson(missing)),
        personal: Set(vault.seal(OBJECT, id, &personal)?),
        phone_hash: phone_hash(),
        second_phone_hash: phone_hash(),
        ..Default::default()
    })
}

/// A file for the history. Personal fields become keyed digests, which show that something changed but not its value.
pub(super) fn digested(vault: &Vault, input: &HouseholdInput) -> Result<Map<String, Value>> {
    let mut file = audit::to_map(input);
    for field in ["address", "phone", "bank_account", "consent"] {
        vault.digest_field(&mut file, field);
    }
    let members = input.members.iter().map(|member| {
        let value = serde_json::to_value(member).map_err(Error::internal)?;
        Ok((member.id.unwrap_or_default().to_string(), vault.digest(&value)))
    });
    file.insert("members".to_owned(), Value::Object(members.collect::<Result<_>>()?));
    Ok(file)
}
