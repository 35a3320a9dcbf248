//! What a score is made of: the confirmed organisations and villages of a campaign, what they offer and need, and what binds them.
//!
//! Both sides stand in the order of their codes, and all that belongs to one is sorted, so that the same campaign is the same to the
//! byte on every database. Ids and names are not part of what is compared.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use contract::campaigns::{Campaign, Goal};
use contract::catalogue::{CatalogueEntryState, SupplyKind, Urgency};
use contract::enrolments::EnrolmentState;
use contract::organisations::{OrganisationKind, OrganisationState};
use contract::pairings::PairingState;
use contract::rankings::RankingState;
use contract::villages::Industry;
use entities::{areas, catalogue, enrolments, organisations, pairings, rankings, scope, villages};
use platform::area::{town_of, within};
use platform::coded::{Code, codes};
use platform::crypto::hex;
use platform::{Asker, Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect, QueryTrait, Select};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What somebody offers or needs, as far as it remains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Supply {
    pub goal: Goal,
    pub kind: SupplyKind,
    pub unit: String,
    pub industry: Option<Industry>,
    pub urgency: Urgency,
    pub remaining: i64,
}

/// A confirmed organisation.
#[derive(Clone, Debug, Serialize)]
pub struct Organisation {
    pub code: String,
    #[serde(skip)]
    pub id: Uuid,
    #[serde(skip)]
    pub name: String,
    pub kind: OrganisationKind,
    pub area_code: String,
    pub strengths: Option<String>,
    /// How many villages it can take on, as it says itself.
    pub places: Option<i32>,
    pub offers: Vec<Supply>,
}

impl Organisation {
    /// Whether it is registered in the town of a village. One that is registered in the county is of no town.
    pub fn is_of(&self, village: &Village) -> bool {
        self.area_code.len() >= 9 && town_of(&self.area_code) == town_of(&village.code)
    }
}

/// A confirmed village.
#[derive(Clone, Debug, Serialize)]
pub struct Village {
    pub code: String,
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub town_name: String,
    pub industries: Vec<Industry>,
    pub old_base: bool,
    /// How many organisations it can take on, as it says itself.
    pub places: Option<i32>,
    pub needs: Vec<Supply>,
}

/// What binds two beside what they offer and need.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Bond {
    /// What the organisation has given to the village in the campaign's year, in fen, as far as that is confirmed.
    pub donated_fen: i64,
    /// The places at which they rank each other.
    pub organisation_rank: Option<i32>,
    pub village_rank: Option<i32>,
}

/// All of a campaign that a score or an assignment depends on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Data {
    /// In the order of their codes.
    pub organisations: Vec<Organisation>,
    /// In the order of their codes.
    pub villages: Vec<Village>,
    /// What binds an organisation to villages, by their positions.
    pub bonds: Vec<BTreeMap<usize, Bond>>,
    /// Live pairings, by the positions of both.
    pub existing: Vec<(usize, usize)>,
    /// Pairs that were declined or terminated in this campaign.
    pub refused: Vec<(usize, usize)>,
    pub organisation_rankings: i64,
    pub village_rankings: i64,
    /// What the campaign allows each side at most.
    pub organisation_limit: Option<i32>,
    pub village_limit: Option<i32>,
}

/// For whom data is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Of<'a> {
    pub organisation_id: Option<Uuid>,
    /// Only villages inside of this area.
    pub within: Option<&'a str>,
    /// Whether closed rankings are read too, as far as the caller may see them.
    pub with_rankings: bool,
}

#[derive(FromQueryResult)]
struct VillageRow {
    code: String,
    name: String,
    town_name: String,
    industries: platform::coded::AsJson<Vec<Industry>>,
    old_base: bool,
}

#[derive(FromQueryResult)]
struct Donated {
    organisation_id: Uuid,
    village_code: String,
    amount_fen: i64,
}

#[derive(FromQueryResult)]
struct Paired {
    organisation_id: Uuid,
    village_code: String,
    state: Code<PairingState>,
}

#[derive(FromQueryResult)]
struct RankedRow {
    by_village: Option<String>,
    by_organisation: Option<Uuid>,
    rank: Option<i32>,
    village_code: Option<String>,
    organisation_id: Option<Uuid>,
}

impl Data {
    /// Reads what exists for the caller. Takes eight statements, whatever the size.
    pub async fn read(asker: &Asker<'_>, campaign: &Campaign, of: Of<'_>) -> Result<Self> {
        let settings = &campaign.details.settings;
        let mut data = Self {
            organisation_limit: settings.max_pairings_per_organisation,
            village_limit: settings.max_pairings_per_village,
            ..Self::default()
        };
        data.read_sides(asker, campaign.id, of).await?;
        let organisations: HashMap<Uuid, usize> = data.organisations.iter().map(|side| side.id).zip(0..).collect();
        let villages: HashMap<String, usize> = data.villages.iter().map(|side| side.code.clone()).zip(0..).collect();
        let places = taking_part(asker, campaign.id).filter(enrolments::Column::Places.is_not_null());
        for row in places.all(&asker.db).await? {
            if let Some(&side) = row.organisation_id.and_then(|id| organisations.get(&id)) {
                data.organisations[side].places = row.places;
            } else if let Some(&side) = row.village_code.and_then(|code| villages.get(&code)) {
                data.villages[side].places = row.places;
            }
        }
        let pair = |id: Uuid, code: &str| Some((*organisations.get(&id)?, *villages.get(code)?));

        let supplies = scope::catalogue(asker.caller)
            .filter(catalogue::Column::CampaignId.eq(campaign.id))
            .filter(catalogue::Column::State.eq(Code(CatalogueEntryState::Published)))
            .filter(catalogue::remains())
            .into_partial_model::<catalogue::Supply>();
        for row in supplies.all(&asker.db).await? {
            let supply = Supply {
                goal: row.goal.0,
                kind: row.kind.0,
                unit: row.quantity_unit,
                industry: row.industry.map(|industry| industry.0),
                urgency: row.urgency.0,
                remaining: row.remaining,
            };
            if let Some(&side) = row.organisation_id.and_then(|id| organisations.get(&id)) {
                data.organisations[side].offers.push(supply);
            } else if let Some(&side) = row.village_code.and_then(|code| villages.get(&code)) {
                data.villages[side].needs.push(supply);
            }
        }
        data.organisations.iter_mut().for_each(|side| side.offers.sort_unstable());
        data.villages.iter_mut().for_each(|side| side.needs.sort_unstable());

        data.bonds = vec![BTreeMap::new(); data.organisations.len()];
        use organisations::donation;
        let (first, last) = year(campaign.details.starts_on);
        let donated = donation::Entity::find()
            .filter(donation::Column::Confirmed.eq(true))
            .filter(donation::Column::DonatedOn.between(first, last))
            .filter(donation::Column::OrganisationId.in_subquery(confirmed(
                asker,
                campaign.id,
                enrolments::Column::OrganisationId,
            )));
        for row in donated.into_model::<Donated>().all(&asker.db).await? {
            if let Some((organisation, village)) = pair(row.organisation_id, &row.village_code) {
                data.bonds[organisation].entry(village).or_default().donated_fen += row.amount_fen;
            }
        }
        let ended = [PairingState::Declined, PairingState::Terminated];
        let paired = scope::pairings(asker.caller)
            .filter(pairings::with_village())
            .filter(pairings::Column::CampaignId.eq(campaign.id))
            .filter(pairings::Column::State.is_in(codes(PairingState::LIVE).chain(codes(&ended))));
        for row in paired.into_model::<Paired>().all(&asker.db).await? {
            if let Some(pair) = pair(row.organisation_id, &row.village_code) {
                if ended.contains(&row.state.0) { data.refused.push(pair) } else { data.existing.push(pair) }
            }
        }
        data.existing.sort_unstable();
        data.refused.sort_unstable();
        data.refused.dedup();
        let Self { existing, refused, .. } = &mut data;
        refused.retain(|pair| existing.binary_search(pair).is_err());
        if of.with_rankings {
            data.read_rankings(asker, campaign.id, pair).await?;
        }
        Ok(data)
    }

    async fn read_sides(&mut self, asker: &Asker<'_>, campaign_id: Uuid, of: Of<'_>) -> Result<()> {
        use organisations::Column;
        let rows = organisations::Entity::find()
            .filter(Column::Id.in_subquery(confirmed(asker, campaign_id, enrolments::Column::OrganisationId)))
            .filter(Column::State.eq(Code(OrganisationState::Active)))
            .filter(Condition::all().add_option(of.organisation_id.map(|id| Column::Id.eq(id))));
        for row in rows.all(&asker.db).await? {
            self.organisations.push(Organisation {
                code: row.credit_code,
                id: row.id,
                name: row.name,
                kind: row.kind.0,
                area_code: row.area_code,
                strengths: row.strengths,
                places: None,
                offers: Vec::new(),
            });
        }
        // Databases sort text in their own ways.
        self.organisations.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        let town = areas::Entity::belongs_to(areas::Entity).from(areas::Column::ParentCode).to(areas::Column::Code);
        let rows = villages::Entity::find()
            .select_only()
            .columns([villages::Column::Code, villages::Column::Industries, villages::Column::OldBase])
            .column_as(Expr::col((areas::Entity, areas::Column::Name)), "name")
            .column_as(Expr::col(("town", areas::Column::Name)), "town_name")
            .join(JoinType::InnerJoin, villages::Relation::Area.def())
            .join_as(JoinType::InnerJoin, RelationDef::from(town), "town")
            .filter(villages::Column::Code.in_subquery(confirmed(asker, campaign_id, enrolments::Column::VillageCode)))
            .filter(Expr::col((areas::Entity, areas::Column::EndedOn)).is_null())
            .filter(Condition::all().add_option(of.within.map(|code| within((villages::Entity, villages::Column::Code), code))));
        for row in rows.into_model::<VillageRow>().all(&asker.db).await? {
            let VillageRow { code, name, town_name, industries, old_base } = row;
            let (industries, needs) = (industries.0, Vec::new());
            self.villages.push(Village { code, name, town_name, industries, old_base, places: None, needs });
        }
        self.villages.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        Ok(())
    }

    async fn read_rankings(
        &mut self,
        asker: &Asker<'_>,
        campaign_id: Uuid,
        pair: impl Fn(Uuid, &str) -> Option<(usize, usize)>,
    ) -> Result<()> {
        use rankings::{Column, choice};
        let of_ranking = choice::Entity::belongs_to(rankings::Entity).from(choice::Column::RankingId).to(Column::Id);
        let rows = scope::rankings(asker.caller)
            .select_only()
            .column_as(Column::VillageCode, "by_village")
            .column_as(Column::OrganisationId, "by_organisation")
            .column_as(Expr::col((choice::Entity, choice::Column::Rank)), "rank")
            .column_as(Expr::col((choice::Entity, choice::Column::RankedVillage)), "village_code")
            .column_as(Expr::col((choice::Entity, choice::Column::RankedOrganisation)), "organisation_id")
            .join(JoinType::LeftJoin, RelationDef::from(of_ranking).rev())
            .filter(Column::CampaignId.eq(campaign_id))
            .filter(Column::State.eq(Code(RankingState::Closed)))
            .order_by_asc(Column::Id)
            .order_by_asc(Expr::col((choice::Entity, choice::Column::Rank)));
        for row in rows.into_model::<RankedRow>().all(&asker.db).await? {
            // A ranking that names nobody is one all the same.
            let first = row.rank.is_none_or(|rank| rank == 1);
            match (row.by_village, row.by_organisation) {
                (Some(code), _) => {
                    self.village_rankings += i64::from(first);
                    if let Some((organisation, village)) = row.organisation_id.and_then(|id| pair(id, &code)) {
                        self.bonds[organisation].entry(village).or_default().village_rank = row.rank;
                    }
                }
                (None, Some(id)) => {
                    self.organisation_rankings += i64::from(first);
                    if let Some((organisation, village)) = row.village_code.and_then(|code| pair(id, &code)) {
                        self.bonds[organisation].entry(village).or_default().organisation_rank = row.rank;
                    }
                }
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// SHA-256 of all that is compared.
    ///
    /// # Errors
    /// Internal, if it cannot be written: two campaigns must not be taken for the same.
    pub fn digest(&self) -> Result<String> {
        let bytes = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(hex(&Sha256::digest(bytes)))
    }

    /// Which organisations and which villages have no place left, as far as they say how many they have, or the campaign does.
    pub fn full(&self) -> (Vec<bool>, Vec<bool>) {
        let (mut by_organisation, mut by_village) = (vec![0; self.organisations.len()], vec![0; self.villages.len()]);
        for &(organisation, village) in &self.existing {
            by_organisation[organisation] += 1;
            by_village[village] += 1;
        }
        let is_full = |places: Option<i32>, limit: Option<i32>, taken: i32| {
            places.into_iter().chain(limit).min().is_some_and(|most| taken >= most)
        };
        let organisations = self.organisations.iter().zip(by_organisation);
        let villages = self.villages.iter().zip(by_village);
        (
            organisations.map(|(side, taken)| is_full(side.places, self.organisation_limit, taken)).collect(),
            villages.map(|(side, taken)| is_full(side.places, self.village_limit, taken)).collect(),
        )
    }

    pub fn organisation(&self, id: Uuid) -> Option<usize> {
        self.organisations.iter().position(|side| side.id == id)
    }

    pub fn village(&self, code: &str) -> Option<usize> {
        self.villages.binary_search_by(|side| side.code.as_str().cmp(code)).ok()
    }

    /// The organisations that should have a village of their town and have none yet: 原则上各镇（街道）商会要挂钩一个村（社区）.
    pub fn chambers_without(&self) -> Vec<usize> {
        let has = |number: usize| {
            let own = self.existing.iter().filter(|(organisation, _)| *organisation == number);
            own.into_iter().any(|(_, village)| self.organisations[number].is_of(&self.villages[*village]))
        };
        self.chambers().filter(|&number| !has(number)).collect()
    }

    /// The chambers of towns.
    pub fn chambers(&self) -> impl Iterator<Item = usize> {
        let all = self.organisations.iter().enumerate();
        all.filter(|(_, side)| side.kind == OrganisationKind::Chamber && side.area_code.len() >= 9).map(|(number, _)| number)
    }
}

/// The villages, or the organisations, whose part in a campaign is confirmed.
fn confirmed(asker: &Asker<'_>, campaign_id: Uuid, column: enrolments::Column) -> SelectStatement {
    taking_part(asker, campaign_id).select_only().column(column).filter(column.is_not_null()).into_query()
}

/// The enrolments that are confirmed.
fn taking_part(asker: &Asker<'_>, campaign_id: Uuid) -> Select<enrolments::Entity> {
    use enrolments::Column;
    scope::enrolments(asker.caller)
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(EnrolmentState::Confirmed)))
}

/// The first and the last day of the year of a day: 2020年度定向捐赠.
fn year(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let of = |month, date| NaiveDate::from_ymd_opt(day.year(), month, date).unwrap_or(day);
    (of(1, 1), of(12, 31))
}
