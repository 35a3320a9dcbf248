//! The list of findings, which are dealt with in place.

use contract::findings::{Finding, FindingDue, FindingQuery, FindingState, Severity};
use contract::inspections::RoundKind;
use contract::projects::ResponsibleSide;
use contract::{Lang, Permission, Resource};
use leptos::prelude::*;

use super::{chip, due, responsible, severity, steps};
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::inspections::INSPECTIONS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format, session};

pub fn page() -> AnyView {
    let list = List::<FindingQuery, Finding> {
        heading: texts::findings::HEADING,
        columns: vec![
            Column::of("problem"),
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("severity"),
            Column::of("responsible"),
            Column::of("due_on").sorted("due_on"),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<FindingState>("state"),
            Filter::coded::<FindingDue>("due"),
            Filter::coded::<Severity>("severity"),
            Filter::coded::<ResponsibleSide>("responsible"),
            Filter::yes_no("waits_for_me"),
            Filter::coded::<RoundKind>("kind"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("pairing_id", PAIRINGS).when_set(),
            Filter::pick("inspection_id", INSPECTIONS).when_set(),
            Filter::text("round_id").when_set(),
            Filter::yes_no("overdue").when_set(),
            Filter::yes_no("was_reopened").when_set(),
        ],
        call: api::findings::list,
        row,
        empty: texts::findings::EMPTY,
        create: None,
        export: Some(Export { path: "/findings/export", import: None }),
    };
    if !session::may(Permission::AnswerFindings) {
        return list::page(list);
    }
    list::page_acting(list, |finding, reload| view! { <div class="row-actions">{steps(finding, reload)}</div> }.into_any())
}

fn row(finding: &Finding, lang: Lang) -> Row {
    let day = format::date(finding.details.due_on, lang);
    Row::to(finding.location())
        .text(finding.details.problem.clone())
        .text(finding.village_name.clone())
        .text(finding.organisation_name.clone())
        .mark(Some(severity(finding.details.severity)))
        .mark(Some(responsible(finding)))
        .mark(Some(view! { {day}" "{due(finding)} }.into_any()))
        .mark(Some(chip(finding.state)))
}
