//! The form of a campaign.

use contract::CodedEnum;
use contract::campaigns::{Campaign, CampaignSettings, Indicator, LeadingGroupPost, MilestoneKind, Phase, ReportDayRule};
use contract::recommendations::ScoreTermKind;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::areas::AREAS;
use crate::components::form::{self, Form, section};
use crate::i18n::{Text, field, texts};
use crate::{api, session, t};

pub fn create() -> AnyView {
    form::create::<Campaign>(texts::campaigns::CREATE, blank(), api::campaigns::create, fields)
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Campaign>(texts::campaigns::EDIT, move || api::campaigns::read(&id), fields)
}

/// A new campaign: the three phases, and the settings of the notice.
fn blank() -> Value {
    let phases: Vec<_> = Phase::ALL.iter().map(|phase| json!({ "phase": phase.code() })).collect();
    let area = session::account().map(|account| account.area_code.clone());
    json!({ "area_code": area, "phases": phases, "milestones": [], "settings": CampaignSettings::default(), "targets": [], "leading_group": [] })
}

fn fields(form: Form) -> AnyView {
    let setting = |name: &str| form.field(format!("/settings/{name}"));
    view! {
        {section(texts::campaigns::BASICS, vec![
            form.field("/title").required().text(),
            form.field("/document_number").required().text(),
            form.field("/agreement_prefix").required().hint(texts::campaigns::PREFIX_HINT).text(),
            form.field("/area_code").required().labelled(field("area_name")).pick(AREAS),
            form.field("/starts_on").required().date(),
            form.field("/ends_on").required().date(),
        ])}
        {section(texts::campaigns::CALENDAR, vec![
            form.field("/phases").required().rows(3, || json!({}), phase),
            form.field("/milestones").rows(20, || json!({}), milestone),
        ])}
        {section(field("settings"), vec![
            setting("min_organisations").required().number(),
            setting("report_day").required().number(),
            setting("report_day_inclusive").checkbox(),
            setting("report_day_rule").required().select::<ReportDayRule>(),
            setting("max_projects").required().number(),
            setting("project_grace_days").required().number(),
            setting("agreement_months").required().number(),
            setting("answer_days").required().number(),
            setting("max_pairings_per_organisation").hint(texts::campaigns::OPTIONAL_LIMIT).number(),
            setting("max_pairings_per_village").hint(texts::campaigns::OPTIONAL_LIMIT).number(),
            setting("rankings_due_on").hint(texts::campaigns::RANKINGS_DUE_HINT).date(),
        ])}
        {section(texts::campaigns::MATCH_WEIGHTS, weights(form, "/settings/match_weights"))}
        {section(texts::campaigns::TARGETS, vec![form.field("/targets").rows(50, || json!({}), target)])}
        {section(field("leading_group"), vec![form.field("/leading_group").rows(100, || json!({}), member)])}
    }
    .into_any()
}

/// What each term of a score is worth at most.
pub fn weights(form: Form, at: &str) -> Vec<AnyView> {
    let weight =
        |kind: &ScoreTermKind| form.field(format!("{at}/{}", kind.code())).required().labelled(Text::label(*kind)).number();
    let weights = ScoreTermKind::ALL.iter().map(weight).collect_view();
    vec![view! { <p class="hint">{t!(campaigns::WEIGHTS_HINT)}</p><div class="row-fields">{weights}</div> }.into_any()]
}

fn phase(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/phase")).required().select::<Phase>()}
        {form.field(format!("{at}/starts_on")).required().date()}
        {form.field(format!("{at}/ends_on")).required().date()}
    }
    .into_any()
}

fn milestone(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/kind")).required().labelled(field("milestones")).select::<MilestoneKind>()}
        {form.field(format!("{at}/due_on")).required().date()}
        {form.field(format!("{at}/done_on")).hint(texts::campaigns::DONE_HINT).date()}
    }
    .into_any()
}

fn target(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/indicator")).required().select::<Indicator>()}
        {form.field(format!("{at}/target")).required().counted_by(format!("{at}/indicator"))}
    }
    .into_any()
}

fn member(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/name")).required().labelled(field("display_name")).text()}
        {form.field(format!("{at}/post")).required().select::<LeadingGroupPost>()}
        {form.field(format!("{at}/unit")).text()}
    }
    .into_any()
}
