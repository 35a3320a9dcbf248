//! Table `pairings`.

use contract::ObjectKind;
use contract::campaigns::{CampaignSettings, DueDay, PhaseDates};
use contract::households::{Cause, HouseholdCategory, HouseholdStatus};
use contract::pairings::{PairedHousehold, Pairing, PairingAction, PairingKind, PairingState, ProposedBy};
use platform::coded::{AsJson, Code, codes};
use platform::{Result, area, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DerivePartialModel, QuerySelect, QueryTrait, Select};

use crate::{areas, campaigns, households, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Pairing.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pairings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub organisation_id: Uuid,
    pub kind: Code<PairingKind>,
    pub village_code: String,
    pub household_id: Option<Uuid>,
    pub state: Code<PairingState>,
    pub proposed_by: Code<ProposedBy>,
    pub organisation_accepted_at: Option<DateTimeUtc>,
    pub village_accepted_at: Option<DateTimeUtc>,
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
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Village,
    #[sea_orm(belongs_to = "households::Entity", from = "Column::HouseholdId", to = "households::Column::Id")]
    Household,
}

impl ActiveModelBehavior for ActiveModel {}

/// A pairing with the names of its parties, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Phases))")]
    pub phases: AsJson<Vec<PhaseDates>>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::NameKey))")]
    pub organisation_key: String,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::NumberedIn))")]
    pub household_numbered_in: Option<String>,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Sequence))")]
    pub household_sequence: Option<i32>,
    #[sea_orm(from_expr = "households::consents((Entity, Column::HouseholdId))")]
    pub household_consented: bool,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Status))")]
    pub household_status: Option<Code<HouseholdStatus>>,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Category))")]
    pub household_category: Option<Code<HouseholdCategory>>,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::MainCause))")]
    pub household_main_cause: Option<Code<Cause>>,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::SecondaryCauses))")]
    pub household_secondary_causes: Option<AsJson<Vec<Cause>>>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
}

own_columns!(Row);

/// A pairing with the days and settings of its campaign, by which its months are due.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct InCampaign {
    #[sea_orm(nested)]
    pub row: Row,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::StartsOn))")]
    pub starts_on: Date,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::EndsOn))")]
    pub ends_on: Date,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Settings))")]
    pub settings: AsJson<CampaignSettings>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::DueDays))")]
    pub due_days: AsJson<Vec<DueDay>>,
}

impl Row {
    fn household(&self) -> Option<PairedHousehold> {
        Some(PairedHousehold {
            id: self.household_id?,
            file_number: households::file_number(self.household_numbered_in.as_deref()?, self.household_sequence?),
            status: self.household_status?.0,
            category: self.household_category?.0,
            main_cause: self.household_main_cause?.0,
            secondary_causes: self.household_secondary_causes.clone().map(|causes| causes.0).unwrap_or_default(),
        })
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_pairing(self, allowed_actions: Vec<PairingAction>) -> Pairing {
        object!(Pairing {
            household: self.household(),
            allowed_actions,
            ..self.{ campaign_title, organisation_name, village_name, town_code, town_name },
            ..(self.own).{
                kind, id, campaign_id, organisation_id, village_code, state, proposed_by, organisation_accepted_at,
                village_accepted_at, answer_due_on, note, active_since, ended_on, created_at, updated_at, version,
            }
        })
    }
}

/// The condition that a pairing lies in an area.
pub fn lies_in(area_code: &str) -> SimpleExpr {
    area::lies_in(Entity, area_code)
}

/// The condition that a pairing is with a village. Only these have agreements, projects and progress updates, and a row in the
/// monthly form.
pub fn with_village() -> SimpleExpr {
    Column::Kind.eq(Code(PairingKind::Village))
}

/// The condition that a pairing was active on any day of a period. Both days are included.
pub fn active_between(first: Date, last: Date) -> Condition {
    Condition::all()
        .add(Column::ActiveSince.lte(last))
        .add(Condition::any().add(Column::EndedOn.is_null()).add(Column::EndedOn.gte(first)))
}

/// Whether a household has a live pairing: an active one, or one that may still become active.
pub async fn any_live_with(db: &impl ConnectionTrait, household_id: Uuid) -> Result<bool> {
    let live = Entity::find().filter(Column::HouseholdId.eq(household_id)).filter(Column::State.is_in(codes(PairingState::LIVE)));
    Ok(live.count(db).await? > 0)
}

pub async fn live(db: &impl ConnectionTrait, campaign_id: Uuid, party: SimpleExpr) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(with_village())
        .filter(party)
        .filter(Column::State.is_in(codes(PairingState::LIVE)))
        .count(db)
        .await?)
}

/// The households with an active pairing on a day.
pub fn households_on(day: Date) -> SelectStatement {
    paired_on(day).into_query()
}

/// The households that several organisations are paired with on a day.
pub fn households_of_several_on(day: Date) -> SelectStatement {
    let organisations = Expr::col((Entity, Column::OrganisationId)).count_distinct();
    paired_on(day).group_by(Column::HouseholdId).having(organisations.gt(1)).into_query()
}

fn paired_on(day: Date) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::HouseholdId)
        .filter(Column::Kind.eq(Code(PairingKind::Household)))
        .filter(active_between(day, day))
}

/// Whether any pairing with these households was written or changed at or after an instant.
pub async fn any_since(db: &impl ConnectionTrait, households: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find().filter(Column::HouseholdId.is_in(households.iter().copied()));
    Ok(theirs.filter(Column::UpdatedAt.gte(since)).count(db).await? > 0)
}

/// The households that an organisation has an active pairing with.
pub fn active_households(organisation_id: Uuid) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::HouseholdId)
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::Kind.eq(Code(PairingKind::Household)))
        .filter(Column::State.eq(Code(PairingState::Active)))
        .into_query()
}
