//! Table `help_records`.

use contract::ObjectKind;
use contract::adoptions::{HelpAction, HelpInput, HelpKind, HelpRecord, HelpState};
use contract::assistance::Goods;
use platform::coded::{AsJson, Code};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DerivePartialModel};

use crate::{adoptions, institutions, users};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::HelpRecord.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "help_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub adoption_id: Uuid,
    pub kind: Code<HelpKind>,
    pub happened_on: Date,
    pub amount_fen: Option<i64>,
    pub goods: AsJson<Vec<Goods>>,
    pub hours: Option<i32>,
    pub description: Option<String>,
    pub state: Code<HelpState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "adoptions::Entity", from = "Column::AdoptionId", to = "adoptions::Column::Id")]
    Adoption,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What is written of it.
    pub fn into_input(self) -> HelpInput {
        object!(HelpInput { ..self.{ adoption_id, kind, happened_on, amount_fen, goods, hours, description } })
    }
}

/// A record of help with the names of its adoption, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((adoptions::Entity, adoptions::Column::InstitutionId))")]
    pub institution_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((users::Entity, users::Column::DisplayName))")]
    pub cadre_name: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::Name))")]
    pub institution_name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_record(self, editable: bool, allowed_actions: Vec<HelpAction>) -> HelpRecord {
        let own = self.own.clone();
        object!(HelpRecord {
            details: self.own.into_input(),
            editable, allowed_actions,
            ..self.{ cadre_name, institution_id, institution_name },
            ..own.{ id, state, created_at, updated_at, version }
        })
    }
}

/// Whether help of an adoption waits to be confirmed.
pub async fn any_recorded(db: &impl ConnectionTrait, adoption_id: Uuid) -> Result<bool> {
    let open = Entity::find().filter(Column::AdoptionId.eq(adoption_id)).filter(Column::State.eq(Code(HelpState::Recorded)));
    Ok(open.count(db).await? > 0)
}
