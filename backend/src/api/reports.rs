//! Operations on monthly reports.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::imports::Workbook;
use contract::permission::need::{ReadReports, WriteReports};
use contract::reports::{
    Preflight, Report, ReportAction, ReportFormInput, ReportInput, ReportMonth, ReportMonthQuery, ReportQuery, ReportSummary,
};
use contract::workflow::StepInput;
use domains::reports::list::Reports;
use domains::reports::{month, service};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::object::Listed;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_reports,
        create_report,
        export_reports,
        read_report,
        update_report,
        step_report,
        preflight_report,
        export_report,
        list_report_history,
        read_report_month,
        export_report_month
    );
}

listed! { Reports: Report, ReportQuery, ReadReports, "/reports", "a report", "report", "reports" =>
    export export_reports "",
    read read_report "",
    history list_report_history "",
}

// By hand: it says that the rows are not there.
/// List reports
///
/// Those of towns of the caller's area.
#[utoipa::path(get, path = "/reports", params(ReportQuery),
    responses((status = 200, description = "A page of reports, without their rows", body = Page<ReportSummary>)))]
pub async fn list_reports(guard: Guard<ReadReports>, query: Query<ReportQuery>) -> Result<Json<Page<ReportSummary>>> {
    Reports::list(&guard.asker(), &query.0).await.map(Json)
}

/// Draft a report
///
/// The town's form of a month, with a row for each pairing that was active in it and what was written of its progress. What was
/// confirmed or corrected of months whose forms were accepted before is carried over (补报), as the difference that it makes.
#[utoipa::path(post, path = "/reports", request_body = ReportInput,
    responses((status = 201, description = "The report", body = Report)))]
pub async fn create_report(change: Change<WriteReports>, body: Body<ReportInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Edit a report
///
/// Its head and its rows, while it is in the town's hands. `rows` are given whole, in their order.
#[utoipa::path(patch, path = "/reports/{id}", params(("id" = Uuid, Path, description = "Id of the report")),
    request_body = ReportFormInput, responses((status = 200, description = "The report as it is now", body = Report)))]
pub async fn update_report(change: Change<WriteReports>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a report
///
/// `redraft` brings in what is new: rows edited by hand keep their words, rows taken out stay out. `nil` sends a nil return
/// (零报告) of a town without an active pairing in the month; with rows, or with something to report, it is `report_not_nil`.
/// `accept` closes a month that is over for its progress updates, and is `month_running` before; `reopen` opens it again.
#[utoipa::path(post, path = "/reports/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the report"), ("action" = ReportAction, Path, description = "The step")),
    responses((status = 200, description = "The report as it is now", body = Report)))]
pub async fn step_report(change: Change<WriteReports>, step: Step<ReportAction>, body: Body<StepInput>) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// Look a report over
///
/// What somebody should look at before it is sent: none of it keeps it from being sent.
#[utoipa::path(get, path = "/reports/{id}/preflight", params(("id" = Uuid, Path, description = "Id of the report")),
    responses((status = 200, description = "What was found", body = Preflight)))]
pub async fn preflight_report(guard: Guard<ReadReports>, id: Path<Uuid>) -> Result<Json<Preflight>> {
    service::preflight(&guard.asker(), *id).await.map(Json)
}

/// Download a report as a workbook
///
/// Laid out like the annex of the notice, ready to print.
#[utoipa::path(get, path = "/reports/{id}/workbook", params(("id" = Uuid, Path, description = "Id of the report")),
    responses((status = 200, description = "An .xlsx workbook", body = Workbook,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_report(guard: Guard<ReadReports>, id: Path<Uuid>) -> Result<Download> {
    service::workbook(&guard.asker(), *id).await
}

/// Read a month, town by town
///
/// Every town that takes part, and how it stands with its report; without an active pairing in the month it owes a nil return.
#[utoipa::path(get, path = "/report-months", params(ReportMonthQuery),
    responses((status = 200, description = "The month", body = ReportMonth)))]
pub async fn read_report_month(guard: Guard<ReadReports>, query: Query<ReportMonthQuery>) -> Result<Json<ReportMonth>> {
    month::read(&guard.asker(), &query.0).await.map(Json)
}

/// Download a month as one workbook
///
/// A sheet for each town whose report is with the bureau (submitted or accepted), named by the town and in the order of their codes.
#[utoipa::path(get, path = "/report-months/workbook", params(ReportMonthQuery), responses(
    (status = 200, description = "An .xlsx workbook", body = Workbook,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 409, description = "No town has sent its report", body = contract::Problem, content_type = "application/problem+json")))]
pub async fn export_report_month(guard: Guard<ReadReports>, query: Query<ReportMonthQuery>) -> Result<Download> {
    month::workbook(&guard.asker(), &query.0).await
}
