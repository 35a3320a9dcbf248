//! One village replaces another: which two, and the rows that follow.

use std::str::FromStr;

use chrono::NaiveDate;
use contract::areas::AreaLevel;
use contract::villages::SuccessionInput;
use contract::{ErrorCode, ObjectKind};
use entities::areas::{ActiveModel, Column, Entity, Model};
use entities::scope;
use platform::area::town_of;
use platform::audit::{self, Event};
use platform::object::locked;
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoCondition, Query};
use sea_orm::{Condition, PrimaryKeyTrait, QuerySelect};
use serde_json::json;

/// What the history of whatever follows calls it.
pub const FOLLOWED: &str = "village_replaced";
/// The kind of object that keeps the history of a village.
const VILLAGES: &str = ObjectKind::Village.name();

/// A village, the one that replaces it, and whether that is only tried.
#[derive(Clone, Copy, Debug)]
pub struct Succeeding<'a> {
    pub tx: &'a Tx,
    pub from: &'a str,
    pub to: &'a str,
    pub dry_run: bool,
}

/// Locks both villages until the transaction ends: whoever names one of them for something new has done so before, or is told that it
/// has ended. Returns them.
///
/// # Errors
/// `not_found`, `village_ended`, a fault of the input.
pub async fn hold(tx: &Tx, code: &str, input: &SuccessionInput) -> Result<(Model, Model)> {
    // The operator at the command line sees all.
    let covers = |code: &str| tx.caller.as_ref().is_none_or(|caller| scope::covers(caller, code));
    let both = Entity::find().filter(Column::Code.is_in([code, &input.successor_code]));
    let mut rows = locked(both, Column::Code).all(&tx.connection).await?;
    rows.retain(|area| area.level.0 == AreaLevel::Village && area.takes_part && covers(&area.code));
    let named = |code: &str| rows.iter().find(|area| area.code == code).cloned();
    let from = named(code).ok_or(ErrorCode::NotFound)?;
    if from.ended_on.is_some() {
        return Err(ErrorCode::VillageEnded.into());
    }
    if input.successor_code == code {
        return Err(Error::field("/successor_code", "itself"));
    }
    let to = named(&input.successor_code).ok_or_else(|| Error::field("/successor_code", "unknown"))?;
    if to.ended_on.is_some() {
        return Err(Error::field("/successor_code", "village_ended"));
    }
    // Forms, figures and offices are those of towns.
    if town_of(&to.code) != town_of(&from.code) {
        return Err(Error::field("/successor_code", "another_town"));
    }
    if input.ended_on > tx.today() {
        return Err(Error::field("/ended_on", "future"));
    }
    Ok((from, to))
}

/// Writes that a village has ended, and which one goes on, in the history of both.
pub async fn end(succeeding: &Succeeding<'_>, ended_on: NaiveDate, note: &str) -> Result<()> {
    let Succeeding { tx, from, to, .. } = *succeeding;
    let row = ActiveModel {
        code: Set(from.to_owned()),
        ended_on: Set(Some(ended_on)),
        successor_code: Set(Some(to.to_owned())),
        ..Default::default()
    };
    Entity::update(row).exec(&tx.connection).await?;
    let event = |code, action| Event { note: Some(note.to_owned()), ..Event::of(VILLAGES, code, action) };
    tx.record(event(from, "replaced"), &(), &json!({ "ended_on": ended_on, "successor_code": to })).await?;
    tx.record(event(to, "take_over"), &(), &json!({ "predecessor_code": from })).await
}

impl Succeeding<'_> {
    /// Brings those rows of the village under the code of the other one, and returns how many they are.
    pub async fn rows<E: EntityTrait>(&self, village: E::Column, which: impl IntoCondition) -> Result<u64>
    where
        E::Model: Sync,
    {
        let which = Condition::all().add(village.eq(self.from)).add(which.into_condition());
        if self.dry_run {
            let mut count = Query::select();
            count.expr(Expr::val(1).count()).from(E::default()).cond_where(which);
            let db = &self.tx.connection;
            let row = db.query_one_raw(db.get_database_backend().build(&count)).await?;
            let found = row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
            return Ok(found.unsigned_abs());
        }
        let column = |name| E::Column::from_str(name).map_err(|_| DbErr::Type(format!("there is no column {name}")));
        let version = column("version")?;
        let written = E::update_many()
            .col_expr(village, Expr::val(self.to))
            .col_expr(column("updated_at")?, Expr::val(self.tx.now))
            .col_expr(version, Expr::col(version).add(1))
            .filter(which)
            .exec(&self.tx.connection)
            .await?;
        Ok(written.rows_affected)
    }

    /// The same of what has a history of its own, with an entry for each.
    pub async fn objects<E>(&self, object: &'static str, village: E::Column, which: impl IntoCondition) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: Sync,
        E::PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
    {
        let which = which.into_condition();
        if !self.dry_run {
            let id = E::Column::from_str("id").map_err(|_| DbErr::Type("there is no column id".to_owned()))?;
            let theirs = E::find().filter(village.eq(self.from)).filter(which.clone()).select_only().column(id);
            let ids: Vec<Uuid> = locked(theirs, id).into_tuple().all(&self.tx.connection).await?;
            let field = village.as_str();
            let entry =
                |id| self.tx.entry(Event::of(object, id, FOLLOWED), &json!({ field: self.from }), &json!({ field: self.to }));
            audit::record_all(self.tx, ids.into_iter().map(entry).collect()).await?;
        }
        self.rows::<E>(village, which).await
    }
}
