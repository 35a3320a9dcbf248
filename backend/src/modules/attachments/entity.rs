//! Table `attachments`.

use contract::attachments::{Attachment, AttachmentObject};
use sea_orm::entity::prelude::*;

use crate::platform::change::Resource;
use crate::platform::coded::Code;

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
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// As the contract shows it to a caller.
    pub fn into_attachment(self, deletable: bool) -> Attachment {
        Attachment {
            id: self.id,
            object_type: self.object_type.0,
            object_id: self.object_id,
            file_name: self.file_name,
            media_type: self.media_type,
            size: self.size,
            sha256: self.sha256,
            created_by: self.created_by,
            created_at: self.created_at,
            deletable,
        }
    }
}

impl Resource for Attachment {
    fn location(&self) -> String {
        format!("/attachments/{}", self.id)
    }

    /// Nothing about an attachment ever changes.
    fn version(&self) -> i32 {
        1
    }
}
