//! Publishes figures, and withdraws them.

use contract::campaigns::Campaign;
use contract::publications::{
    FigureDecision, PreviewFigure, PublicFigure, Publication, PublicationAction, PublicationInput, PublicationPreview,
    PublicationPreviewQuery, PublicationState,
};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month};
use entities::campaigns as campaign;
use entities::publications::{ActiveModel, Column, Count, Entity, OBJECT, Past as Published};
use platform::audit::Event;
use platform::coded::{AsJson, Code, Written};
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Asker, Error, Result, Tx, apart, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::counting::{self, Counted};
use super::file;
use super::list::{Publications, keeps};
use super::policy::{self, Past};
use crate::campaigns;

/// What would be published now, with what is held back and why.
///
/// # Errors
/// A fault at `/campaign_id` or `/month`, `outside_own_scope`.
pub async fn preview(asker: &Asker<'_>, query: &PublicationPreviewQuery) -> Result<PublicationPreview> {
    let campaign = due(asker, query.campaign_id, query.month).await?;
    let (counted, decisions, _) = decided(asker, &campaign, query.month).await?;
    let names = &counted.names;
    let figures = counted.counts.iter().zip(&decisions).map(|(count, &decision)| PreviewFigure {
        table: count.table,
        area_code: count.area_code.clone(),
        area_name: names.get(&count.area_code).cloned().unwrap_or_default(),
        column: count.column.clone(),
        value: count.value,
        decision,
    });
    Ok(PublicationPreview { campaign_id: campaign.id, month: query.month, figures: figures.collect() })
}

/// The campaign of a month that can be published: it is over, and the whole campaign is the caller's.
async fn due(asker: &Asker<'_>, campaign_id: Uuid, month: Month) -> Result<Campaign> {
    let campaign = campaigns::service::named(asker, campaign_id, "/campaign_id").await?;
    if !keeps(asker.caller, &campaign.details.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let (from, until) = (campaign.details.starts_on, campaign.details.ends_on);
    if let Some(fault) = campaigns::policy::month_fault(from, until, asker.today, month) {
        return Err(Error::field("/month", fault));
    }
    if month.last_day() >= asker.today {
        return Err(Error::field("/month", "month_not_over"));
    }
    Ok(campaign)
}

/// What is counted, what is decided about each count, and how many publications there were.
async fn decided(asker: &Asker<'_>, campaign: &Campaign, month: Month) -> Result<(Counted, Vec<FigureDecision>, usize)> {
    let counted = counting::count(asker, campaign, month).await?;
    // Also those that are withdrawn: what was told once is known.
    let past = Entity::find().filter(Column::CampaignId.eq(campaign.id)).order_by_asc(Column::IssueNumber);
    let past: Vec<Published> = past.into_partial_model().all(&asker.db).await?;
    let past: Vec<Past> = past
        .into_iter()
        .map(|past| Past { counts: past.counts.0, shown: past.figures.0.iter().map(|figure| figure.value.is_some()).collect() })
        .collect();
    let (count, counts, whole) = (past.len(), counted.counts.clone(), campaign.details.area_code.clone());
    let decisions = apart(move || policy::decide(&past, &counts, &whole)).await?;
    Ok((counted, decisions, count))
}

/// Publishes the figures of a month.
///
/// # Errors
/// A fault at `/campaign_id` or `/month`, `outside_own_scope`, `already_published`.
pub async fn create(tx: &Tx, input: PublicationInput) -> Result<Publication> {
    // Whoever publishes another month at the same time waits: each is decided by all before it.
    tx.hold::<campaign::Entity>(input.campaign_id).await?;
    let asker = tx.asker()?;
    let campaign = due(&asker, input.campaign_id, input.month).await?;
    let standing = Entity::find()
        .filter(Column::CampaignId.eq(campaign.id))
        .filter(Column::Month.eq(Written(input.month)))
        .filter(Column::State.eq(Code(PublicationState::Published)));
    if standing.count(&tx.connection).await? > 0 {
        return Err(ErrorCode::AlreadyPublished.into());
    }
    let (counted, decisions, before) = decided(&asker, &campaign, input.month).await?;
    let figures = figures(&counted, &decisions);
    let shown = figures.iter().filter(|figure| figure.value.is_some()).count();
    let name = entities::users::Entity::find_by_id(tx.caller()?.user_id).one(&tx.connection).await?;
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        month: Set(Written(input.month)),
        issue_number: Set(number(before + 1)),
        state: Set(Code(PublicationState::Published)),
        digest: Set(file::digest(&figures)),
        shown_count: Set(number(shown)),
        held_back_count: Set(number(figures.len() - shown)),
        figures: Set(AsJson(figures)),
        counts: Set(AsJson(counted.counts)),
        published_on: Set(tx.today()),
        published_by: Set(name.map(|user| user.display_name).unwrap_or_default()),
        withdrawn_on: Set(None),
        reason: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyPublished)?;
    let made = Publications::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made.head).await?;
    Ok(made)
}

/// The figures as they are told.
fn figures(counted: &Counted, decisions: &[FigureDecision]) -> Vec<PublicFigure> {
    let told = |(count, decision): (&Count, &FigureDecision)| PublicFigure {
        table: count.table,
        area_code: count.area_code.clone(),
        area_name: counted.names.get(&count.area_code).cloned().unwrap_or_default(),
        column: count.column.clone(),
        value: (*decision == FigureDecision::Shown).then_some(count.value),
    };
    counted.counts.iter().zip(decisions).map(told).collect()
}

/// Takes a step: what was published by mistake is withdrawn with a reason.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: PublicationAction, input: StepInput) -> Result<Publication> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let row = Publications::row(&tx.asker()?, id).await?.row;
    tx.check_version(row.version)?;
    let step = workflow::step(PublicationState::STEPS, row.state.0, action, caller.role, &input)?;
    if !keeps(caller, &row.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let columns = ActiveModel {
        state: Set(Code(step.to)),
        withdrawn_on: Set(Some(tx.today())),
        reason: Set(input.note.clone()),
        ..Default::default()
    };
    tx.write::<Entity>(id, row.version, columns).await?;
    let state = |state: PublicationState| serde_json::json!({ "state": state });
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &state(row.state.0), &state(step.to)).await?;
    Publications::read(&tx.asker()?, id).await
}
