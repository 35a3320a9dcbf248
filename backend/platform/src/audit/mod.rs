//! The history of everything: one row for each change, in the transaction of the change.

mod entity;
mod proof;

use contract::Page;
use contract::audit::{AuditOutcome, FieldChange, HistoryEntry, HistoryQuery};
use contract::workflow::StepInput;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, PaginatorTrait};
use serde::Serialize;
use serde_json::{Map, Value};

use super::coded::Code;
use super::list;
use super::{Caller, Result, Tx, refusals};

use entity::Model;
pub use entity::{Column, Entity, Row, legible};
pub use proof::{Proofs, StoredEvent};

/// Personal fields. The history records that they changed, but not their values.
const PERSONAL: &[&str] = &["contact_name", "contact_phone"];
/// The most entries written with one statement. SQLite allows 32,766 values.
const AT_ONCE: usize = 1_000;
/// Fields that differ after every change and mean nothing.
const SILENT: &[&str] = &["version", "updated_at", "created_at", "allowed_actions", "editable", "deletable", "removable"];

/// The object and the action of an entry, and the reason.
#[derive(Debug)]
pub struct Event<'a> {
    /// The table name of the object.
    pub object_type: &'a str,
    pub object_id: String,
    /// `create`, `update`, or the name of a step.
    pub action: &'a str,
    pub note: Option<String>,
    pub on_behalf_reason: Option<String>,
}

impl<'a> Event<'a> {
    /// An action on an object.
    pub fn of(object_type: &'a str, object_id: impl ToString, action: &'a str) -> Self {
        Self { object_type, object_id: object_id.to_string(), action, note: None, on_behalf_reason: None }
    }

    /// Adds the reason, and the reason for acting on behalf of somebody.
    pub fn because(self, why: StepInput) -> Self {
        Self { note: why.note, on_behalf_reason: why.on_behalf_reason, ..self }
    }
}

/// An entry that is not written yet. Writing it adds the proof. After that it never changes.
#[derive(Clone, Debug)]
pub struct Entry(Model);

impl Entry {
    /// An entry for a request without a caller, such as a failed sign-in. Those responsible for the account's area see it.
    pub fn from_request(self, address: Option<String>, request_id: &str, area_code: Option<String>) -> Self {
        Self(Model { address, request_id: Some(request_id.to_owned()), actor_area_code: area_code, ..self.0 })
    }
}

/// Writes an entry. `before` and `after` are compared field by field; equal fields are left out.
pub async fn record(tx: &Tx, event: Event<'_>, before: &impl Serialize, after: &impl Serialize) -> Result<()> {
    record_all(tx, vec![entry(tx.caller.as_ref(), tx.now, event, before, after)]).await
}

/// Makes an entry, for changes that are written in bulk.
pub fn entry(
    caller: Option<&Caller>,
    at: DateTimeUtc,
    event: Event<'_>,
    before: &impl Serialize,
    after: &impl Serialize,
) -> Entry {
    Entry(Model {
        id: Uuid::now_v7(),
        at,
        actor_id: caller.map(|caller| caller.user_id),
        actor_name: caller.map(|caller| caller.name.clone()),
        actor_role: caller.map(|caller| Code(caller.role)),
        actor_area_code: caller.map(|caller| caller.area_code.clone()),
        on_behalf_reason: event.on_behalf_reason,
        note: event.note,
        action: event.action.to_owned(),
        object_type: event.object_type.to_owned(),
        object_id: event.object_id,
        outcome: Code(AuditOutcome::Done),
        changes: serde_json::to_value(diff(&to_map(before), &to_map(after))).unwrap_or_default(),
        address: caller.and_then(|caller| caller.address.clone()),
        request_id: caller.map(|caller| caller.request_id.clone()),
        block: None,
        proof: None,
    })
}

/// Marks an entry as refused.
pub fn refused(entry: Entry) -> Entry {
    Entry(Model { outcome: Code(AuditOutcome::Refused), ..entry.0 })
}

/// Writes many entries, each with its proof.
pub async fn record_all(tx: &Tx, entries: Vec<Entry>) -> Result<()> {
    write(&tx.connection, &tx.proofs, entries).await
}

/// Writes entries outside the service's own transactions. Use [`record_all`] everywhere else.
pub async fn write(db: &DatabaseTransaction, proofs: &Proofs, entries: Vec<Entry>) -> Result<()> {
    let rows = entries.into_iter().map(|entry| proofs.prove_new(entry.0)).collect::<Result<Vec<_>>>()?;
    for rows in rows.chunks(AT_ONCE) {
        Entity::insert_many(rows.to_vec()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// The history of one object, newest first. The caller must have checked that the object may be seen.
///
/// # Errors
/// `bad_cursor`.
pub async fn history(
    db: &impl ConnectionTrait,
    object_type: &'static str,
    object_id: String,
    query: HistoryQuery,
) -> Result<Page<HistoryEntry>> {
    // Only those who may read the trail see refused attempts.
    let select = Entity::find()
        .filter(Column::ObjectType.eq(object_type))
        .filter(Column::ObjectId.eq(object_id))
        .filter(Column::Action.ne(refusals::ACTION));
    let page = list::page(db, select, &query, |_| list::by(Column::At, |row: &Row| row.at().into())).await?;
    Ok(list::map(page, HistoryEntry::from))
}

/// Whether somebody has taken an action on an object since an instant.
pub async fn done_since(
    db: &impl ConnectionTrait,
    actor_id: Uuid,
    action: &str,
    (object_type, object_id): (&str, Uuid),
    since: DateTimeUtc,
) -> Result<bool> {
    let done = Entity::find()
        .filter(Column::ObjectId.eq(object_id.to_string()))
        .filter(Column::ObjectType.eq(object_type))
        .filter(Column::At.gt(since))
        .filter(Column::ActorId.eq(actor_id))
        .filter(Column::Action.eq(action));
    Ok(done.count(db).await? > 0)
}

/// How many actions anybody but its owner has taken on an account since an instant.
pub async fn count_by_others(
    db: &impl ConnectionTrait,
    object_type: &'static str,
    person: Uuid,
    since: DateTimeUtc,
) -> Result<u64> {
    let done = Entity::find()
        .filter(Column::ObjectType.eq(object_type))
        .filter(Column::ObjectId.eq(person.to_string()))
        .filter(Column::Outcome.eq(Code(AuditOutcome::Done)))
        .filter(Condition::any().add(Column::ActorId.is_null()).add(Column::ActorId.ne(person)))
        .filter(Column::At.gt(since));
    Ok(done.count(db).await?)
}

/// The fields of a value in JSON.
pub fn to_map(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn diff(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldChange> {
    let mut fields: Vec<_> = before.keys().chain(after.keys().filter(|field| !before.contains_key(*field))).collect();
    fields.sort();
    fields
        .into_iter()
        .filter(|field| !SILENT.contains(&field.as_str()))
        .filter_map(|field| {
            let from = before.get(field).cloned().unwrap_or_default();
            let to = after.get(field).cloned().unwrap_or_default();
            (from != to).then(|| {
                let hide = |value: Value| if value.is_null() { value } else { Value::from("•••") };
                let personal = PERSONAL.contains(&field.as_str());
                let (from, to) = if personal { (hide(from), hide(to)) } else { (from, to) };
                FieldChange { field: field.clone(), from, to }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_kept_and_no_telephone_number() {
        let before = serde_json::json!({"name": "甲", "contact_phone": "13800000001", "version": 1, "same": [1]});
        let after = serde_json::json!({"name": "乙", "contact_phone": "13800000002", "version": 2, "same": [1]});
        let changes = diff(&to_map(&before), &to_map(&after));
        let fields: Vec<_> = changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, ["contact_phone", "name"]);
        assert!(!serde_json::to_string(&changes).unwrap().contains("1380000000"));
    }
}
