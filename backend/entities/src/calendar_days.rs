//! Table `calendar_days`.

use contract::ObjectKind;
use contract::calendar::{CalendarDay, CalendarDayInput, CalendarDayKind, WorkCalendar};
use platform::coded::Code;
use platform::{Result, Tx, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{DerivePartialModel, QueryOrder, QuerySelect};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::CalendarDay.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub day: Date,
    pub kind: Code<CalendarDayKind>,
    pub name: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What is written of the day.
    pub fn into_input(self) -> CalendarDayInput {
        object!(CalendarDayInput { ..self.{ day, kind, name } })
    }
}

/// A day of the list.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type.
    pub fn into_day(self, editable: bool) -> CalendarDay {
        let own = self.own.clone();
        object!(CalendarDay { details: self.own.into_input(), editable, ..own.{ id, created_at, updated_at, version } })
    }
}

/// Locks the calendar until the transaction ends: its first day, which the migration has entered and nobody removes. Whoever changes
/// a day holds it alone, and whoever reckons with days shares it, so that no campaign misses a change.
pub async fn hold(tx: &Tx, lock: LockType) -> Result<()> {
    Entity::find().order_by_asc(Column::Day).limit(1).lock(lock).one(&tx.connection).await?;
    Ok(())
}

/// The known days of a time, to reckon with.
pub async fn known(tx: &Tx, first: Date, last: Date) -> Result<WorkCalendar> {
    let days = Entity::find().select_only().columns([Column::Day, Column::Kind]).filter(Column::Day.between(first, last));
    let days: Vec<(Date, Code<CalendarDayKind>)> = days.into_tuple().all(&tx.connection).await?;
    Ok(days.into_iter().map(|(day, kind)| (day, kind.0)).collect())
}
