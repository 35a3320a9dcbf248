//! What is common to the steps of every workflow.

use serde::{Deserialize, Serialize};
use validator::Validate;

/// The body of a step: why it is done, and for whom when a town office acts for a village committee.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StepInput {
    /// Reason or remark; required for the steps that refuse, return or end something.
    #[validate(length(min = 1, max = 1000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why a town office acts for a village committee that has no account (自愿: nobody accepts for another, unless recorded as such).
    #[validate(length(min = 1, max = 1000), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_reason: Option<String>,
}
