//! Operations on publicity.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::permission::need::{ImportPublicity, ReadPublicity, WritePublicity};
use contract::publicity::{
    PublicityAction, PublicityInput, PublicityItem, PublicityMonths, PublicityMonthsQuery, PublicityQuery,
};
use contract::workflow::StepInput;
use domains::publicity::list::PublicityItems;
use domains::publicity::{months, service, workbook};
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_publicity_items,
        create_publicity_item,
        read_publicity_template,
        import_publicity_items,
        export_publicity_items,
        read_publicity_months,
        read_publicity_item,
        update_publicity_item,
        step_publicity_item,
        list_publicity_item_history
    );
}

listed! { PublicityItems: PublicityItem, PublicityQuery, ReadPublicity,
    "/publicity-items", "an item of publicity", "item", "items of publicity" =>
    list list_publicity_items "All of the county: what has appeared in public is no secret.",
    export export_publicity_items " that can be imported again",
    read read_publicity_item "",
    history list_publicity_item_history "",
}

/// Enter an item of publicity
///
/// Villages and organisations enter what has appeared of them, towns and the bureau what they see. The link is never opened by the
/// service. The same channel, outlet, title and day is entered once (`publicity_exists`).
#[utoipa::path(post, path = "/publicity-items", request_body = PublicityInput,
    responses((status = 201, description = "The item", body = PublicityItem)))]
pub async fn create_publicity_item(change: Change<WritePublicity>, body: Body<PublicityInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: ImportPublicity, "/publicity-items", "items of publicity" =>
    template read_publicity_template "the headers, lists to choose from",
    import import_publicity_items "Enters new items as seen by the caller's office, and changes those that an export has marked: \
        missing columns and empty cells leave what is kept, `清空` or `CLEAR` clears it. What is entered already is a fault (`taken`).",
}

/// Read publicity by month and channel
///
/// What is recorded of a campaign, each number with the list behind it.
#[utoipa::path(get, path = "/publicity-items/months", params(PublicityMonthsQuery),
    responses((status = 200, description = "The months", body = PublicityMonths)))]
pub async fn read_publicity_months(
    guard: Guard<ReadPublicity>,
    query: Query<PublicityMonthsQuery>,
) -> Result<Json<PublicityMonths>> {
    months::read(&guard.asker(), &query.0).await.map(Json)
}

/// Change an item of publicity
///
/// Its own side does, and town and bureau correct what lies in their area.
#[utoipa::path(patch, path = "/publicity-items/{id}", params(("id" = Uuid, Path, description = "Id of the item")),
    request_body = PublicityInput, responses((status = 200, description = "The item as it is now", body = PublicityItem)))]
pub async fn update_publicity_item(change: Change<WritePublicity>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an item of publicity
///
/// What was entered by mistake is withdrawn with a reason, and counts no more.
#[utoipa::path(post, path = "/publicity-items/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the item"), ("action" = PublicityAction, Path, description = "The step")),
    responses((status = 200, description = "The item as it is now", body = PublicityItem)))]
pub async fn step_publicity_item(
    change: Change<WritePublicity>,
    step: Step<PublicityAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
