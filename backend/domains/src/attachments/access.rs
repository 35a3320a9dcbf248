//! Who may see and add attachments of an object: those who may see and change the object. Who may remove any: its keepers.

use contract::attachments::AttachmentObject;
use contract::households::Consent;
use contract::{ErrorCode, Permission, Role};
use platform::object::Object;
use platform::{Asker, Caller, Result, Tx};
use uuid::Uuid;

use crate::agreements::list::Agreements;
use crate::assistance;
use crate::cases::list::Cases;
use crate::catalogue::list::CatalogueEntries;
use crate::findings;
use crate::findings::list::Findings;
use crate::households;
use crate::households::consent::Ask;
use crate::inspections;
use crate::inspections::list::Inspections;
use crate::institutions::list::Institutions;
use crate::meetings::list::Meetings;
use crate::organisations;
use crate::outcomes::list::Outcomes;
use crate::progress::list::ProgressUpdates;
use crate::projects;
use crate::projects::list::Projects;
use crate::supervision_orders;
use crate::supervision_orders::list::SupervisionOrders;
use crate::villages::list::Villages;

/// Whether the caller may change an object. Each kind of object has an arm with the rule of its domain.
///
/// # Errors
/// `forbidden` if the role never reads such objects, `not_found` if the object does not exist for the caller.
pub async fn may_write(asker: &Asker<'_>, kind: AttachmentObject, id: &str) -> Result<bool> {
    let caller = asker.caller;
    if !caller.may(kind.read_by()) {
        return Err(ErrorCode::Forbidden.into());
    }
    let uuid = || Uuid::try_parse(id).map_err(|_| ErrorCode::NotFound);
    match kind {
        AttachmentObject::Organisation => organisations::service::may_change(asker, uuid()?).await,
        AttachmentObject::Institution => Ok(Institutions::read(asker, uuid()?).await?.editable),
        AttachmentObject::CatalogueEntry => Ok(CatalogueEntries::read(asker, uuid()?).await?.editable),
        AttachmentObject::Case => Ok(Cases::read(asker, uuid()?).await?.editable),
        AttachmentObject::Village => Ok(Villages::read(asker, id.to_owned()).await?.editable),
        AttachmentObject::Agreement => Ok(Agreements::read(asker, uuid()?).await?.editable),
        // Evidence is attached while a project runs, when its plan can no longer change.
        AttachmentObject::Project => {
            let state = Projects::row(asker, uuid()?).await?.row.state.0;
            Ok(projects::policy::evidence_welcome(state, caller.role))
        }
        AttachmentObject::ProgressUpdate => Ok(ProgressUpdates::read(asker, uuid()?).await?.editable),
        AttachmentObject::Inspection => {
            let row = Inspections::row(asker, uuid()?).await?;
            Ok(inspections::policy::evidence_welcome(inspections::list::facts(caller, &row), caller.role))
        }
        // What was mended is shown by the side that mended it, what is wrong by whoever found it.
        AttachmentObject::Finding => {
            let row = Findings::row(asker, uuid()?).await?;
            Ok(findings::policy::evidence_welcome(findings::list::facts(&row), caller.role))
        }
        AttachmentObject::Household => households::service::may_change(asker, uuid()?).await,
        // The office may add to a draft, and the addressee to what it is to answer.
        AttachmentObject::SupervisionOrder => {
            let whole = SupervisionOrders::row(asker, uuid()?).await?;
            Ok(supervision_orders::list::evidence_welcome(asker.caller, &whole.row))
        }
        AttachmentObject::Meeting => Ok(Meetings::read(asker, uuid()?).await?.editable),
        AttachmentObject::Outcome => Ok(Outcomes::read(asker, uuid()?).await?.editable),
        AttachmentObject::AssistanceRecord => {
            // Photos cannot be masked.
            if !assistance::policy::reads_in_full(caller.role) {
                return Err(ErrorCode::Forbidden.into());
            }
            assistance::service::may_change(asker, uuid()?).await
        }
    }
}

/// Whether a caller for whom an object exists keeps it, and so may remove for a reason what does not belong there, whoever
/// attached it and whatever the object's state. `writes` is whether they may change the object.
pub fn keeps(caller: &Caller, kind: AttachmentObject, writes: bool) -> bool {
    match kind {
        // Those who open families' files are responsible for what these show.
        AttachmentObject::Household | AttachmentObject::AssistanceRecord => caller.may(Permission::RevealHouseholds),
        // Evidence of the two sides' work is removed by those who check it, not by a side.
        AttachmentObject::Project
        | AttachmentObject::ProgressUpdate
        | AttachmentObject::Outcome
        | AttachmentObject::Inspection
        | AttachmentObject::Finding => matches!(caller.role, Role::Bureau | Role::Town),
        AttachmentObject::Organisation
        | AttachmentObject::Institution
        | AttachmentObject::Village
        | AttachmentObject::Meeting => writes,
        // Those of other keepers are read in the whole county, and nobody changes what is over.
        AttachmentObject::CatalogueEntry => writes || caller.role == Role::Bureau,
        // Somebody who is shown may take their consent back, whatever the state of the case.
        AttachmentObject::Case => writes || caller.role == Role::Bureau,
        // A signed agreement stays as it was signed, an order as it was issued and answered.
        AttachmentObject::Agreement | AttachmentObject::SupervisionOrder => false,
    }
}

/// Locks an object whose attachments are deleted when a family is forgotten. Otherwise a file attached at the same moment would
/// stay.
///
/// # Errors
/// `not_found`.
pub async fn hold(tx: &Tx, kind: AttachmentObject, id: &str) -> Result<()> {
    let uuid = || Uuid::try_parse(id).map_err(|_| ErrorCode::NotFound);
    match kind {
        AttachmentObject::Household => households::eligibility::hold(tx, uuid()?).await.map(drop),
        AttachmentObject::AssistanceRecord => {
            // Locked after its household, as when a family withdraws its consent or is forgotten.
            households::eligibility::hold(tx, assistance::service::household_of(&tx.connection, uuid()?).await?).await?;
            tx.hold::<entities::assistance::Entity>(uuid()?).await
        }
        _ => Ok(()),
    }
}

/// The consent of the family to which a file is attached; `None` if the object is no family's.
///
/// # Errors
/// `not_found`.
pub async fn consent(asker: &Asker<'_>, kind: AttachmentObject, id: &str) -> Result<Option<Consent>> {
    let uuid = || Uuid::try_parse(id).map_err(|_| ErrorCode::NotFound);
    let household_id = match kind {
        AttachmentObject::Household => uuid()?,
        AttachmentObject::AssistanceRecord => assistance::service::household_of(&asker.db, uuid()?).await?,
        _ => return Ok(None),
    };
    households::consent::of(&asker.db, asker.vault, household_id).await
}

/// Refuses a photo of a family that does not consent to photos. A paper, such as the one on which it consents or withdraws,
/// is not a photo.
///
/// # Errors
/// `household_not_consented`, `photos_not_consented`.
pub async fn check_photo(asker: &Asker<'_>, kind: AttachmentObject, id: &str, media_type: &str) -> Result<()> {
    if kind.is_private() && is_picture(media_type) {
        households::consent::require(consent(asker, kind, id).await?.as_ref(), Ask::Photos)?;
    }
    Ok(())
}

/// Whether photos of the family are hidden from a caller.
pub fn hides_photos(caller: &Caller, kind: AttachmentObject, consent: Option<&Consent>) -> bool {
    kind.is_private() && !households::consent::keeps_files(caller) && !households::consent::gives(consent, Ask::Photos)
}

/// Whether a file is a picture.
pub fn is_picture(media_type: &str) -> bool {
    media_type.starts_with("image/")
}
