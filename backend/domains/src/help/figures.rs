//! What cadres do for institutions in numbers, apart from what is done for villages.

use contract::adoptions::{
    AdoptionFigures, AdoptionQuery, AdoptionState, AdoptionUpdateQuery, DifficultyQuery, DifficultyState, HelpQuery, HelpState,
};
use contract::dashboard::Figure;
use contract::{Month, ObjectKind};
use entities::help_records::{Column, Entity};
use platform::object::Listed;
use platform::{Asker, Result, list};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SelectStatement};
use sea_orm::{QuerySelect, QueryTrait, Select};
use serde::Serialize;
use uuid::Uuid;

use super::list::HelpRecords;
use crate::adoption_updates::list::AdoptionUpdates;
use crate::adoptions::list::Adoptions;
use crate::difficulties::list::Difficulties;

/// The figures of part of a campaign: as they stand, or of a month. Takes one statement; few cadres take part, so it counts the rows
/// themselves.
///
/// # Errors
/// None for these queries.
pub async fn of(asker: &Asker<'_>, campaign_id: Uuid, month: Option<Month>, within: Option<&str>) -> Result<AdoptionFigures> {
    let (campaign_id, area) = (Some(campaign_id), || within.map(str::to_owned));
    let adoptions = AdoptionQuery {
        campaign_id,
        state: month.is_none().then_some(AdoptionState::Active),
        active_in: month,
        within: area(),
        ..Default::default()
    };
    let updates = AdoptionUpdateQuery { campaign_id, month, within: area(), ..Default::default() };
    let help = HelpQuery { campaign_id, month, state: Some(HelpState::Confirmed), within: area(), ..Default::default() };
    let solved = DifficultyQuery {
        campaign_id,
        solved_in: month,
        state: Some(DifficultyState::Solved),
        within: area(),
        ..Default::default()
    };
    let open = DifficultyQuery { campaign_id, state: Some(DifficultyState::Open), within: area(), ..Default::default() };
    let statements = vec![
        Adoptions::counted(asker, &adoptions).await?,
        AdoptionUpdates::counted(asker, &updates).await?,
        HelpRecords::counted(asker, &help).await?,
        Difficulties::counted(asker, &solved).await?,
        Difficulties::counted(asker, &open).await?,
        sum(HelpRecords::filtered(asker, &help).await?, Column::AmountFen),
        sum(HelpRecords::filtered(asker, &help).await?, Column::Hours),
    ];
    let counts = list::counts(&asker.db, statements).await?;
    let at = |number: usize| counts.get(number).copied().unwrap_or_default();
    Ok(AdoptionFigures {
        active: figure(at(0), ObjectKind::Adoption, &adoptions)?,
        updates: figure(at(1), ObjectKind::AdoptionUpdate, &updates)?,
        help: figure(at(2), ObjectKind::HelpRecord, &help)?,
        solved: figure(at(3), ObjectKind::Difficulty, &solved)?,
        open: figure(at(4), ObjectKind::Difficulty, &open)?,
        amount_fen: at(5),
        hours: at(6),
    })
}

fn figure(value: i64, kind: ObjectKind, query: &impl Serialize) -> Result<Figure> {
    Ok(Figure { value, records: list::address(kind.path(), query)? })
}

fn sum(select: Select<Entity>, column: Column) -> SelectStatement {
    let sum = Func::coalesce([Expr::col((Entity, column)).sum(), Expr::cust("0")]);
    select.select_only().column_as(Expr::from(sum).cast_as("bigint"), "total").into_query()
}
