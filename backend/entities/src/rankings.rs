//! Tables `rankings` and `ranking_choices`.

use contract::ObjectKind;
use contract::campaigns::{CampaignSettings, MilestoneInput, rankings_due};
use contract::enrolments::EnrolmentKind;
use contract::rankings::{Ranked, RankedChoice, Ranking, RankingInput, RankingState};
use platform::coded::{AsJson, Code};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Func, SimpleExpr};
use sea_orm::{ConnectionTrait, DerivePartialModel, JoinType, QueryOrder, QuerySelect, RelationTrait};

use crate::{areas, campaigns, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Ranking.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rankings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    /// The area that the ranking belongs to: the village itself, or the organisation's area.
    pub area_code: String,
    /// Why the town has ranked for the village, if it has.
    pub on_behalf_reason: Option<String>,
    pub state: Code<RankingState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Village,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whom a ranking names at which place.
pub mod choice {
    use sea_orm::entity::prelude::*;

    use crate::{areas, organisations};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ranking_choices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ranking_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rank: i32,
        pub ranked_village: Option<String>,
        pub ranked_organisation: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::Entity", from = "Column::RankingId", to = "super::Column::Id")]
        Ranking,
        #[sea_orm(belongs_to = "areas::Entity", from = "Column::RankedVillage", to = "areas::Column::Code")]
        Village,
        #[sea_orm(belongs_to = "organisations::Entity", from = "Column::RankedOrganisation", to = "organisations::Column::Id")]
        Organisation,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The name of the village or organisation that the selected row is about.
pub fn name() -> SimpleExpr {
    Func::coalesce([
        Expr::col((areas::Entity, areas::Column::Name)),
        Expr::col((organisations::Entity, organisations::Column::Name)),
    ])
    .into()
}

/// The name of the town that a code in this column lies in. An organisation may be registered in the county.
fn town_name(code: &str) -> SimpleExpr {
    Expr::cust(format!("(SELECT town.name FROM areas town WHERE town.code = substr({code}, 1, 9))"))
}

/// A ranking with its names and what its deadline follows from, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "name()")]
    pub name: String,
    #[sea_orm(from_expr = "town_name(\"rankings.area_code\")")]
    pub town_name: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Settings))")]
    pub settings: AsJson<CampaignSettings>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Milestones))")]
    pub milestones: AsJson<Vec<MilestoneInput>>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::EndsOn))")]
    pub ends_on: Date,
}

own_columns!(Row);

impl Row {
    /// The last day on which it can be changed.
    pub fn due_on(&self) -> Date {
        rankings_due(&self.settings.0, &self.milestones.0, self.ends_on)
    }

    /// Converts the row into the contract's type, with whom it ranks.
    pub fn into_ranking(self, choices: Vec<RankedChoice>, editable: bool) -> Ranking {
        let due_on = self.due_on();
        let own = self.own;
        let kind = if own.village_code.is_some() { EnrolmentKind::Village } else { EnrolmentKind::Organisation };
        let ranked = choices.iter().map(ranked).collect();
        object!(Ranking {
            details: object!(RankingInput { ranked, ..own.{ campaign_id, village_code, organisation_id, on_behalf_reason } }),
            kind, choices, due_on, editable,
            ..self.{ name, town_name, campaign_title },
            ..own.{ id, state, area_code, created_at, updated_at, version }
        })
    }
}

/// Whom a place of a ranking names, as it is written.
pub fn ranked(choice: &RankedChoice) -> Ranked {
    Ranked { village_code: choice.village_code.clone(), organisation_id: choice.organisation_id }
}

/// A place of a ranking, with the name of whom it names.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "choice::Entity")]
pub struct ChoiceRow {
    pub ranking_id: Uuid,
    pub rank: i32,
    pub ranked_village: Option<String>,
    pub ranked_organisation: Option<Uuid>,
    #[sea_orm(from_expr = "name()")]
    pub name: String,
    #[sea_orm(from_expr = "town_name(\"COALESCE(ranking_choices.ranked_village, organisations.area_code)\")")]
    pub town_name: Option<String>,
}

/// Whom these rankings name, in their order.
pub async fn choices(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<(Uuid, RankedChoice)>> {
    let rows = choice::Entity::find()
        .join(JoinType::LeftJoin, choice::Relation::Village.def())
        .join(JoinType::LeftJoin, choice::Relation::Organisation.def())
        .filter(choice::Column::RankingId.is_in(ids))
        .order_by_asc(choice::Column::RankingId)
        .order_by_asc(choice::Column::Rank)
        .into_partial_model::<ChoiceRow>()
        .all(db)
        .await?;
    let shown = |row: ChoiceRow| {
        let town_name = row.town_name.unwrap_or_default();
        let (village_code, organisation_id) = (row.ranked_village, row.ranked_organisation);
        (row.ranking_id, RankedChoice { rank: row.rank, village_code, organisation_id, name: row.name, town_name })
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Whether any ranking of a campaign is closed.
pub async fn any_closed(db: &impl ConnectionTrait, campaign_id: Uuid) -> Result<bool> {
    let closed = Entity::find().select_only().column(Column::Id).filter(Column::CampaignId.eq(campaign_id));
    let closed = closed.filter(Column::State.eq(Code(RankingState::Closed)));
    Ok(closed.into_tuple::<Uuid>().one(db).await?.is_some())
}
