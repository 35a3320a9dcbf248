//! Table `enrolments`.

use contract::campaigns::{CampaignSettings, MilestoneInput, rankings_due};
use contract::catalogue::CatalogueEntryState;
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentKind, EnrolmentState};
use contract::{CodedEnum, ObjectKind};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{BinOper, ExprTrait, Func, SelectStatement, SimpleExpr};
use sea_orm::{DerivePartialModel, QuerySelect, QueryTrait};

use crate::{areas, campaigns, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Enrolment.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub kind: Code<EnrolmentKind>,
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    /// The area that the enrolment belongs to: the village itself, or the organisation's area.
    pub area_code: String,
    pub state: Code<EnrolmentState>,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    /// How many pairs it can take on, as it says itself.
    pub places: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// The name of the village or organisation that is enrolled.
pub fn name() -> SimpleExpr {
    Func::coalesce([
        Expr::col((areas::Entity, areas::Column::Name)),
        Expr::col((organisations::Entity, organisations::Column::Name)),
    ])
    .into()
}

/// The name of the town that it lies in. An organisation may be registered in the county.
fn town_name() -> SimpleExpr {
    Expr::cust("(SELECT town.name FROM areas town WHERE town.code = substr(enrolments.area_code, 1, 9))")
}

/// The condition that the village or organisation has published something in the catalogue of the campaign.
pub fn has_entry() -> SimpleExpr {
    let states = CatalogueEntryState::SURVEYED.iter().map(|state| format!("'{}'", state.code())).collect::<Vec<_>>().join(", ");
    // One question for each party, so that each is answered by an index.
    let entry = |party: &str| {
        format!(
            "EXISTS (SELECT 1 FROM catalogue_entries e WHERE e.{party} = enrolments.{party} \
             AND e.campaign_id = enrolments.campaign_id AND e.state IN ({states}))"
        )
    };
    Expr::cust(format!("({} OR {})", entry("village_code"), entry("organisation_id")))
}

/// Counts the confirmed participants of a campaign that have published something.
pub fn surveyed(campaign_id: Uuid) -> SelectStatement {
    let surveyed = Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
        .filter(has_entry());
    surveyed.select_only().column_as(Column::Id.count(), "n").into_query()
}

/// The condition that a village of a town takes part in a campaign, entered by the end of a month.
pub fn takes_part(campaign_id: SimpleExpr, town_code: SimpleExpr, month: SimpleExpr) -> SimpleExpr {
    let own = |column| Expr::col((Entity, column));
    let entered = Func::cust("substr").args([own(Column::CreatedAt).cast_as("text"), 1.into(), 7.into()]);
    // A range of codes, which an index serves: the villages of a town begin with its code.
    let last = town_code.clone().binary(BinOper::Custom("||"), "999");
    let enrolled = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(own(Column::CampaignId).eq(campaign_id))
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
        .filter(own(Column::VillageCode).between(town_code, last))
        .filter(Expr::from(entered).lte(month));
    Expr::exists(enrolled.into_query())
}

/// An enrolment with its name, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "name()")]
    pub name: String,
    #[sea_orm(from_expr = "town_name()")]
    pub town_name: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Settings))")]
    pub settings: AsJson<CampaignSettings>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Milestones))")]
    pub milestones: AsJson<Vec<MilestoneInput>>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::EndsOn))")]
    pub ends_on: Date,
}

own_columns!(Row);

impl Row {
    /// The last day on which it says itself how many pairs it can take on: that of the rankings.
    pub fn due_on(&self) -> Date {
        rankings_due(&self.settings.0, &self.milestones.0, self.ends_on)
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_enrolment(self, allowed_actions: Vec<EnrolmentAction>, editable: bool) -> Enrolment {
        object!(Enrolment {
            allowed_actions,
            editable,
            places_until: self.due_on(),
            ..self.{ name, town_name },
            ..(self.own).{
                id, campaign_id, kind, village_code, organisation_id, area_code, state, note, places, created_at, updated_at,
                version,
            }
        })
    }
}

/// Who can be enrolled.
#[derive(Clone, Copy, Debug)]
pub enum Member<'a> {
    Village(&'a str),
    Organisation(Uuid),
}
