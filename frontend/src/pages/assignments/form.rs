//! The form of a new draft: from the campaign's settings, or from another draft, with one pair more that is pinned or forbidden.

use contract::Permission;
use contract::assignments::{Assignment, AssignmentPair};
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::campaigns::CAMPAIGNS;
use crate::api::enrolments::{CONFIRMED_ORGANISATIONS, CONFIRMED_VILLAGES};
use crate::api::{Abort, ApiError};
use crate::components::form::{self, Form, section};
use crate::components::load::{self, Load};
use crate::i18n::{field, texts};
use crate::pages::campaigns::{current, form::weights};
use crate::{api, query, router, session};

/// How many pairs can be pinned, and how many forbidden.
const MOST_PAIRS: usize = 200;

pub fn page() -> AnyView {
    if !session::may(Permission::WriteAssignments) {
        return load::missing();
    }
    let begun = Load::by(|abort| async move { blank(&abort).await }.boxed_local());
    load::show(begun, |blank| {
        form::create::<Assignment>(texts::assignments::CREATE, (*blank).clone(), api::assignments::create, fields)
    })
}

/// What the form begins with. The address may name a draft to begin from, and two that are to be pinned or forbidden.
async fn blank(abort: &Abort) -> Result<Value, ApiError> {
    let pairs = query::pairs(&router::here().search);
    let asked = |name: &str| query::get(&pairs, name).map(str::to_owned);
    let two = asked("organisation_id").and_then(|id| id.parse().ok()).zip(asked("village_code"));
    let two = two.map(|(organisation_id, village_code)| AssignmentPair { organisation_id, village_code });
    if let Some(from) = asked("from") {
        let draft = api::assignments::read(&from).send_within(abort).await?;
        let mut details = draft.details;
        details.weights = Some(draft.applied_weights);
        if let Some(two) = two {
            let forbids = asked("forbid").is_some();
            details.pinned.retain(|pair| *pair != two);
            details.forbidden.retain(|pair| *pair != two);
            let list = if forbids { &mut details.forbidden } else { &mut details.pinned };
            list.push(two);
        }
        return Ok(json!(details));
    }
    let campaign = match asked("campaign_id") {
        Some(id) => Some(id),
        None => current::current(abort).await?.map(|campaign| campaign.id.to_string()),
    };
    let mut blank =
        json!({ "organisation_capacity": 1, "village_capacity": 3, "pinned": [], "forbidden": [], "uses_rankings": true });
    if let Some(id) = campaign {
        let campaign = api::campaigns::read(&id).send_within(abort).await?;
        blank["campaign_id"] = json!(id);
        blank["weights"] = json!(campaign.details.settings.match_weights);
    }
    Ok(blank)
}

fn fields(form: Form) -> AnyView {
    view! {
        {section(texts::assignments::BASICS, vec![
            form.field("/campaign_id").required().labelled(field("campaign_title")).pick(CAMPAIGNS),
            form.field("/title").required().hint(texts::assignments::TITLE_HINT).text(),
            form.field("/note").textarea(),
        ])}
        {section(texts::assignments::PLACES, vec![
            form.field("/organisation_capacity").required().labelled(texts::assignments::ORGANISATION_CAPACITY)
                .hint(texts::assignments::CAPACITY_HINT).number(),
            form.field("/village_capacity").required().labelled(texts::assignments::VILLAGE_CAPACITY).number(),
            form.field("/uses_rankings").labelled(texts::assignments::USES_RANKINGS).hint(texts::assignments::RANKINGS_HINT).checkbox(),
        ])}
        {section(texts::campaigns::MATCH_WEIGHTS, weights(form, "/weights"))}
        {section(texts::assignments::PINNED, vec![
            form.field("/pinned").labelled(texts::assignments::PINNED).hint(texts::assignments::PINNED_HINT)
                .rows(MOST_PAIRS, || json!({}), pair),
        ])}
        {section(texts::assignments::FORBIDDEN, vec![
            form.field("/forbidden").labelled(texts::assignments::FORBIDDEN).hint(texts::assignments::FORBIDDEN_HINT)
                .rows(MOST_PAIRS, || json!({}), pair),
        ])}
    }
    .into_any()
}

fn pair(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/organisation_id")).required().pick(CONFIRMED_ORGANISATIONS)}
        {form.field(format!("{at}/village_code")).required().labelled(field("village_name")).pick(CONFIRMED_VILLAGES)}
    }
    .into_any()
}
