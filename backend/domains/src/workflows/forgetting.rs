//! A family is forgotten when its help has been over for long enough, or its consent withdrawn.
//!
//! 个人信息保护法第十九条、第四十七条: no longer than needed. [`retention`] says which files are due and why. The order here is the
//! order in which things go.

use contract::attachments::AttachmentObject;
use platform::{App, Result, Tx};
use uuid::Uuid;

use crate::assistance;
use crate::attachments;
use crate::households::retention::{self, Limits};
use crate::measures;
use crate::pairings;
use crate::plans;

/// Takes everything personal out of a file, those merged into it and all that hangs on them, in one transaction, if it is still
/// kept no longer. Papers and photos go when that has lasted.
///
/// # Errors
/// What the database says.
pub async fn forget(app: &App, id: Uuid, limits: Limits) -> Result<bool> {
    let (tx, vault) = (Tx::system(app).await?, &app.vault);
    let Some((family, reason)) = retention::hold_due(&tx, vault, id, limits).await? else { return Ok(false) };
    let mut files = Vec::new();
    for id in family {
        retention::erase(&tx, vault, id).await?;
        plans::service::forget_names(&tx, id).await?;
        measures::service::forget_words(&tx, vault, id).await?;
        pairings::service::forget_notes(&tx, id).await?;
        let records = assistance::service::forget_words(&tx, vault, id).await?;
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

/// `baishe retention …`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Anonymises the files of families whose help has been over, or whose consent has been withdrawn, for longer than the settings say.
    Run {
        /// Only says which they are
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs a command, telling the number of each file and why: none of it tells who the family is. Interrupted, it leaves each file whole or anonymised, and goes on
/// when it is run again.
///
/// # Errors
/// What the database says.
pub async fn run(app: &App, command: Command, mut say: impl FnMut(String)) -> Result<String> {
    let Command::Run { dry_run } = command;
    let limits = Limits::of(&app.config, app.clock.today());
    let (mut after, mut count) = (Uuid::nil(), 0);
    while let Some((due, last)) = retention::due(app, limits, after).await? {
        after = last;
        for file in due {
            if dry_run || forget(app, file.id, limits).await? {
                say(format!("{} {}", file.file_number, file.reason.code()));
                count += 1;
            }
        }
    }
    if dry_run {
        return Ok(format!("{count} files would be anonymised; nothing was changed"));
    }
    retention::record_run(app, count).await?;
    Ok(format!("{count} files anonymised"))
}
