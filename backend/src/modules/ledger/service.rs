//! Puts the ledger of a month together.

use chrono::NaiveDate;
use contract::households::HouseholdQuery;
use contract::ledger::{Ledger, LedgerCell, LedgerFigure, LedgerQuery, LedgerRow};
use contract::{CodedEnum, Month, Permission};
use sea_orm::DatabaseConnection;

use super::policy;
use crate::modules::areas;
use crate::modules::households::ledger::{Moved, count, moved};
use crate::platform::{Caller, Error, Result, Scope, list};

/// Months of the trend.
const TREND: usize = 12;

/// The ledger of a month, as far as the caller may see it. How many statements it takes does not depend on how many households there are.
///
/// # Errors
/// A fault at `/month` or `/within`, or what the database says.
pub async fn read(db: &DatabaseConnection, caller: &Caller, query: &LedgerQuery, today: NaiveDate) -> Result<Ledger> {
    if query.month > Month::of(today) {
        return Err(Error::field("/month", "future"));
    }
    let own = match caller.scope() {
        Scope::Area(code) => code,
        Scope::Organisation(_) => return Err(contract::ErrorCode::Forbidden.into()),
    };
    let area = match &query.within {
        Some(code) if code.starts_with(&own) => code.clone(),
        Some(code) if !own.starts_with(code.as_str()) => return Err(Error::field("/within", "unknown")),
        _ => own,
    };
    let length = if area.len() < 9 { 9 } else { 12 };
    let moved = moved(db, caller, &area, length).await?;
    let unhelped = count(db, caller, LedgerFigure::Unhelped, query.month, today, (&area, length)).await?;
    let doubly = count(db, caller, LedgerFigure::DoublyHelped, query.month, today, (&area, length)).await?;
    let parts = parts(&moved, query.month);
    let names = areas::service::names(db, parts.iter().copied().chain([area.as_str()]).collect()).await?;
    let name = |code: &str| names.get(code).cloned().unwrap_or_default();
    let of = |counts: &[(String, i64)], code: &str| {
        counts.iter().filter(|(area, _)| area.starts_with(code)).map(|(_, households)| households).sum::<i64>()
    };

    let row = |code: &str, month: Month, last_two: bool| {
        let mut values = policy::sums(moved.iter().filter(|moved| moved.area_code.starts_with(code)), month).to_vec();
        if last_two {
            values.extend([of(&unhelped, code), of(&doubly, code)]);
        }
        Drawn { code: code.to_owned(), month, values }
    };
    let months = std::iter::successors(Some(query.month), |month| Some(month.previous())).take(TREND);
    let mut months: Vec<_> = months.collect();
    months.reverse();
    let mut rows = vec![row(&area, query.month, true)];
    rows.extend(parts.iter().map(|code| row(code, query.month, true)));
    rows.extend(months.into_iter().map(|month| row(&area, month, false)));
    let told = if caller.may(Permission::ReadHouseholds) { None } else { Some(held_back(&rows, parts.len())) };
    let mut told = told.map(Vec::into_iter);
    let mut drawn = Vec::with_capacity(rows.len());
    for row in rows {
        let cells = LedgerFigure::ALL.iter().zip(&row.values).map(|(&figure, &value)| match &mut told {
            Some(told) => Ok(LedgerCell { figure, value: told.next().unwrap_or(false).then_some(value), records: None }),
            None => {
                let query = HouseholdQuery {
                    ledger: Some(figure),
                    ledger_month: Some(row.month),
                    within: Some(row.code.clone()),
                    ..Default::default()
                };
                Ok(LedgerCell { figure, value: Some(value), records: Some(list::address("/households", &query)?) })
            }
        });
        let cells = cells.collect::<Result<_>>()?;
        drawn.push(LedgerRow { area_name: name(&row.code), area_code: row.code, month: row.month, cells });
    }
    let trend = drawn.split_off(1 + parts.len());
    let areas = drawn.split_off(1);
    let total = drawn.remove(0);
    Ok(Ledger { month: query.month, total, areas, trend })
}

/// A row that is not addressed yet.
struct Drawn {
    code: String,
    month: Month,
    values: Vec<i64>,
}

/// The parts of the area that had households by the end of the month, in the order of their codes.
fn parts(moved: &[Moved], month: Month) -> Vec<&str> {
    let mut parts: Vec<_> = moved.iter().filter(|moved| moved.month.0 <= month).map(|moved| moved.area_code.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// Which cells are told, in the order of rows: the first is the whole, then come its parts, then the months up to this one.
fn held_back(rows: &[Drawn], parts: usize) -> Vec<bool> {
    let numbers: Vec<i64> = rows.iter().flat_map(|row| row.values.iter().copied()).collect();
    let mut starts = vec![0];
    for row in rows {
        starts.push(starts[starts.len() - 1] + row.values.len());
    }
    let starts = &starts[..rows.len()];
    // Each row adds up; the parts add up to the whole; a month begins as the one before has ended, and the last is the whole once more.
    let mut equations: Vec<Vec<usize>> = starts.iter().map(|start| (*start..start + 5).collect()).collect();
    equations.extend((0..7).map(|column| starts[..=parts].iter().map(|start| start + column).collect()));
    let trend = &starts[parts + 1..];
    equations.extend(trend.windows(2).map(|pair| vec![pair[0] + 4, pair[1]]));
    equations
        .extend(trend.last().into_iter().flat_map(|&last| (0..5).map(move |column| vec![starts[0] + column, last + column])));
    policy::told(&numbers, &equations)
}
