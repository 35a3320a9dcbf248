//! Table `users`.

use contract::institutions::InstitutionState;
use contract::organisations::OrganisationState;
use contract::users::{User, UserAction};
use contract::{ObjectKind, Role};
use platform::coded::Code;
use platform::crypto::Sealed;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use crate::{areas, auth, institutions, organisations};

/// The name of this kind of object in the audit trail. Sealed values are bound to it.
pub const OBJECT: &str = ObjectKind::User.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account: String,
    pub display_name: String,
    pub name_key: String,
    pub name_words: String,
    pub password_hash: String,
    pub role: Code<Role>,
    pub area_code: String,
    pub organisation_id: Option<Uuid>,
    pub disabled: bool,
    /// Whether the account came with the demo data, whose passwords are published.
    pub demo: bool,
    /// When the one-time password expires. `None` once the owner has chosen a password.
    pub one_time_until: Option<DateTimeUtc>,
    /// The secret of the authenticator, and the one that replaces it once it is confirmed.
    pub second_factor: Option<Sealed>,
    pub second_factor_new: Option<Sealed>,
    /// The last 30-second time step whose code was accepted. Each code is accepted only once.
    pub second_factor_step: Option<i64>,
    /// Up to this instant the owner has seen what others did with the account. Only the owner moves it.
    pub history_seen_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    pub institution_id: Option<Uuid>,
}

/// The part of an account that every request reads about its caller. It contains no secrets.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Calling {
    pub id: Uuid,
    pub display_name: String,
    pub role: Code<Role>,
    pub area_code: String,
    pub organisation_id: Option<Uuid>,
    pub institution_id: Option<Uuid>,
    pub demo: bool,
    pub one_time_until: Option<DateTimeUtc>,
    #[sea_orm(from_expr = "Expr::col((Entity, Column::SecondFactor)).is_not_null()")]
    pub second_factor: bool,
}

impl Calling {
    /// Whether the role requires a second factor that is missing. Demo accounts need none, because their passwords are published.
    pub fn lacks_second_factor(&self) -> bool {
        self.role.0.needs_second_factor() && !self.second_factor && !self.demo
    }
}

impl From<Model> for Calling {
    fn from(row: Model) -> Self {
        let second_factor = row.second_factor.is_some();
        let Model { id, display_name, role, area_code, organisation_id, institution_id, demo, one_time_until, .. } = row;
        Self { id, display_name, role, area_code, organisation_id, institution_id, demo, one_time_until, second_factor }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
    #[sea_orm(belongs_to = "institutions::Entity", from = "Column::InstitutionId", to = "institutions::Column::Id")]
    Institution,
}

impl ActiveModelBehavior for ActiveModel {}

/// An account with its names, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub account: String,
    pub display_name: String,
    pub name_key: String,
    pub role: Code<Role>,
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    pub organisation_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::State))")]
    pub organisation_state: Option<Code<OrganisationState>>,
    pub institution_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::Name))")]
    pub institution_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::State))")]
    pub institution_state: Option<Code<InstitutionState>>,
    pub disabled: bool,
    #[sea_orm(from_expr = "Expr::col((Entity, Column::SecondFactor)).is_not_null()")]
    pub second_factor: bool,
    #[sea_orm(from_expr = "auth::locked_until()")]
    pub locked_until: Option<DateTimeUtc>,
    pub one_time_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_user(self, editable: bool, allowed_actions: Vec<UserAction>) -> User {
        object!(User { allowed_actions, editable, ..self.{
            id, account, display_name, role, area_code, area_name, organisation_id, organisation_name, institution_id,
            institution_name, disabled, second_factor, locked_until, one_time_until, created_at, updated_at, version,
        } })
    }
}
