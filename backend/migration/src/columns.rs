//! The few kinds of columns that all tables are made of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// A table with its UUID key `id`.
pub fn table(name: &'static str) -> TableCreateStatement {
    bare_table(name).col(ColumnDef::new("id").uuid().not_null().primary_key()).to_owned()
}

/// A table that brings its own key.
pub fn bare_table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

pub fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

/// An area's code: 2 to 12 digits.
pub fn area(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(12).not_null().to_owned()
}

/// The code of an enumeration.
pub fn code(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(40).not_null().to_owned()
}

pub fn text(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).not_null().to_owned()
}

pub fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

pub fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

/// Money in fen, or a count beyond 32 bits.
pub fn big_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

pub fn date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().to_owned()
}

pub fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().to_owned()
}

pub fn json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().to_owned()
}

/// What is not text: sealed values and hashes.
pub fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().to_owned()
}

/// The same column, which may be empty.
pub fn null(mut column: ColumnDef) -> ColumnDef {
    column.null().to_owned()
}

/// What every changeable row ends with: when it changed, and how often.
pub fn versioned(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table.col(instant("created_at")).col(instant("updated_at")).col(number("version"))
}

/// A reference that keeps what it points at from being deleted.
pub fn reference(
    table: &'static str,
    column: &'static str,
    to_table: &'static str,
    to_column: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(to_table, to_column)
        .on_delete(ForeignKeyAction::Restrict)
        .on_update(ForeignKeyAction::Restrict)
        .to_owned()
}

/// An index, named after what it covers.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    columns.iter().for_each(|&column| {
        index.col(column);
    });
    index
}

/// A unique key, named after what it covers.
pub fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

/// Adds to a table the village that a query finds for each of its rows, with county and town of it, indexed in the orders that its list comes in.
///
/// # Errors
/// What the database says.
pub async fn village_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    village: &str,
    orders: &[&'static str],
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
    // SQLite adds no column that must be filled without something to fill it with.
    let empty = if sqlite { "NOT NULL DEFAULT ''" } else { "" };
    db.execute_unprepared(&format!("ALTER TABLE {table} ADD COLUMN village_code varchar(12) {empty}")).await?;
    db.execute_unprepared(&format!("UPDATE {table} SET village_code = ({village})")).await?;
    if !sqlite {
        db.execute_unprepared(&format!("ALTER TABLE {table} ALTER COLUMN village_code SET NOT NULL")).await?;
    }
    area_columns(manager, table).await?;
    for area in ["county_code", "town_code"] {
        for &order in orders {
            manager.create_index(index(table, &[area, order, "id"])).await?;
        }
    }
    Ok(())
}

/// Adds county and town of a table's `village_code` as columns that follow it.
///
/// # Errors
/// What the database says.
pub async fn area_columns(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    // SQLite adds no other kind to a table that is there; indexed, it is kept all the same.
    let kind = if manager.get_database_backend() == DatabaseBackend::Sqlite { "VIRTUAL" } else { "STORED" };
    for (column, length) in [("county_code", 6), ("town_code", 9)] {
        let add = format!(
            "ALTER TABLE {table} ADD COLUMN {column} varchar({length}) \
             GENERATED ALWAYS AS (substr(village_code, 1, {length})) {kind}"
        );
        manager.get_connection().execute_unprepared(&add).await?;
    }
    Ok(())
}
