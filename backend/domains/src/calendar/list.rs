//! The days of the calendar, and their list.

use chrono::NaiveDate;
use contract::Permission;
use contract::calendar::{CalendarDay, CalendarDayQuery, CalendarDaySort};
use entities::calendar_days::{Column, Entity, OBJECT, Row};
use entities::scope;
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Error, Result};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

/// The days of the working calendar.
#[derive(Debug)]
pub struct CalendarDays;

impl Object for CalendarDays {
    type Entity = Entity;
    type Row = Row;
    type Shown = CalendarDay;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::calendar(caller)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> CalendarDay {
        row.into_day(asker.caller.may(Permission::WriteCalendar))
    }
}

impl Listed for CalendarDays {
    type Query = CalendarDayQuery;

    async fn filtered(asker: &Asker<'_>, query: &CalendarDayQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller).given(query.kind, |kind| Column::Kind.eq(Code(kind)));
        if let Some(year) = query.year {
            let ends = [(1, 1), (12, 31)].map(|(month, day)| NaiveDate::from_ymd_opt(year, month, day));
            let [Some(first), Some(last)] = ends else { return Err(Error::field("/year", "range")) };
            select = select.filter(Column::Day.between(first, last));
        }
        Ok(select)
    }

    fn order(sort: CalendarDaySort) -> By<Row> {
        match sort {
            CalendarDaySort::Day => by(Column::Day, |row| row.day.into()),
        }
    }
}
