//! The working calendar, with the years that are known; and the rule by which a campaign's due day moves, instead of the flag that it
//! moves from weekends.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;

/// Holidays and days that are worked instead, as the State Council announced them: day, kind, name.
const KNOWN: &str = include_str!("calendar_days.csv");

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut days = table("calendar_days").col(date("day")).col(code("kind")).col(text("name", 60)).to_owned();
        manager.create_table(versioned(&mut days).to_owned()).await?;
        manager.create_index(unique("calendar_days", &["day"])).await?;
        manager.create_index(index("calendar_days", &["day", "id"])).await?;
        let db = manager.get_connection();
        let is_sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
        db.execute_unprepared(&known_days(is_sqlite)).await?;
        db.execute_unprepared(if is_sqlite { RULE_OF_SQLITE } else { RULE_OF_POSTGRES }).await.map(drop)
    }
}

/// Inserts the known days. Their ids are the same everywhere, and say which day it is.
fn known_days(is_sqlite: bool) -> String {
    let rows = KNOWN.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let (day, kind, name) = (cells.next()?, cells.next()?, cells.next()?);
        let id = format!("01900000000070008000{:0>12}", day.replace('-', ""));
        // SQLite keeps the bytes of an id.
        let id = if is_sqlite { format!("x'{id}'") } else { format!("'{id}'") };
        const AT: &str = "2018-12-06T00:00:00+00:00";
        Some(format!("({id}, '{day}', '{kind}', '{name}', '{AT}', '{AT}', 1)"))
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    format!("INSERT INTO calendar_days (id, day, kind, name, created_at, updated_at, version) VALUES {rows}")
}

const RULE_OF_SQLITE: &str = "UPDATE campaigns SET settings = json_set(json_remove(settings, '$.report_day_skips_weekend'), \
    '$.report_day_rule', CASE WHEN json_extract(settings, '$.report_day_skips_weekend') THEN 'next_weekday' ELSE 'calendar_day' END) \
    WHERE json_extract(settings, '$.report_day_skips_weekend') IS NOT NULL";
const RULE_OF_POSTGRES: &str = "UPDATE campaigns SET settings = (settings - 'report_day_skips_weekend') || \
    jsonb_build_object('report_day_rule', CASE WHEN (settings ->> 'report_day_skips_weekend')::boolean THEN 'next_weekday' \
    ELSE 'calendar_day' END) WHERE settings -> 'report_day_skips_weekend' IS NOT NULL";
