//! What can be asked of organisations, and how they change.

use std::collections::HashMap;

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::codes::organisation_code_is_sound;
use contract::organisations::{
    CONFIRMED_BY, DirectedDonation, ENTERED_BY, Organisation, OrganisationInput, OrganisationQuery, OrganisationSort,
    OrganisationSummary, RATED_BY, Rating,
};
use contract::{ErrorCode, Page, Permission};
use entities::organisations::{ActiveModel, Column, Entity, Model, OBJECT, Relation, Row, donation};
use entities::scope;
use platform::area::within;
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::error::OnUnique;
use platform::list::{self, By, by};
use platform::object::Given;
use platform::search::Searched;
use platform::{App, Asker, Caller, Error, Patch, Result, Tx, columns};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{IntoColumnRef, SimpleExpr};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, JoinType, QueryOrder, QuerySelect, RelationTrait, Select};

use crate::areas;
use crate::villages;

pub(super) fn editable(caller: &Caller, id: Uuid, area_code: &str) -> bool {
    caller.may(Permission::WriteOrganisations) && scope::owns(caller, area_code, Some(id))
}

/// The organisations that a query asks for.
async fn filtered(asker: &Asker<'_>, query: &OrganisationQuery) -> Result<Select<Entity>> {
    let mut select = scope::organisations(asker.caller)
        .join(JoinType::InnerJoin, Relation::Area.def())
        .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code))
        .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
        .given(query.rating, |rating| Column::Rating.eq(Code(rating)));
    if let Some(q) = &query.q {
        select = select.filter(called(&asker.db, (Entity, Column::Id), q).await?);
    }
    Ok(select)
}

fn order(sort: OrganisationSort) -> By<Row> {
    match sort {
        OrganisationSort::Name => by(Column::Name, |row| (&row.name).into()),
        OrganisationSort::CreditCode => by(Column::CreditCode, |row| (&row.credit_code).into()),
        OrganisationSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
    }
}

/// Lists organisations.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(asker: &Asker<'_>, query: &OrganisationQuery) -> Result<Page<OrganisationSummary>> {
    let page = list::page(&asker.db, filtered(asker, query).await?, query, order).await?;
    Ok(list::map(page, OrganisationSummary::from))
}

/// Hands all that a list would show to `take`, in batches of one snapshot.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    app: &App,
    caller: &Caller,
    query: &OrganisationQuery,
    take: impl AsyncFnMut(&DatabaseTransaction, Vec<Row>) -> Result<()>,
) -> Result<()> {
    list::each(&app.database.read, filtered(&Asker::of(app, caller), query).await?, query, order, take).await
}

/// One organisation.
///
/// # Errors
/// `not_found` outside of the caller's catalogue.
pub async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Organisation> {
    let (row, area) = scope::organisations(asker.caller)
        .filter(Column::Id.eq(id))
        .find_also_related(entities::areas::Entity)
        .one(&asker.db)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let donations = donations(&asker.db, [id]).await?.remove(&id).unwrap_or_default();
    Ok(Organisation {
        id: row.id,
        area_name: area.map(|area| area.name).unwrap_or_default(),
        credit_code_suspicious: !organisation_code_is_sound(&row.credit_code),
        editable: editable(asker.caller, row.id, &row.area_code),
        updated_at: row.updated_at,
        version: row.version,
        details: row.into_input(donations),
    })
}

/// Whether the caller may change an organisation.
///
/// # Errors
/// `not_found` outside of the caller's catalogue.
pub async fn may_change(asker: &Asker<'_>, id: Uuid) -> Result<bool> {
    let row = scope::organisations(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    Ok(editable(asker.caller, row.id, &row.area_code))
}

/// Enters an organisation.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `forbidden` for an organisation, which has its own already.
pub async fn create(tx: &Tx, input: OrganisationInput) -> Result<Organisation> {
    let caller = tx.caller()?;
    if !ENTERED_BY.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    check(tx, None, &input).await?;
    if !scope::covers(caller, &input.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let id = Uuid::now_v7();
    let row = ActiveModel { id: Set(id), created_at: Set(tx.now), updated_at: Set(tx.now), version: Set(1), ..columns(&input) };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    write_donations(tx, id, &input.directed_donations).await?;
    let event = Event::of(OBJECT, id, "create");
    tx.record(event, &(), &input).await?;
    read(&tx.asker()?, id).await
}

/// Changes an organisation.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Organisation> {
    let caller = tx.caller()?;
    let before = read(&tx.asker()?, id).await?;
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let input: OrganisationInput = patch.apply(&before.details)?;
    let input = if CONFIRMED_BY.contains(&caller.role) { input } else { input.by_itself(&before.details) };
    check(tx, before.details.rating, &input).await?;
    if !editable(caller, id, &input.area_code) {
        return Err(Error::field("/area_code", "unknown"));
    }
    tx.write::<Entity>(id, before.version, columns(&input)).await.on_unique(taken())?;
    if input.directed_donations != before.details.directed_donations {
        donation::Entity::delete_many().filter(donation::Column::OrganisationId.eq(id)).exec(&tx.connection).await?;
        write_donations(tx, id, &input.directed_donations).await?;
    }
    let event = Event::of(OBJECT, id, "update");
    tx.record(event, &before.details, &input).await?;
    read(&tx.asker()?, id).await
}

/// The history of an organisation.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let organisation =
        scope::organisations(asker.caller).filter(Column::Id.eq(id)).one(&asker.db).await?.ok_or(ErrorCode::NotFound)?;
    audit::history(&asker.db, OBJECT, organisation.id.to_string(), query).await
}

/// The name of an organisation.
pub async fn name(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>> {
    Ok(Entity::find_by_id(id).one(db).await?.map(|row: Model| row.name))
}

/// The area of an organisation; none where the organisation does not exist.
pub async fn area(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>> {
    Ok(Entity::find_by_id(id).one(db).await?.map(|row: Model| row.area_code))
}

/// The condition that the name of the organisation whose id is in `column` contains what was typed. The organisation must
/// be joined under its own name.
pub async fn called(db: &impl ConnectionTrait, column: impl IntoColumnRef, typed: &str) -> Result<SimpleExpr> {
    Searched { table: "organisations", key: "id", texts: &["name"] }.contain(db, column, typed).await
}

/// An organisation that a field names, in the caller's catalogue.
///
/// # Errors
/// A fault at `pointer` where there is none.
pub async fn named(asker: &Asker<'_>, id: Uuid, pointer: &str) -> Result<Organisation> {
    read(asker, id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field(pointer, "unknown"),
        _ => error,
    })
}

/// Whether a caller may change the rating of an organisation in this way.
pub(super) fn rates(caller: &Caller, before: Option<Rating>, after: Option<Rating>) -> bool {
    before == after || RATED_BY.contains(&caller.role)
}

async fn check(tx: &Tx, rating: Option<Rating>, input: &OrganisationInput) -> Result<()> {
    if !rates(tx.caller()?, rating, input.rating) {
        return Err(Error::field("/rating", "bureau_only"));
    }
    areas::service::named(&tx.connection, &input.area_code, None, "/area_code").await?;
    for (index, donation) in input.directed_donations.iter().enumerate() {
        let pointer = format!("/directed_donations/{index}/village_code");
        villages::service::named(&tx.asker()?, &donation.village_code, &pointer).await?;
    }
    Ok(())
}

fn taken() -> Error {
    Error::field("/credit_code", "taken")
}

pub(super) fn columns(input: &OrganisationInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        ..input.{ name, credit_code, kind, rating, area_code, strengths, member_count, contact_name, contact_phone }
    })
}

/// The donations of some organisations, by date.
pub(super) async fn donations(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<DirectedDonation>>> {
    let rows = rows_of_donations(db, ids).await?.into_iter();
    Ok(rows.map(|(id, rows)| (id, rows.into_iter().map(DirectedDonation::from).collect())).collect())
}

/// The rows of the donations of some organisations, by date.
pub(super) async fn rows_of_donations(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<donation::Model>>> {
    let rows = donation::Entity::find()
        .filter(donation::Column::OrganisationId.is_in(ids))
        .order_by_asc(donation::Column::DonatedOn)
        .order_by_asc(donation::Column::Id)
        .all(db)
        .await?;
    let mut donations: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        donations.entry(row.organisation_id).or_default().push(row);
    }
    Ok(donations)
}

pub(super) fn donation_rows(
    organisation_id: Uuid,
    donations: &[DirectedDonation],
) -> impl Iterator<Item = donation::ActiveModel> {
    donations.iter().map(move |donation| donation::ActiveModel {
        id: Set(Uuid::now_v7()),
        organisation_id: Set(organisation_id),
        village_code: Set(donation.village_code.clone()),
        donated_on: Set(donation.donated_on),
        amount_fen: Set(donation.amount_fen),
        purpose: Set(donation.purpose.clone()),
        confirmed: Set(donation.confirmed),
    })
}

async fn write_donations(tx: &Tx, organisation_id: Uuid, donations: &[DirectedDonation]) -> Result<()> {
    if donations.is_empty() {
        return Ok(());
    }
    donation::Entity::insert_many(donation_rows(organisation_id, donations)).exec_without_returning(&tx.connection).await?;
    Ok(())
}
