//! Operations on supervision orders.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadSupervisionOrders, WriteSupervisionOrders};
use contract::supervision_orders::{
    SupervisionOrder, SupervisionOrderAction, SupervisionOrderInput, SupervisionOrderQuery, SupervisionOrderSummary,
};
use contract::workflow::StepInput;
use domains::official;
use domains::supervision_orders::list::SupervisionOrders;
use domains::supervision_orders::{document, service};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::object::Object;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Result, apart};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_supervision_orders,
        create_supervision_order,
        export_supervision_orders,
        read_supervision_order,
        update_supervision_order,
        step_supervision_order,
        read_supervision_order_document,
        list_supervision_order_history
    );
}

listed! { SupervisionOrders: SupervisionOrder as SupervisionOrderSummary, SupervisionOrderQuery, ReadSupervisionOrders,
    "/supervision-orders", "a supervision order", "supervision order", "supervision orders" =>
    list list_supervision_orders "Those that the caller's area issues or receives. Whoever receives one sees it once it is issued.",
    export export_supervision_orders "",
    read read_supervision_order "",
    history list_supervision_order_history "",
}

/// Draft a supervision order
///
/// From what is due soon or behind at a town, a village or an organisation today: tasks, monthly forms, progress, projects. Each matter
/// keeps the address of its record, and says what was behind on this day. A town drafts orders to its own villages, and to organisations
/// about what they do there. Where nothing is behind, there is nothing to draft (`nothing_behind`).
#[utoipa::path(post, path = "/supervision-orders", request_body = SupervisionOrderInput,
    responses((status = 201, description = "The order", body = SupervisionOrder)))]
pub async fn create_supervision_order(
    change: Change<WriteSupervisionOrders>,
    body: Body<SupervisionOrderInput>,
) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a draft
///
/// Its last day and its words. What was behind stays as it was.
#[utoipa::path(patch, path = "/supervision-orders/{id}", params(("id" = Uuid, Path, description = "Id of the order")),
    request_body = SupervisionOrderInput, responses((status = 200, description = "The order as it is now", body = SupervisionOrder)))]
pub async fn update_supervision_order(
    change: Change<WriteSupervisionOrders>,
    id: Path<Uuid>,
    patch: Patch,
) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a supervision order
///
/// The office issues it, closes or returns the answer, and withdraws what nobody has received; the addressee receives and answers it.
/// Nobody closes what they were told to mend. Issuing and closing give a number each, without gaps for each office and year.
#[utoipa::path(post, path = "/supervision-orders/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the order"),
        ("action" = SupervisionOrderAction, Path, description = "The step")),
    responses((status = 200, description = "The order as it is now", body = SupervisionOrder)))]
pub async fn step_supervision_order(
    change: Change<WriteSupervisionOrders>,
    step: Step<SupervisionOrderAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// Read a supervision order as a document
///
/// An official document (.docx), as it was issued. It stays the same to the byte, whatever becomes of the order.
#[utoipa::path(get, path = "/supervision-orders/{id}/document", params(("id" = Uuid, Path, description = "Id of the order")),
    responses((status = 200, description = "The document", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub async fn read_supervision_order_document(guard: Guard<ReadSupervisionOrders>, id: Path<Uuid>) -> Result<Download> {
    let order = SupervisionOrders::read(&guard.asker(), *id).await?;
    let name = document::file_name(&order);
    let content = apart(move || document::write(&order)).await??;
    Ok(Download::new(name, official::MEDIA_TYPE, content))
}
