//! Table `assistance_measures`. What is to be done is told in `texts`, sealed.

use contract::Month;
use contract::assistance::AidKind;
use contract::mask::UNREADABLE;
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureSide, MeasureState, PlanState};
use platform::coded::{Code, Written};
use platform::crypto::Sealed;
use platform::{Result, Vault};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use super::policy;
use super::service::OBJECT;
use crate::modules::{areas, assistance, households, organisations, pairings, plans};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assistance_measures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub plan_id: Uuid,
    /// The household's, which is for good.
    pub village_code: String,
    pub month: Written<Month>,
    pub kind: Code<AidKind>,
    pub responsible: Code<MeasureSide>,
    pub pairing_id: Option<Uuid>,
    pub member_id: Option<Uuid>,
    pub amount_fen: Option<i64>,
    pub texts: Sealed,
    pub dropped: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "plans::entity::Entity", from = "Column::PlanId", to = "plans::entity::Column::Id")]
    Plan,
    #[sea_orm(belongs_to = "pairings::entity::Entity", from = "Column::PairingId", to = "pairings::entity::Column::Id")]
    Pairing,
    #[sea_orm(
        belongs_to = "households::entity::member::Entity",
        from = "Column::MemberId",
        to = "households::entity::member::Column::Id"
    )]
    Member,
}

impl ActiveModelBehavior for ActiveModel {}

const KEY: (&str, &str) = ("assistance_measures", "id");

/// A measure with the names around it and what fulfils it, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub plan_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((plans::entity::Entity, plans::entity::Column::State))")]
    pub plan_state: Code<PlanState>,
    #[sea_orm(from_expr = "Expr::col((plans::entity::Entity, plans::entity::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((plans::entity::Entity, plans::entity::Column::HouseholdId))")]
    pub household_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((households::entity::Entity, households::entity::Column::Consented))")]
    pub consented: bool,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((households::entity::Entity, households::entity::Column::Sequence))")]
    pub sequence: i32,
    #[sea_orm(from_expr = "Expr::col((areas::entity::Entity, areas::entity::Column::Name))")]
    pub village_name: String,
    pub month: Written<Month>,
    pub kind: Code<AidKind>,
    pub responsible: Code<MeasureSide>,
    pub pairing_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((organisations::entity::Entity, organisations::entity::Column::Name))")]
    pub organisation_name: Option<String>,
    pub member_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((households::entity::member::Entity, households::entity::member::Column::Personal))")]
    pub member: Option<Sealed>,
    pub amount_fen: Option<i64>,
    pub texts: Sealed,
    pub dropped: bool,
    #[sea_orm(from_expr = "assistance::figures::of_measure(KEY).0")]
    pub records: i64,
    #[sea_orm(from_expr = "assistance::figures::of_measure(KEY).1")]
    pub given_fen: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

impl Row {
    pub fn state(&self) -> MeasureState {
        policy::state(self.dropped, self.records)
    }

    /// As it was written.
    ///
    /// # Errors
    /// Internal, where it cannot be opened.
    pub fn input(&self, vault: &Vault) -> Result<MeasureInput> {
        Ok(MeasureInput {
            plan_id: self.plan_id,
            month: self.month.0,
            kind: self.kind.0,
            responsible: self.responsible.0,
            pairing_id: self.pairing_id,
            member_id: self.member_id,
            amount_fen: self.amount_fen,
            description: vault.open(OBJECT, self.id, &self.texts)?,
        })
    }

    /// As the contract shows it, names masked, to a caller who may take these steps.
    pub fn into_measure(self, vault: &Vault, editable: bool, allowed_actions: Vec<MeasureAction>) -> Measure {
        let state = self.state();
        let member = self.member_id.zip(self.member.as_ref());
        let member_name = member.map(|(id, personal)| households::ground::member_name(vault, id, personal));
        let description: String = vault.show(OBJECT, self.id, &self.texts).unwrap_or_else(|| UNREADABLE.to_owned());
        Measure {
            id: self.id,
            plan_id: self.plan_id,
            plan_state: self.plan_state.0,
            campaign_id: self.campaign_id,
            household_id: self.household_id,
            file_number: households::entity::file_number(&self.village_code, self.sequence),
            village_code: self.village_code,
            village_name: self.village_name,
            month: self.month.0,
            kind: self.kind.0,
            goal: self.kind.0.goal(),
            responsible: self.responsible.0,
            pairing_id: self.pairing_id,
            organisation_name: self.organisation_name,
            member_id: self.member_id,
            member_name,
            amount_fen: self.amount_fen,
            description: Some(description).filter(|words| !words.is_empty()),
            state,
            records: self.records,
            given_fen: self.given_fen,
            editable,
            allowed_actions,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}
