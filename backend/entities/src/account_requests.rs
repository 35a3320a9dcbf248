//! Table `account_requests`.

use contract::account_requests::{AccountRequest, AccountRequestAction, AccountRequestKind, AccountRequestState};
use contract::{ObjectKind, Role};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::areas;

/// The alias of the join to the area that the account belonged to.
pub const OLD_AREA: &str = "old_area";

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::AccountRequest.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Code<AccountRequestKind>,
    pub state: Code<AccountRequestState>,
    pub user_id: Option<Uuid>,
    /// The version of the account when the request was made.
    pub user_version: Option<i32>,
    pub account: String,
    pub display_name: String,
    /// What it is found by.
    pub name_words: String,
    pub role: Code<Role>,
    pub area_code: String,
    pub old_role: Option<Code<Role>>,
    pub old_area_code: Option<String>,
    pub reason: String,
    pub asked_by: Uuid,
    /// The name of that account at the time of the request.
    pub asked_by_name: String,
    pub expires_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::OldAreaCode", to = "areas::Column::Code")]
    OldArea,
}

impl ActiveModelBehavior for ActiveModel {}

/// A request with the names of its areas, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub kind: Code<AccountRequestKind>,
    pub state: Code<AccountRequestState>,
    pub user_id: Option<Uuid>,
    pub user_version: Option<i32>,
    pub account: String,
    pub display_name: String,
    pub role: Code<Role>,
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    pub old_role: Option<Code<Role>>,
    pub old_area_code: Option<String>,
    #[sea_orm(from_expr = "Expr::col((OLD_AREA, areas::Column::Name))")]
    pub old_area_name: Option<String>,
    pub reason: String,
    pub asked_by: Uuid,
    pub asked_by_name: String,
    pub expires_at: DateTimeUtc,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_request(self, state: AccountRequestState, allowed_actions: Vec<AccountRequestAction>) -> AccountRequest {
        object!(AccountRequest { state, allowed_actions, ..self.{
            id, kind, user_id, account, display_name, role, area_code, area_name, old_role, old_area_code, old_area_name, reason,
            asked_by, asked_by_name, expires_at, decided_by_name, decided_at, created_at, updated_at, version,
        } })
    }
}
