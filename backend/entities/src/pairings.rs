//! Table `pairings`.

use contract::campaigns::PhaseDates;
use contract::households::{Cause, HouseholdCategory, HouseholdStatus};
use contract::pairings::{PairedHousehold, Pairing, PairingAction, PairingKind, PairingState, ProposedBy};
use platform::Result;
use platform::coded::{Code, Kept};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, campaigns, households, organisations};

/// The name of these objects in the history, and where their rows are sealed.
pub const OBJECT: &str = "pairings";

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
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Phases))")]
    pub phases: Kept<Vec<PhaseDates>>,
    pub organisation_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    pub kind: Code<PairingKind>,
    pub household_id: Option<Uuid>,
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
    pub household_secondary_causes: Option<Kept<Vec<Cause>>>,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
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

impl Row {
    fn household(&self) -> Option<PairedHousehold> {
        Some(PairedHousehold {
            id: self.household_id?,
            file_number: households::file_number(&self.village_code, self.household_sequence?),
            status: self.household_status?.0,
            category: self.household_category?.0,
            main_cause: self.household_main_cause?.0,
            secondary_causes: self.household_secondary_causes.clone().map(|causes| causes.0).unwrap_or_default(),
        })
    }

    /// As the contract shows it to a caller who may take these steps.
    pub fn into_pairing(self, allowed_actions: Vec<PairingAction>) -> Pairing {
        Pairing {
            kind: self.kind.0,
            household: self.household(),
            id: self.id,
            campaign_id: self.campaign_id,
            campaign_title: self.campaign_title,
            organisation_id: self.organisation_id,
            organisation_name: self.organisation_name,
            village_code: self.village_code,
            village_name: self.village_name,
            town_code: self.town_code,
            town_name: self.town_name,
            state: self.state.0,
            proposed_by: self.proposed_by.0,
            organisation_accepted_at: self.organisation_accepted_at,
            village_accepted_at: self.village_accepted_at,
            answer_due_on: self.answer_due_on,
            note: self.note,
            active_since: self.active_since,
            ended_on: self.ended_on,
            allowed_actions,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}
