//! Table `catalogue_entries`. What is taken of them stands in `commitments`.

use contract::campaigns::Goal;
use contract::catalogue::{
    CatalogueEntry, CatalogueEntryAction, CatalogueEntryInput, CatalogueEntryState, CatalogueSide, CommitmentStage, SupplyKind,
    Urgency,
};
use contract::households::Group;
use contract::villages::Industry;
use contract::{CodedEnum, Month, ObjectKind};
use platform::coded::{Code, Written};
use platform::object::locked;
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SimpleExpr};
use sea_orm::{ConnectionTrait, DerivePartialModel, QuerySelect};

use crate::commitments::taken;
use crate::{areas, campaigns, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::CatalogueEntry.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub side: Code<CatalogueSide>,
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    /// The area that the entry belongs to: the village itself, or the organisation's area.
    pub area_code: String,
    pub title: String,
    /// The title as it is sorted and searched by.
    pub name_key: String,
    pub name_words: String,
    pub goal: Code<Goal>,
    pub industry: Option<Code<Industry>>,
    pub kind: Code<SupplyKind>,
    pub for_group: Option<Code<Group>>,
    pub description: String,
    pub quantity: i64,
    pub quantity_unit: String,
    pub amount_fen: Option<i64>,
    pub from_month: Option<Written<Month>>,
    pub to_month: Option<Written<Month>>,
    pub urgency: Code<Urgency>,
    pub place: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub state: Code<CatalogueEntryState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Village,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// The name of the village or organisation.
fn name() -> SimpleExpr {
    Func::coalesce([
        Expr::col((areas::Entity, areas::Column::Name)),
        Expr::col((organisations::Entity, organisations::Column::Name)),
    ])
    .into()
}

/// The name of the town that the entry lies in. An organisation may be registered in the county.
fn town_name() -> SimpleExpr {
    Expr::cust("(SELECT town.name FROM areas town WHERE town.code = substr(catalogue_entries.area_code, 1, 9))")
}

/// The condition that not all of the selected entry is taken.
pub fn remains() -> SimpleExpr {
    Expr::col((Entity, Column::Quantity)).gt(taken(CommitmentStage::ALL))
}

/// An entry with its names and what is taken of it, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "name()")]
    pub name: String,
    #[sea_orm(from_expr = "town_name()")]
    pub town_name: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::DocumentNumber))")]
    pub document_number: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::CreditCode))")]
    pub credit_code: Option<String>,
    #[sea_orm(from_expr = "taken(&[CommitmentStage::Requested])")]
    pub requested: i64,
    #[sea_orm(from_expr = "taken(&[CommitmentStage::Committed])")]
    pub committed: i64,
    #[sea_orm(from_expr = "taken(&[CommitmentStage::Fulfilled])")]
    pub fulfilled: i64,
}

own_columns!(Row);

impl Model {
    /// What is written of the entry.
    pub fn into_input(self) -> CatalogueEntryInput {
        object!(CatalogueEntryInput {
            not_a_double: false,
            ..self.{
                campaign_id, village_code, organisation_id, title, goal, industry, kind, for_group, description, quantity,
                quantity_unit, amount_fen, from_month, to_month, urgency, place, contact_name, contact_phone,
            }
        })
    }
}

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_entry(self, allowed_actions: Vec<CatalogueEntryAction>, editable: bool) -> CatalogueEntry {
        let own = self.own.clone();
        object!(CatalogueEntry {
            remaining: own.quantity - self.requested - self.committed - self.fulfilled,
            details: self.own.into_input(),
            allowed_actions, editable,
            ..self.{ name, town_name, campaign_title, document_number, credit_code, requested, committed, fulfilled },
            ..own.{ id, side, area_code, state, created_at, updated_at, version }
        })
    }
}

/// An entry and what is taken of it.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Standing {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    pub goal: Code<Goal>,
    pub quantity: i64,
    pub state: Code<CatalogueEntryState>,
    pub version: i32,
    #[sea_orm(from_expr = "taken(CommitmentStage::ALL)")]
    pub taken: i64,
    #[sea_orm(from_expr = "taken(&[CommitmentStage::Fulfilled])")]
    pub fulfilled: i64,
}

/// Locks entries until the transaction ends, always in the same order.
pub async fn hold(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let held = locked(Entity::find().filter(Column::Id.is_in(ids)), Column::Id);
    held.select_only().column(Column::Id).into_tuple::<Uuid>().all(db).await?;
    Ok(())
}

/// What remains of a published entry, as it is matched.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Supply {
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    pub goal: Code<Goal>,
    pub industry: Option<Code<Industry>>,
    pub kind: Code<SupplyKind>,
    pub quantity_unit: String,
    pub urgency: Code<Urgency>,
    #[sea_orm(from_expr = "Expr::col((Entity, Column::Quantity)).sub(taken(CommitmentStage::ALL))")]
    pub remaining: i64,
}
