//! Conditions on the codes of areas. A code begins with the code of the area that it lies in.

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, IntoIden, SimpleExpr};

/// The lengths of codes.
const COUNTY: usize = 6;
const TOWN: usize = 9;
/// The length of the code of a village.
pub const VILLAGE: usize = 12;

/// A code in a condition. That of a county, or of more, is written into the statement and not bound to it: PostgreSQL keeps one
/// plan for all values that are bound, which would take a county with half of the rows for one with a hundredth. Towns and
/// villages are many and alike.
fn code(area_code: &str, code: String) -> Expr {
    if area_code.len() <= COUNTY { Expr::Constant(code.into()) } else { Expr::Value(code.into()) }
}

/// The first code that can lie in an area: its own.
fn first(area_code: &str) -> Expr {
    code(area_code, area_code.to_owned())
}

/// The last code that can lie in an area.
fn last(area_code: &str) -> Expr {
    code(area_code, format!("{area_code:9<12}"))
}

/// The condition that an area's code lies in an area. It is a range and not a `LIKE`: codes consist of digits, which sort
/// alike under every collation, and an index serves a range even in a generic plan.
pub fn within(column: impl IntoColumnRef, area_code: &str) -> SimpleExpr {
    Expr::col(column).between(first(area_code), last(area_code))
}

/// The condition that an area's code does not lie in an area: two ranges, which an index serves as well.
pub fn outside(column: impl IntoColumnRef, area_code: &str) -> SimpleExpr {
    let column = Expr::col(column);
    column.clone().lt(first(area_code)).or(column.gt(last(area_code)))
}

/// The condition that a row with a `village_code` lies in an area. Counties and towns are indexed in the order of the
/// table's list. The rows of a village are looked for in that of its town.
pub fn lies_in(table: impl IntoIden, area_code: &str) -> SimpleExpr {
    let table = table.into_iden();
    let is = |column: &'static str, code: &str| Expr::col((table.clone(), column)).eq(first(code));
    match area_code.len() {
        COUNTY => is("county_code", area_code),
        TOWN => is("town_code", area_code),
        VILLAGE => is("town_code", area_code.get(..TOWN).unwrap_or(area_code)).and(is("village_code", area_code)),
        _ => within((table, "village_code"), area_code),
    }
}

/// The county that an area lies in. An area larger than a county stays as it is.
pub fn county_of(area_code: &str) -> &str {
    area_code.get(..COUNTY).unwrap_or(area_code)
}

/// The town that a village lies in. An area larger than a town stays as it is.
pub fn town_of(area_code: &str) -> &str {
    area_code.get(..9).unwrap_or(area_code)
}

#[cfg(test)]
mod tests {

    use sea_orm::sea_query::{Alias, Query};
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Order};

    use super::*;

    /// The county, a town and a village in it, their neighbours, and the first and last number within each.
    const AREAS: [&str; 10] = [
        "350582",
        "350583",
        "350582104",
        "350582105",
        "350583104",
        "350582104206",
        "350582104207",
        "350582105206",
        "350583104206",
        "350582104000",
    ];
    const VILLAGES: [&str; 9] = [
        "350581999999",
        "350582000000",
        "350582104000",
        "350582104206",
        "350582104207",
        "350582104999",
        "350582105206",
        "350582999999",
        "350583104206",
    ];

    async fn villages() -> DatabaseConnection {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection would have its own in-memory database.
        options.max_connections(1);
        let db = Database::connect(options).await.unwrap();
        let table = "CREATE TABLE v (village_code TEXT, county_code TEXT GENERATED ALWAYS AS (substr(village_code, 1, 6)), \
                     town_code TEXT GENERATED ALWAYS AS (substr(village_code, 1, 9)))";
        db.execute_unprepared(table).await.unwrap();
        let rows = VILLAGES.map(|code| format!("('{code}')")).join(",");
        db.execute_unprepared(&format!("INSERT INTO v (village_code) VALUES {rows}")).await.unwrap();
        db
    }

    async fn found(db: &DatabaseConnection, condition: SimpleExpr) -> Vec<String> {
        let column = Alias::new("village_code");
        let query = Query::select().column(column.clone()).from("v").and_where(condition).order_by(column, Order::Asc).to_owned();
        let rows = db.query_all(&query).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    #[tokio::test]
    async fn a_row_lies_in_the_areas_whose_digits_its_code_begins_with() {
        let db = villages().await;
        let column = (Alias::new("v"), Alias::new("village_code"));
        for area in AREAS {
            let (inside, beyond): (Vec<_>, Vec<_>) = VILLAGES.into_iter().partition(|code| code.starts_with(area));
            assert_eq!(found(&db, lies_in("v", area)).await, inside, "{area}");
            assert_eq!(found(&db, within(column.clone(), area)).await, inside, "{area}");
            assert_eq!(found(&db, outside(column.clone(), area)).await, beyond, "{area}");
        }
    }

    /// An index only serves a comparison with the matching column.
    #[test]
    fn counties_and_towns_are_asked_for_by_their_own_columns_and_villages_with_their_town() {
        let asked = |area: &str| {
            let query = Query::select().column("village_code").from("v").and_where(lies_in("v", area)).to_owned();
            query.to_string(sea_orm::sea_query::SqliteQueryBuilder)
        };
        for (area, column) in [("350582", "county_code"), ("350582104", "town_code")] {
            assert!(asked(area).ends_with(&format!(r#""{column}" = '{area}'"#)), "{}", asked(area));
        }
        let village = asked("350582104206");
        for part in [r#""town_code" = '350582104'"#, r#""village_code" = '350582104206'"#] {
            assert!(village.contains(part), "{village}");
        }
    }

    #[test]
    fn a_town_is_the_first_nine_digits() {
        for area in ["350582104", "350582104206"] {
            assert_eq!(town_of(area), "350582104");
        }
        assert_eq!(town_of("350582"), "350582");
    }

    #[test]
    fn a_county_is_the_first_six_digits() {
        for area in ["350582", "350582104", "350582104206"] {
            assert_eq!(county_of(area), "350582");
        }
        assert_eq!(county_of("3505"), "3505");
    }
}
