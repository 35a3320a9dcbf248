//! Table `assistance_plans`.

use contract::ObjectKind;
use contract::mask::{self, UNREADABLE};
use contract::plans::{Plan, PlanAction, PlanState};
use platform::coded::Code;
use platform::crypto::Sealed;
use platform::{Result, Vault, object};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, campaigns, households, measures};

/// The name of this kind of object in the audit trail. Sealed values are bound to it.
pub const OBJECT: &str = ObjectKind::Plan.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assistance_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub household_id: Uuid,
    /// The village of the household, which never changes.
    pub village_code: String,
    pub state: Code<PlanState>,
    pub agreed_on: Option<Date>,
    pub agreed_by: Option<Sealed>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "households::Entity", from = "Column::HouseholdId", to = "households::Column::Id")]
    Household,
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
}

impl ActiveModelBehavior for ActiveModel {}

/// A plan with its names and the number of its measures, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::NumberedIn))")]
    pub numbered_in: String,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Sequence))")]
    pub sequence: i32,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Personal))")]
    pub head: Sealed,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Consented))")]
    pub consented: bool,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    #[sea_orm(from_expr = "measures::count_of_plan(false)")]
    pub measures_total: i64,
    #[sea_orm(from_expr = "measures::count_of_plan(true)")]
    pub measures_fulfilled: i64,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with masked names and the steps that the caller may take.
    pub fn into_plan(self, vault: &Vault, editable: bool, allowed_actions: Vec<PlanAction>) -> Plan {
        let name = |sealed| vault.show(OBJECT, self.id, sealed).map_or(UNREADABLE.to_owned(), |name: String| mask::name(&name));
        let agreed_by = self.agreed_by.as_ref().map(name);
        object!(Plan {
            file_number: households::file_number(&self.numbered_in, self.sequence),
            head_name: households::head_name(vault, self.household_id, &self.head),
            agreed_by, editable, allowed_actions,
            ..self.{ campaign_title, village_name, town_name, measures_total, measures_fulfilled },
            ..(self.own).{ id, campaign_id, household_id, village_code, state, agreed_on, created_at, updated_at, version }
        })
    }
}

/// Whether any plan of these households was written or changed at or after an instant.
pub async fn any_since(db: &impl ConnectionTrait, households: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find().filter(Column::HouseholdId.is_in(households.iter().copied()));
    Ok(theirs.filter(Column::UpdatedAt.gte(since)).count(db).await? > 0)
}
