//! Which rows a caller may see.

use contract::Role;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, IntoIden, SimpleExpr};
use uuid::Uuid;

/// The rows that exist for a caller; everything else answers 404 and is counted nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What lies in an area: a county for the bureau, a town, a village.
    Area(String),
    /// What concerns one organisation.
    Organisation(Uuid),
}

impl Scope {
    /// The scope of a role for what is owned: pairings and all that hangs on them.
    pub fn own(role: Role, area_code: &str, organisation_id: Option<Uuid>) -> Self {
        match organisation_id {
            Some(id) if role == Role::Organisation => Self::Organisation(id),
            _ => Self::Area(area_code.to_owned()),
        }
    }

    /// Whether all of an area is seen, where only what lies `within` another is asked for.
    pub fn sees_all_of(&self, area_code: &str, within: Option<&str>) -> bool {
        self.covers_area(area_code) && within.is_none_or(|within| area_code.starts_with(within))
    }

    /// Whether a village lies in this scope; an organisation has none of its own.
    pub fn covers_area(&self, code: &str) -> bool {
        matches!(self, Self::Area(own) if code.starts_with(own.as_str()))
    }
}

/// The condition that an area's code lies in an area. A range and not a `LIKE`: codes are digits, so that the range orders
/// alike under every collation, and an index serves it even in a generic plan.
pub fn within(column: impl IntoColumnRef, area_code: &str) -> SimpleExpr {
    Expr::col(column).between(area_code, format!("{area_code:9<12}"))
}

/// The condition that it does not: two ranges, which an index serves as well.
pub fn outside(column: impl IntoColumnRef, area_code: &str) -> SimpleExpr {
    let column = Expr::col(column);
    column.clone().lt(area_code).or(column.gt(format!("{area_code:9<12}")))
}

/// The condition that a row with a `village_code` lies in an area. What lies in a county or a town is indexed in the order of the table's list.
pub fn lies_in(table: impl IntoIden, area_code: &str) -> SimpleExpr {
    let table = table.into_iden();
    match area_code.len() {
        6 => Expr::col((table, "county_code")).eq(area_code),
        9 => Expr::col((table, "town_code")).eq(area_code),
        _ => within((table, "village_code"), area_code),
    }
}

/// The area whose catalogue a caller reads: villages, organisations and campaigns are open within a county, so that both sides can choose (双向选择).
pub fn catalogue_area(area_code: &str) -> &str {
    area_code.get(..6).unwrap_or(area_code)
}
