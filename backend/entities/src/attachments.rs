//! Table `attachments`.

use contract::attachments::{Attachment, AttachmentObject};
use object_store::path::Path;
use platform::coded::Code;
use platform::{Result, Tx, excel, object};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attachments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub object_type: Code<AttachmentObject>,
    pub object_id: String,
    pub file_name: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: String,
    /// The key that the contents are sealed under. `None` if they are not sealed.
    pub key_id: Option<String>,
    pub created_by: Uuid,
    /// The id that the sender gave the file, so that a repeated upload does not attach it twice.
    pub entry_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where the contents are stored.
    pub fn path(&self) -> Path {
        path(self.id, self.key_id.as_deref())
    }

    /// Converts the row into the contract's type.
    pub fn into_attachment(self, deletable: bool, removable: bool) -> Attachment {
        object!(Attachment { deletable, removable, ..self.{
            id, object_type, object_id, file_name, media_type, size, sha256, created_by, created_at,
        } })
    }
}

/// Where the contents of an attachment are stored. The path includes the key: sealing under another key writes another file, so
/// that every row points to a complete file.
pub fn path(id: Uuid, key_id: Option<&str>) -> Path {
    Path::from(match key_id {
        Some(key_id) => format!("{id}.{key_id}"),
        None => id.to_string(),
    })
}

/// The pictures of some objects, the oldest first, as many as `most`.
pub async fn pictures(db: &impl ConnectionTrait, of: &[(AttachmentObject, Vec<String>)], most: u64) -> Result<Vec<Model>> {
    let one = |(kind, ids): &(AttachmentObject, Vec<String>)| {
        Condition::all().add(Column::ObjectType.eq(Code(*kind))).add(Column::ObjectId.is_in(ids))
    };
    let of = of.iter().filter(|(_, ids)| !ids.is_empty()).map(one);
    let any = of.reduce(|any, one| Condition::any().add(any).add(one));
    let Some(any) = any else { return Ok(Vec::new()) };
    let pictures = Entity::find().filter(any).filter(Column::MediaType.starts_with("image/"));
    Ok(pictures.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(most).all(db).await?)
}

/// Whether any of these objects got an attachment at or after an instant.
pub async fn any_since(db: &impl ConnectionTrait, kind: AttachmentObject, ids: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find().filter(Column::ObjectType.eq(Code(kind)));
    let theirs = theirs.filter(Column::ObjectId.is_in(ids.iter().map(Uuid::to_string)));
    Ok(theirs.filter(Column::CreatedAt.gte(since)).count(db).await? > 0)
}

/// Whether an object has an attachment that can be a scan: a PDF, an OFD or a picture. Its row is locked until the transaction
/// ends.
pub async fn has_scan(tx: &Tx, kind: AttachmentObject, object_id: Uuid) -> Result<bool> {
    let paper = Column::MediaType.is_in(["application/pdf", excel::OFD]);
    let scan = Condition::any().add(paper).add(Column::MediaType.starts_with("image/"));
    let found = Entity::find()
        .filter(Column::ObjectType.eq(Code(kind)))
        .filter(Column::ObjectId.eq(object_id.to_string()))
        .filter(scan)
        .lock_exclusive()
        .one(&tx.connection)
        .await?;
    Ok(found.is_some())
}
