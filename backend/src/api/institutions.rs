//! Operations on institutions.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::institutions::{Institution, InstitutionAction, InstitutionInput, InstitutionQuery};
use contract::permission::need::{ImportCatalogue, ReadInstitutions, WriteInstitutions};
use contract::workflow::StepInput;
use domains::institutions::list::Institutions;
use domains::institutions::{service, workbook};
use domains::workflows::institution;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_institutions,
        create_institution,
        read_institution_template,
        import_institutions,
        export_institutions,
        read_institution,
        update_institution,
        step_institution,
        list_institution_history
    );
}

listed! { Institutions: Institution, InstitutionQuery, ReadInstitutions,
    "/institutions", "an institution", "institution", "institutions" =>
    list list_institutions "Those of the caller's area; an institution reads itself alone.",
    export export_institutions " that can be imported again",
    read read_institution "",
    history list_institution_history "",
}

/// Enter an institution
#[utoipa::path(post, path = "/institutions", request_body = InstitutionInput,
    responses((status = 201, description = "The institution", body = Institution)))]
pub async fn create_institution(change: Change<WriteInstitutions>, body: Body<InstitutionInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: ImportCatalogue, "/institutions", "institutions" =>
    template read_institution_template "the headers, lists to choose from",
    import import_institutions "Enters institutions, and brings known ones up to date, by their codes: missing columns and empty cells \
        leave what is kept, `清空` or `CLEAR` clears it. A row that would undo what was changed since it was exported is a fault \
        (`changed_since`).",
}

/// Change an institution
///
/// It changes of itself whom it serves, its difficulties and how to reach it; what else it is, the bureau and its town say
/// (`as_registered`).
#[utoipa::path(patch, path = "/institutions/{id}", params(("id" = Uuid, Path, description = "Id of the institution")),
    request_body = InstitutionInput, responses((status = 200, description = "The institution as it is now", body = Institution)))]
pub async fn update_institution(change: Change<WriteInstitutions>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an institution
///
/// The bureau enters with a reason that an institution has closed. It is not chosen for anything new then, and its accounts are
/// disabled and its adoptions end. Reinstating it leaves them disabled.
#[utoipa::path(post, path = "/institutions/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the institution"),
        ("action" = InstitutionAction, Path, description = "The step")),
    responses((status = 200, description = "The institution as it is now", body = Institution)))]
pub async fn step_institution(
    change: Change<WriteInstitutions>,
    step: Step<InstitutionAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| institution::step(tx, step.id, step.action, body.0).await).await
}
