//! Who would go well with whom: what the notice recommends, and how well needs and offers fit, term by term.

use uuid::Uuid;

use crate::campaigns::Goal;
use crate::organisations::OrganisationKind;
use crate::villages::Industry;
use crate::{CodedEnum, Lang, answer, coded_enum, input, query};

coded_enum! {
    /// A term of a score. The first three are the notice's own (原则上), the last two what both sides ranked (双向选择).
    pub enum ScoreTermKind {
        DirectedDonation = "directed_donation" / "定向捐赠" / "Directed donation",
        ChamberOfTown = "chamber_of_town" / "商会挂钩本镇村" / "Chamber of the town",
        OldBase = "old_base" / "老区村优先" / "Old base first",
        Goal = "goal" / "目标一致" / "Goals",
        Industry = "industry" / "产业相合" / "Industries",
        Strengths = "strengths" / "发挥所长" / "Strengths",
        SameTown = "same_town" / "同镇（街道）" / "Same town",
        Capacity = "capacity" / "供给能力" / "Capacity",
        Urgency = "urgency" / "紧急程度" / "Urgency",
        OrganisationRanked = "organisation_ranked" / "社会组织志愿" / "Ranked by the organisation",
        VillageRanked = "village_ranked" / "村（社区）志愿" / "Ranked by the village",
    }
}

impl ScoreTermKind {
    /// The terms that the notice itself recommends by.
    pub const OF_NOTICE: &'static [Self] = &[Self::DirectedDonation, Self::ChamberOfTown];
    /// The terms that tell whom a side ranks, which the other side is never told (双向选择).
    pub const OF_ONE_SIDE: &'static [Self] = &[Self::OrganisationRanked, Self::VillageRanked];
}

/// What each term of a score is worth at most. Nothing is left out of account without saying so: a weight of zero does that.
#[input]
#[serde(default)]
pub struct MatchWeights {
    /// 定向捐赠: a donation of the campaign's year to this village.
    #[limit(0..=1000, default = 400)]
    pub directed_donation: i32,
    /// 各镇（街道）商会要挂钩一个村（社区）.
    #[limit(0..=1000, default = 200)]
    pub chamber_of_town: i32,
    /// 鼓励优先选择与老区村结对.
    #[limit(0..=1000, default = 100)]
    pub old_base: i32,
    /// For each goal of a need that an offer has too, up to three.
    #[limit(0..=1000, default = 100)]
    pub goal: i32,
    /// For each industry of the village that an offer has too, up to two.
    #[limit(0..=1000, default = 60)]
    pub industry: i32,
    /// That the kind of organisation, or what it says of itself, suits a goal of a need.
    #[limit(0..=1000, default = 60)]
    pub strengths: i32,
    #[limit(0..=1000, default = 80)]
    pub same_town: i32,
    /// By how much of a need an offer of the same goal, kind and unit covers.
    #[limit(0..=1000, default = 60)]
    pub capacity: i32,
    /// That a need of a shared goal is urgent; half of it where it is needed soon.
    #[limit(0..=1000, default = 60)]
    pub urgency: i32,
    /// For the organisation's first choice; a tenth less for each place further down.
    #[limit(0..=1000, default = 150)]
    pub organisation_ranked: i32,
    /// For the village's first choice; a tenth less for each place further down.
    #[limit(0..=1000, default = 150)]
    pub village_ranked: i32,
}

impl Default for MatchWeights {
    fn default() -> Self {
        Self {
            directed_donation: 400,
            chamber_of_town: 200,
            old_base: 100,
            goal: 100,
            industry: 60,
            strengths: 60,
            same_town: 80,
            capacity: 60,
            urgency: 60,
            organisation_ranked: 150,
            village_ranked: 150,
        }
    }
}

/// A term of a score: what it is worth, and why.
#[answer]
pub struct ScoreTerm {
    pub kind: ScoreTermKind,
    #[limit(1..)]
    pub points: i64,
    /// The goals that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=6)]
    pub goals: Vec<Goal>,
    /// The industries that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=5)]
    pub industries: Vec<Industry>,
    /// What was donated, in fen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    /// How much of the need is covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<i64>,
    /// How much is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=20)]
    pub quantity_unit: Option<String>,
    /// The place in the ranking, from 1 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=10)]
    pub rank: Option<i32>,
}

impl ScoreTerm {
    /// A term without particulars.
    pub fn plain(kind: ScoreTermKind, points: i64) -> Self {
        Self {
            kind,
            points,
            goals: Vec::new(),
            industries: Vec::new(),
            amount_fen: None,
            covered: None,
            needed: None,
            quantity_unit: None,
            rank: None,
        }
    }

    /// The reason as a clerk would say it, without the points.
    pub fn words(&self, lang: Lang) -> String {
        let zh = lang == Lang::ZhCn;
        let between = if zh { "、" } else { ", " };
        let goals = || self.goals.iter().map(|goal| goal.label(lang)).collect::<Vec<_>>().join(between);
        let industries = || self.industries.iter().map(|industry| industry.label(lang)).collect::<Vec<_>>().join(between);
        let number = |value: Option<i64>| value.unwrap_or_default();
        let yuan = || crate::amounts::yuan_in_words(number(self.amount_fen));
        let (covered, needed) = (number(self.covered), number(self.needed));
        let unit = self.quantity_unit.as_deref().unwrap_or_default();
        let rank = self.rank.unwrap_or_default();
        match (self.kind, zh) {
            (ScoreTermKind::DirectedDonation, true) => format!("本年度向该村（社区）定向捐赠 {} 元", yuan()),
            (ScoreTermKind::DirectedDonation, false) => format!("donated {} yuan to the village this year", yuan()),
            (ScoreTermKind::ChamberOfTown, true) => "本镇（街道）商会，原则上挂钩一个村（社区）".to_owned(),
            (ScoreTermKind::ChamberOfTown, false) => "chamber of the town, which should take one of its villages".to_owned(),
            (ScoreTermKind::OldBase, true) => "老区村，商会优先结对".to_owned(),
            (ScoreTermKind::OldBase, false) => "old base, which chambers take first".to_owned(),
            (ScoreTermKind::Goal, true) => format!("供需目标一致：{}", goals()),
            (ScoreTermKind::Goal, false) => format!("offers what is needed for: {}", goals()),
            (ScoreTermKind::Industry, true) => format!("供给与村（社区）产业相合：{}", industries()),
            (ScoreTermKind::Industry, false) => format!("offers suit the industries: {}", industries()),
            (ScoreTermKind::Strengths, true) => format!("组织所长对应需求：{}", goals()),
            (ScoreTermKind::Strengths, false) => format!("is good at: {}", goals()),
            (ScoreTermKind::SameTown, true) => "与村（社区）同属一个镇（街道）".to_owned(),
            (ScoreTermKind::SameTown, false) => "of the same town".to_owned(),
            (ScoreTermKind::Capacity, true) => format!("可满足需求 {covered}/{needed} {unit}"),
            (ScoreTermKind::Capacity, false) => format!("covers {covered} of {needed} {unit}"),
            (ScoreTermKind::Urgency, true) => format!("可解紧急需求：{}", goals()),
            (ScoreTermKind::Urgency, false) => format!("meets urgent needs: {}", goals()),
            (ScoreTermKind::OrganisationRanked, true) => format!("社会组织的第 {rank} 志愿"),
            (ScoreTermKind::OrganisationRanked, false) => format!("number {rank} of the organisation"),
            (ScoreTermKind::VillageRanked, true) => format!("村（社区）的第 {rank} 志愿"),
            (ScoreTermKind::VillageRanked, false) => format!("number {rank} of the village"),
        }
    }
}

/// Whose recommendations: of a campaign, and for one organisation or village where that is wanted.
#[query]
pub struct RecommendationQuery {
    pub campaign_id: Uuid,
    /// Only for this organisation. An organisation asks for itself anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
    /// Only for this village. A village asks for itself anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
}

/// Two that would go well together, with the score term by term: the terms add up to it.
#[answer]
pub struct Recommendation {
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    pub organisation_kind: OrganisationKind,
    #[limit(village_code)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=60)]
    pub town_name: String,
    /// Whether it is an old revolutionary base (老区村).
    pub old_base: bool,
    #[limit(0..)]
    pub score: i64,
    /// In the order of their kinds; what is worth nothing is left out.
    #[limit(..=11)]
    pub terms: Vec<ScoreTerm>,
}

/// A chamber of commerce that has no village of its town yet.
#[answer]
pub struct ChamberWithout {
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(..=12)]
    pub town_code: String,
    #[limit(..=60)]
    pub town_name: String,
    /// Villages of its town that take part, old bases first; a few.
    #[limit(..=5)]
    pub villages: Vec<Recommendation>,
}

/// What is recommended to the caller: as an organisation or a village for itself, as a town or the bureau for the area.
#[answer]
pub struct Recommendations {
    pub campaign_id: Uuid,
    /// What the notice itself recommends (原则上): directed donations of the year, chambers and villages of their town.
    #[limit(..=200)]
    pub notice: Vec<Recommendation>,
    /// By how needs and offers fit, the best first: up to 20 for one organisation or village, else the best one of each village that
    /// has nobody yet.
    #[limit(..=200)]
    pub fit: Vec<Recommendation>,
    /// Chambers that are without a village until they have one; for towns and the bureau.
    #[limit(..=200)]
    pub chambers_without: Vec<ChamberWithout>,
}
