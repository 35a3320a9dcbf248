//! Tables `inspections` and `inspection_inspectors`.

use contract::ObjectKind;
use contract::inspections::{
    ChecklistItem, Conclusion, Inspection, InspectionAction, InspectionInput, InspectionState, ItemOutcome, RoundKind, RoundState,
};
use platform::coded::{AsJson, Code, codes};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DerivePartialModel, JoinType, QuerySelect, QueryTrait, RelationTrait};

use crate::{areas, campaigns, findings, inspection_rounds, organisations, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Inspection.name();

/// The states of inspections that take place or have taken place.
pub const NOT_CANCELLED: &[InspectionState] = &[InspectionState::Planned, InspectionState::Held];
/// The state of those that have taken place.
pub const HELD: &[InspectionState] = &[InspectionState::Held];

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inspections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub round_id: Uuid,
    pub pairing_id: Uuid,
    /// The village of the pairing. It is copied here because the indexes of the list need it.
    pub village_code: String,
    pub inspectors: AsJson<Vec<Uuid>>,
    /// Their names as they were called then.
    pub inspector_names: AsJson<Vec<String>>,
    pub planned_on: Date,
    pub held_on: Option<Date>,
    pub results: AsJson<Vec<ItemOutcome>>,
    pub conclusion: Option<Code<Conclusion>>,
    pub summary: Option<String>,
    /// What the device called the sheet that completed it.
    pub entry_id: Option<Uuid>,
    pub state: Code<InspectionState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "inspection_rounds::Entity", from = "Column::RoundId", to = "inspection_rounds::Column::Id")]
    Round,
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
}

impl ActiveModelBehavior for ActiveModel {}

/// Which accounts inspect: what `inspectors` says, by which each of them finds what waits.
pub mod inspector {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "inspection_inspectors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub inspection_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An inspection with its round and the names of its pairing, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Title))")]
    pub round_title: String,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Kind))")]
    pub kind: Code<RoundKind>,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::State))")]
    pub round_state: Code<RoundState>,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::StartsOn))")]
    pub starts_on: Date,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Items))")]
    pub items: AsJson<Vec<ChecklistItem>>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "findings::count_of_inspection(false)")]
    pub findings: i64,
    #[sea_orm(from_expr = "findings::count_of_inspection(true)")]
    pub findings_open: i64,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_inspection(self, editable: bool, allowed_actions: Vec<InspectionAction>, today: Date) -> Inspection {
        let overdue = self.state.0 == InspectionState::Planned && self.planned_on < today;
        let own = self.own;
        object!(Inspection {
            overdue, editable, allowed_actions,
            details: object!(InspectionInput {
                ..own.{ round_id, pairing_id, inspectors, planned_on, held_on, results, conclusion, summary }
            }),
            ..self.{ campaign_id, round_title, kind, items, organisation_name, village_name, findings, findings_open },
            ..own.{ id, inspector_names, village_code, state, created_at, updated_at, version }
        })
    }
}

/// A subquery for the number of inspections of the selected round in some states.
pub fn count_of_round(states: &[InspectionState]) -> SimpleExpr {
    let theirs = Entity::find()
        .select_only()
        .expr(Column::Id.count())
        .filter(Expr::col((Entity, Column::RoundId)).equals((inspection_rounds::Entity, inspection_rounds::Column::Id)))
        .filter(Column::State.is_in(codes(states)))
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(theirs.into()))
}

/// The pairings that an inspection was held of.
pub fn held_of() -> SelectStatement {
    Entity::find().select_only().column(Column::PairingId).filter(Column::State.eq(Code(InspectionState::Held))).into_query()
}

/// The condition that a selected inspection has nobody who inspects, or this account.
pub fn is_open_to(user_id: Uuid) -> (SimpleExpr, SimpleExpr) {
    let theirs = inspector::Entity::find()
        .filter(Expr::col((inspector::Entity, inspector::Column::InspectionId)).equals((Entity, Column::Id)));
    let own = theirs.clone().filter(inspector::Column::UserId.eq(user_id));
    (Expr::exists(theirs.into_query()).not(), Expr::exists(own.into_query()))
}

/// Whether a round has inspections that are planned.
pub async fn any_planned(db: &impl ConnectionTrait, round_id: Uuid) -> Result<bool> {
    let planned = Entity::find().filter(Column::RoundId.eq(round_id)).filter(Column::State.eq(Code(InspectionState::Planned)));
    Ok(planned.count(db).await? > 0)
}

/// Of each kind of round that the campaign's own office has opened, how many inspections there are, and how many of them were held.
pub async fn by_kind(db: &impl ConnectionTrait, campaign_id: Uuid) -> Result<Vec<(RoundKind, i64, i64)>> {
    use inspection_rounds::{Column as Round, Entity as Rounds};
    let opened = Condition::all()
        .add(Round::CampaignId.eq(campaign_id))
        .add(Expr::col((Rounds, Round::AreaCode)).equals((campaigns::Entity, campaigns::Column::AreaCode)))
        .add(Round::State.is_in([RoundState::Open, RoundState::Closed].map(Code)));
    let held = Expr::case(Expr::col((Entity, Column::State)).eq(Code(InspectionState::Held)), 1);
    let rows: Vec<(Code<RoundKind>, i64, i64)> = Entity::find()
        .join(JoinType::InnerJoin, Relation::Round.def())
        .join(JoinType::InnerJoin, inspection_rounds::Relation::Campaign.def())
        .filter(opened)
        .filter(Column::State.is_in(codes(NOT_CANCELLED)))
        .select_only()
        .column(Round::Kind)
        .column_as(Column::Id.count(), "inspections")
        .column_as(SimpleExpr::Case(Box::new(held)).count(), "held")
        .group_by(Round::Kind)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(kind, all, held)| (kind.0, all, held)).collect())
}
