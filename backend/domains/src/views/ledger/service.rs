//! Assembles the ledger of a month.

use std::collections::HashMap;

use contract::households::HouseholdQuery;
use contract::ledger::{Ledger, LedgerCell, LedgerFigure, LedgerQuery, LedgerRow};
use contract::{CodedEnum, ErrorCode, Month, ObjectKind, Permission};
use entities::scope;
use platform::area::county_of;
use platform::{Asker, Error, Result, list};

use super::policy;
use super::suppression::Suppression;
use crate::areas;
use crate::households::ledger::{count, moved};

/// The number of months in the trend.
const TREND: usize = 12;

/// The ledger of a month, as far as the caller may see it. The number of statements does not depend on the number of households.
///
/// # Errors
/// A fault at `/month` or `/within`.
pub async fn read(asker: &Asker<'_>, query: &LedgerQuery) -> Result<Ledger> {
    if query.month > Month::of(asker.today) {
        return Err(Error::field("/month", "future"));
    }
    let own = scope::area(asker.caller).ok_or(ErrorCode::Forbidden)?;
    let area = match &query.within {
        Some(code) if code.starts_with(own) => code.clone(),
        Some(code) if !own.starts_with(code.as_str()) => return Err(Error::field("/within", "unknown")),
        _ => own.to_owned(),
    };
    let digits = if area.len() < 9 { 9 } else { 12 };
    // Suppression is decided for whole counties, by village. No area is left out, because that would disclose that nobody there
    // is in difficulty.
    let in_aggregate = !asker.caller.may(Permission::ReadHouseholds);
    let (whole, length) = if in_aggregate { (county_of(&area), 12) } else { (area.as_str(), digits) };
    let moved = moved(asker, whole, length).await?;
    let at_the_end = async |figure| count(asker, figure, query.month, (whole, length)).await;
    let unhelped = at_the_end(LedgerFigure::Unhelped).await?;
    let doubly = at_the_end(LedgerFigure::DoublyHelped).await?;
    let names = if in_aggregate {
        areas::service::below(&asker.db, whole).await?
    } else {
        let parts = moved.iter().filter(|moved| moved.month.0 <= query.month).map(|moved| moved.area_code.as_str());
        areas::service::names(&asker.db, parts.chain([area.as_str()]).collect()).await?
    };
    let parts = parts(&names, &area, digits.unsigned_abs() as usize);
    let months = std::iter::successors(Some(query.month), |month| Some(month.previous())).take(TREND);
    let mut months: Vec<_> = months.collect();
    months.reverse();
    let suppression =
        in_aggregate.then(|| Suppression::new(names.keys().map(String::as_str), &moved, [&unhelped, &doubly], &months));

    let of = |counts: &[(String, i64)], code: &str| {
        counts.iter().filter(|(area, _)| area.starts_with(code)).map(|(_, households)| households).sum::<i64>()
    };
    let row = |code: &str, month: Month, last_two: bool| {
        let mut values = policy::sums(moved.iter().filter(|moved| moved.area_code.starts_with(code)), month).to_vec();
        if last_two {
            values.extend([of(&unhelped, code), of(&doubly, code)]);
        }
        let published = suppression.as_ref().map(|suppression| suppression.published(code, month));
        let cells = LedgerFigure::ALL.iter().zip(values).enumerate().map(|(place, (&figure, value))| match published {
            Some(published) => Ok(LedgerCell { figure, value: published[place].then_some(value), records: None }),
            None => {
                let query = HouseholdQuery {
                    ledger: Some(figure),
                    ledger_month: Some(month),
                    within: Some(code.to_owned()),
                    ..Default::default()
                };
                Ok(LedgerCell { figure, value: Some(value), records: Some(list::address(ObjectKind::Household.path(), &query)?) })
            }
        });
        let cells = cells.collect::<Result<_>>()?;
        let area_name = names.get(code).cloned().unwrap_or_default();
        Ok(LedgerRow { area_code: code.to_owned(), area_name, month, cells })
    };
    Ok(Ledger {
        month: query.month,
        total: row(&area, query.month, true)?,
        areas: parts.into_iter().map(|code| row(code, query.month, true)).collect::<Result<_>>()?,
        trend: months.iter().map(|&month| row(&area, month, false)).collect::<Result<_>>()?,
    })
}

/// The parts of an area, ordered by code. A village is its own part.
fn parts<'a>(names: &'a HashMap<String, String>, area: &str, digits: usize) -> Vec<&'a str> {
    let mut parts: Vec<_> =
        names.keys().map(String::as_str).filter(|code| code.len() == digits && code.starts_with(area)).collect();
    parts.sort_unstable();
    parts
}
