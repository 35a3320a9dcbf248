//! Operations on pairings.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::catalogue::CommittedEntries;
use contract::pairings::{Pairing, PairingAction, PairingInput, PairingQuery};
use contract::permission::need::{ReadPairings, WritePairings};
use contract::workflow::StepInput;
use domains::catalogue::takers;
use domains::pairings::list::Pairings;
use domains::pairings::service;
use domains::workflows::pairing;
use platform::api::Api;
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
