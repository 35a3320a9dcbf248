//! Writes rankings.

use std::collections::HashSet;

use contract::campaigns::Phase;
use contract::enrolments::{EnrolmentKind, EnrolmentState};
use contract::rankings::{Ranked, Ranking, RankingInput, RankingState};
use contract::workflow::StepInput;
use contract::{ErrorCode, FieldError, Role};
use entities::enrolments::{self as enrolment, Member};
use entities::rankings::{ActiveModel, Entity, OBJECT, choice};
use entities::scope;
use platform::audit::Event;
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, QuerySelect};
use serde_json::{Value, json};

use super::list::Rankings;
use super::policy;
use crate::campaigns;
use crate::enrolments;
use crate::organisations;
use crate::villages;

/// Sends a ranking: whom a village or an organisation would like best.
///
/// # Errors
/// `validation_failed`, `forbidden`, `outside_own_scope`, `outside_phase`, `ranking_closed`, `not_enrolled`, `ranking_exists`.
pub async fn create(tx: &Tx, input: RankingInput) -> Result<Ranking> {
    let caller = tx.caller()?;
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let (kind, area_code) = match (&input.village_code, input.organisation_id) {
        (Some(code), _) => (EnrolmentKind::Village, villages::service::named(tx, code, "/village_code").await?.code),
        (None, id) => {
            let id = id.unwrap_or_default();
            let organisation = organisations::service::existing(tx, id, "/organisation_id").await?;
            (EnrolmentKind::Organisation, organisation.details.area_code)
        }
    };
    if !policy::ranks(caller.role, kind) {
        return Err(ErrorCode::Forbidden.into());
    }
    if !scope::owns(caller, &area_code, input.organisation_id) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if !matches!(campaign.current_phase, Some(Phase::Preparation | Phase::Implementation)) {
        return Err(ErrorCode::OutsidePhase.into());
    }
    if !policy::is_open(campaign.details.rankings_due(), tx.today()) {
        return Err(ErrorCode::RankingClosed.into());
    }
    let on_behalf_reason = on_behalf(tx, &input)?;
    enrolments::service::hold(tx, input.campaign_id, member(&input)).await?;
    check_ranked(tx, &input).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(input.campaign_id),
        village_code: Set(input.village_code.clone()),
        organisation_id: Set(input.organisation_id),
        area_code: Set(area_code),
        on_behalf_reason: Set(on_behalf_reason.clone()),
        state: Set(Code(RankingState::Open)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::RankingExists)?;
    write_choices(tx, id, &input.ranked).await?;
    let why = StepInput { note: None, on_behalf_reason };
    tx.record(Event::of(OBJECT, id, "create").because(why), &(), &told(&input)).await?;
    Rankings::read(&tx.asker()?, id).await
}

/// Replaces whom a ranking names.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `ranking_closed`, `not_enrolled`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Ranking> {
    tx.hold::<Entity>(id).await?;
    let row = Rankings::row(&tx.asker()?, id).await?;
    let before = Rankings::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    if !before.editable {
        let is_open = policy::is_open(row.due_on(), tx.today());
        return Err(if is_open { ErrorCode::OutsideOwnScope } else { ErrorCode::RankingClosed }.into());
    }
    let Some(input) = patch.changes::<RankingInput>(&before.details)? else { return Ok(before) };
    let fixed = [
        ("/campaign_id", input.campaign_id != before.details.campaign_id),
        ("/village_code", input.village_code != before.details.village_code),
        ("/organisation_id", input.organisation_id != before.details.organisation_id),
    ];
    if let Some((pointer, _)) = fixed.into_iter().find(|(_, changed)| *changed) {
        return Err(Error::field(pointer, "fixed"));
    }
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let on_behalf_reason = on_behalf(tx, &input)?;
    enrolments::service::hold(tx, input.campaign_id, member(&input)).await?;
    check_ranked(tx, &input).await?;
    let columns = ActiveModel { on_behalf_reason: Set(on_behalf_reason.clone()), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    write_choices(tx, id, &input.ranked).await?;
    let why = StepInput { note: None, on_behalf_reason };
    tx.record(Event::of(OBJECT, id, "update").because(why), &told(&before.details), &told(&input)).await?;
    Rankings::read(&tx.asker()?, id).await
}

/// What the trail says of a ranking that is open: how many it names, and not whom, because auditors read the trail before the
/// deadline. Closing it records whom it names.
fn told(input: &RankingInput) -> Value {
    let RankingInput { campaign_id, village_code, organisation_id, ranked, .. } = input;
    match village_code {
        Some(code) => json!({ "campaign_id": campaign_id, "village_code": code, "ranked": ranked.len() }),
        None => json!({ "campaign_id": campaign_id, "organisation_id": organisation_id, "ranked": ranked.len() }),
    }
}

/// Why a town ranks for a village. Whoever ranks for itself needs no reason, and keeps none of the town's.
fn on_behalf(tx: &Tx, input: &RankingInput) -> Result<Option<String>> {
    match (tx.caller()?.role, &input.on_behalf_reason) {
        (Role::Town, None) => Err(Error::field("/on_behalf_reason", "required")),
        (Role::Town, Some(reason)) => Ok(Some(reason.clone())),
        _ => Ok(None),
    }
}

fn member(input: &RankingInput) -> Member<'_> {
    match &input.village_code {
        Some(code) => Member::Village(code),
        None => Member::Organisation(input.organisation_id.unwrap_or_default()),
    }
}

/// Refuses whom the campaign has not confirmed: a village of another campaign, or one that nobody knows.
async fn check_ranked(tx: &Tx, input: &RankingInput) -> Result<()> {
    let codes: Vec<_> = input.ranked.iter().filter_map(|ranked| ranked.village_code.as_deref()).collect();
    let ids: Vec<_> = input.ranked.iter().filter_map(|ranked| ranked.organisation_id).collect();
    let confirmed = scope::enrolments(tx.caller()?)
        .select_only()
        .columns([enrolment::Column::VillageCode, enrolment::Column::OrganisationId])
        .filter(enrolment::Column::CampaignId.eq(input.campaign_id))
        .filter(enrolment::Column::State.eq(Code(EnrolmentState::Confirmed)))
        .filter(enrolment::Column::VillageCode.is_in(codes).or(enrolment::Column::OrganisationId.is_in(ids)));
    let confirmed: Vec<(Option<String>, Option<Uuid>)> = confirmed.into_tuple().all(&tx.connection).await?;
    let confirmed: HashSet<_> = confirmed.into_iter().collect();
    let strangers = input.ranked.iter().enumerate();
    let strangers = strangers.filter(|(_, ranked)| !confirmed.contains(&(ranked.village_code.clone(), ranked.organisation_id)));
    let faults = strangers.map(|(index, ranked)| {
        let field = if ranked.village_code.is_some() { "village_code" } else { "organisation_id" };
        FieldError::at(format!("/ranked/{index}/{field}"), "not_enrolled")
    });
    let faults: Vec<_> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

async fn write_choices(tx: &Tx, ranking_id: Uuid, ranked: &[Ranked]) -> Result<()> {
    choice::Entity::delete_many().filter(choice::Column::RankingId.eq(ranking_id)).exec(&tx.connection).await?;
    let rows = (1..).zip(ranked).map(|(rank, ranked)| choice::ActiveModel {
        ranking_id: Set(ranking_id),
        rank: Set(rank),
        ranked_village: Set(ranked.village_code.clone()),
        ranked_organisation: Set(ranked.organisation_id),
    });
    if !ranked.is_empty() {
        choice::Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}
