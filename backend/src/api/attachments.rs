//! Operations on attachments.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::attachments::{
    Attachment, AttachmentContent, AttachmentInput, AttachmentQuery, AttachmentReading, AttachmentUpload, RemovalInput,
};
use contract::permission::need::{ReadAttachments, WriteAttachments};
use domains::attachments::service;
use platform::api::Api;
use platform::download::Download;
use platform::routes;
use platform::{Body, Change, Guard, Query, Result, Tx, Upload};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_attachments, create_attachment, read_attachment, delete_attachment, remove_attachment);
}

/// List the attachments of an object
///
/// Whoever may read the object may read what is attached to it; an organisation sees pictures of a family only while it consents to photos.
#[utoipa::path(get, path = "/attachments", params(AttachmentQuery), responses(
    (status = 200, description = "A page of attachments", body = Page<Attachment>),
    (status = 404, description = "There is no such object", body = contract::Problem, content_type = "application/problem+json")))]
pub async fn list_attachments(guard: Guard<ReadAttachments>, query: Query<AttachmentQuery>) -> Result<Json<Page<Attachment>>> {
    service::list(&guard.asker(), &query.0).await.map(Json)
}

/// Attach a file
///
/// Whoever may change the object may attach a file. Its content alone decides its type, whatever it is called; pictures and documents lose what they tell besides. A picture of a family, or of what was done
/// for it, needs the family's consent to photos, now (`photos_not_consented`).
#[utoipa::path(post, path = "/attachments", request_body(content = AttachmentUpload, content_type = "multipart/form-data"), responses(
    (status = 201, description = "What is known of the file", body = Attachment),
    (status = 404, description = "There is no such object", body = contract::Problem, content_type = "application/problem+json")))]
pub async fn create_attachment(change: Change<WriteAttachments>, upload: Upload<AttachmentInput>) -> Result<HttpResponse> {
    let stored = service::store(change.app(), &change.asker(), upload).await?;
    let app = change.app().clone();
    let mut unused = stored.as_ref().map(service::file);
    let answer = change
        .create(async |tx| {
            let attached = service::create(tx, stored).await?;
            unused = None;
            Ok(attached)
        })
        .await;
    // The request was a repeat or was refused, so no row points to these contents.
    if let Some(file) = unused {
        service::forget(&app, &file).await;
    }
    answer
}

/// Download an attachment
///
/// Pictures may be shown, everything else is for saving. What is attached to a household or an assistance record is read for a purpose, which is
/// kept in the audit trail; 60 in an hour.
#[utoipa::path(get, path = "/attachments/{id}", params(("id" = Uuid, Path, description = "Id of the attachment"), AttachmentReading), responses(
    (status = 409, description = "The family has withdrawn its consent, and is neither visited nor paid any more", body = contract::Problem, content_type = "application/problem+json"),
    (status = 200, description = "The contents", content(
        (AttachmentContent = "image/jpeg"), (AttachmentContent = "image/png"), (AttachmentContent = "application/pdf"), (AttachmentContent = "application/ofd"),
        (AttachmentContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (AttachmentContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))))]
pub async fn read_attachment(
    guard: Guard<ReadAttachments>,
    id: Path<Uuid>,
    reading: Query<AttachmentReading>,
) -> Result<Download> {
    let (row, size, contents) = service::read(guard.app(), &guard, *id, reading.0).await?;
    let picture = row.media_type.starts_with("image/");
    let file = Download::stream(row.file_name, row.media_type, size, contents);
    Ok(if picture { file.inline() } else { file })
}

/// Remove an attachment
///
/// By whoever attached it, while the object can be changed.
#[utoipa::path(delete, path = "/attachments/{id}", params(("id" = Uuid, Path, description = "Id of the attachment")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete_attachment(change: Change<WriteAttachments>, id: Path<Uuid>) -> Result<HttpResponse> {
    gone(change, async |tx| service::delete(tx, *id).await).await
}

/// Remove an attachment that does not belong there
///
/// By whoever keeps what it is attached to, whoever attached it, and although the object is closed: of a family the village, the town and the bureau; of the work of two sides
/// the town and the bureau; never of an agreement. The reason stays in the history of the object, and the contents go.
#[utoipa::path(post, path = "/attachments/{id}/remove", params(("id" = Uuid, Path, description = "Id of the attachment")),
    request_body = RemovalInput, responses((status = 204, description = "It is gone")))]
pub async fn remove_attachment(
    change: Change<WriteAttachments>,
    id: Path<Uuid>,
    input: Body<RemovalInput>,
) -> Result<HttpResponse> {
    gone(change, async |tx| service::remove(tx, *id, input.0.reason).await).await
}

/// Removes an attachment, and its contents once that is certain.
async fn gone(
    change: Change<WriteAttachments>,
    remove: impl AsyncFnOnce(&Tx) -> Result<object_store::path::Path>,
) -> Result<HttpResponse> {
    let app = change.app().clone();
    let mut file = None;
    let gone = change
        .finish(async |tx| {
            file = Some(remove(tx).await?);
            Ok(())
        })
        .await?;
    if let Some(file) = file {
        service::forget(&app, &file).await;
    }
    Ok(gone)
}
