//! Drafts orders from what is behind, issues them, and takes them to their closing.

use chrono::Datelike;
use contract::areas::AreaLevel;
use contract::supervision_orders::{SupervisionOrder, SupervisionOrderAction, SupervisionOrderInput, SupervisionOrderState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::supervision_orders::{ActiveModel, Entity, OBJECT, Whole, counter};
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};

use super::drafting::{self, Addressee};
use super::list::{SupervisionOrders, allowed, issues, part};
use super::policy;
use crate::areas;
use crate::campaigns;
use crate::organisations;

/// Drafts an order from what is behind today.
///
/// # Errors
/// `validation_failed`, `forbidden`, `nothing_behind`.
pub async fn create(tx: &Tx, input: SupervisionOrderInput) -> Result<SupervisionOrder> {
    let caller = tx.caller()?;
    if !issues(caller) {
        return Err(ErrorCode::Forbidden.into());
    }
    let asker = tx.asker()?;
    let campaign = campaigns::service::named(&asker, input.campaign_id, "/campaign_id").await?;
    check_day(tx, &input)?;
    let (of, addressee_name) = addressee(tx, &input).await?;
    let matters = drafting::matters(&asker, &campaign, of).await?;
    let Some(colour) = matters.iter().map(|line| line.colour).max() else { return Err(ErrorCode::NothingBehind.into()) };
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        campaign_id: Set(campaign.id),
        issuer_code: Set(caller.area_code.clone()),
        area_code: Set(input.area_code.clone()),
        organisation_id: Set(input.organisation_id),
        state: Set(Code(SupervisionOrderState::Draft)),
        colour: Set(Code(colour)),
        demand: Set(demand(&input)),
        due_on: Set(input.due_on),
        campaign_title: Set(campaign.details.title.clone()),
        issuer_name: Set(issuer_name(tx).await?),
        name_key: Set(spelling::key(&addressee_name)),
        name_words: Set(spelling::words(&addressee_name)),
        addressee_name: Set(addressee_name),
        matter_count: Set(matters.len().try_into().unwrap_or(i32::MAX)),
        matters: Set(AsJson(matters)),
        drafted_on: Set(tx.today()),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = SupervisionOrders::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &kept(&made)).await?;
    Ok(made)
}

/// An order says its last day in time.
fn check_day(tx: &Tx, input: &SupervisionOrderInput) -> Result<()> {
    if input.due_on < tx.today() { Err(Error::field("/due_on", "past")) } else { Ok(()) }
}

/// The words of the notice, where the office writes none of its own.
fn demand(input: &SupervisionOrderInput) -> String {
    input.demand.clone().unwrap_or_else(|| "请对照“时间表”、“任务书”逐项整改，按期答复整改情况。".to_owned())
}

/// The addressee and its name: a town or village inside of the office's own area, or an organisation.
async fn addressee<'a>(tx: &Tx, input: &'a SupervisionOrderInput) -> Result<(Addressee<'a>, String)> {
    if let Some(id) = input.organisation_id {
        let organisation = organisations::service::existing(tx, id, "/organisation_id").await?;
        return Ok((Addressee::Organisation(id), organisation.details.name));
    }
    let code = input.area_code.as_deref().ok_or_else(|| Error::field("/area_code", "required"))?;
    let own = &tx.caller()?.area_code;
    if !code.starts_with(own) || code == own {
        return Err(Error::field("/area_code", "unknown"));
    }
    let area = areas::service::named(tx, code, None, "/area_code").await?;
    match area.level {
        AreaLevel::Town => Ok((Addressee::Town(code), office(&area.name))),
        AreaLevel::Village => {
            let town = name(tx, code.get(..9).unwrap_or(code)).await?;
            Ok((Addressee::Village(code), format!("{town}{}", area.name)))
        }
        _ => Err(Error::field("/area_code", "unknown")),
    }
}

/// What the office of a town is called.
fn office(town: &str) -> String {
    format!("{town}社会事务办")
}

async fn name(tx: &Tx, code: &str) -> Result<String> {
    let mut names = areas::service::names(&tx.connection, [code].into()).await?;
    Ok(names.remove(code).unwrap_or_default())
}

async fn issuer_name(tx: &Tx) -> Result<String> {
    let code = &tx.caller()?.area_code;
    let name = name(tx, code).await?;
    Ok(if code.len() > 6 { office(&name) } else { format!("{name}民政局") })
}

/// Changes the day or the words of a draft. What was behind stays as it was.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step` if it is no draft, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<SupervisionOrder> {
    tx.hold::<Entity>(id).await?;
    let before = SupervisionOrders::read(&tx.asker()?, id).await?;
    if tx.caller()?.area_code != before.head.issuer_code || !issues(tx.caller()?) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.head.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.head.state, &before.head.allowed_actions));
    }
    let Some(input) = patch.changes::<SupervisionOrderInput>(&before.details)? else { return Ok(before) };
    let old = &before.details;
    for (pointer, changed) in [
        ("/campaign_id", input.campaign_id != old.campaign_id),
        ("/area_code", input.area_code != old.area_code),
        ("/organisation_id", input.organisation_id != old.organisation_id),
    ] {
        if changed {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    check_day(tx, &input)?;
    let columns = ActiveModel { due_on: Set(input.due_on), demand: Set(demand(&input)), ..Default::default() };
    tx.write::<Entity>(id, before.head.version, columns).await?;
    let after = SupervisionOrders::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Takes a step. Issuing and closing give a number each.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `order_day_over`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: SupervisionOrderAction, input: StepInput) -> Result<SupervisionOrder> {
    use SupervisionOrderAction::{Answer, Close, Issue, Receive, Return, Withdraw};
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let Whole { row, .. } = SupervisionOrders::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    let role_takes = SupervisionOrderState::STEPS.0.iter().any(|step| step.action == action && step.by.contains(&caller.role));
    if role_takes && !part(caller, &row).takes(action) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let allowed = allowed(&tx.asker()?, &row);
    let found = SupervisionOrderState::STEPS.find(row.state.0, action, caller.role);
    let step = found.map_err(|code| workflow::refused(code, row.state.0, &allowed))?;
    if step.reason && input.note.is_none() {
        return Err(Error::field("/note", "required"));
    }
    let today = tx.today();
    let mut columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
    match action {
        Issue if today > row.due_on => return Err(ErrorCode::OrderDayOver.into()),
        Issue => {
            columns.number = Set(Some(next_number(tx, &row.issuer_code, row.campaign_id, action).await?));
            columns.issued_on = Set(Some(today));
        }
        Receive => {
            columns.received_on = Set(Some(today));
            columns.received_by = Set(Some(caller.name.clone()));
        }
        Answer => {
            columns.answered_on = Set(Some(today));
            columns.rectification = Set(input.note.clone());
        }
        Close => {
            columns.closing_number = Set(Some(next_number(tx, &row.issuer_code, row.campaign_id, action).await?));
            columns.closed_on = Set(Some(today));
        }
        Return | Withdraw => {}
    }
    let before = SupervisionOrders::read(&tx.asker()?, id).await?;
    tx.write::<Entity>(id, row.version, columns).await?;
    let after = SupervisionOrders::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &kept(&before), &kept(&after)).await?;
    Ok(after)
}

/// What the history keeps: neither what another caller may do, nor what another day says.
fn kept(order: &SupervisionOrder) -> SupervisionOrder {
    let mut kept = order.clone();
    (kept.head.allowed_actions, kept.head.days_left, kept.head.overdue, kept.editable) = (Vec::new(), None, false, false);
    kept
}

/// The next number of an office and year, for issuing or closing. Its row is locked until the transaction ends, and a step that fails
/// returns the number.
async fn next_number(tx: &Tx, issuer_code: &str, campaign_id: Uuid, action: SupervisionOrderAction) -> Result<String> {
    let year = tx.today().year();
    let first = counter::ActiveModel {
        issuer_code: Set(issuer_code.to_owned()),
        action: Set(action.code().to_owned()),
        year: Set(year),
        last: Set(1),
    };
    let counted = counter::Entity::insert(first)
        .on_conflict(
            OnConflict::columns([counter::Column::IssuerCode, counter::Column::Action, counter::Column::Year])
                .value(counter::Column::Last, Expr::col((counter::Entity, counter::Column::Last)).add(1))
                .to_owned(),
        )
        .exec_with_returning(&tx.connection)
        .await?;
    let campaign = campaigns::service::named(&tx.asker()?, campaign_id, "/campaign_id").await?;
    let town = if issuer_code.len() > 6 { Some(name(tx, issuer_code).await?) } else { None };
    let prefix = policy::prefix(&campaign.details.document_number, town.as_deref());
    Ok(policy::number(&prefix, action, year, counted.last))
}
