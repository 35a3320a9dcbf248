//! Table `cases`: cases and good practices.

use contract::campaigns::Goal;
use contract::cases::{Case, CaseAction, CaseInput, CaseKind, CaseState, PeopleShown};
use contract::portal::PublicCase;
use contract::villages::Industry;
use contract::{ObjectKind, Role};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};

use crate::{areas, campaigns, organisations, projects};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Case.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub kind: Code<CaseKind>,
    pub pairing_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    /// The village of the pairing, or the area of whoever wrote it.
    pub area_code: String,
    pub title: String,
    /// The title as it is sorted and searched by.
    pub name_key: String,
    pub name_words: String,
    pub goal: Code<Goal>,
    pub industry: Option<Code<Industry>>,
    pub summary: Option<String>,
    pub background: Option<String>,
    pub practice: String,
    pub effect: Option<String>,
    pub why_it_works: Option<String>,
    pub what_it_needs: Option<String>,
    pub found_in: Option<String>,
    pub state: Code<CaseState>,
    pub nominated_by: Code<Role>,
    pub reason: Option<String>,
    pub people_shown: Option<Code<PeopleShown>>,
    /// The name of that day, as it stays.
    pub shown_confirmed_by: Option<String>,
    pub shown_confirmed_at: Option<DateTimeUtc>,
    pub published_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
    #[sea_orm(belongs_to = "projects::Entity", from = "Column::ProjectId", to = "projects::Column::Id")]
    Project,
}

impl ActiveModelBehavior for ActiveModel {}

/// The name of the town that a case lies in.
fn town_name() -> SimpleExpr {
    Expr::cust("(SELECT town.name FROM areas town WHERE town.code = substr(cases.area_code, 1, 9) AND length(town.code) = 9)")
}

/// How many have taken it up.
fn uptakes() -> SimpleExpr {
    Expr::cust("(SELECT COUNT(*) FROM case_uptakes u WHERE u.case_id = cases.id)")
}

/// The condition that somebody has taken the selected case up.
pub fn taken_up() -> SimpleExpr {
    uptakes().gt(0)
}

/// A case with its names, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    #[sea_orm(from_expr = "town_name()")]
    pub town_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::Title))")]
    pub project_title: Option<String>,
    #[sea_orm(from_expr = "uptakes()")]
    pub uptakes: i64,
}

own_columns!(Row);

impl Model {
    /// What is written of it.
    pub fn into_input(self) -> CaseInput {
        object!(CaseInput {
            ..self.{
                campaign_id, kind, pairing_id, project_id, title, goal, industry, summary, background, practice, effect,
                why_it_works, what_it_needs, found_in,
            }
        })
    }
}

impl Row {
    /// Converts the row of a published case into what anybody reads.
    pub fn into_public(self) -> PublicCase {
        let own = self.own.clone();
        object!(PublicCase {
            published_on: own.published_on.unwrap_or_default(),
            ..self.{ campaign_title, organisation_name, area_name, town_name },
            ..own.{ id, kind, title, goal, industry, summary, background, practice, effect, why_it_works, what_it_needs }
        })
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_case(self, allowed_actions: Vec<CaseAction>, editable: bool) -> Case {
        let own = self.own.clone();
        object!(Case {
            details: self.own.into_input(),
            allowed_actions, editable,
            ..self.{ campaign_title, organisation_name, area_name, town_name, project_title, uptakes },
            ..own.{
                id, state, organisation_id, area_code, nominated_by, reason, people_shown, shown_confirmed_by,
                shown_confirmed_at, published_on, created_at, updated_at, version,
            }
        })
    }
}
