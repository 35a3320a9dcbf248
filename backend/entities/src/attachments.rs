//! Table `attachments`.

use contract::attachments::{Attachment, AttachmentObject};
use object_store::path::Path;
use platform::coded::Code;
use platform::{Result, Tx, excel, object};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, QuerySelect};

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
    /// The key that the contents are sealed under.
    pub key_id: Option<String>,
    pub created_by: Uuid,
    /// What whoever attached it calls it, so that it comes once.
    pub entry_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where the contents are.
    pub fn path(&self) -> Path {
        path(self.id, self.key_id.as_deref())
    }

    /// As the contract shows it to a caller.
    pub fn into_attachment(self, deletable: bool, removable: bool) -> Attachment {
        object!(Attachment { deletable, removable, ..self.{
            id, object_type, object_id, file_name, media_type, size, sha256, created_by, created_at,
        } })
    }
}

/// Where the contents of an attachment are: sealed under another key they are another file, so that a row names one that is
/// whole.
pub fn path(id: Uuid, key_id: Option<&str>) -> Path {
    Path::from(match key_id {
        Some(key_id) => format!("{id}.{key_id}"),
        None => id.to_string(),
    })
}

/// Whether something has been attached to one of some objects of a kind since an instant.
pub async fn any_since(db: &impl ConnectionTrait, kind: AttachmentObject, ids: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find().filter(Column::ObjectType.eq(Code(kind)));
    let theirs = theirs.filter(Column::ObjectId.is_in(ids.iter().map(Uuid::to_string)));
    Ok(theirs.filter(Column::CreatedAt.gte(since)).count(db).await? > 0)
}

/// Whether something is attached that can be a scan: a PDF, an OFD or a picture. It stays until the transaction ends.
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
