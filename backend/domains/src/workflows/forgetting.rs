//! Forgets a family some time after its help ended, or after it withdrew its consent.
//!
//! 个人信息保护法第十九条、第四十七条: no longer than needed. [`retention`] decides which files are due and why. The code below follows the order
//! of deletion.

use contract::attachments::AttachmentObject;
use platform::{App, Result, Tx};
use uuid::Uuid;

use crate::assistance;
use crate::attachments;
use crate::households::retention::{self, Limits};
use crate::measures;
use crate::pairings;
use crate::plans;

/// Deletes everything personal from a file, from those merged into it and from what belongs to them, in one transaction, if the
/// file is still due. Papers and photos are deleted after the commit.
pub async fn forget(app: &App, id: Uuid, limits: Limits) -> Result<bool> {
    let tx = Tx::system(app).await?;
    let Some((family, reason)) = retention::hold_due(&tx, id, limits).await? else { return Ok(false) };
    let mut files = Vec::new();
    for id in family {
        retention::erase(&tx, id).await?;
        plans::service::forget_names(&tx, id).await?;
        measures::service::forget_words(&tx, id).await?;
        pairings::service::forget_notes(&tx, id).await?;
        let records = assistance::service::forget_words(&tx, id).await?;
        let mut gone = attachments::service::remove_all(&tx, AttachmentObject::Household, &[id]).await?;
        gone.extend(attachments::service::remove_all(&tx, AttachmentObject::AssistanceRecord, &records).await?);
        retention::record_forgotten(&tx, id, reason, gone.len()).await?;
        files.extend(gone);
    }
    tx.commit().await?;
    for file in files {
        attachments::service::forget(app, &file).await;
    }
    Ok(true)
}
