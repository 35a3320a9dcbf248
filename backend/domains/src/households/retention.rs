//! How long a family stays identifiable.
//!
//! 个人信息保护法第十九条、第四十七条: no longer than needed, and not much longer than the family consents. An anonymised file loses names,
//! numbers, addresses, free text, papers and photos. Statuses, causes, groups and amounts stay, so that no past figure changes.
//! The history stays as well, because it is sealed; it contains only keyed digests and remarks that name nobody.

use chrono::{Months, NaiveDate};
use contract::ErrorCode;
use contract::attachments::AttachmentObject;
use contract::households::HouseholdStatus;
use entities::households::{ActiveModel, Column, Entity, Model, OBJECT, Personal, file_number, member, merge, status, visit};
use platform::audit::Event;
use platform::clock;
use platform::coded::{AsJson, codes};
use platform::config::Config;
use platform::{App, Result, Tx, Vault};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect};
use serde_json::json;

use super::merging::{self, MERGES};

/// The number of files in a batch.
const BATCH: u64 = 200;
/// A day before any limit. The databases do not support much earlier days.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();

/// Why a file is due to be anonymised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    LiftedOut,
    Left,
    Withdrawn,
}

impl Reason {
    /// The name of the reason in the history.
    pub fn code(self) -> &'static str {
        match self {
            Self::LiftedOut => "lifted_out",
            Self::Left => "left",
            Self::Withdrawn => "consent_withdrawn",
        }
    }
}

/// Files whose help or consent ended on or before these days are due.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The limit for families that were lifted out, or left.
    over: NaiveDate,
    withdrawn: NaiveDate,
}

impl Limits {
    /// The limits that the configuration sets for a day.
    pub fn of(config: &Config, today: NaiveDate) -> Self {
        let before = |months| today.checked_sub_months(Months::new(months)).map_or(EARLIEST, |day| day.max(EARLIEST));
        Self { over: before(config.keep_lifted_months), withdrawn: before(config.keep_withdrawn_months) }
    }
}

/// A file that is due to be anonymised.
#[derive(Clone, Debug)]
pub struct Due {
    pub id: Uuid,
    pub file_number: String,
    pub reason: Reason,
}

/// The next files that are due, in the order of their ids, and the id to continue from. Returns `None` if no file is left to
/// check.
pub async fn due(app: &App, limits: Limits, after: Uuid) -> Result<Option<(Vec<Due>, Uuid)>> {
    let db = &app.database.read;
    let over = Column::Status.is_in(codes(&[HouseholdStatus::LiftedOut, HouseholdStatus::Left]));
    let over = Condition::all().add(over).add(Column::StatusSince.lte(limits.over));
    let rows = Entity::find()
        .filter(Column::Id.gt(after))
        .filter(Column::AnonymisedOn.is_null())
        .filter(entities::households::not_merged((Entity, Column::Id)))
        .filter(Condition::any().add(over).add(Column::Consented.eq(false)))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .all(db)
        .await?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut due = Vec::new();
    for row in rows {
        if let Some(reason) = reason(db, &app.vault, &row, limits).await? {
            due.push(Due { id: row.id, file_number: file_number(&row.numbered_in, row.sequence), reason });
        }
    }
    Ok(Some((due, last)))
}

/// Why a file is due, if it is. A file with a live pairing is not: whoever helps the family still needs it. Months count from the
/// day of entry, because a typed day may be years ago.
async fn reason(db: &impl ConnectionTrait, vault: &Vault, row: &Model, limits: Limits) -> Result<Option<Reason>> {
    let entered = |at: Option<DateTimeUtc>, limit| at.is_some_and(|at| clock::local_date(at) <= limit);
    let over = |day, at, limit| day <= limit && entered(at, limit);
    // A file that cannot be opened is logged and stays. It does not delay the others.
    let personal: Option<Personal> = vault.show(OBJECT, row.id, &row.personal);
    let withdrawn = personal.and_then(|personal| personal.consent?.withdrawn_on);
    let ended = match row.status.0 {
        HouseholdStatus::LiftedOut => Some(Reason::LiftedOut),
        HouseholdStatus::Left => Some(Reason::Left),
        _ => None,
    };
    let found = if withdrawn.is_some_and(|day| over(day, row.consent_at, limits.withdrawn)) {
        Some(Reason::Withdrawn)
    } else if ended.is_some() && over(row.status_since, row.status_at, limits.over) {
        let is_active = active_since(db, row, clock::day_after(limits.over)).await?;
        ended.filter(|_| !is_active)
    } else {
        None
    };
    let live = found.is_some() && entities::pairings::any_live_with(db, row.id).await?;
    Ok(found.filter(|_| !live))
}

/// Whether the family was helped, or anything was entered about it, since an instant.
async fn active_since(db: &impl ConnectionTrait, row: &Model, since: DateTimeUtc) -> Result<bool> {
    if row.updated_at >= since {
        return Ok(true);
    }
    let ids = family(db, row.id).await?;
    let visits = visit::Entity::find().filter(visit::Column::HouseholdId.is_in(ids.iter().copied()));
    Ok(visits.filter(visit::Column::CreatedAt.gte(since)).count(db).await? > 0
        || entities::assistance::any_since(db, &ids, since).await?
        || entities::plans::any_since(db, &ids, since).await?
        || entities::measures::any_since(db, &ids, since).await?
        || entities::pairings::any_since(db, &ids, since).await?
        || entities::attachments::any_since(db, AttachmentObject::Household, &ids, since).await?)
}

/// Locks a file and those merged into it until the transaction ends, if it is still due. Returns their ids and the reason.
pub async fn hold_due(tx: &Tx, id: Uuid, limits: Limits) -> Result<Option<(Vec<Uuid>, Reason)>> {
    let ids = family(&tx.connection, id).await?;
    merging::hold(tx, ids.iter().copied()).await?;
    if family(&tx.connection, id).await? != ids {
        // A merge was just made or undone. The next run decides again.
        return Ok(None);
    }
    let row = Entity::find_by_id(id)
        .filter(Column::AnonymisedOn.is_null())
        .filter(entities::households::not_merged((Entity, Column::Id)))
        .one(&tx.connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(reason(&tx.connection, &tx.vault, &row, limits).await?.map(|reason| (ids, reason)))
}

/// A file and those that continue in it.
pub(super) async fn family(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Uuid>> {
    let merged = merge::Entity::find().filter(merge::Column::KeptId.eq(id)).order_by_asc(merge::Column::Id);
    let merged: Vec<Uuid> = merged.select_only().column(merge::Column::MergedId).into_tuple().all(db).await?;
    Ok(std::iter::once(id).chain(merged).collect())
}

/// Deletes everything personal from a file itself. Other domains delete what they store about it.
pub async fn erase(tx: &Tx, id: Uuid) -> Result<()> {
    let db = &tx.connection;
    let row = Entity::find_by_id(id).one(db).await?.ok_or(ErrorCode::NotFound)?;
    let nobody = Personal { head_name: String::new(), address: String::new(), phone: None, bank_account: None, consent: None };
    let columns = ActiveModel {
        personal: Set(tx.vault.seal(OBJECT, id, &nobody)?),
        phone_hash: Set(None),
        second_phone_hash: Set(None),
        consented: Set(false),
        // Nobody asks for missing parts any more.
        missing: Set(AsJson(Vec::new())),
        complete: Set(true),
        anonymised_on: Set(Some(tx.today())),
        ..Default::default()
    };
    tx.write::<Entity>(id, row.version, columns).await?;
    member::Entity::delete_many().filter(member::Column::HouseholdId.eq(id)).exec(db).await?;
    status::Entity::update_many()
        .col_expr(status::Column::Note, Expr::value(None::<String>))
        .filter(status::Column::HouseholdId.eq(id))
        .exec(db)
        .await?;
    let visits = visit::Entity::find().select_only().column(visit::Column::Id).filter(visit::Column::HouseholdId.eq(id));
    for visit_id in visits.into_tuple::<Uuid>().all(db).await? {
        let nothing = visit::Personal { visitors: String::new(), note: None, recorded_by: None };
        let personal = Set(tx.vault.seal(visit::PLACE, visit_id, &nothing)?);
        visit::Entity::update(visit::ActiveModel { id: Set(visit_id), personal, ..Default::default() }).exec(db).await?;
    }
    for merge in merge::Entity::find().filter(merge::Column::KeptId.eq(id)).all(db).await? {
        // The merge can no longer be undone, so its sealed part is not needed.
        let personal = Set(tx.vault.seal(MERGES, merge.id, &())?);
        merge::Entity::update(merge::ActiveModel { id: Set(merge.id), personal, ..Default::default() }).exec(db).await?;
    }
    Ok(())
}

/// Records that a file was anonymised, and how many papers and photos were deleted with it.
pub async fn record_forgotten(tx: &Tx, id: Uuid, reason: Reason, files: usize) -> Result<()> {
    let after = json!({ "anonymised_on": tx.today(), "reason": reason.code(), "files": files });
    tx.record(Event::of(OBJECT, id, "anonymise"), &(), &after).await
}

/// Records that a run is complete.
pub async fn record_run(app: &App, anonymised: usize) -> Result<()> {
    let tx = Tx::system(app).await?;
    tx.record(Event::of(OBJECT, "", "retention"), &(), &json!({ "anonymised": anonymised })).await?;
    tx.commit().await
}
