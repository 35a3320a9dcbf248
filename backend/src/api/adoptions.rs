//! Operations on adoptions, and on what comes of them.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::adoptions::{
    Adoption, AdoptionAction, AdoptionInput, AdoptionQuery, AdoptionUpdate, AdoptionUpdateInput, AdoptionUpdateQuery, Cadre,
    CadreQuery, CadreYear, CadreYearQuery, Difficulty, DifficultyAction, DifficultyInput, DifficultyQuery, DifficultyStepInput,
    HelpAction, HelpInput, HelpQuery, HelpRecord,
};
use contract::permission::need::{ReadAdoptions, WriteAdoptions};
use contract::workflow::StepInput;
use domains::adoption_updates::list::AdoptionUpdates;
use domains::adoptions::list::Adoptions;
use domains::difficulties::list::Difficulties;
use domains::help::list::HelpRecords;
use domains::views::cadre_year;
use domains::{adoption_updates, adoptions, difficulties, help};
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_adoptions,
        create_adoption,
        export_adoptions,
        list_adoption_cadres,
        read_cadre_year,
        read_adoption,
        step_adoption,
        list_adoption_history,
        list_adoption_updates,
        create_adoption_update,
        export_adoption_updates,
        read_adoption_update,
        update_adoption_update,
        list_adoption_update_history,
        list_help_records,
        create_help_record,
        export_help_records,
        read_help_record,
        update_help_record,
        step_help_record,
        list_help_record_history,
        list_difficulties,
        create_difficulty,
        export_difficulties,
        read_difficulty,
        update_difficulty,
        step_difficulty,
        list_difficulty_history
    );
}

listed! { Adoptions: Adoption, AdoptionQuery, ReadAdoptions, "/adoptions", "an adoption", "adoption", "adoptions" =>
    list list_adoptions "A cadre's own, an institution's own, or those of institutions in the caller's area.",
    export export_adoptions "",
    read read_adoption "",
    history list_adoption_history "",
}

/// Propose an adoption
///
/// A cadre proposes for themselves, an institution for itself; the bureau recommends, and both sides answer.
#[utoipa::path(post, path = "/adoptions", request_body = AdoptionInput,
    responses((status = 201, description = "The adoption", body = Adoption)))]
pub async fn create_adoption(change: Change<WriteAdoptions>, body: Body<AdoptionInput>) -> Result<HttpResponse> {
    change.create(async |tx| adoptions::service::create(tx, body.0).await).await
}

/// List cadres
///
/// Those of the county who can be proposed to.
#[utoipa::path(get, path = "/adoptions/cadres", params(CadreQuery),
    responses((status = 200, description = "A page of cadres", body = Page<Cadre>)))]
pub async fn list_adoption_cadres(guard: Guard<WriteAdoptions>, query: Query<CadreQuery>) -> Result<Json<Page<Cadre>>> {
    adoptions::service::list_cadres(&guard.asker(), &query.0).await.map(Json)
}

/// Read a cadre's year
///
/// Whom they stand by, and what came of it month by month, as far as the caller may see it. A cadre reads their own alone.
#[utoipa::path(get, path = "/adoptions/year", params(CadreYearQuery),
    responses((status = 200, description = "The year", body = CadreYear)))]
pub async fn read_cadre_year(guard: Guard<ReadAdoptions>, query: Query<CadreYearQuery>) -> Result<Json<CadreYear>> {
    cadre_year::service::read(&guard.asker(), &query.0).await.map(Json)
}

/// Take a step of an adoption
///
/// The side that was proposed to accepts or declines; the bureau confirms, which makes it active, and completes or terminates it.
#[utoipa::path(post, path = "/adoptions/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the adoption"), ("action" = AdoptionAction, Path, description = "The step")),
    responses((status = 200, description = "The adoption as it is now", body = Adoption)))]
pub async fn step_adoption(
    change: Change<WriteAdoptions>,
    step: Step<AdoptionAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| adoptions::service::step(tx, step.id, step.action, body.0).await).await
}

listed! { AdoptionUpdates: AdoptionUpdate, AdoptionUpdateQuery, ReadAdoptions,
    "/adoption-updates", "a monthly update of an adoption", "monthly update", "monthly updates of adoptions" =>
    list list_adoption_updates "Those of the caller's adoptions.",
    export export_adoption_updates "",
    read read_adoption_update "",
    history list_adoption_update_history "",
}

/// Write a monthly update of an adoption
///
/// A cadre writes one for each month in which the adoption was active.
#[utoipa::path(post, path = "/adoption-updates", request_body = AdoptionUpdateInput,
    responses((status = 201, description = "The update", body = AdoptionUpdate)))]
pub async fn create_adoption_update(change: Change<WriteAdoptions>, body: Body<AdoptionUpdateInput>) -> Result<HttpResponse> {
    change.create(async |tx| adoption_updates::service::create(tx, body.0).await).await
}

/// Change a monthly update of an adoption
#[utoipa::path(patch, path = "/adoption-updates/{id}", params(("id" = Uuid, Path, description = "Id of the update")),
    request_body = AdoptionUpdateInput, responses((status = 200, description = "The update as it is now", body = AdoptionUpdate)))]
pub async fn update_adoption_update(change: Change<WriteAdoptions>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| adoption_updates::service::update(tx, *id, patch).await).await
}

listed! { HelpRecords: HelpRecord, HelpQuery, ReadAdoptions,
    "/help-records", "a record of help", "record", "records of help" =>
    list list_help_records "Those of the caller's adoptions.",
    export export_help_records "",
    read read_help_record "",
    history list_help_record_history "",
}

/// Record help
///
/// A cadre records what was given; the institution confirms it.
#[utoipa::path(post, path = "/help-records", request_body = HelpInput,
    responses((status = 201, description = "The record", body = HelpRecord)))]
pub async fn create_help_record(change: Change<WriteAdoptions>, body: Body<HelpInput>) -> Result<HttpResponse> {
    change.create(async |tx| help::service::create(tx, body.0).await).await
}

/// Change a record of help
///
/// Until the institution has answered.
#[utoipa::path(patch, path = "/help-records/{id}", params(("id" = Uuid, Path, description = "Id of the record")),
    request_body = HelpInput, responses((status = 200, description = "The record as it is now", body = HelpRecord)))]
pub async fn update_help_record(change: Change<WriteAdoptions>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| help::service::update(tx, *id, patch).await).await
}

/// Take a step of a record of help
#[utoipa::path(post, path = "/help-records/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the record"), ("action" = HelpAction, Path, description = "The step")),
    responses((status = 200, description = "The record as it is now", body = HelpRecord)))]
pub async fn step_help_record(
    change: Change<WriteAdoptions>,
    step: Step<HelpAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| help::service::step(tx, step.id, step.action, body.0).await).await
}

listed! { Difficulties: Difficulty, DifficultyQuery, ReadAdoptions,
    "/difficulties", "a difficulty of an institution", "difficulty", "difficulties of institutions" =>
    list list_difficulties "Those of the institutions that the caller reads.",
    export export_difficulties "",
    read read_difficulty "",
    history list_difficulty_history "",
}

/// Raise a difficulty
///
/// An institution says what it cannot manage by itself.
#[utoipa::path(post, path = "/difficulties", request_body = DifficultyInput,
    responses((status = 201, description = "The difficulty", body = Difficulty)))]
pub async fn create_difficulty(change: Change<WriteAdoptions>, body: Body<DifficultyInput>) -> Result<HttpResponse> {
    change.create(async |tx| difficulties::service::create(tx, body.0).await).await
}

/// Change a difficulty
///
/// While it is open.
#[utoipa::path(patch, path = "/difficulties/{id}", params(("id" = Uuid, Path, description = "Id of the difficulty")),
    request_body = DifficultyInput, responses((status = 200, description = "The difficulty as it is now", body = Difficulty)))]
pub async fn update_difficulty(change: Change<WriteAdoptions>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| difficulties::service::update(tx, *id, patch).await).await
}

/// Take a step of a difficulty
///
/// It is solved on a day, with what was done, under an adoption; the institution may say that it is not.
#[utoipa::path(post, path = "/difficulties/{id}/{action}", request_body = DifficultyStepInput,
    params(("id" = Uuid, Path, description = "Id of the difficulty"),
        ("action" = DifficultyAction, Path, description = "The step")),
    responses((status = 200, description = "The difficulty as it is now", body = Difficulty)))]
pub async fn step_difficulty(
    change: Change<WriteAdoptions>,
    step: Step<DifficultyAction>,
    body: Body<DifficultyStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| difficulties::service::step(tx, step.id, step.action, body.0).await).await
}
