//! Reads what is published. There is no caller: what is not published does not exist here.

use contract::portal::{
    PublicCase, PublicCaseQuery, PublicCaseSort, PublishedFigures, PublishedFiguresHead, PublishedFiguresQuery,
    PublishedFiguresSort,
};
use contract::{ErrorCode, Page};
use entities::{campaigns, cases, publications, scope};
use platform::Result;
use platform::coded::{Code, Written};
use platform::list::{self, By, by};
use platform::object::{Given, Object};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};

use crate::cases::list::Cases;

/// The published cases that fit a query.
///
/// # Errors
/// `bad_cursor`.
pub async fn cases(db: &impl ConnectionTrait, query: &PublicCaseQuery) -> Result<Page<PublicCase>> {
    use cases::{Column, Row};
    let published = scope::public_cases()
        .given(query.campaign_id, |id| Column::CampaignId.eq(id))
        .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
        .given(query.goal, |goal| Column::Goal.eq(Code(goal)));
    let order =
        |PublicCaseSort::PublishedOn| -> By<Row> { by(Column::PublishedOn, |row| row.published_on.unwrap_or_default().into()) };
    Ok(list::map(list::page(db, Cases::named(published), query, order).await?, Row::into_public))
}

/// A published case.
///
/// # Errors
/// `not_found` also where it is no longer published.
pub async fn case(db: &impl ConnectionTrait, id: Uuid) -> Result<PublicCase> {
    let found = Cases::named(scope::public_cases()).filter(cases::Column::Id.eq(id));
    let row = found.into_partial_model::<cases::Row>().one(db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(row.into_public())
}

/// The publications that fit a query.
///
/// # Errors
/// `bad_cursor`.
pub async fn figures_list(db: &impl ConnectionTrait, query: &PublishedFiguresQuery) -> Result<Page<PublishedFiguresHead>> {
    use publications::{Column, Row};
    let standing = named(scope::public_publications())
        .given(query.campaign_id, |id| Column::CampaignId.eq(id))
        .given(query.month, |month| Column::Month.eq(Written(month)));
    let order = |sort| -> By<Row> {
        match sort {
            PublishedFiguresSort::Month => by(Column::Month, |row| row.month.0.to_string().into()),
            PublishedFiguresSort::PublishedOn => by(Column::PublishedOn, |row| row.published_on.into()),
        }
    };
    Ok(list::map(list::page(db, standing, query, order).await?, Row::into_public))
}

/// A publication with its figures.
///
/// # Errors
/// `not_found` also where it is withdrawn.
pub async fn figures(db: &impl ConnectionTrait, id: Uuid) -> Result<PublishedFigures> {
    let found = named(scope::public_publications()).filter(publications::Column::Id.eq(id));
    let row = found.into_partial_model::<publications::Whole>().one(db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(row.into_public())
}

fn named(select: Select<publications::Entity>) -> Select<publications::Entity> {
    select.join(JoinType::LeftJoin, campaigns::Relation::Area.def())
}
