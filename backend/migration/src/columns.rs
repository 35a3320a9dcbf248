//! The kinds of columns that all tables consist of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// A table with its UUID key `id`.
pub fn table(name: &'static str) -> TableCreateStatement {
    bare_table(name).col(ColumnDef::new("id").uuid().not_null().primary_key()).to_owned()
}

/// A table without a key. The caller adds one.
pub fn bare_table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

pub fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

/// The code of an area, of 2 to 12 digits.
pub fn area(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(12).not_null().to_owned()
}

/// The code of a variant of an enumeration.
pub fn code(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(40).not_null().to_owned()
}

pub fn text(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).not_null().to_owned()
}

/// The key that a name is sorted by (`platform::spelling`). It is compared byte by byte, whatever the locale of the database.
pub fn name_key(manager: &SchemaManager<'_>) -> ColumnDef {
    let mut column = ColumnDef::new("name_key").text().not_null().to_owned();
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// The words that a name is searched by (`platform::spelling`).
pub fn name_words() -> ColumnDef {
    ColumnDef::new("name_words").text().not_null().to_owned()
}

pub fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

pub fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

/// An amount in fen, or a count that may exceed 32 bits.
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

/// Binary values: sealed values and hashes.
pub fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().to_owned()
}

/// Makes a column nullable.
pub fn null(mut column: ColumnDef) -> ColumnDef {
    column.null().to_owned()
}

/// Adds the columns of a row that can be changed: when it was made and changed, and its version.
pub fn versioned(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table.col(instant("created_at")).col(instant("updated_at")).col(number("version"))
}

/// A foreign key that prevents the row it points to from being deleted.
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

/// An index that is named after its columns.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    columns.iter().for_each(|&column| {
        index.col(column);
    });
    index
}

/// A unique index that is named after its columns.
pub fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

/// Adds `village_code` to a table whose rows belong to an object with a village, and its county and town. These rows always have the
/// village of the object: if another village replaces it, both change.
pub fn village_columns<'t>(manager: &SchemaManager<'_>, table: &'t mut TableCreateStatement) -> &'t mut TableCreateStatement {
    let mut village = area("village_code");
    if manager.get_database_backend() == DatabaseBackend::Sqlite {
        village.default("");
    }
    area_columns(manager, table.col(village))
}

/// Adds county and town of `village_code` as generated columns, so that an index returns the list of a county or town in its
/// order ([`area_indexes`]). With a range of codes, the database would have to sort, and it estimates the size of a range badly.
pub fn area_columns<'t>(manager: &SchemaManager<'_>, table: &'t mut TableCreateStatement) -> &'t mut TableCreateStatement {
    table.col(area_column(manager, "county_code", "village_code", 6)).col(area_column(manager, "town_code", "village_code", 9))
}

/// A generated column: the first digits of the code in another column.
pub fn area_column(manager: &SchemaManager<'_>, name: &'static str, code: &str, length: u32) -> ColumnDef {
    // PostgreSQL indexes only stored generated columns. On SQLite the indexes themselves store the values.
    let kind = if manager.get_database_backend() == DatabaseBackend::Sqlite { "VIRTUAL" } else { "STORED" };
    let made = format!("GENERATED ALWAYS AS (substr({code}, 1, {length})) {kind}");
    ColumnDef::new(name).string_len(length).extra(made).to_owned()
}

/// Indexes a table by county and town, and there by state, in an order of its list. The work of a front page is in states that few
/// rows have: an index without the state would be read from its beginning to its end.
pub async fn state_indexes(manager: &SchemaManager<'_>, table: &'static str, order: &'static str) -> Result<(), DbErr> {
    for area in ["county_code", "town_code"] {
        manager.create_index(index(table, &[area, "state", order, "id"])).await?;
    }
    Ok(())
}

/// Indexes a table by county and by town, in each order of its list.
pub async fn area_indexes(manager: &SchemaManager<'_>, table: &'static str, orders: &[&'static str]) -> Result<(), DbErr> {
    for area in ["county_code", "town_code"] {
        for &order in orders {
            manager.create_index(index(table, &[area, order, "id"])).await?;
        }
    }
    Ok(())
}
