//! Lists, reads, adds and removes attachments.

use std::collections::HashSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use contract::attachments::{
    Attachment, AttachmentInput, AttachmentObject, AttachmentQuery, AttachmentReading, AttachmentSort, RemovalReason,
};
use contract::personal::holds_number;
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::attachments::{ActiveModel, Column, Entity, Model, path};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetResult, ObjectStore, ObjectStoreExt, PutPayload};
use platform::audit::Event;
use platform::coded::Code;
use platform::crypto::hex;
use platform::error::OnUnique;
use platform::list;
use platform::rate::Subject;
use platform::upload::FILE_LIMIT;
use platform::{App, Asker, Caller, Error, Result, Tx, Upload, Vault, apart, download, leftovers};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, QueryOrder, QuerySelect, Select};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{access, content};
use crate::households;

/// The place to which sealed contents are bound.
const PLACE: &str = "attachments";

/// Contents as a stream.
pub type Contents = BoxStream<'static, std::io::Result<Bytes>>;

/// Lists the attachments of an object.
///
/// # Errors
/// `not_found` for an object that does not exist for the caller, `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: &AttachmentQuery) -> Result<Page<Attachment>> {
    let Asker { db, caller, .. } = asker;
    let (Some(kind), Some(id)) = (query.object_type, &query.object_id) else { return Err(ErrorCode::BadRequest.into()) };
    let writes = access::may_write(asker, kind, id).await?;
    let mut select = Entity::find().filter(Column::ObjectType.eq(Code(kind))).filter(Column::ObjectId.eq(id));
    if access::hides_photos(caller, kind, access::consent(asker, kind, id).await?.as_ref()) {
        select = select.filter(Column::MediaType.not_like("image/%"));
    }
    let order = |AttachmentSort::CreatedAt| list::by(Column::CreatedAt, |row: &Model| row.created_at.into());
    let page = list::page(db, select, query, order).await?;
    Ok(list::map(page, |row: Model| {
        let (deletable, removable) = (deletable(caller, &row, writes), removable(caller, &row, writes));
        row.into_attachment(deletable, removable)
    }))
}

fn deletable(caller: &Caller, row: &Model, writes: bool) -> bool {
    writes && caller.may(Permission::WriteAttachments) && row.created_by == caller.user_id
}

fn removable(caller: &Caller, row: &Model, writes: bool) -> bool {
    caller.may(Permission::WriteAttachments) && access::keeps(caller, row.object_type.0, writes)
}

/// An attachment that exists for the caller, and whether they may change its object.
async fn find(asker: &Asker<'_>, id: Uuid) -> Result<(Model, bool)> {
    let row = Entity::find_by_id(id).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    // A caller who never reads such objects does not learn that the attachment exists.
    let writes = access::may_write(asker, row.object_type.0, &row.object_id).await.map_err(|error| match error.code {
        ErrorCode::Forbidden => ErrorCode::NotFound.into(),
        _ => error,
    })?;
    Ok((row, writes))
}

/// Checks that an attachment exists for the caller.
///
/// # Errors
/// `not_found`.
pub async fn exists(asker: &Asker<'_>, id: Uuid) -> Result<()> {
    find(asker, id).await.map(drop)
}

/// An attachment and its contents. Reading an attachment of a household or of an assistance record counts as reading the family's
/// file, and needs a purpose, which is recorded.
///
/// # Errors
/// `not_found` if its object does not exist for the caller, `validation_failed` if a required purpose is missing,
/// `too_many_requests`, `unavailable` if there is no memory for a private one, `internal` if the contents are gone.
pub async fn read(app: &App, caller: &Caller, id: Uuid, reading: AttachmentReading) -> Result<(Model, u64, Contents)> {
    let (row, _) = find(&Asker::of(app, caller), id).await?;
    let kind = row.object_type.0;
    let private = kind.is_private();
    let mut reservation = None;
    if private {
        // A sealed file is opened as a whole.
        let size = usize::try_from(row.size).map_or(FILE_LIMIT, |size| size.min(FILE_LIMIT));
        reservation = Some(app.places.memory.room(&Subject::Account(caller.user_id), size, download::PATIENCE).await?);
        let tx = Tx::of(app, caller.clone()).await?;
        let consent = access::consent(&tx.asker()?, kind, &row.object_id).await?;
        if access::is_picture(&row.media_type) && access::hides_photos(caller, kind, consent.as_ref()) {
            return Err(ErrorCode::NotFound.into());
        }
        households::reveal::record_download(&tx, kind.code(), &row.object_id, id, consent.as_ref(), reading.purpose).await?;
        tx.commit().await?;
    }
    let (row, contents) = contents(app, row).await?;
    let Some(reservation) = reservation else {
        let log = |error: &_| tracing::error!(%error, "an attachment could not be read to its end");
        return Ok((row, contents.meta.size, contents.into_stream().inspect_err(log).map_err(std::io::Error::from).boxed()));
    };
    let stored = contents.bytes().await.map_err(Error::internal)?;
    let vault = app.vault.clone();
    let (row, plain) = apart(move || vault.open_bytes(PLACE, row.id, &stored).map(|plain| (row, Bytes::from(plain)))).await??;
    let size = plain.len() as u64;
    Ok((row, size, download::slices(plain, reservation, download::WHOLE).boxed()))
}

/// The file of an attachment, which may have been resealed since its row was read.
async fn contents(app: &App, row: Model) -> Result<(Model, GetResult)> {
    match app.storage.get(&row.path()).await {
        Err(object_store::Error::NotFound { .. }) => {
            let row = Entity::find_by_id(row.id).one(&app.database.read).await?.ok_or(ErrorCode::NotFound)?;
            let contents = app.storage.get(&row.path()).await.map_err(Error::internal)?;
            Ok((row, contents))
        }
        contents => Ok((row, contents.map_err(Error::internal)?)),
    }
}

/// Checks a file and stores it before there is a row. A row without its file would be a loss; [`clean`] removes a file without
/// its row. Returns `None` if it was attached before: it is not stored again, whatever became of its object.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `invalid_attachment`, `household_not_consented`, `photos_not_consented`.
pub async fn store(app: &App, asker: &Asker<'_>, upload: Upload<AttachmentInput>) -> Result<Option<ActiveModel>> {
    let (db, caller) = (&asker.db, asker.caller);
    let AttachmentInput { object_type, object_id, entry_id } = upload.fields;
    if let Some(id) = entry_id
        && Entity::find().filter(Column::EntryId.eq(id)).count(db).await? > 0
    {
        return Ok(None);
    }
    if !access::may_write(asker, object_type, &object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    // The turn lasts until the file is stored: until then it is in memory, twice while it is sealed.
    let (content, _turn) = content::accept(upload.name, upload.bytes).await?;
    access::check_photo(asker, object_type, &object_id, content.media_type).await?;
    let id = Uuid::now_v7();
    let size = content.bytes.len() as i64;
    let private = object_type.is_private();
    let name = if private || holds_number(&content.name) { nameless(id, &content.name) } else { content.name };
    let vault = app.vault.clone();
    let (bytes, key_id, sha256) = apart(move || {
        let bytes = if private { vault.seal_bytes(PLACE, id, &content.bytes)?.into() } else { content.bytes };
        let key_id = Vault::key_of(&bytes).filter(|_| private);
        let sha256 = digest(&bytes);
        Ok::<(Bytes, _, _), Error>((bytes, key_id, sha256))
    })
    .await??;
    let path = path(id, key_id.as_deref());
    let row = ActiveModel {
        id: Set(id),
        object_type: Set(Code(object_type)),
        object_id: Set(object_id),
        file_name: Set(name),
        media_type: Set(content.media_type.to_owned()),
        size: Set(size),
        sha256: Set(sha256),
        key_id: Set(key_id),
        created_by: Set(caller.user_id),
        entry_id: Set(entry_id),
        created_at: Set(app.clock.now()),
    };
    app.storage.put(&path, PutPayload::from_bytes(bytes)).await.map_err(Error::internal)?;
    Ok(Some(row))
}

/// Reseals the next private file that is not under the newest key. Returns its id and whether it could be opened; `None` if no
/// such file is left. The row changes from one complete file to another. [`clean`] removes the old file later, so a running
/// backup still finds it.
///
/// # Errors
/// An error of the database or the store.
pub async fn reseal(app: &App, after: Uuid) -> Result<Option<(Uuid, bool)>> {
    let newest = app.vault.newest_id();
    let outdated = Condition::any().add(Column::KeyId.is_null()).add(Column::KeyId.ne(&newest));
    let next = private().filter(Column::Id.gt(after)).filter(outdated).order_by_asc(Column::Id).one(&app.database.read).await?;
    let Some(id) = next.map(|row| row.id) else { return Ok(None) };
    // Locked, so that if two processes reseal it, the row names the file of the later one.
    let tx = Tx::system(app).await?;
    let held = Entity::find_by_id(id).lock_exclusive().one(&tx.connection).await?;
    let Some(row) = held.filter(|row| row.key_id.as_ref() != Some(&newest)) else { return Ok(Some((id, true))) };
    let stored = match app.storage.get(&row.path()).await {
        Ok(stored) => stored.bytes().await.map_err(Error::internal)?,
        Err(error) => {
            tracing::error!(%id, %error, "an attachment cannot be read");
            return Ok(Some((id, false)));
        }
    };
    let Ok(plain) = app.vault.open_bytes(PLACE, id, &stored) else { return Ok(Some((id, false))) };
    let sealed = app.vault.seal_bytes(PLACE, id, &plain)?;
    let (key_id, sha256) = (Vault::key_of(&sealed), digest(&sealed));
    let anew = path(id, key_id.as_deref());
    app.storage.put(&anew, PutPayload::from(sealed)).await.map_err(Error::internal)?;
    let columns = ActiveModel { id: Set(id), key_id: Set(key_id), sha256: Set(sha256), ..Default::default() };
    Entity::update(columns).exec(&tx.connection).await?;
    tx.commit().await?;
    Ok(Some((id, true)))
}

/// The number of private files under each key.
pub async fn count_by_key(db: &impl ConnectionTrait) -> Result<Vec<(Option<String>, u64)>> {
    let counts = private().select_only().column(Column::KeyId).column_as(Column::Id.count(), "files").group_by(Column::KeyId);
    let counts = counts.into_tuple::<(Option<String>, i64)>().all(db).await?;
    Ok(counts.into_iter().map(|(key, files)| (key, files.unsigned_abs())).collect())
}

fn private() -> Select<Entity> {
    Entity::find()
        .filter(Column::ObjectType.is_in(AttachmentObject::ALL.iter().copied().filter(|kind| kind.is_private()).map(Code)))
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A name that discloses nothing but the type.
fn nameless(id: Uuid, name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let id = id.simple().to_string();
    format!("附件-{}.{extension}", &id[id.len() - 8..])
}

/// Attaches a stored file.
///
/// # Errors
/// `not_found`, `already_entered`, `outside_own_scope` if the object has changed hands meanwhile, `household_not_consented`,
/// `photos_not_consented`.
pub async fn create(tx: &Tx, row: Option<ActiveModel>) -> Result<Attachment> {
    let row = row.ok_or(ErrorCode::AlreadyEntered)?;
    access::hold(tx, row.object_type.as_ref().0, row.object_id.as_ref()).await?;
    let row = Entity::insert(row).exec_with_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyEntered)?;
    if !access::may_write(&tx.asker()?, row.object_type.0, &row.object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    access::check_photo(&tx.asker()?, row.object_type.0, &row.object_id, &row.media_type).await?;
    let removable = removable(tx.caller()?, &row, true);
    let attachment = row.into_attachment(true, removable);
    tx.record(event(&attachment, "attach"), &(), &attachment).await?;
    Ok(attachment)
}

/// Removes an attachment. Returns the path of its contents, which [`forget`] deletes after the commit.
///
/// # Errors
/// `not_found`, `outside_own_scope` for anybody but the person who attached it, or if the object can no longer be changed.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<Path> {
    let caller = tx.caller()?;
    let (row, writes) = find(&tx.asker()?, id).await?;
    if !deletable(caller, &row, writes) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    Entity::delete_by_id(id).exec(&tx.connection).await?;
    // This may have waited for a step that needs the attachment.
    if !access::may_write(&tx.asker()?, row.object_type.0, &row.object_id).await? {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let path = row.path();
    let attachment = row.into_attachment(false, false);
    tx.record(event(&attachment, "detach"), &attachment, &()).await?;
    Ok(path)
}

/// Removes an attachment that does not belong there. The history of its object records the reason. Returns the path of its
/// contents, which [`forget`] deletes after the commit.
///
/// # Errors
/// `not_found`, `outside_own_scope` for anybody but the object's keepers.
pub async fn remove(tx: &Tx, id: Uuid, reason: RemovalReason) -> Result<Path> {
    let (row, _) = find(&tx.asker()?, id).await?;
    access::hold(tx, row.object_type.0, &row.object_id).await?;
    // Read again under the lock: it may be gone, or the object may have changed hands.
    let (row, writes) = find(&tx.asker()?, id).await?;
    if !removable(tx.caller()?, &row, writes) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if Entity::delete_by_id(id).exec(&tx.connection).await?.rows_affected == 0 {
        return Err(ErrorCode::NotFound.into());
    }
    let path = row.path();
    let attachment = row.into_attachment(false, false);
    tx.record(event(&attachment, "remove"), &attachment, &json!({ "removed_because": reason })).await?;
    Ok(path)
}

/// Removes all attachments of these objects. Returns the paths of their contents, which are deleted after the commit.
pub async fn remove_all(tx: &Tx, kind: AttachmentObject, ids: &[Uuid]) -> Result<Vec<Path>> {
    let theirs =
        Condition::all().add(Column::ObjectType.eq(Code(kind))).add(Column::ObjectId.is_in(ids.iter().map(Uuid::to_string)));
    let rows = Entity::find().filter(theirs.clone()).all(&tx.connection).await?;
    Entity::delete_many().filter(theirs).exec(&tx.connection).await?;
    Ok(rows.iter().map(Model::path).collect())
}

/// Moves the attachments of one object to another of its kind.
pub async fn hand_over(tx: &Tx, kind: AttachmentObject, from: Uuid, to: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ObjectId, Expr::value(to.to_string()))
        .filter(Column::ObjectType.eq(Code(kind)))
        .filter(Column::ObjectId.eq(from.to_string()))
        .exec(&tx.connection)
        .await?;
    Ok(())
}

/// The path of the contents of an attachment that is not written yet.
pub fn file(row: &ActiveModel) -> Path {
    path(*row.id.as_ref(), row.key_id.as_ref().as_deref())
}

/// Deletes the contents of an attachment without a row. If that fails, [`clean`] does it later.
pub async fn forget(app: &App, path: &Path) {
    if let Err(error) = app.storage.delete(path).await {
        tracing::warn!(%error, "the contents of a removed attachment stay for now");
    }
}

/// An event in the history of the attachment's object.
fn event(attachment: &Attachment, action: &'static str) -> Event<'static> {
    Event::of(attachment.object_type.code(), &attachment.object_id, action)
}

/// The path and the digest of every attachment's contents.
pub async fn digests(db: &impl ConnectionTrait) -> Result<Vec<(Path, String)>> {
    let columns = [Column::Id, Column::KeyId, Column::Sha256];
    let rows =
        Entity::find().select_only().columns(columns).order_by_asc(Column::Id).into_tuple::<(Uuid, Option<String>, String)>();
    Ok(rows.all(db).await?.into_iter().map(|(id, key_id, sha256)| (path(id, key_id.as_deref()), sha256)).collect())
}

/// Which of these files belong to an attachment.
pub async fn known(db: &impl ConnectionTrait, files: &[Path]) -> Result<HashSet<Path>> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::KeyId])
        .filter(Column::Id.is_in(files.iter().filter_map(id_of)));
    let rows = rows.into_tuple::<(Uuid, Option<String>)>().all(db).await?;
    Ok(rows.into_iter().map(|(id, key_id)| path(id, key_id.as_deref())).collect())
}

/// The attachment's id in the name of a file.
fn id_of(file: &Path) -> Option<Uuid> {
    Uuid::try_parse(file.filename()?.split('.').next()?).ok()
}

/// Deletes files without a row that were stored before `before`, so that running transactions keep theirs, and uploads that broke
/// off. Returns how many.
///
/// # Errors
/// An error of the store or the database.
pub async fn clean(app: &App, before: DateTime<Utc>) -> Result<usize> {
    let mut files = app.storage.list(None).try_ready_chunks(1_000);
    let folder = app.config.data_dir.join("attachments");
    let broken_off = apart(move || leftovers::remove(&folder, leftovers::is_upload, before.into())).await?;
    let mut removed = broken_off.map_err(Error::internal)?;
    while let Some(files) = files.try_next().await.map_err(Error::internal)? {
        let old = files.into_iter().filter(|file| file.last_modified < before).map(|file| file.location);
        let old: Vec<_> = old.filter(|file| id_of(file).is_some()).collect();
        let known = known(&app.database.read, &old).await?;
        for file in old.iter().filter(|file| !known.contains(file)) {
            app.storage.delete(file).await.map_err(Error::internal)?;
            removed += 1;
        }
    }
    Ok(removed)
}
