//! Table `assistance_measures`. The description is sealed in `texts`.

use contract::assistance::AidKind;
use contract::mask::UNREADABLE;
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureSide, MeasureState, PlanState};
use contract::{Month, ObjectKind};
use platform::coded::{Code, Written, codes};
use platform::crypto::Sealed;
use platform::{Result, Vault, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ConnectionTrait, DerivePartialModel, JoinType, QuerySelect, QueryTrait};

use crate::{areas, assistance, households, organisations, pairings, plans};

/// The name of this kind of object in the audit trail. Sealed values are bound to it.
pub const OBJECT: &str = ObjectKind::Measure.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assistance_measures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub plan_id: Uuid,
    /// The village of the household, which never changes.
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
    #[sea_orm(belongs_to = "plans::Entity", from = "Column::PlanId", to = "plans::Column::Id")]
    Plan,
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
    #[sea_orm(belongs_to = "households::member::Entity", from = "Column::MemberId", to = "households::member::Column::Id")]
    Member,
}

impl ActiveModelBehavior for ActiveModel {}

const KEY: (&str, &str) = (OBJECT, "id");

/// A measure with its names and its confirmed records, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((plans::Entity, plans::Column::State))")]
    pub plan_state: Code<PlanState>,
    #[sea_orm(from_expr = "Expr::col((plans::Entity, plans::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((plans::Entity, plans::Column::HouseholdId))")]
    pub household_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Consented))")]
    pub consented: bool,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::NumberedIn))")]
    pub numbered_in: String,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Sequence))")]
    pub sequence: i32,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((households::member::Entity, households::member::Column::Personal))")]
    pub member: Option<Sealed>,
    #[sea_orm(from_expr = "assistance::of_measure(KEY).0")]
    pub records: i64,
    #[sea_orm(from_expr = "assistance::of_measure(KEY).1")]
    pub given_fen: i64,
}

own_columns!(Row);

impl Row {
    pub fn state(&self) -> MeasureState {
        MeasureState::of(self.dropped, self.records)
    }

    /// The measure as the form edits it.
    ///
    /// # Errors
    /// Internal, if the description cannot be opened.
    pub fn input(&self, vault: &Vault) -> Result<MeasureInput> {
        Ok(object!(MeasureInput {
            description: vault.open(OBJECT, self.id, &self.texts)?,
            ..(self.own).{ plan_id, month, kind, responsible, pairing_id, member_id, amount_fen }
        }))
    }

    /// Converts the row into the contract's type, with masked names and the steps that the caller may take.
    pub fn into_measure(self, vault: &Vault, editable: bool, allowed_actions: Vec<MeasureAction>) -> Measure {
        let state = self.state();
        let member = self.member_id.zip(self.member.as_ref());
        let member_name = member.map(|(id, personal)| households::member_name(vault, id, personal));
        let description: String = vault.show(OBJECT, self.id, &self.texts).unwrap_or_else(|| UNREADABLE.to_owned());
        object!(Measure {
            file_number: households::file_number(&self.numbered_in, self.sequence),
            goal: self.kind.0.goal(),
            description: Some(description).filter(|words| !words.is_empty()),
            member_name, state, editable, allowed_actions,
            ..self.{ plan_state, campaign_id, household_id, village_name, organisation_name, records, given_fen },
            ..(self.own).{
                id, plan_id, village_code, month, kind, responsible, pairing_id, member_id, amount_fen, created_at, updated_at,
                version,
            }
        })
    }
}

/// A subquery for the number of measures of the selected plan that are not dropped. With `fulfilled`, it counts only those that
/// are fulfilled.
pub fn count_of_plan(fulfilled: bool) -> SimpleExpr {
    let mut select = Entity::find()
        .select_only()
        .expr(Column::Id.count())
        .filter(Expr::col((Entity, Column::PlanId)).equals((plans::Entity, plans::Column::Id)))
        .filter(Column::Dropped.eq(false));
    if fulfilled {
        select = select.filter(assistance::of_measure(KEY).0.gt(0));
    }
    SimpleExpr::SubQuery(None, Box::new(select.into_query().into()))
}

/// The members of these households that a measure names.
pub async fn members_named(db: &impl ConnectionTrait, households: &[Uuid]) -> Result<Vec<Uuid>> {
    let theirs = Entity::find()
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(plans::Column::HouseholdId.is_in(households.iter().copied()));
    let named = theirs.filter(Column::MemberId.is_not_null()).select_only().column(Column::MemberId).distinct();
    Ok(named.into_tuple().all(db).await?)
}

/// The members of a household named by a measure that is still to be done, in a plan that runs.
pub async fn members_awaiting(db: &impl ConnectionTrait, household: Uuid) -> Result<Vec<Uuid>> {
    let awaited = Entity::find()
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(plans::Column::HouseholdId.eq(household))
        .filter(plans::Column::State.is_in(codes(PlanState::LIVE)))
        .filter(Column::Dropped.eq(false))
        .filter(Column::MemberId.is_not_null())
        .filter(assistance::of_measure(KEY).0.eq(0));
    Ok(awaited.select_only().column(Column::MemberId).distinct().into_tuple().all(db).await?)
}

/// Whether any measure for these households was written or changed at or after an instant.
pub async fn any_since(db: &impl ConnectionTrait, households: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find()
        .join(JoinType::InnerJoin, Relation::Plan.def())
        .filter(plans::Column::HouseholdId.is_in(households.iter().copied()));
    Ok(theirs.filter(Column::UpdatedAt.gte(since)).count(db).await? > 0)
}
