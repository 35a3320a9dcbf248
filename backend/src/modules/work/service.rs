//! Puts together what waits for a person from the lists of the domains: each kind of work is such a list, so that the number
//! shown and the records behind it are the same query.

use chrono::NaiveDate;
use contract::enrolments::EnrolmentQuery;
use contract::outcomes::OutcomeQuery;
use contract::pairings::PairingQuery;
use contract::reports::ReportQuery;
use contract::work::{WorkGroup, WorkItem, WorkKind, WorkList};
use contract::{CodedEnum, Lang, Page, Permission, Role};
use sea_orm::DatabaseConnection;

use crate::modules::{enrolments, outcomes, pairings, reports};
use crate::platform::{Caller, Result};

/// Items shown of each kind.
const SHOWN: u32 = 5;

/// What waits for a caller.
///
/// # Errors
/// What the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, today: NaiveDate) -> Result<WorkList> {
    let mut groups = Vec::new();
    if caller.may(Permission::WriteEnrolments) {
        let query = EnrolmentQuery { waits_for_me: Some(true), limit: Some(SHOWN), ..Default::default() };
        let page = enrolments::service::list(db, caller, &query).await?;
        groups.push(group(WorkKind::ConfirmEnrolments, page, today, |item| (item.id.to_string(), item.name, None)));
    }
    if caller.may(Permission::WritePairings) {
        let kind = if caller.role == Role::Bureau { WorkKind::ConfirmPairings } else { WorkKind::AnswerPairings };
        let query = PairingQuery { waits_for_me: Some(true), limit: Some(SHOWN), ..Default::default() };
        let page = pairings::service::list(db, caller, &query, today).await?;
        groups.push(group(kind, page, today, |item| {
            let due = (kind == WorkKind::AnswerPairings).then_some(item.answer_due_on);
            (item.id.to_string(), format!("{} · {}", item.village_name, item.organisation_name), due)
        }));
    }
    if caller.may(Permission::WriteReports) {
        let kind = if caller.role == Role::Bureau { WorkKind::AcceptReports } else { WorkKind::SendReports };
        let query = ReportQuery { waits_for_me: Some(true), limit: Some(SHOWN), ..Default::default() };
        let page = reports::service::list(db, caller, &query, today).await?;
        groups.push(group(kind, page, today, |item| {
            let due = (kind == WorkKind::SendReports).then_some(item.due_on);
            (item.id.to_string(), format!("{} · {}", item.town_name, item.month), due)
        }));
    }
    if caller.may(Permission::WriteProgress) {
        let query = OutcomeQuery { waits_for_me: Some(true), limit: Some(SHOWN), ..Default::default() };
        let page = outcomes::service::list(db, caller, &query).await?;
        groups.push(group(WorkKind::ConfirmOutcomes, page, today, |item| {
            let title = format!("{} · {} · {}", item.village_name, item.organisation_name, item.indicator.label(Lang::ZhCn));
            (item.id.to_string(), title, None)
        }));
    }
    groups.retain(|group| group.total > 0);
    Ok(WorkList { groups })
}

fn group<T>(
    kind: WorkKind,
    page: Page<T>,
    today: NaiveDate,
    describe: impl Fn(T) -> (String, String, Option<NaiveDate>),
) -> WorkGroup {
    let item = |item| {
        let (id, title, due_on) = describe(item);
        WorkItem { id, title, due_on, overdue: due_on.is_some_and(|due| due < today) }
    };
    WorkGroup { kind, total: page.total, items: page.items.into_iter().map(item).collect() }
}
