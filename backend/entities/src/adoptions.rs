//! Table `adoptions`.

use contract::ObjectKind;
use contract::adoptions::{Adoption, AdoptionAction, AdoptionProposer, AdoptionState};
use contract::campaigns::PhaseDates;
use platform::coded::{AsJson, Code};
use platform::spelling::sought;
use platform::{list, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, SelectStatement};
use sea_orm::{DerivePartialModel, JoinType, QuerySelect, QueryTrait, RelationTrait, Select};

use crate::{areas, campaigns, institutions, users};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Adoption.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "adoptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub cadre_id: Uuid,
    pub institution_id: Uuid,
    pub state: Code<AdoptionState>,
    pub proposed_by: Code<AdoptionProposer>,
    pub cadre_accepted_at: Option<DateTimeUtc>,
    pub institution_accepted_at: Option<DateTimeUtc>,
    pub answer_due_on: Date,
    pub note: Option<String>,
    pub active_since: Option<Date>,
    pub ended_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "users::Entity", from = "Column::CadreId", to = "users::Column::Id")]
    Cadre,
    #[sea_orm(belongs_to = "institutions::Entity", from = "Column::InstitutionId", to = "institutions::Column::Id")]
    Institution,
}

impl ActiveModelBehavior for ActiveModel {}

/// An adoption with the names of its sides, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Phases))")]
    pub phases: AsJson<Vec<PhaseDates>>,
    #[sea_orm(from_expr = "Expr::col((users::Entity, users::Column::DisplayName))")]
    pub cadre_name: String,
    #[sea_orm(from_expr = "Expr::col((users::Entity, users::Column::NameKey))")]
    pub cadre_key: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::Name))")]
    pub institution_name: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::NameKey))")]
    pub institution_key: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::AreaCode))")]
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_adoption(self, allowed_actions: Vec<AdoptionAction>) -> Adoption {
        object!(Adoption {
            allowed_actions,
            ..self.{ campaign_title, cadre_name, institution_name, area_code, area_name },
            ..(self.own).{
                id, campaign_id, cadre_id, institution_id, state, proposed_by, cadre_accepted_at, institution_accepted_at,
                answer_due_on, note, active_since, ended_on, created_at, updated_at, version,
            }
        })
    }
}

/// Adds cadre and institution to a select that has the adoption.
pub fn sides<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.join(JoinType::LeftJoin, Relation::Cadre.def()).join(JoinType::LeftJoin, Relation::Institution.def())
}

/// The condition that an adoption was active on any day of a period. Both days are included.
pub fn active_between(first: Date, last: Date) -> Condition {
    Condition::all()
        .add(Column::ActiveSince.lte(last))
        .add(Condition::any().add(Column::EndedOn.is_null()).add(Column::EndedOn.gte(first)))
}

/// The institutions that a cadre stands by now.
pub fn institutions_of(cadre_id: Uuid) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::InstitutionId)
        .filter(Column::CadreId.eq(cadre_id))
        .filter(Expr::col((Entity, Column::State)).eq(Code(AdoptionState::Active)))
        .into_query()
}

/// The condition that a text occurs in the name of the cadre or the institution that a select has ([`sides`]). Few of them take part,
/// so nothing is indexed for this.
pub fn called(typed: &str) -> Condition {
    let named = sought(typed);
    Condition::any()
        .add(list::contains((institutions::Entity, institutions::Column::NameWords), &named))
        .add(list::contains((users::Entity, users::Column::NameWords), &named))
}
