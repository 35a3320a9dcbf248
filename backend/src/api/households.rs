//! Operations on household files.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::households::{
    Household, HouseholdAction, HouseholdInput, HouseholdJoinInput, HouseholdMergeInput, HouseholdMoveInput, HouseholdQuery,
    HouseholdSearch, HouseholdSplitInput, HouseholdStepInput, HouseholdSummary, HouseholdUnmergeInput, RevealInput,
    RevealedHousehold, StatusEntry, Visit, VisitInput, VisitQuery,
};
use contract::imports::Workbook;
use contract::permission::need::{ExportHouseholds, MoveHouseholds, ReadHouseholds, RevealHouseholds, WriteHouseholds};
use domains::households::{export, reveal, search, service, visits, workbook};
use domains::workflows::{consent, leaving};
use platform::api::Api;
use platform::download::Download;
use platform::extract::{Language, NotPersonal, Step};
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_households,
        create_household,
        search_households,
        read_household_template,
        import_households,
        export_households,
        read_household,
        update_household,
        reveal_household,
        merge_households,
        unmerge_household,
        move_household,
        split_household,
        join_household,
        list_household_statuses,
        list_household_visits,
        create_household_visit,
        list_household_history,
        step_household
    );
}

listed! { service: HouseholdSummary, HouseholdQuery, ReadHouseholds, "/households", "a household", "household", "households" =>
    list list_households "Those of the caller's area, masked; an organisation sees those it has an active pairing with.",
}

listed! { service: HouseholdSummary, HouseholdQuery, RevealHouseholds,
    "/households", "a household file", "household", "household files" =>
    history list_household_history "Who changed or read it, when and what for; of what is personal only that it changed.",
}

/// Open a household file
///
/// A family that likely has a file in the village already (a head of the same name, without identity numbers to tell the two
/// apart) is refused with that file (`likely_double`); whoever has looked at it says `not_a_double`.
#[utoipa::path(post, path = "/households", request_body = HouseholdInput,
    responses((status = 201, description = "The household, masked", body = Household)))]
pub async fn create_household(change: Change<WriteHouseholds>, body: Body<HouseholdInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Find households
///
/// By identity number, telephone or full name, in the caller's area: a `POST`, so that no name stands in an address or a log. Each search is
/// kept in the audit trail without what was searched for; 300 in an hour. An `Idempotency-Key` does nothing here.
#[utoipa::path(post, path = "/households/search", request_body = HouseholdSearch,
    responses((status = 200, description = "A page of households, masked", body = Page<HouseholdSummary>)))]
pub async fn search_households(change: Change<RevealHouseholds>, body: Body<HouseholdSearch>) -> Result<HttpResponse> {
    change.answer_once(async |tx| search::search(tx, body.0).await).await
}

imported! { workbook: WriteHouseholds, "/households", "households" =>
    template read_household_template "a sheet of households and one of their members, lists to choose from",
    import import_households "Opens a file for each household, with its members on a second sheet, in any order; both name the \
        household by a reference that means nothing\n\
        outside of the workbook. Where the reference is the number of a file that the caller keeps, as in an export, that file \
        is changed instead: empty cells, and those that hold what is kept, masked or not, leave it; `清空` or `CLEAR` clears. \
        Village, day of registration, consent and status are not changed so, and nobody joins or leaves the family: what a sheet says of it \
        is a fault, or a note that says where it is changed. A row that would undo \
        what was changed since it was exported is a fault (`changed_since`). A dry run reports every bad cell, without repeating \
        what it says, and what each cell changes, masked, and is kept in the audit trail; otherwise an import with faults is\n\
        refused as a whole (`validation_failed`, with pointers `/{sheet}/{row}/{field}`). A person who is in another file \
        already is a fault (`known_elsewhere`): in\n\
        a dry run as far as the caller may see that file, otherwise wherever it is, once nothing else is at fault. 5,000 \
        persons in a day are looked up without anything being\n\
        written; a dry run of more compares none (`persons_unchecked`), and an import that is refused says only that there is \
        somebody (`known_elsewhere_untold`). A family that likely has a file in its village already, or stands in the \
        workbook twice, or is renamed so, is a fault (`likely_double`),\n\
        unless its row says that it is another (`not_a_double`).",
}

/// Export household files in full
///
/// The files that the list shows by the same filters, with their members on a second sheet, for a purpose; at most 5,000 in one, and 10 in a day. Who took them, what
/// for, by which filter and how many stays in the audit trail. Families that have not consented, or no longer do, and children under 14 are as masked as in lists.
#[utoipa::path(post, path = "/households/export",
    params(HouseholdQuery, ("Not-Personal" = Option<String>, Header, min_length = 1, max_length = 1000, description = "As of a change")), request_body = RevealInput, responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_households(
    guard: Guard<ExportHouseholds>,
    query: Query<HouseholdQuery>,
    language: Language,
    not_personal: NotPersonal,
    body: Body<RevealInput>,
) -> Result<Download> {
    export::export(guard.app(), &guard, &query.0, body.0, (language.0, not_personal)).await
}

/// Read a household, masked
#[utoipa::path(get, path = "/households/{id}", params(("id" = Uuid, Path, description = "Id of the household")),
    responses((status = 200, description = "The household, masked", body = Household)))]
pub async fn read_household(guard: Guard<ReadHouseholds>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(&guard.asker(), *id).await?)
}

/// Change a household file
///
/// What the patch leaves out stays, so that a file can be changed without being revealed. Members are given as a whole; those who stay keep their `id`. Whoever is left out
/// and was given something is still named there, masked. Village and day of registration can be corrected as long as nothing hangs on the file (`file_in_use`).
///
/// A head with another name, or without a number from now on, is compared with other families of the village as that of a new file is (`likely_double`, `not_a_double`).
#[utoipa::path(patch, path = "/households/{id}", params(("id" = Uuid, Path, description = "Id of the household")),
    request_body = HouseholdInput, responses((status = 200, description = "The household as it is now, masked", body = Household)))]
pub async fn update_household(change: Change<WriteHouseholds>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| consent::update(tx, *id, patch).await).await
}

/// Read a household file in full
///
/// For one household and a purpose, kept in the audit trail; 60 in an hour. Without consent not for a payment, and after it was withdrawn not for a visit. Of a child under 14 number and birth date are answered only for
/// `edit` and `verification`. The answer is kept nowhere: an `Idempotency-Key` does nothing here.
#[utoipa::path(post, path = "/households/{id}/reveal", params(("id" = Uuid, Path, description = "Id of the household")),
    request_body = RevealInput, responses((status = 200, description = "The file", body = RevealedHousehold)))]
pub async fn reveal_household(change: Change<RevealHouseholds>, id: Path<Uuid>, body: Body<RevealInput>) -> Result<HttpResponse> {
    change.answer_once(async |tx| reveal::reveal(tx, *id, body.0).await).await
}

/// Merge another file of the same family into this one
///
/// The members named belong to this file from then on, with the parts that are taken from the other; the other file stays readable with its history,
/// leaves every list, and changes no more. Nothing is deleted, so that it can be undone. Of two who merge the same files at once, the second is told.
/// In the ledger the other file leaves on this day, and the months before stay as they were. Where somebody else is head now than of either file, the family is compared with others as that of a new file is (`likely_double`, `not_a_double`).
#[utoipa::path(post, path = "/households/{id}/merge", params(("id" = Uuid, Path, description = "Id of the household that stays")),
    request_body = HouseholdMergeInput, responses((status = 200, description = "The household as it is now, masked", body = Household)))]
pub async fn merge_households(
    change: Change<WriteHouseholds>,
    id: Path<Uuid>,
    body: Body<HouseholdMergeInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| consent::merge(tx, *id, body.0).await).await
}

/// Undo the merge of a file
///
/// Each member goes back to the file it came from, as what it was there, with what has been corrected since; who was added since stays. Parts that were taken go back
/// unless they have been changed since. Merges into one file are undone the latest first.
#[utoipa::path(post, path = "/households/{id}/unmerge", params(("id" = Uuid, Path, description = "Id of the file that was merged")),
    request_body = HouseholdUnmergeInput, responses((status = 200, description = "The file that is one of its own again, masked", body = Household)))]
pub async fn unmerge_household(
    change: Change<WriteHouseholds>,
    id: Path<Uuid>,
    body: Body<HouseholdUnmergeInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| consent::unmerge(tx, *id, body.0).await).await
}

/// Move a household to another village
///
/// Within a town its office moves it, between towns the bureau; a village asks its town. One that had left comes back like this: it consents, and is registered again. The household gets a file in the other village, with its members, consent, papers
/// and photos. The old one closes and stays where it is with what was given there; its plans end, and its pairings but those in `keep_pairings`: these go on there, where the organisation has an active pairing with the other village in the same campaign. The ledger counts the household out of the one village and into the other on that day.
///
/// Where the other village likely has a file of the family already, the move is refused with that file (`likely_double`), as a new one would be.
#[utoipa::path(post, path = "/households/{id}/move", params(("id" = Uuid, Path, description = "Id of the household")),
    request_body = HouseholdMoveInput, responses((status = 200, description = "The file in the other village, masked", body = Household)))]
pub async fn move_household(
    change: Change<MoveHouseholds>,
    id: Path<Uuid>,
    body: Body<HouseholdMoveInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| leaving::move_to(tx, *id, body.0).await).await
}

/// Let members of a household found one of their own
///
/// 分户: they get a file in the same village, with what is known of each. What was given and planned stays in the old file, which still names them where something was. Neither consent nor
/// pairings pass: the new household is asked for itself, and one whose family has withdrawn its consent begins without. Where the head leaves, `staying` says who is head now. A member whom a measure of a plan
/// still waits for cannot leave. The ledger counts the new household as newly registered. Within a town its office does it, or the bureau.
///
/// The new household, and the old one where it has another head, are compared with others of the village as that of a new file is (`likely_double`, `not_a_double`).
#[utoipa::path(post, path = "/households/{id}/split", params(("id" = Uuid, Path, description = "Id of the household that they leave")),
    request_body = HouseholdSplitInput, responses((status = 200, description = "The file of the new household, masked", body = Household)))]
pub async fn split_household(
    change: Change<MoveHouseholds>,
    id: Path<Uuid>,
    body: Body<HouseholdSplitInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| leaving::split(tx, *id, body.0).await).await
}

/// Let a household join another one
///
/// 并户: all its members go to the file of the other household, with its papers and photos. Its own file closes (`joined`) and stays where it is with what was given there, where they are still named; its pairings and plans end.
/// Status, consent, telephone and account are those of the household that it joins; whoever has withdrawn their consent joins no household that consents. The ledger counts it as one that left.
/// Within a town its office does it, between towns the bureau. A household that gets another head by this is compared with others of its village as that of a new file is (`likely_double`, `not_a_double`).
#[utoipa::path(post, path = "/households/{id}/join", params(("id" = Uuid, Path, description = "Id of the household that joins the other")),
    request_body = HouseholdJoinInput, responses((status = 200, description = "The file of the household that it joined, masked", body = Household)))]
pub async fn join_household(
    change: Change<MoveHouseholds>,
    id: Path<Uuid>,
    body: Body<HouseholdJoinInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| leaving::join(tx, *id, body.0).await).await
}

/// List the statuses a household has had
#[utoipa::path(get, path = "/households/{id}/statuses", params(("id" = Uuid, Path, description = "Id of the household")),
    responses((status = 200, description = "The latest first, at most 200", body = Vec<StatusEntry>)))]
pub async fn list_household_statuses(guard: Guard<ReadHouseholds>, id: Path<Uuid>) -> Result<Json<Vec<StatusEntry>>> {
    service::statuses(&guard.asker(), *id).await.map(Json)
}

/// List the visits to a household
///
/// What was written of them is read in full: that is kept in the audit trail, once an hour for each household.
#[utoipa::path(get, path = "/households/{id}/visits", params(("id" = Uuid, Path, description = "Id of the household"), VisitQuery),
    responses((status = 200, description = "A page of visits, the latest first", body = Page<Visit>)))]
pub async fn list_household_visits(
    guard: Guard<RevealHouseholds>,
    id: Path<Uuid>,
    query: Query<VisitQuery>,
) -> Result<Json<Page<Visit>>> {
    visits::list(guard.app(), &guard, *id, query.0).await.map(Json)
}

/// Write down a visit to a household
///
/// A family that has withdrawn its consent is visited no more (`household_not_consented`), whenever the visit took place. Of one that has left or
/// moved, visits until that day are still written down in the file it left (`after_leaving`, `after_moving`). What is written names nobody of the family; it is sealed all the same. A visit that was written down wrongly is corrected by another one, once, which takes its place;
/// both stay to be seen.
#[utoipa::path(post, path = "/households/{id}/visits", params(("id" = Uuid, Path, description = "Id of the household")),
    request_body = VisitInput, responses((status = 201, description = "The visit", body = Visit)))]
pub async fn create_household_visit(
    change: Change<WriteHouseholds>,
    id: Path<Uuid>,
    body: Body<VisitInput>,
) -> Result<HttpResponse> {
    change.create(async |tx| visits::create(tx, *id, body.0).await).await
}

/// Take a step of a household
///
/// Without the family's consent it is only lifted out, or leaves. Whoever leaves does so for a reason, is counted apart from those who were lifted out, and its pairings and plans end.
#[utoipa::path(post, path = "/households/{id}/{action}", request_body = HouseholdStepInput,
    params(("id" = Uuid, Path, description = "Id of the household"), ("action" = HouseholdAction, Path, description = "The step")),
    responses((status = 200, description = "The household as it is now, masked", body = Household)))]
pub async fn step_household(
    change: Change<WriteHouseholds>,
    step: Step<HouseholdAction>,
    body: Body<HouseholdStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| leaving::step(tx, step.id, step.action, body.0).await).await
}
