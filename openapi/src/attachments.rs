//! Attachments: photos and scans that belong to an object.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::households::RevealPurpose;
pub use crate::objects::AttachmentObject;
use crate::{answer, coded_enum, input, list_query, query};

coded_enum! {
    /// Orders of the list of attachments.
    pub enum AttachmentSort {
        CreatedAt = "created_at" / "上传时间" / "Uploaded",
    }
}

list_query! {
    /// Whose attachments to list.
    pub struct AttachmentQuery sorted by AttachmentSort {
        #[validate(required)]
        #[cfg_attr(feature = "schema", param(required = true, nullable = false))]
        pub object_type: Option<AttachmentObject>,
        /// Id of the object, or code of the village.
        #[validate(required, length(min = 1, max = 36))]
        #[cfg_attr(feature = "schema", param(required = true, nullable = false, min_length = 1, max_length = 36))]
        pub object_id: Option<String>,
    }
}

/// How an attachment is read.
#[query]
#[derive(Default)]
#[serde(default)]
pub struct AttachmentReading {
    /// What it is read for: required for what is attached to a household or an assistance record.
    pub purpose: Option<RevealPurpose>,
}

coded_enum! {
    /// Why a file is removed that is not one's own, or from what is closed.
    pub enum RemovalReason {
        Misplaced = "misplaced" / "不属于这里（如别人家的照片、材料）" / "Belongs elsewhere, such as another family's photo",
        Unconsented = "unconsented" / "当事人不同意" / "The person does not consent to it",
        Excessive = "excessive" / "含有不必要的个人信息" / "Shows more of a person than is needed",
        Useless = "useless" / "重复或无法辨认" / "A double, or cannot be made out",
    }
}

/// Why a file is removed. It is a code, because words might name those whom the file shows.
#[input]
pub struct RemovalInput {
    pub reason: RemovalReason,
}

/// What a file belongs to: the fields of the form beside the file.
#[input]
pub struct AttachmentInput {
    pub object_type: AttachmentObject,
    #[limit(1..=36)]
    pub object_id: String,
    #[serde(default)]
    pub entry_id: Option<Uuid>,
}

/// A file to attach.
#[cfg(feature = "schema")]
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentUpload {
    /// A JPEG or PNG, or a photo as WebP, of 50 megapixels at most; a PDF, .ofd, .xlsx or .docx in which nothing runs; 20 MiB at most.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    pub object_type: AttachmentObject,
    /// Id of the object, or code of the village.
    #[schema(min_length = 1, max_length = 36)]
    pub object_id: String,
    /// Made by whoever attaches it, so that what is sent again is not attached twice, however much later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<Uuid>,
}

/// The contents of an attachment.
#[cfg(feature = "schema")]
#[derive(Debug, utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct AttachmentContent(pub Vec<u8>);

/// What is known of an attached file.
#[answer]
pub struct Attachment {
    pub id: Uuid,
    pub object_type: AttachmentObject,
    #[limit(..=36)]
    pub object_id: String,
    /// As it was called; of what is attached to a household or an assistance record a made-up one, because names tell who it is about.
    #[limit(..=200)]
    pub file_name: String,
    /// By its content. Images are written anew, without what cameras add (place, time, device).
    #[limit(..=100)]
    pub media_type: String,
    /// In bytes.
    #[limit(0..)]
    pub size: i64,
    /// Digest of what is stored; what is attached to a household or an assistance record is stored sealed.
    #[limit(..=64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    /// True where the caller attached it, and may take it away again.
    pub deletable: bool,
    /// True where the caller keeps what it is attached to, and may remove it for a reason: whoever attached it, and although the object is closed.
    pub removable: bool,
}
