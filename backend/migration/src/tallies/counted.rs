//! What the tallies count: one or more lines for each figure of [`TallyFigure`](contract::tallies::TallyFigure).
//!
//! Each line is SQL about the counted row, `{r}`. `month(…)` is the month of a date.
//!
//! The triggers of both databases are generated from these lines. A database with other triggers gets new ones and is counted
//! again, so changing a line needs no migration step.

use contract::tallies::TallyFigure::*;

use super::{Counted, Rows};

/// Pairings with villages.
const PAIRING: Rows = Rows {
    table: "pairings",
    beside: "",
    when: "{r}.kind = 'village'",
    campaign: "{r}.campaign_id",
    area: "{r}.village_code",
    others: false,
};
/// Pairings with households.
const FAMILY: Rows = Rows { when: "{r}.kind = 'household'", ..PAIRING };
const PROJECT: Rows = of_pairing("projects");
const TASK: Rows =
    Rows { beside: "projects o, pairings p", when: "o.id = {r}.project_id AND p.id = o.pairing_id", ..of_pairing("tasks") };
const UPDATE: Rows = of_pairing("progress_updates");
const RECORDED: Rows = of_pairing("outcomes");
const OUTCOME: Rows = Rows { when: "p.id = {r}.pairing_id AND {r}.state = 'confirmed'", ..RECORDED };
const ENROLMENT: Rows = Rows { table: "enrolments", when: "{r}.state = 'confirmed'", area: "{r}.area_code", ..PAIRING };
/// Assistance for families.
const AID: Rows = Rows { table: "assistance_records", ..OUTCOME };

/// Tasks whose count changes with a step of their project.
const TASK_OF_PROJECT: Rows =
    Rows { beside: "pairings p, tasks t", when: "p.id = {r}.pairing_id AND t.project_id = {r}.id", others: true, ..PROJECT };
/// Progress updates whose count changes with a step of their pairing.
const UPDATE_OF_PAIRING: Rows =
    Rows { beside: "progress_updates u", when: "{r}.kind = 'village' AND u.pairing_id = {r}.id", others: true, ..PAIRING };

pub const COUNTED: &[Counted] = &[
    PAIRING.count(Pairings, "{r}.state"),
    FAMILY.count(HouseholdPairings, "{r}.state"),
    PAIRING
        .count(Active, "month({r}.active_since) || '/' || coalesce(month({r}.ended_on), '')")
        .when("{r}.active_since IS NOT NULL"),
    PAIRING
        .count(WithoutProject, "CAST({r}.active_since AS text)")
        .when("{r}.active_since IS NOT NULL AND {r}.state = 'active' AND {r}.live_projects = 0"),
    PAIRING.count(LiveProjects, "CAST({r}.live_projects AS text)").when("{r}.live_projects > 0"),
    PROJECT.count(Projects, "{r}.state").total("{r}.budget_fen"),
    PROJECT.count(Spent, "{r}.state").number("CASE WHEN {r}.spent_fen > {r}.budget_fen THEN 1 ELSE 0 END").total("{r}.spent_fen"),
    TASK.count(Tasks, "{r}.state"),
    TASK.count(Due, "CAST({r}.due_on AS text)").when("{r}.state = 'open' AND o.state IN ('approved', 'in_progress')"),
    TASK_OF_PROJECT.count(Due, "CAST(t.due_on AS text)").when("t.state = 'open' AND {r}.state IN ('approved', 'in_progress')"),
    UPDATE.count(Updates, "{r}.month"),
    UPDATE
        .count(Reported, "{r}.month")
        .when("{r}.month >= month(p.active_since) AND (p.ended_on IS NULL OR {r}.month <= month(p.ended_on))"),
    UPDATE_OF_PAIRING
        .count(Reported, "u.month")
        .when("u.month >= month({r}.active_since) AND ({r}.ended_on IS NULL OR u.month <= month({r}.ended_on))"),
    RECORDED.count(OutcomeStates, "{r}.state"),
    OUTCOME.count(Outcomes, "{r}.indicator || '/' || month({r}.happened_on)").total("{r}.quantity"),
    ENROLMENT.count(Enrolments, "{r}.kind"),
    AID.count(Aid, "{r}.kind || '/' || month({r}.happened_on)").total("coalesce({r}.amount_fen, 0)"),
    AID.count(AidPayments, "{r}.kind || '/' || month({r}.happened_on)").when("{r}.amount_fen IS NOT NULL"),
];

/// The projects that count towards `live_projects` of their pairing.
pub const LIVE: &str = "{r}.state <> 'cancelled'";

/// Rows that belong to a pairing, and have its campaign and area.
const fn of_pairing(table: &'static str) -> Rows {
    Rows {
        table,
        beside: "pairings p",
        when: "p.id = {r}.pairing_id",
        campaign: "p.campaign_id",
        area: "p.village_code",
        others: false,
    }
}
