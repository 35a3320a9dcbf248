//! Tables `agreements` and `agreement_counters`.

use contract::ObjectKind;
use contract::agreements::{
    AgreedProject, Agreement, AgreementAction, AgreementHead, AgreementInput, AgreementState, AgreementSummary,
};
use contract::pairings::PairingState;
use platform::coded::{AsJson, Code, codes};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, IntoColumnRef, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DerivePartialModel, QueryTrait};

use crate::{areas, campaigns, organisations, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Agreement.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pairing_id: Uuid,
    /// The village of the pairing. It is copied here because the indexes of the list need it.
    pub village_code: String,
    /// The campaign of the pairing. It is copied here because numbers are unique within a campaign.
    pub campaign_id: Uuid,
    pub number: Option<String>,
    pub state: Code<AgreementState>,
    pub starts_on: Date,
    pub ends_on: Date,
    pub signed_on: Option<Date>,
    pub organisation_signatory: String,
    pub village_signatory: String,
    pub witness: Option<String>,
    pub cooperation_content: String,
    pub organisation_obligations: String,
    pub village_obligations: String,
    /// The names and projects at the time of signing.
    pub campaign_title: Option<String>,
    pub organisation_name: Option<String>,
    pub village_name: Option<String>,
    pub town_name: Option<String>,
    pub projects: Option<AsJson<Vec<AgreedProject>>>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
}

impl ActiveModelBehavior for ActiveModel {}

/// The last number assigned in a campaign and year.
pub mod counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_counters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub campaign_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub last: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The name that an agreement was signed with, or today's name as long as it is not signed.
fn as_signed(signed: Column, today: impl IntoColumnRef) -> SimpleExpr {
    Func::coalesce([Expr::col((Entity, signed)), Expr::col(today)]).into()
}

fn organisation_name() -> SimpleExpr {
    as_signed(Column::OrganisationName, (organisations::Entity, organisations::Column::Name))
}

/// An agreement with the names of its parties, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub number: Option<String>,
    pub state: Code<AgreementState>,
    pub pairing_id: Uuid,
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "as_signed(Column::CampaignTitle, (campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Id))")]
    pub organisation_id: Uuid,
    #[sea_orm(from_expr = "organisation_name()")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::NameKey))")]
    pub organisation_key: String,
    pub village_code: String,
    #[sea_orm(from_expr = "as_signed(Column::VillageName, (areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "as_signed(Column::TownName, (\"town\", areas::Column::Name))")]
    pub town_name: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub signed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// An agreement with all its texts, which lists leave out.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Whole {
    #[sea_orm(nested)]
    pub row: Row,
    pub organisation_signatory: String,
    pub village_signatory: String,
    pub witness: Option<String>,
    pub cooperation_content: String,
    pub organisation_obligations: String,
    pub village_obligations: String,
    pub projects: Option<AsJson<Vec<AgreedProject>>>,
}

impl Row {
    fn into_head(self, allowed_actions: Vec<AgreementAction>) -> AgreementHead {
        object!(AgreementHead { allowed_actions, ..self.{
            id, number, state, campaign_id, campaign_title, organisation_id, organisation_name, village_code, village_name,
            town_code, town_name, signed_on, created_at, updated_at, version,
        } })
    }

    /// Converts the row into an entry of a list, with the steps that the caller may take.
    pub fn into_summary(self, allowed_actions: Vec<AgreementAction>) -> AgreementSummary {
        AgreementSummary {
            pairing_id: self.pairing_id,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            head: self.into_head(allowed_actions),
        }
    }
}

impl Whole {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_agreement(self, allowed_actions: Vec<AgreementAction>, editable: bool) -> Agreement {
        Agreement {
            details: object!(AgreementInput {
                pairing_id: self.row.pairing_id,
                starts_on: self.row.starts_on,
                ends_on: Some(self.row.ends_on),
                cooperation_content: Some(self.cooperation_content),
                organisation_obligations: Some(self.organisation_obligations),
                village_obligations: Some(self.village_obligations),
                ..self.{ organisation_signatory, village_signatory, witness }
            }),
            projects: self.projects.map(|projects| projects.0),
            head: self.row.into_head(allowed_actions),
            editable,
        }
    }
}

/// The condition that an agreement can be drafted for a pairing: the pairing is confirmed or active, and has neither a draft nor
/// a signed agreement.
pub fn missing() -> Condition {
    let live = Entity::find()
        .filter(Expr::col((Entity, Column::PairingId)).equals((pairings::Entity, pairings::Column::Id)))
        .filter(Column::State.is_in(codes(AgreementState::LIVE)));
    Condition::all()
        .add(pairings::Column::State.is_in([PairingState::Confirmed, PairingState::Active].map(Code)))
        .add(Expr::exists(live.into_query()).not())
}

/// Whether a pairing has a signed agreement that ends after a day.
pub async fn in_force(db: &impl ConnectionTrait, pairing_id: Uuid, day: Date) -> Result<bool> {
    let signed = Entity::find()
        .filter(Column::PairingId.eq(pairing_id))
        .filter(Column::State.eq(Code(AgreementState::Signed)))
        .filter(Column::EndsOn.gt(day));
    Ok(signed.count(db).await? > 0)
}
