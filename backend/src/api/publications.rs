//! Operations on publications, and what anybody reads without an account.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, Responder};
use contract::Page;
use contract::permission::need::{ReadPublications, WritePublications};
use contract::portal::{
    FiguresFileQuery, PublicCase, PublicCaseQuery, PublishedFigures, PublishedFiguresHead, PublishedFiguresQuery,
};
use contract::publications::{
    Publication, PublicationAction, PublicationHead, PublicationInput, PublicationPreview, PublicationPreviewQuery,
    PublicationQuery,
};
use contract::workflow::StepInput;
use domains::publications::list::Publications;
use domains::publications::{file, service};
use domains::views::portal::service as portal;
use platform::api::Api;
use platform::extract::Step;
use platform::principal::Open;
use platform::{Body, Change, Guard, Query, Result, http, routes};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_publications,
        create_publication,
        export_publications,
        read_publication_preview,
        read_publication,
        step_publication,
        list_publication_history
    );
}

/// The operations that need no account.
pub fn add_public(api: &mut Api) {
    routes!(api, list_public_cases, read_public_case, list_public_figures, read_public_figures, read_public_figures_file);
}

listed! { Publications: Publication as PublicationHead, PublicationQuery, ReadPublications,
    "/publications", "a publication", "publication", "publications" =>
    list list_publications "Those of the campaigns of the county, also those that are withdrawn.",
    export export_publications "",
    read read_publication "As the public is told it: what is held back is held back here too.",
    history list_publication_history "",
}

/// Publish the figures of a campaign until the end of a month
///
/// Pairings, projects, results and households helped, by town. What is below 5 is held back, and enough else that nobody can compute it
/// from all that was ever published of the campaign, also from what was withdrawn. A month stands once (`already_published`).
#[utoipa::path(post, path = "/publications", request_body = PublicationInput,
    responses((status = 201, description = "The publication", body = Publication)))]
pub async fn create_publication(change: Change<WritePublications>, body: Body<PublicationInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Preview a publication
///
/// What would be published now, with the figures that would be held back, and why. It is for those who publish alone.
#[utoipa::path(get, path = "/publications/preview", params(PublicationPreviewQuery),
    responses((status = 200, description = "What would be published", body = PublicationPreview)))]
pub async fn read_publication_preview(
    guard: Guard<WritePublications>,
    query: Query<PublicationPreviewQuery>,
) -> Result<Json<PublicationPreview>> {
    service::preview(&guard.asker(), &query.0).await.map(Json)
}

/// Take a step of a publication
///
/// What was published by mistake is withdrawn with a reason. It is never changed: the month is published anew.
#[utoipa::path(post, path = "/publications/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the publication"),
        ("action" = PublicationAction, Path, description = "The step")),
    responses((status = 200, description = "The publication as it is now", body = Publication)))]
pub async fn step_publication(
    change: Change<WritePublications>,
    step: Step<PublicationAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// List the published cases
///
/// Without an account. A case that is taken down is gone at once.
#[utoipa::path(get, path = "/public-cases", params(PublicCaseQuery),
    responses((status = 200, description = "A page of cases and good practices", body = Page<PublicCase>)))]
pub async fn list_public_cases(open: Open, query: Query<PublicCaseQuery>) -> Result<impl Responder> {
    portal::cases(&open.app().database.read, &query.0).await.map(|page| http::public(Json(page)))
}

/// Read a published case
///
/// Without an account.
#[utoipa::path(get, path = "/public-cases/{id}", params(("id" = Uuid, Path, description = "Id of the case")),
    responses((status = 200, description = "The case", body = PublicCase)))]
pub async fn read_public_case(open: Open, id: Path<Uuid>) -> Result<impl Responder> {
    portal::case(&open.app().database.read, *id).await.map(|case| http::public(Json(case)))
}

/// List the published figures
///
/// Without an account: of which campaigns and months there are figures.
#[utoipa::path(get, path = "/public-figures", params(PublishedFiguresQuery),
    responses((status = 200, description = "A page of publications", body = Page<PublishedFiguresHead>)))]
pub async fn list_public_figures(open: Open, query: Query<PublishedFiguresQuery>) -> Result<impl Responder> {
    portal::figures_list(&open.app().database.read, &query.0).await.map(|page| http::public(Json(page)))
}

/// Read published figures
///
/// Without an account. What is held back has no value here, in the file, and on the page.
#[utoipa::path(get, path = "/public-figures/{id}", params(("id" = Uuid, Path, description = "Id of the publication")),
    responses((status = 200, description = "The figures", body = PublishedFigures)))]
pub async fn read_public_figures(open: Open, id: Path<Uuid>) -> Result<impl Responder> {
    portal::figures(&open.app().database.read, *id).await.map(|figures| http::public(Json(figures)))
}

/// Read published figures as a .csv file
///
/// Without an account: open data, in UTF-8.
#[utoipa::path(get, path = "/public-figures/{id}/file",
    params(("id" = Uuid, Path, description = "Id of the publication"), FiguresFileQuery),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
pub async fn read_public_figures_file(open: Open, id: Path<Uuid>, query: Query<FiguresFileQuery>) -> Result<impl Responder> {
    let published = portal::figures(&open.app().database.read, *id).await?;
    let mark = if query.0.bom == Some(true) { "\u{feff}" } else { "" };
    let name = format!("attachment; filename=\"baishe-{}-{}.csv\"", published.head.month, published.head.issue_number);
    let answer = HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(format!("{mark}{}", file::csv(&published.figures)));
    Ok(http::public(answer))
}
