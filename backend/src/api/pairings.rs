//! Operations on pairings.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::catalogue::CommittedEntries;
use contract::pairing_year::PairingYear;
use contract::pairings::{Pairing, PairingAction, PairingInput, PairingQuery};
use contract::permission::need::{ReadPairings, ReadProjects, WritePairings};
use contract::workflow::StepInput;
use domains::catalogue::takers;
use domains::official;
use domains::pairings::list::Pairings;
use domains::pairings::service;
use domains::views::pairing_year;
use domains::workflows::pairing;
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_pairings,
        create_pairing,
        export_pairings,
        read_pairing,
        read_pairing_year,
        read_pairing_task_book,
        step_pairing,
        list_pairing_history,
        read_pairing_commitments
    );
}

listed! { Pairings: Pairing, PairingQuery, ReadPairings, "/pairings", "a pairing", "pairing", "pairings" =>
    list list_pairings "Those of the caller's area, village or organisation.",
    export export_pairings "",
    read read_pairing "",
    history list_pairing_history "",
}

/// Propose a pairing
///
/// A side's proposal is answered by the other; a recommendation of town or bureau by both.
#[utoipa::path(post, path = "/pairings", request_body = PairingInput,
    responses((status = 201, description = "The pairing", body = Pairing)))]
pub async fn create_pairing(change: Change<WritePairings>, body: Body<PairingInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Read what a pairing takes of the catalogue
///
/// What its projects and its help take is theirs, and no longer the pairing's.
#[utoipa::path(get, path = "/pairings/{id}/commitments", params(("id" = Uuid, Path, description = "Id of the pairing")),
    responses((status = 200, description = "The entries", body = CommittedEntries)))]
pub async fn read_pairing_commitments(guard: Guard<ReadPairings>, id: Path<Uuid>) -> Result<Json<CommittedEntries>> {
    let asker = guard.asker();
    service::exists(&asker, *id).await?;
    Ok(Json(takers::of_pairing(&asker, *id).await?))
}

/// Read the year of a pair
///
/// Agreements, projects with their tasks, monthly progress, outcomes beside their targets, sums of what families were given, photos: by
/// month. What is to be done next, by whom and until when, and who is late. Of what the caller reads no list there is nothing here
/// either.
#[utoipa::path(get, path = "/pairings/{id}/year", params(("id" = Uuid, Path, description = "Id of the pairing")),
    responses((status = 200, description = "The year", body = PairingYear)))]
pub async fn read_pairing_year(guard: Guard<ReadPairings>, id: Path<Uuid>) -> Result<Json<PairingYear>> {
    pairing_year::service::read(&guard.asker(), *id).await.map(Json)
}

/// Read the task book and timetable of a pair
///
/// What its projects are to reach, and their tasks by quarter and month (任务书、时间表), as an official document (.docx). Made again
/// from the same plans it is the same to the byte. A pairing with a family has none.
#[utoipa::path(get, path = "/pairings/{id}/task-book", params(("id" = Uuid, Path, description = "Id of the pairing")),
    responses((status = 200, description = "The document", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub async fn read_pairing_task_book(guard: Guard<ReadProjects>, id: Path<Uuid>) -> Result<Download> {
    let (name, content) = pairing_year::task_book::write(&guard.asker(), *id).await?;
    Ok(Download::new(name, official::MEDIA_TYPE, content))
}

/// Take a step of a pairing
#[utoipa::path(post, path = "/pairings/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the pairing"), ("action" = PairingAction, Path, description = "The step")),
    responses((status = 200, description = "The pairing as it is now", body = Pairing)))]
pub async fn step_pairing(
    change: Change<WritePairings>,
    step: Step<PairingAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| pairing::step(tx, step.id, step.action, body.0).await).await
}
