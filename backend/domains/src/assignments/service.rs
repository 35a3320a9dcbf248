//! Keeps assignments, compares them, and turns their lines into recommended pairings.

use std::collections::{HashMap, HashSet};

use contract::assignments::{
    AcceptInput, AssignedPair, Assignment, AssignmentAction, AssignmentCertificate, AssignmentComparison, AssignmentInput,
    AssignmentLine, AssignmentPair, AssignmentReasons, AssignmentState, WhyNot, WhyNotQuery,
};
use contract::campaigns::Campaign;
use contract::pairings::PairingInput;
use contract::recommendations::{ScoreTerm, ScoreTermKind};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, Lang};
use entities::assignments::{ActiveModel, Column, Entity, LineRow, OBJECT, line};
use entities::scope;
use matching::Pair;
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::object::Object;
use platform::{Asker, Error, Result, Tx, apart, spelling, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use tokio::sync::Semaphore;

use super::compute::Prepared;
use super::list::{AssignmentLines, Assignments};
use super::told::Computed;
use crate::campaigns;
use crate::fit::data::{Data, Of};
use crate::pairings;

/// The most characters of a pairing's note.
const NOTE: usize = 1000;
/// How many campaigns are solved at a time: each takes a processor, and at the largest 150 MB.
static SOLVING: Semaphore = Semaphore::const_new(2);
/// How many lines are written at once.
const AT_ONCE: usize = 500;

/// An assignment that was computed and is not kept yet.
#[derive(Debug)]
pub struct Draft {
    prepared: Prepared,
    computed: Computed,
    digest: String,
}

/// Computes an assignment of what the caller sees of a campaign. It reads in no transaction, and computes outside of the threads that
/// answer requests.
///
/// # Errors
/// `validation_failed`, also where demands contradict each other; `assignment_too_long`.
pub async fn compute(asker: &Asker<'_>, input: AssignmentInput) -> Result<Draft> {
    let campaign = campaigns::service::named(asker, input.campaign_id, "/campaign_id").await?;
    let prepared = prepared(asker, &campaign, input).await?;
    solving(move || {
        let digest = prepared.data.digest()?;
        let computed = prepared.compute(&digest)?;
        Ok(Draft { prepared, computed, digest })
    })
    .await
}

/// Solves a campaign outside of the threads that answer requests. The others wait for their turn, which lasts as long as the work, even
/// if whoever asked has gone.
async fn solving<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn = SOLVING.acquire().await.map_err(Error::internal)?;
    apart(move || {
        let solved = work();
        drop(turn);
        solved
    })
    .await?
}

async fn prepared(asker: &Asker<'_>, campaign: &Campaign, details: AssignmentInput) -> Result<Prepared> {
    let of = Of { with_rankings: details.uses_rankings, within: scope::area(asker.caller), ..Of::default() };
    let data = Data::read(asker, campaign, of).await?;
    let weights = details.weights.clone().unwrap_or_else(|| campaign.details.settings.match_weights.clone());
    Prepared::new(data, details, weights)
}

/// Keeps what was computed.
pub async fn keep(tx: &Tx, draft: Draft) -> Result<Assignment> {
    let Draft { prepared, computed, digest } = draft;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(prepared.details.campaign_id),
        area_code: Set(tx.caller()?.area_code.clone()),
        name_key: Set(spelling::key(&prepared.details.title)),
        name_words: Set(spelling::words(&prepared.details.title)),
        details: Set(AsJson(prepared.details)),
        applied_weights: Set(AsJson(prepared.weights)),
        figures: Set(AsJson(computed.figures)),
        reasons: Set(AsJson(computed.reasons)),
        certificate: Set(AsJson(computed.certificate)),
        digest: Set(digest),
        recommended: Set(0),
        state: Set(Code(AssignmentState::Draft)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let lines: Vec<_> = (1..)
        .zip(computed.lines)
        .map(|(position, made)| line::ActiveModel {
            id: Set(Uuid::now_v7()),
            assignment_id: Set(id),
            position: Set(position),
            organisation_id: Set(made.organisation_id),
            village_code: Set(made.village_code),
            pinned: Set(made.pinned),
            score: Set(made.score),
            terms: Set(AsJson(made.terms)),
            pairing_id: Set(None),
        })
        .collect();
    for lines in lines.chunks(AT_ONCE) {
        line::Entity::insert_many(lines.to_vec()).exec_without_returning(&tx.connection).await?;
    }
    let made = Assignments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Who stays without and why, and what both sides would rather have.
///
/// # Errors
/// `not_found`.
pub async fn reasons(asker: &Asker<'_>, id: Uuid) -> Result<AssignmentReasons> {
    let found = scope::assignments(asker.caller).select_only().column(Column::Reasons).filter(Column::Id.eq(id));
    let (AsJson(reasons),) = found.into_tuple::<(AsJson<_>,)>().one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(reasons)
}

/// The proof that no assignment of the same data is worth more.
///
/// # Errors
/// `not_found`.
pub async fn certificate(asker: &Asker<'_>, id: Uuid) -> Result<AssignmentCertificate> {
    let found = scope::assignments(asker.caller).select_only().column(Column::Certificate).filter(Column::Id.eq(id));
    let (AsJson(certificate),) = found.into_tuple::<(AsJson<_>,)>().one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(certificate)
}

/// The campaign as it was when an assignment was computed.
///
/// # Errors
/// `assignment_stale` if it has changed since.
async fn unchanged(asker: &Asker<'_>, assignment: Assignment) -> Result<Prepared> {
    let campaign = campaigns::service::named(asker, assignment.details.campaign_id, "/campaign_id").await?;
    let details = AssignmentInput { weights: Some(assignment.applied_weights), ..assignment.details };
    // Whoever was pinned may take no part any more.
    let prepared = prepared(asker, &campaign, details).await.map_err(|error| match error.code {
        ErrorCode::ValidationFailed => ErrorCode::AssignmentStale.into(),
        _ => error,
    })?;
    let (prepared, digest) = apart(move || prepared.data.digest().map(|digest| (prepared, digest))).await??;
    if digest == assignment.digest { Ok(prepared) } else { Err(ErrorCode::AssignmentStale.into()) }
}

/// Why an assignment does not pair two, what it would cost, and who would give way.
///
/// # Errors
/// `not_found`, `validation_failed`, `assignment_stale`.
pub async fn why_not(asker: &Asker<'_>, id: Uuid, query: WhyNotQuery) -> Result<WhyNot> {
    let prepared = unchanged(asker, Assignments::read(asker, id).await?).await?;
    let organisation = prepared.data.organisation(query.organisation_id);
    let organisation = organisation.ok_or_else(|| Error::field("/organisation_id", "not_enrolled"))?;
    let village = prepared.data.village(&query.village_code).ok_or_else(|| Error::field("/village_code", "not_enrolled"))?;
    solving(move || prepared.why_not(Pair { organisation, village })).await
}

/// Two assignments of a campaign side by side.
///
/// # Errors
/// `not_found`; a fault at `/other_id` where there is no such assignment of the same campaign.
pub async fn compare(asker: &Asker<'_>, id: Uuid, other_id: Uuid) -> Result<AssignmentComparison> {
    let first = Assignments::read(asker, id).await?;
    let second = Assignments::read(asker, other_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/other_id", "unknown"),
        _ => error,
    })?;
    if first.details.campaign_id != second.details.campaign_id {
        return Err(Error::field("/other_id", "unknown"));
    }
    let (ours, theirs) = (lines(asker, id).await?, lines(asker, other_id).await?);
    let key = |line: &AssignmentLine| (line.organisation_id, line.village_code.clone());
    let only = |lines: &[AssignmentLine], others: &[AssignmentLine]| -> Vec<AssignedPair> {
        let others: HashSet<_> = others.iter().map(key).collect();
        lines.iter().filter(|line| !others.contains(&key(line))).map(pair).collect()
    };
    let only_first = only(&ours, &theirs);
    Ok(AssignmentComparison {
        same_data: first.digest == second.digest,
        shared: i64::try_from(ours.len() - only_first.len()).unwrap_or_default(),
        only_first,
        only_second: only(&theirs, &ours),
        first: first.figures,
        second: second.figures,
        first_title: first.details.title,
        second_title: second.details.title,
    })
}

fn pair(line: &AssignmentLine) -> AssignedPair {
    AssignedPair {
        organisation_id: line.organisation_id,
        organisation_name: line.organisation_name.clone(),
        village_code: line.village_code.clone(),
        village_name: line.village_name.clone(),
        score: line.score,
    }
}

async fn lines(asker: &Asker<'_>, id: Uuid) -> Result<Vec<AssignmentLine>> {
    let rows = AssignmentLines::named(AssignmentLines::scope(asker.caller))
        .filter(line::Column::AssignmentId.eq(id))
        .order_by_asc(line::Column::Position);
    let rows = rows.into_partial_model::<LineRow>().all(&asker.db).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Turns lines into recommended pairings, all or none. Both sides answer each of them, and its note tells why. Of two who do so at once
/// the second finds that it is done.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `assignment_stale`, `stale_version`, `validation_failed`, and those of
/// a proposal.
pub async fn accept(tx: &Tx, id: Uuid, input: AcceptInput) -> Result<Assignment> {
    tx.hold::<Entity>(id).await?;
    let before = Assignments::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let remarks = StepInput::default();
    let step = workflow::step(AssignmentState::STEPS, before.state, AssignmentAction::Accept, tx.caller()?.role, &remarks)?;
    if !before.acceptable() {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    unchanged(&tx.asker()?, before.clone()).await?;
    let known: HashMap<(Uuid, String), AssignmentLine> = lines(&tx.asker()?, id)
        .await?
        .into_iter()
        .map(|line| ((line.organisation_id, line.village_code.clone()), line))
        .collect();
    let mut chosen = Vec::new();
    let mut faults = Vec::new();
    for (index, pair) in input.lines.iter().enumerate() {
        let AssignmentPair { organisation_id, village_code } = pair;
        match known.get(&(*organisation_id, village_code.clone())) {
            None => faults.push(FieldError::at(format!("/lines/{index}"), "unknown")),
            Some(_) if input.lines[..index].contains(pair) => {
                faults.push(FieldError::at(format!("/lines/{index}"), "duplicate"));
            }
            Some(line) => chosen.push(line),
        }
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    // Always in the same order, so that no two wait for each other.
    chosen.sort_unstable_by_key(|line| line.position);
    for line in &chosen {
        let told: Vec<_> = line.terms.iter().filter(|term| !ScoreTermKind::OF_ONE_SIDE.contains(&term.kind)).cloned().collect();
        let note = in_words(&told, Lang::ZhCn);
        let pairing = PairingInput {
            campaign_id: before.details.campaign_id,
            organisation_id: line.organisation_id,
            village_code: Some(line.village_code.clone()),
            household_id: None,
            note: Some(note).filter(|note| !note.is_empty()),
            commitments: Vec::new(),
            on_behalf_reason: None,
        };
        let made = pairings::service::create(tx, pairing).await?;
        let columns = line::ActiveModel { pairing_id: Set(Some(made.id)), ..Default::default() };
        line::Entity::update_many().set(columns).filter(line::Column::Id.eq(line.id)).exec(&tx.connection).await?;
    }
    let recommended = i32::try_from(chosen.len()).unwrap_or(i32::MAX);
    let columns = ActiveModel { state: Set(Code(step.to)), recommended: Set(recommended), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    let after = Assignments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "accept"), &before, &after).await?;
    Ok(after)
}

/// Discards a draft. It leaves the list, and keeps its lines and its history.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step` once it has become recommendations, `stale_version`.
pub async fn discard(tx: &Tx, id: Uuid, input: StepInput) -> Result<Assignment> {
    tx.hold::<Entity>(id).await?;
    let before = Assignments::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let action = AssignmentAction::Discard;
    let step = workflow::step(AssignmentState::STEPS, before.state, action, tx.caller()?.role, &input)?;
    if !before.allowed_actions.contains(&action) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(step.to)), ..Default::default() }).await?;
    let after = Assignments::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// The reasons as they stand in a pairing's note.
pub(super) fn in_words(terms: &[ScoreTerm], lang: Lang) -> String {
    let words = terms.iter().map(|term| format!("{}（{}）", term.words(lang), term.points));
    words.collect::<Vec<_>>().join("；").chars().take(NOTE).collect()
}
