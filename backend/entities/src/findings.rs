//! Table `findings`.

use contract::findings::{Finding, FindingAction, FindingInput, FindingState, Severity, due};
use contract::inspections::{ChecklistItem, RoundKind, RoundState};
use contract::projects::ResponsibleSide;
use contract::{ObjectKind, Role};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{DerivePartialModel, QuerySelect, QueryTrait};

use crate::{areas, inspection_rounds, inspections, organisations, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Finding.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "findings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub inspection_id: Uuid,
    /// The pairing of the inspection, and its village. They are copied here because scope and the indexes of the list need them.
    pub pairing_id: Uuid,
    pub village_code: String,
    pub item: Option<i32>,
    pub severity: Code<Severity>,
    pub problem: String,
    pub found_on: Date,
    pub due_on: Date,
    pub first_due_on: Date,
    pub responsible: Code<ResponsibleSide>,
    pub state: Code<FindingState>,
    pub reopenings: i32,
    pub rectification: Option<String>,
    pub rectified_on: Option<Date>,
    pub submitted_at: Option<DateTimeUtc>,
    pub rectified_by: Option<Uuid>,
    pub rectified_by_name: Option<String>,
    pub rectified_role: Option<Code<Role>>,
    pub on_behalf_reason: Option<String>,
    pub verified_at: Option<DateTimeUtc>,
    pub verified_by: Option<Uuid>,
    pub verified_by_name: Option<String>,
    pub verified_role: Option<Code<Role>>,
    pub verification: Option<String>,
    pub closed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "inspections::Entity", from = "Column::InspectionId", to = "inspections::Column::Id")]
    Inspection,
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
}

impl ActiveModelBehavior for ActiveModel {}

/// A finding with its round and the names of its pairing, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Id))")]
    pub round_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Title))")]
    pub round_title: String,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Kind))")]
    pub kind: Code<RoundKind>,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::State))")]
    pub round_state: Code<RoundState>,
    #[sea_orm(from_expr = "Expr::col((inspection_rounds::Entity, inspection_rounds::Column::Items))")]
    pub items: AsJson<Vec<ChecklistItem>>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
}

own_columns!(Row);

impl Row {
    /// The part that is written.
    pub fn details(&self) -> FindingInput {
        object!(FindingInput {
            entry_id: None,
            problem: self.problem.clone(),
            ..(self.own).{ inspection_id, item, severity, found_on, due_on, responsible }
        })
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_finding(self, editable: bool, allowed_actions: Vec<FindingAction>, today: Date) -> Finding {
        let (details, state) = (self.details(), self.state.0);
        let number = self.item.and_then(|item| usize::try_from(item).ok()?.checked_sub(1));
        let item_text = number.and_then(|number| self.items.0.get(number)).map(|item| item.text.clone());
        let days_left = (state != FindingState::Closed).then(|| (self.due_on - today).num_days());
        let due = due(state, self.due_on, today);
        let own = self.own;
        object!(Finding {
            details, item_text, days_left, due, editable, allowed_actions,
            ..self.{ campaign_id, round_id, round_title, kind, organisation_name, village_name },
            ..own.{
                id, pairing_id, village_code, state, first_due_on, reopenings, rectification, rectified_on, submitted_at,
                rectified_by_name, on_behalf_reason, verified_at, verified_by_name, verification, closed_on, created_at, updated_at,
                version,
            }
        })
    }
}

/// A subquery for the number of findings of the selected inspection, or of those that are not closed.
pub fn count_of_inspection(open: bool) -> SimpleExpr {
    let mut theirs = Entity::find()
        .select_only()
        .expr(Column::Id.count())
        .filter(Expr::col((Entity, Column::InspectionId)).equals((inspections::Entity, inspections::Column::Id)));
    if open {
        theirs = theirs.filter(Column::State.ne(Code(FindingState::Closed)));
    }
    SimpleExpr::SubQuery(None, Box::new(theirs.into_query().into()))
}
