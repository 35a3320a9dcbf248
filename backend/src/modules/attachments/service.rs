//! What can be asked of attachments, and how they come and go.

use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use contract::attachments::{Attachment, AttachmentInput, AttachmentObject, AttachmentQuery, AttachmentReading, AttachmentSort};
use contract::{CodedEnum, ErrorCode, Page, Permission};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

use super::entity::{ActiveModel, Column, Entity, Model};
use super::{access, content};
use crate::modules::households;
use crate::platform::audit::Event;
use crate::platform::coded::Code;
use crate::platform::list::{self, Key};
use crate::platform::{App, Caller, Error, Result, Tx, Upload};

/// The place that sealed contents are bound to.
const PLACE: &str = "attachments";

/// Contents on their way.
pub type Contents = BoxStream<'static, object_store::Result<Bytes>>;

/// Lists the attachments of an object.
///
/// # Errors
/// `not_found` for an object that does not exist for the caller, `bad_cursor`.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &AttachmentQuery) -> Result<Page<Attachment>> {
    let (Some(kind), Some(id)) = (query.object_type, &query.object_id) else { return Err(ErrorCode::BadRequest.into()) };
    let writes = access::may_write(db, caller, kind, id).await?;
    let select = Entity::find().filter(Column::ObjectType.eq(Code(kind))).filter(Column::ObjectId.eq(id));
    let order = |AttachmentSort::CreatedAt| list::column((Entity, Column::CreatedAt));
    let keys = |row: &Model, _| (Key::Instant(row.created_at), Key::Id(row.id));
    let page = list::page(db, select, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row: Model| {
        let deletable = deletable(caller, &row, writes);
        row.into_attachment(deletable)
    }))
}

fn deletable(caller: &Caller, row: &Model, writes: bool) -> bool {
    writes && caller.may(Permission::WriteAttachments) && row.created_by == caller.user_id
}

/// An attachment that exists for the caller, and whether they may change its object.
async fn find(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<(Model, bool)> {
    let row = Entity::find_by_id(id).one(db).await?.ok_or(ErrorCode::NotFound)?;
    let writes = access::may_write(db, caller, row.object_type.0, &row.object_id).await?;
    Ok((row, writes))
}

/// An attachment and its contents. Reading what is attached to a household is reading of its file, with a purpose that is kept.
///
/// # Errors
/// `not_found` where its object does not exist for the caller, `validation_failed` without a purpose that is needed, `too_many_requests`,
/// `internal` where the contents are gone.
pub async fn read(app: &App, caller: &Caller, id: Uuid, reading: AttachmentReading) -> Result<(Model, u64, Contents)> {
    let (row, _) = find(&app.database.read, caller, id).await?;
    let private = row.object_type.0.is_private();
    if private {
        let tx = Tx::of(app, caller.clone()).await?;
        households::service::record_download(&tx, &row.object_id, id, reading.purpose).await?;
        tx.commit().await?;
    }
    let contents = app.storage.get(&path(id)).await.map_err(Error::internal)?;
    if !private {
        return Ok((row, contents.meta.size, contents.into_stream()));
    }
    let sealed = contents.bytes().await.map_err(Error::internal)?;
    let plain = app.vault.open_bytes(PLACE, id, &sealed)?;
    Ok((row, plain.len() as u64, stream::once(async move { Ok(Bytes::from(plain)) }).boxed()))
}

/// Examines a file and puts it into the store, before there is a row: a row without its file would be a loss, a file without its
/// row is swept up by [`clean`].
///
/// # Errors
/// `not_found`, `outside_own_scope`, `invalid_attachment`.
pub async fn store(
    app: &App,
    db: &impl ConnectionTrait,
    caller: &Caller,
    upload: Upload<AttachmentInput>,
) -> Result<ActiveModel> {
    let AttachmentInput { object_type, object_id } = upload.fields;
    if !access::may_write(db, caller, object_type, &object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let content = content::accept(upload.name, upload.media_type, upload.bytes).await?;
    let id = Uuid::now_v7();
    let size = content.bytes.len() as i64;
    let (name, bytes) = if object_type.is_private() {
        (nameless(id, &content.name), app.vault.seal_bytes(PLACE, id, &content.bytes)?.into())
    } else {
        (content.name, content.bytes)
    };
    let row = ActiveModel {
        id: Set(id),
        object_type: Set(Code(object_type)),
        object_id: Set(object_id),
        file_name: Set(name),
        media_type: Set(content.media_type.to_owned()),
        size: Set(size),
        sha256: Set(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()),
        created_by: Set(caller.user_id),
        created_at: Set(app.clock.now()),
    };
    app.storage.put(&path(id), PutPayload::from_bytes(bytes)).await.map_err(Error::internal)?;
    Ok(row)
}

/// A name that tells nothing but the type.
fn nameless(id: Uuid, name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let id = id.simple().to_string();
    format!("附件-{}.{extension}", &id[id.len() - 8..])
}

/// Attaches a file that is in the store.
///
/// # Errors
/// `not_found`, `outside_own_scope` where the object has changed hands meanwhile.
pub async fn create(tx: &Tx, row: ActiveModel) -> Result<Attachment> {
    let caller = tx.caller()?;
    let row = Entity::insert(row).exec_with_returning(&tx.connection).await?;
    if !access::may_write(&tx.connection, caller, row.object_type.0, &row.object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let attachment = row.into_attachment(true);
    tx.record(event(&attachment, "attach"), &(), &attachment).await?;
    Ok(attachment)
}

/// Removes an attachment. Its contents go when the change has lasted: see [`forget`].
///
/// # Errors
/// `not_found`, `outside_own_scope` for anybody but who attached it, or where the object can no longer be changed.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<()> {
    let caller = tx.caller()?;
    let (row, writes) = find(&tx.connection, caller, id).await?;
    if !deletable(caller, &row, writes) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    Entity::delete_by_id(id).exec(&tx.connection).await?;
    // It may have had to wait for a step that needs the attachment.
    if !access::may_write(&tx.connection, caller, row.object_type.0, &row.object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let attachment = row.into_attachment(false);
    tx.record(event(&attachment, "detach"), &attachment, &()).await
}

/// Whether something is attached that can be a scan: a PDF or a picture. It stays until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn has_scan(tx: &Tx, kind: AttachmentObject, object_id: Uuid) -> Result<bool> {
    let scan = Condition::any().add(Column::MediaType.eq("application/pdf")).add(Column::MediaType.starts_with("image/"));
    let found = Entity::find()
        .filter(Column::ObjectType.eq(Code(kind)))
        .filter(Column::ObjectId.eq(object_id.to_string()))
        .filter(scan)
        .lock_exclusive()
        .one(&tx.connection)
        .await?;
    Ok(found.is_some())
}

/// Removes the contents of an attachment that is no more; what fails here is left to [`clean`].
pub async fn forget(app: &App, id: Uuid) {
    if let Err(error) = app.storage.delete(&path(id)).await {
        tracing::warn!(%error, "the contents of a removed attachment stay for now");
    }
}

/// In the history of the object it belongs to.
fn event(attachment: &Attachment, action: &'static str) -> Event<'static> {
    Event::of(attachment.object_type.code(), &attachment.object_id, action)
}

/// All attachments with the digests of their contents.
///
/// # Errors
/// What the database says.
pub async fn digests(db: &impl ConnectionTrait) -> Result<Vec<(Uuid, String)>> {
    Ok(Entity::find().select_only().columns([Column::Id, Column::Sha256]).order_by_asc(Column::Id).into_tuple().all(db).await?)
}

/// Whether there is still such an attachment.
///
/// # Errors
/// What the database says.
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(Entity::find_by_id(id).count(db).await? > 0)
}

/// Where the contents of an attachment are.
pub fn path(id: Uuid) -> Path {
    Path::from(id.to_string())
}

/// Removes files without a row that were stored before `before`, which leaves out those whose transactions still run. Returns
/// how many there were.
///
/// # Errors
/// What the store or the database says.
pub async fn clean(app: &App, before: DateTime<Utc>) -> Result<usize> {
    let mut files = app.storage.list(None).try_ready_chunks(1_000);
    let mut removed = 0;
    while let Some(files) = files.try_next().await.map_err(Error::internal)? {
        let old = files.into_iter().filter(|file| file.last_modified < before).map(|file| file.location);
        let old: Vec<_> = old.filter_map(|file| Some((Uuid::try_parse(file.filename()?).ok()?, file))).collect();
        let ids = old.iter().map(|(id, _)| *id);
        let select = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids));
        let known = select.into_tuple::<Uuid>().all(&app.database.read).await?;
        for (_, file) in old.iter().filter(|(id, _)| !known.contains(id)) {
            app.storage.delete(file).await.map_err(Error::internal)?;
            removed += 1;
        }
    }
    Ok(removed)
}
