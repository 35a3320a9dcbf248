//! Attachments.

use contract::CodedEnum;
use contract::Page;
use contract::attachments::{Attachment, AttachmentObject, AttachmentQuery, RemovalInput};
use uuid::Uuid;
use web_sys::{Blob, FormData};

use super::Call;

/// The files of an object.
pub fn list(object_type: AttachmentObject, object_id: &str) -> Call<Page<Attachment>> {
    let query = AttachmentQuery {
        object_type: Some(object_type),
        object_id: Some(object_id.to_owned()),
        limit: Some(200),
        ..Default::default()
    };
    Call::list("/attachments", &query)
}

/// Attaches a file. Returns `None` if the browser cannot build the form.
pub fn create(
    object_type: AttachmentObject,
    object_id: &str,
    file: &Blob,
    name: &str,
    entry_id: Option<Uuid>,
) -> Option<Call<Attachment>> {
    let form = FormData::new().ok()?;
    form.append_with_str("object_type", object_type.code()).ok()?;
    form.append_with_str("object_id", object_id).ok()?;
    if let Some(id) = entry_id {
        form.append_with_str("entry_id", &id.to_string()).ok()?;
    }
    form.append_with_blob_and_filename("file", file, name).ok()?;
    Some(Call::upload("/attachments", form))
}

/// Removes a file that the caller attached.
pub fn remove(id: Uuid) -> Call<()> {
    Call::delete(format!("/attachments/{id}"))
}

/// Removes a file that does not belong there, whoever attached it.
pub fn remove_for(id: Uuid, why: &RemovalInput) -> Call<()> {
    Call::post(format!("/attachments/{id}/remove"), why)
}
