//! Operations on organisations.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::organisations::{
    Organisation, OrganisationAction, OrganisationInput, OrganisationQuery, OrganisationStepInput, OrganisationSummary,
};
use contract::permission::need::{ImportCatalogue, ReadOrganisations, WriteOrganisations};
use domains::organisations::{service, workbook};
use domains::workflows::organisation;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_organisations,
        create_organisation,
        read_organisation_template,
        import_organisations,
        export_organisations,
        read_organisation,
        update_organisation,
        step_organisation,
        list_organisation_history
    );
}

listed! { service: Organisation as OrganisationSummary, OrganisationQuery, ReadOrganisations,
    "/organisations", "an organisation", "organisation", "organisations" =>
    list list_organisations "The social organisations of the caller's county.",
    read read_organisation "",
    history list_organisation_history "",
}

listed! { workbook: OrganisationSummary, OrganisationQuery, ReadOrganisations,
    "/organisations", "an organisation", "organisation", "organisations" =>
    export export_organisations " that can be imported again",
}

/// Enter an organisation
#[utoipa::path(post, path = "/organisations", request_body = OrganisationInput,
    responses((status = 201, description = "The organisation", body = Organisation)))]
pub async fn create_organisation(change: Change<WriteOrganisations>, body: Body<OrganisationInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: ImportCatalogue, "/organisations", "organisations" =>
    template read_organisation_template "the headers, lists to choose from",
    import import_organisations "Enters organisations, and brings known ones up to date, by their credit codes: missing columns and \
        empty cells leave what is kept, `清空` or `CLEAR` clears it.\n\
        Directed donations are on a second sheet, with whether they are confirmed. They are added to those of the organisation, \
        unless a row is about one that is kept: it has the mark of an export, or the same village, day, amount and purpose. Such a \
        row changes it, or removes it where it says so. A row that would undo what was changed since it was exported is a fault \
        (`changed_since`). Ratings are changed by the bureau alone. A dry run reports every bad cell, and what each cell changes; \
        otherwise an import with\n\
        faults is refused as a whole (`validation_failed`, with pointers `/{sheet}/{row}/{field}`).",
}

/// Change an organisation
///
/// The rating is the bureau's alone (`/rating`, `bureau_only`). What an organisation says of its own donations counts when bureau or town have confirmed it.
#[utoipa::path(patch, path = "/organisations/{id}", params(("id" = Uuid, Path, description = "Id of the organisation")),
    request_body = OrganisationInput, responses((status = 200, description = "The organisation as it is now", body = Organisation)))]
pub async fn update_organisation(change: Change<WriteOrganisations>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an organisation
///
/// The bureau enters with a reason and the day that an organisation was deregistered or became a part of another. It is then
/// not chosen for anything new, its accounts are disabled, and its pairings, their agreements and its enrolments in campaigns
/// that are not over end. Its successor is paired anew.
#[utoipa::path(post, path = "/organisations/{id}/{action}", request_body = OrganisationStepInput,
    params(("id" = Uuid, Path, description = "Id of the organisation"),
        ("action" = OrganisationAction, Path, description = "The step")),
    responses((status = 200, description = "The organisation as it is now", body = Organisation)))]
pub async fn step_organisation(
    change: Change<WriteOrganisations>,
    step: Step<OrganisationAction>,
    body: Body<OrganisationStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| organisation::step(tx, step.id, step.action, body.0).await).await
}
