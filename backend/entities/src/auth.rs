//! Tables `sessions` and `login_failures`.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};

use crate::users;

pub mod session {
    use contract::auth::SessionInfo;
    use platform::object;
    use sea_orm::entity::prelude::*;

    use crate::users;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        /// The hash of the part that all refresh tokens of the session share.
        pub family_hash: Option<String>,
        pub refresh_hash: String,
        pub previous_hash: Option<String>,
        pub rotated_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
        pub last_used_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub user_agent: Option<String>,
        pub address: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "users::Entity", from = "Column::UserId", to = "users::Column::Id")]
        User,
    }

    impl Related<users::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// Converts the row into what its owner sees from the session `current`.
        pub fn into_info(self, current: Uuid) -> SessionInfo {
            object!(SessionInfo {
                current: self.id == current,
                ..self.{ id, created_at, last_used_at, expires_at, user_agent, address }
            })
        }
    }
}

pub mod failure {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "login_failures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// The account that the failures concern. `None` if there is no such account, or if the counter is for an address alone.
        pub account: Option<String>,
        pub failures: i32,
        pub last_at: DateTimeUtc,
        /// The subject has to wait until this instant. `None` as long as there are few failures.
        pub locked_until: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A subquery for the longest wait among all counters of the selected account.
pub fn locked_until() -> SimpleExpr {
    let longest = Query::select()
        .expr(Expr::col((failure::Entity, failure::Column::LockedUntil)).max())
        .from(failure::Entity)
        .and_where(Expr::col((failure::Entity, failure::Column::Account)).eq(Expr::col((users::Entity, users::Column::Account))))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(longest.into()))
}
