//! Assignments: who should be paired with whom in a whole campaign, tried out as drafts, with proof and reasons.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::recommendations::{MatchWeights, ScoreTerm};
use crate::workflow::{Step, Steps};
use crate::{FieldError, Role, answer, coded_enum, input, list_query, query};

/// The most organisations of an assignment.
pub const MAX_ORGANISATIONS: usize = 1_000;
/// The most villages of an assignment.
pub const MAX_VILLAGES: usize = 5_000;
/// How long an assignment may be computed, in seconds.
pub const MAX_SECONDS: u64 = 10;

coded_enum! {
    /// State of an assignment.
    pub enum AssignmentState {
        Draft = "draft" / "草案" / "Draft",
        Accepted = "accepted" / "已转为推荐结对" / "Turned into recommendations",
        Discarded = "discarded" / "已弃用" / "Discarded",
    }
}

coded_enum! {
    /// Step of an assignment.
    pub enum AssignmentAction {
        Accept = "accept" / "转为推荐结对" / "Turn into recommendations",
        Discard = "discard" / "弃用草案" / "Discard",
    }
}

impl AssignmentState {
    /// It is turned once: then the campaign is another one, and the next assignment knows of it. A draft that nobody wants is discarded; one
    /// that became recommendations stays.
    pub const STEPS: Steps<Self, AssignmentAction> = Steps(&[
        Step::new(AssignmentAction::Accept, &[Self::Draft], Self::Accepted, &[Role::Bureau]),
        Step::new(AssignmentAction::Discard, &[Self::Draft], Self::Discarded, &[Role::Bureau]),
    ]);
}

coded_enum! {
    /// Orders of the list of assignments.
    pub enum AssignmentSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Title = "title" / "标题" / "Title",
    }
}

list_query! {
    /// Filters of the list of assignments.
    pub struct AssignmentQuery sorted by AssignmentSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        /// Without it, all but those that were discarded.
        pub state: Option<AssignmentState>,
    }
}

/// An organisation and a village.
#[input]
pub struct AssignmentPair {
    pub organisation_id: Uuid,
    #[limit(village_code)]
    pub village_code: String,
}

/// What an assignment is computed from, beside the catalogue, rankings and pairings of its campaign.
#[input]
pub struct AssignmentInput {
    pub campaign_id: Uuid,
    #[limit(2..=100, line)]
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub note: Option<String>,
    /// What the terms of a score are worth; those of the campaign where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub weights: Option<MatchWeights>,
    /// How many villages an organisation takes at most, those that it has included. The campaign's own limit holds as well.
    #[limit(1..=20)]
    pub organisation_capacity: i32,
    /// How many organisations a village takes at most, those that it has included. The campaign's own limit holds as well.
    #[limit(1..=20)]
    pub village_capacity: i32,
    /// Whether to look at what both sides ranked, once the deadline of the rankings is over.
    #[serde(default)]
    pub uses_rankings: bool,
    /// Pairs that have to be part of it.
    #[serde(default)]
    #[limit(..=200, nested)]
    pub pinned: Vec<AssignmentPair>,
    /// Pairs that must not be part of it. Pairs that were declined or ended in this campaign are not made again, unless they are pinned.
    #[serde(default)]
    #[limit(..=200, nested)]
    pub forbidden: Vec<AssignmentPair>,
}

impl AssignmentInput {
    /// The faults that lie between fields: what is named twice, and what is pinned and forbidden.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (list, pairs) in [("pinned", &self.pinned), ("forbidden", &self.forbidden)] {
            let twice = pairs.iter().enumerate().filter(|(index, pair)| pairs[..*index].contains(pair));
            faults.extend(twice.map(|(index, _)| FieldError::at(format!("/{list}/{index}"), "duplicate")));
        }
        for (index, pair) in self.forbidden.iter().enumerate() {
            if let Some(pinned) = self.pinned.iter().position(|pinned| pinned == pair) {
                faults.push(FieldError::at(format!("/pinned/{pinned}"), "pinned_and_forbidden"));
                faults.push(FieldError::at(format!("/forbidden/{index}"), "pinned_and_forbidden"));
            }
        }
        faults
    }
}

/// What something is worth: how many chambers get a village of their town comes first, points second.
#[answer]
#[derive(Copy, Default)]
pub struct MatchWorth {
    pub wishes: i64,
    pub points: i64,
}

/// An assignment in figures.
#[answer]
pub struct AssignmentFigures {
    /// Confirmed organisations and villages that it was computed for.
    #[limit(0..)]
    pub organisations: i64,
    #[limit(0..)]
    pub villages: i64,
    /// Pairs that there were already.
    #[limit(0..)]
    pub existing: i64,
    /// Pairs that it makes.
    #[limit(0..)]
    pub lines: i64,
    /// The sum of their scores.
    pub total: i64,
    /// Chambers that should have a village of their town, and those that have one.
    #[limit(0..)]
    pub chambers: i64,
    #[limit(0..)]
    pub chambers_met: i64,
    /// What always taking the best pair that is left would give.
    pub greedy_total: i64,
    #[limit(0..)]
    pub greedy_lines: i64,
    #[limit(0..)]
    pub greedy_chambers_met: i64,
    /// Organisations and villages that have nobody, neither before nor by it.
    #[limit(0..)]
    pub organisations_without: i64,
    #[limit(0..)]
    pub villages_without: i64,
    /// Rankings that it was computed with; none where they may not be seen yet, or were not wanted.
    #[limit(0..)]
    pub organisation_rankings: i64,
    #[limit(0..)]
    pub village_rankings: i64,
    /// Pairs that both sides would rather have.
    #[limit(0..)]
    pub blocking: i64,
}

/// An assignment of a campaign. It is a draft until its lines are turned into recommended pairings.
#[answer]
pub struct Assignment {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: AssignmentInput,
    /// What the terms were worth.
    pub applied_weights: MatchWeights,
    #[limit(..=100)]
    pub campaign_title: String,
    pub state: AssignmentState,
    pub figures: AssignmentFigures,
    /// That no assignment of this data is worth more: its certificate was checked by code that does not trust the solver.
    pub proven: bool,
    /// SHA-256 of the data that it was computed from.
    #[limit(..=64)]
    pub digest: String,
    /// How many of its lines have become recommended pairings.
    #[limit(0..)]
    pub recommended: i32,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<AssignmentAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

impl Assignment {
    /// Whether the caller may turn its lines into recommended pairings.
    pub fn acceptable(&self) -> bool {
        self.allowed_actions.contains(&AssignmentAction::Accept)
    }
}

coded_enum! {
    /// Orders of the lines of assignments.
    pub enum AssignmentLineSort {
        Position = "position" / "序号" / "Position",
        Score = "score" / "得分" / "Score",
    }
}

list_query! {
    /// Filters of the lines of assignments.
    pub struct AssignmentLineQuery sorted by AssignmentLineSort, searched by q {
        pub assignment_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        /// Only those of villages inside of this area.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// A line of an assignment: two that should be paired, and why.
#[answer]
pub struct AssignmentLine {
    pub id: Uuid,
    pub assignment_id: Uuid,
    /// In the order of the codes of both sides, from 1 on.
    #[limit(1..)]
    pub position: i32,
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(..=18)]
    pub credit_code: String,
    #[limit(..=12)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    #[limit(..=60)]
    pub town_name: String,
    /// Whether it was asked for, whatever it scores.
    pub pinned: bool,
    pub score: i64,
    /// They add up to the score.
    #[limit(..=11)]
    pub terms: Vec<ScoreTerm>,
    /// The pairing that it has become.
    pub pairing_id: Option<Uuid>,
}

/// An organisation or a village, by its name on the day of the assignment.
#[answer]
pub struct AssignedSide {
    pub organisation_id: Option<Uuid>,
    #[limit(..=12)]
    pub village_code: Option<String>,
    #[limit(..=100)]
    pub name: String,
}

/// Two by their names on the day of the assignment.
#[answer]
pub struct AssignedPair {
    pub organisation_id: Uuid,
    #[limit(..=100)]
    pub organisation_name: String,
    #[limit(..=12)]
    pub village_code: String,
    #[limit(..=60)]
    pub village_name: String,
    pub score: i64,
}

coded_enum! {
    /// Why places stay free.
    pub enum LeftReason {
        NothingFits = "nothing_fits" / "没有相合的对象" / "Nothing fits",
        Outbid = "outbid" / "相合的对象已满，与其他方结对总体更优" / "All that fit are full, with others that make the whole better",
    }
}

/// Somebody who would have fitted.
#[answer]
pub struct BetterSide {
    pub side: AssignedSide,
    pub score: i64,
    /// What a place there is worth to the whole; none where existing and pinned pairs have all places.
    pub price: Option<MatchWorth>,
}

/// An organisation or a village with places that stay free.
#[answer]
pub struct LeftSide {
    pub side: AssignedSide,
    /// The places that stay free.
    #[limit(0..)]
    pub places: i64,
    /// True where it has nobody, neither before nor by the assignment.
    pub without: bool,
    pub reason: LeftReason,
    /// How many fit that it must not or will not be paired with.
    #[limit(0..)]
    pub forbidden: i64,
    /// The best three that would have fitted, the best first.
    #[limit(..=3)]
    pub better: Vec<BetterSide>,
}

/// Chambers that cannot all have a village of their town.
#[answer]
pub struct UnmetWishes {
    /// True where pinned and existing pairs have all places of the chamber; otherwise they compete for too few places.
    pub full: bool,
    #[limit(..=1000)]
    pub organisations: Vec<AssignedSide>,
    /// Those of them that stay without.
    #[limit(..=1000)]
    pub without: Vec<AssignedSide>,
    /// What they compete for.
    #[limit(..=5000)]
    pub villages: Vec<AssignedSide>,
    /// How many can have one.
    #[limit(0..)]
    pub places: i64,
}

/// Why an assignment is as it is.
#[answer]
pub struct AssignmentReasons {
    /// The pairs that there were already.
    #[limit(..=10_000)]
    pub existing: Vec<AssignedPair>,
    #[limit(..=1000)]
    pub organisations_left: Vec<LeftSide>,
    #[limit(..=5000)]
    pub villages_left: Vec<LeftSide>,
    #[limit(..=1000)]
    pub unmet: Vec<UnmetWishes>,
    /// Pairs that both sides would rather have than what the assignment gives them, by their rankings.
    #[limit(..=10_000)]
    pub blocking: Vec<AssignedPair>,
    /// The stable assignment that is best for all organisations at once, by the rankings.
    #[limit(..=10_000)]
    pub best_for_organisations: Vec<AssignedPair>,
    /// The stable assignment that is best for all villages at once, by the rankings.
    #[limit(..=10_000)]
    pub best_for_villages: Vec<AssignedPair>,
}

/// What a place of somebody is worth.
#[answer]
pub struct AssignedPrice {
    pub side: AssignedSide,
    pub price: MatchWorth,
    /// What a place of a chamber is worth to the villages of its town, where that is less.
    pub wished: Option<MatchWorth>,
}

/// The proof that no assignment is worth more: with all places at their prices, and what pairs score beyond them, no assignment can
/// be worth more than this one.
#[answer]
pub struct AssignmentCertificate {
    #[limit(..=64)]
    pub digest: String,
    /// What the assignment is worth, and so what no other one exceeds.
    pub worth: MatchWorth,
    #[limit(..=1000)]
    pub organisations: Vec<AssignedPrice>,
    #[limit(..=5000)]
    pub villages: Vec<AssignedPrice>,
}

/// Which two.
#[query]
pub struct WhyNotQuery {
    pub organisation_id: Uuid,
    #[limit(village_code)]
    pub village_code: String,
}

coded_enum! {
    /// Why two are not paired.
    pub enum WhyNotAnswer {
        Paired = "paired" / "草案中已结对" / "They are",
        Existing = "existing" / "此前已有结对" / "They are paired already",
        Forbidden = "forbidden" / "已排除，或曾谢绝、终止" / "They are kept apart, or have declined or ended it",
        Full = "full" / "已有和指定的结对已占满名额" / "Existing and pinned pairs have all places",
        Costs = "costs" / "各自与他方结对总体更优" / "Each side is worth more elsewhere",
    }
}

/// Why two are not paired, what it would cost, and who would give way.
#[answer]
pub struct WhyNot {
    pub pair: AssignedPair,
    pub answer: WhyNotAnswer,
    /// The terms of their score.
    #[limit(..=11)]
    pub terms: Vec<ScoreTerm>,
    pub organisation_full: bool,
    pub village_full: bool,
    /// What a place of each is worth to the whole.
    pub organisation_price: Option<MatchWorth>,
    pub village_price: Option<MatchWorth>,
    /// By how much the two prices exceed the score.
    pub excess: Option<MatchWorth>,
    /// By how much the best assignment with this pair is worth less.
    pub loss: Option<MatchWorth>,
    /// The pairs that such an assignment does without.
    #[limit(..=10_000)]
    pub dropped: Vec<AssignedPair>,
    /// The pairs that it has instead, beside this one.
    #[limit(..=10_000)]
    pub made: Vec<AssignedPair>,
}

/// With which other assignment.
#[query]
pub struct ComparisonQuery {
    /// The other one, of the same campaign.
    pub other_id: Uuid,
}

/// Two assignments side by side.
#[answer]
pub struct AssignmentComparison {
    pub first: AssignmentFigures,
    pub second: AssignmentFigures,
    #[limit(..=100)]
    pub first_title: String,
    #[limit(..=100)]
    pub second_title: String,
    /// Whether both were computed from the same data.
    pub same_data: bool,
    /// How many lines both have.
    #[limit(0..)]
    pub shared: i64,
    #[limit(..=20_000)]
    pub only_first: Vec<AssignedPair>,
    #[limit(..=20_000)]
    pub only_second: Vec<AssignedPair>,
}

/// Which lines become recommended pairings.
#[input]
pub struct AcceptInput {
    #[limit(1..=3000, nested)]
    pub lines: Vec<AssignmentPair>,
}
