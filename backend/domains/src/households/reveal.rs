//! Reads in full what every other answer masks.

use chrono::TimeDelta;
use contract::ErrorCode;
use contract::households::{Consent, RevealInput, RevealPurpose, RevealedHousehold};
use entities::households::OBJECT;
use platform::audit::Event;
use platform::budget::Budget;
use platform::{Error, Result, Tx};
use uuid::Uuid;

use super::service::{check_remark, whole};
use super::{consent, merging, policy};

const REVEAL: &str = "reveal";
const DOWNLOAD: &str = "download";
/// How many files, and how many papers, one person may read in full in an hour. More would not be work on single families.
static REVEALS: Budget = Budget { actions: &[REVEAL], most: 60, within: TimeDelta::hours(1) };
static DOWNLOADS: Budget = Budget { actions: &[DOWNLOAD], most: 60, within: TimeDelta::hours(1) };

/// A file in full. An entry in the same transaction records who read it and for what purpose, so nothing is read without an
/// entry.
///
/// # Errors
/// `not_found`, `household_anonymised`, `household_moved`, `household_not_consented`, `too_many_requests`.
pub async fn reveal(tx: &Tx, id: Uuid, why: RevealInput) -> Result<RevealedHousehold> {
    let whole = whole(tx, id).await?;
    if whole.row.anonymised_on.is_some() {
        return Err(ErrorCode::HouseholdAnonymised.into());
    }
    if whole.row.has_moved() {
        merging::refuse_closed(tx, id).await?;
    }
    check_purpose(whole.personal.consent.as_ref(), why.purpose)?;
    REVEALS.take(tx, 1).await?;
    check_remark(tx, id, &whole.details(), "/note", why.note.as_deref()).await?;
    let event = Event { note: why.note, ..Event::of(OBJECT, id, REVEAL) };
    tx.record(event, &(), &serde_json::json!({ "purpose": why.purpose })).await?;
    let mut details = whole.details();
    details.members = details.members.into_iter().map(|member| policy::revealed(member, why.purpose, tx.today())).collect();
    Ok(RevealedHousehold { id, version: whole.row.version, details })
}

fn check_purpose(consent: Option<&Consent>, purpose: RevealPurpose) -> Result<()> {
    consent::asked_for(purpose).map_or(Ok(()), |ask| consent::require(consent, ask))
}

/// Records that somebody reads an attachment of a file or of an assistance record, and for what purpose.
///
/// # Errors
/// `validation_failed` without a purpose, `household_not_consented`, `too_many_requests`.
pub async fn record_download(
    tx: &Tx,
    object: &'static str,
    id: &str,
    attachment_id: Uuid,
    consent: Option<&Consent>,
    purpose: Option<RevealPurpose>,
) -> Result<()> {
    let purpose = purpose.ok_or_else(|| Error::field("/purpose", "required"))?;
    check_purpose(consent, purpose)?;
    DOWNLOADS.take(tx, 1).await?;
    let after = serde_json::json!({ "purpose": purpose, "attachment_id": attachment_id });
    tx.record(Event::of(object, id, DOWNLOAD), &(), &after).await
}
