//! Rankings (双向选择): which villages an organisation would like best, and which organisations a village.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::Validate;

use crate::enrolments::EnrolmentKind;
use crate::{FieldError, answer, coded_enum, input, list_query};

/// The most that one side ranks.
pub const MAX_RANKED: usize = 10;

coded_enum! {
    /// Whether a ranking can still be changed, and who sees it.
    pub enum RankingState {
        Open = "open" / "填报中" / "Open",
        Closed = "closed" / "已截止" / "Closed",
    }
}

coded_enum! {
    /// Orders of the list of rankings.
    pub enum RankingSort {
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
        Name = "name" / "名称" / "Name",
    }
}

list_query! {
    /// Filters of the list of rankings.
    pub struct RankingQuery sorted by RankingSort, latest first, searched by q {
        pub campaign_id: Option<Uuid>,
        /// Only those of villages, or only those of organisations.
        pub kind: Option<EnrolmentKind>,
        pub state: Option<RankingState>,
        /// Only those of this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
    }
}

/// Whom a village or an organisation would like to be paired with, the best first. The list is replaced whole.
#[input]
pub struct RankingInput {
    /// Stays as it is.
    pub campaign_id: Uuid,
    /// The village that ranks: the village or the organisation is named, one of the two. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
    /// The organisation that ranks. Stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
    /// The other side, each at most once, the best first: villages for an organisation, organisations for a village.
    #[limit(..=10, nested)]
    pub ranked: Vec<Ranked>,
    /// Why a town office ranks for a village committee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub on_behalf_reason: Option<String>,
}

impl RankingInput {
    /// The faults that lie between fields: of a village or an organisation, one of the two; who ranks the other side, each once.
    pub fn faults(&self) -> Vec<FieldError> {
        if self.village_code.is_some() == self.organisation_id.is_some() {
            return ["/village_code", "/organisation_id"].map(|pointer| FieldError::at(pointer, "one_of_two")).into();
        }
        let mut faults = Vec::new();
        for (index, ranked) in self.ranked.iter().enumerate() {
            let (own, other, is_own, is_other) = match self.village_code {
                Some(_) => ("village_code", "organisation_id", ranked.village_code.is_some(), ranked.organisation_id.is_some()),
                None => ("organisation_id", "village_code", ranked.organisation_id.is_some(), ranked.village_code.is_some()),
            };
            if is_own {
                faults.push(FieldError::at(format!("/ranked/{index}/{own}"), "other_side_only"));
            } else if !is_other {
                faults.push(FieldError::at(format!("/ranked/{index}/{other}"), "required"));
            } else if self.ranked[..index].contains(ranked) {
                faults.push(FieldError::at(format!("/ranked/{index}/{other}"), "duplicate"));
            }
        }
        faults
    }
}

/// Whom somebody ranks: a village or an organisation.
#[input]
#[derive(Default)]
pub struct Ranked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(village_code)]
    pub village_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Uuid>,
}

/// Somebody who is ranked: a village or an organisation.
#[answer]
pub struct RankedChoice {
    /// Its place in the ranking, from 1 on.
    #[limit(1..=10)]
    pub rank: i32,
    #[limit(..=12)]
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub name: String,
    /// The town that it lies in; the county of an organisation that is registered there.
    #[limit(..=60)]
    pub town_name: String,
}

/// A ranking. Until the campaign's deadline it exists for its own side alone, and for the town that ranked for a village; then also
/// for the bureau, and for each town that of its own.
#[answer]
pub struct Ranking {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: RankingInput,
    pub kind: EnrolmentKind,
    pub state: RankingState,
    #[limit(..=100)]
    pub campaign_title: String,
    /// Name of the village or organisation that ranks.
    #[limit(..=100)]
    pub name: String,
    /// The village itself, or the area where the organisation is registered.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub town_name: String,
    /// Whom it ranks, the best first.
    #[limit(..=10)]
    pub choices: Vec<RankedChoice>,
    /// The last day on which it can be changed.
    pub due_on: NaiveDate,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_ranks_the_other_and_nobody_twice() {
        let code = || Some("350582106201".to_owned());
        let (village, organisation) = (
            || Ranked { village_code: code(), ..Ranked::default() },
            || Ranked { organisation_id: Some(Uuid::nil()), ..Ranked::default() },
        );
        let pointers = |village_code: Option<String>, organisation_id: Option<Uuid>, ranked: Vec<Ranked>| {
            let input = RankingInput { campaign_id: Uuid::nil(), village_code, organisation_id, ranked, on_behalf_reason: None };
            input.faults().into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let own = Some(Uuid::nil());
        assert_eq!(pointers(None, None, vec![]), ["/village_code", "/organisation_id"]);
        assert_eq!(pointers(code(), own, vec![]), ["/village_code", "/organisation_id"]);
        assert_eq!(pointers(code(), None, vec![organisation(), village()]), ["/ranked/1/village_code"]);
        assert_eq!(pointers(None, own, vec![village(), organisation()]), ["/ranked/1/organisation_id"]);
        let again = ["/ranked/1/village_code", "/ranked/2/village_code"];
        assert_eq!(pointers(None, own, vec![village(), village(), Ranked::default()]), again);
        assert_eq!(pointers(code(), None, vec![organisation()]), [""; 0]);
    }
}
