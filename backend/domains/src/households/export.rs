//! Exports full household files as a workbook: for a purpose, by few people, and masked for families that do not consent.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::TimeDelta;
use contract::codes::{DocumentKind, Sex};
use contract::households::{
    Cause, DisabilityKind, Group, Health, HouseholdCategory, HouseholdQuery, HouseholdStatus, Labour, LeaveReason, MemberInput,
    Relation, RevealInput, Schooling,
};
use contract::{Lang, mask};
use entities::households::{Column, Entity, MEMBERS, OBJECT, Personal, Row, Whole, member, not_merged};
use platform::audit::{self, Event};
use platform::budget::Budget;
use platform::download::Download;
use platform::excel::{self, Column as Cell, Kind, Of, Sheet};
use platform::extract::NotPersonal;
use platform::rate::Subject;
use platform::{App, Asker, Caller, Error, Result, Tx, Vault, download, list};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder};
use serde_json::{Map, Value, json};

use super::names::Told;
use super::policy;
use super::service;
use super::workbook::REFERENCE;

/// Exports that one person may make in a day.
static EXPORTS: Budget = Budget { actions: &[ACTION], most: 10, within: TimeDelta::days(1) };
/// The most files of an export. All of it is in memory, so that none of it is written to a disk.
const FILES: u32 = 5_000;
const ACTION: &str = "export_personal";

/// The sheets of the export. An import reads them as well: see `super::workbook`.
static SHEETS: &[&Sheet] = &[
    &Sheet {
        name: OBJECT,
        personal: true,
        columns: &[
            Cell::exported(REFERENCE, Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("head_name", Kind::Text),
            Cell::exported("address", Kind::Text),
            Cell::exported("phone", Kind::Text),
            Cell::exported("bank_account", Kind::Text),
            Cell::exported("consented", Kind::Flag),
            Cell::exported("status", Kind::Code(&Of::<HouseholdStatus>::ALL)),
            Cell::exported("status_since", Kind::Date),
            Cell::exported("leave_reason", Kind::Code(&Of::<LeaveReason>::ALL)),
            Cell::exported("category", Kind::Code(&Of::<HouseholdCategory>::ALL)),
            Cell::exported("main_cause", Kind::Code(&Of::<Cause>::ALL)),
            Cell::exported("secondary_causes", Kind::Codes(&Of::<Cause>::ALL)),
            Cell::exported("income_per_head_fen", Kind::Money),
            Cell::exported("registered_on", Kind::Date),
            Cell::version(),
        ],
    },
    &Sheet {
        name: MEMBERS,
        personal: true,
        columns: &[
            Cell::exported(REFERENCE, Kind::Text),
            Cell::exported("name", Kind::Text).named("display_name"),
            Cell::exported("relation", Kind::Code(&Of::<Relation>::ALL)),
            Cell::exported("document_kind", Kind::Code(&Of::<DocumentKind>::ALL)),
            Cell::exported("identity_number", Kind::Text),
            Cell::exported("sex", Kind::Code(&Of::<Sex>::ALL)),
            Cell::exported("born_on", Kind::Date),
            Cell::exported("health", Kind::Code(&Of::<Health>::ALL)),
            Cell::exported("disability_kind", Kind::Code(&Of::<DisabilityKind>::ALL)),
            Cell::exported("disability_level", Kind::Integer),
            Cell::exported("schooling", Kind::Code(&Of::<Schooling>::ALL)),
            Cell::exported("labour", Kind::Code(&Of::<Labour>::ALL)),
            Cell::exported("groups", Kind::Codes(&Of::<Group>::ALL)),
            Cell::row_id(),
        ],
    },
];

/// The field of the remark.
const NOTE: &str = "/note";

/// Writes the files of the list in full. Before the answer, the audit trail records who took them, for what purpose, with which
/// filter, and how many.
///
/// # Errors
/// `too_many_requests`, `unavailable` if there is no memory to send them from, `validation_failed` if they are too many or the
/// remark identifies one of them, `perhaps_personal` if it may.
pub async fn export(
    app: &App,
    caller: &Caller,
    query: &HouseholdQuery,
    why: RevealInput,
    (lang, not_personal): (Lang, NotPersonal),
) -> Result<Download> {
    let db = &app.database.read;
    let tx = Tx::of(app, caller.clone()).await?;
    EXPORTS.check(&tx, 1).await?;
    drop(tx);
    let today = app.clock.today();
    // A file that continues in another one only belongs to the ledger's past months.
    let alone = not_merged((Entity, Column::Id));
    let select = service::filtered(&Asker::of(app, caller), query).await?.filter(alone);
    let counted = list::counts(db, vec![list::counted(select.clone(), Some(FILES + 1))]).await?;
    if counted.into_iter().any(|files| files > FILES.into()) {
        return Err(Error::field("", "too_many"));
    }
    let (mut files, mut members, mut masked, mut in_doubt) = (Vec::new(), Vec::new(), 0, false);
    service::each(db, select, query, async |then, rows: Vec<Row>| {
        for whole in opened(then, &app.vault, rows).await? {
            match why.note.as_deref().and_then(|note| policy::tells_who(note, &whole.details())) {
                None => {}
                Some(Told::Surely) => return Err(Error::field(NOTE, "personal_data")),
                Some(Told::Perhaps) => in_doubt = true,
            }
            masked += usize::from(!whole.row.consented);
            let number = whole.row.file_number();
            members.extend(whole.members.iter().map(|(id, person)| member(&number, *id, person, &whole.row, today)));
            files.push(file(whole, today));
        }
        Ok(())
    })
    .await?;
    if in_doubt && !not_personal.says(NOTE) {
        return Err(Error::perhaps_personal(vec![NOTE.to_owned()]));
    }
    let mut what = json!({ "purpose": why.purpose, "filter": query, "rows": files.len(), "masked": masked });
    if in_doubt {
        what["not_personal"] = json!([NOTE]);
    }
    let bytes = Bytes::from(excel::in_memory(SHEETS, vec![files, members], lang).await?);
    let reservation = app.places.memory.room(&Subject::Account(caller.user_id), bytes.len(), download::PATIENCE).await?;
    let tx = Tx::of(app, caller.clone()).await?;
    // The budget is checked again and spent, because other exports of the same person may have ended meanwhile.
    EXPORTS.take(&tx, 1).await?;
    tx.record(Event { note: why.note, ..Event::of(OBJECT, "*", ACTION) }, &(), &what).await?;
    tx.commit().await?;
    let (name, length) = (excel::file_name(OBJECT, today, lang), bytes.len() as u64);
    Ok(Download::stream(name, excel::MEDIA_TYPE, length, download::slices(bytes, reservation, download::WHOLE)))
}

/// Opens files with their members, as far as they can be read. Reading the members takes one statement.
async fn opened(db: &impl ConnectionTrait, vault: &Vault, rows: Vec<Row>) -> Result<Vec<Whole>> {
    let of_rows = member::Column::HouseholdId.is_in(rows.iter().map(|row| row.id));
    let mut members: HashMap<Uuid, Vec<(Uuid, MemberInput)>> = HashMap::new();
    for row in
        member::Entity::find().filter(of_rows).filter(member::is_member()).order_by_asc(member::Column::Position).all(db).await?
    {
        if let Some(member) = vault.show(MEMBERS, row.id, &row.personal) {
            members.entry(row.household_id).or_default().push((row.id, member));
        }
    }
    let whole =
        |row: Row| Whole { personal: row.open_or_unreadable(vault), members: members.remove(&row.id).unwrap_or_default(), row };
    Ok(rows.into_iter().map(whole).collect())
}

/// The cells of a file. A family that does not consent is masked as in lists, and so is a child who heads one.
fn file(whole: Whole, today: Date) -> Map<String, Value> {
    let mut heads = whole.members.iter().map(|(_, person)| person).filter(|person| person.relation == Relation::Head);
    let child = heads.any(|head| policy::under_14(head, today));
    let (consented, row) = (whole.row.consented, whole.row);
    let Personal { head_name, address, phone, bank_account, .. } = whole.personal;
    let shown =
        |value: Option<String>, masked: fn(&str) -> String| value.map(|value| if consented { value } else { masked(&value) });
    audit::to_map(&json!({
        REFERENCE: row.file_number(),
        "village_code": row.village_code,
        "town_name": row.town_name,
        "village_name": row.village_name,
        "head_name": if child { Some(mask::name(&head_name)) } else { shown(Some(head_name), mask::name) },
        "address": consented.then_some(address),
        "phone": shown(phone, mask::phone),
        "bank_account": shown(bank_account, mask::bank_account),
        "consented": consented,
        "status": row.status.0,
        "status_since": row.status_since,
        "leave_reason": row.leave_reason.map(|reason| reason.0),
        "category": row.category.0,
        "main_cause": row.main_cause.0,
        "secondary_causes": row.secondary_causes.0,
        "income_per_head_fen": row.income_per_head_fen,
        "registered_on": row.registered_on,
        "version": row.version,
    }))
}

fn member(number: &str, id: Uuid, person: &MemberInput, row: &Row, today: Date) -> Map<String, Value> {
    let person = policy::exported(person.clone(), row.consented, today);
    let mut fields = audit::to_map(&person);
    fields.insert(REFERENCE.to_owned(), number.into());
    fields.insert("id".to_owned(), id.to_string().into());
    fields.insert("disability_kind".to_owned(), json!(person.disability.map(|disability| disability.kind)));
    fields.insert("disability_level".to_owned(), json!(person.disability.map(|disability| disability.level)));
    fields
}
