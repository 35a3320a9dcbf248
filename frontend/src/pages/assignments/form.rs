//! The form of a new draft: from the campaign's settings, or from another draft, with one pair more that is pinned or forbidden.

use contract::Permission;
use contract::assignments::{Assignment, AssignmentPair};
use contract::enrolments::EnrolmentKind;
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::api::campaigns::CAMPAIGNS;
use crate::api::enrolments::confirmed_in;
use crate::api::organisations::ORGANISATIONS;
use crate::api::villages::VILLAGES;
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

/// Another campaign brings its own weights, and nobody who was pinned in the one before.
fn follow_campaign(form: Form) {
    let campaign = Memo::new(move |_| form.get("/campaign_id").as_str().map(str::to_owned));
    Effect::new(move |before: Option<Option<String>>| {
        let now = campaign.get();
        if let (Some(before), Some(id)) = (before, now.clone())
            && before.as_ref() != Some(&id)
        {
            form.set("/pinned", json!([]));
            form.set("/forbidden", json!([]));
            spawn_local(async move {
                if let Ok(chosen) = api::campaigns::read(&id).send().await
                    && campaign.try_get_untracked().flatten().as_ref() == Some(&id)
                {
                    form.set("/weights", json!(chosen.details.settings.match_weights));
                }
            });
        }
        now
    });
}

fn fields(form: Form) -> AnyView {
    follow_campaign(form);
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
        {form.field(format!("{at}/organisation_id")).required()
            .pick_by(ORGANISATIONS.find, confirmed_in(form, EnrolmentKind::Organisation))}
        {form.field(format!("{at}/village_code")).required().labelled(field("village_name"))
            .pick_by(VILLAGES.find, confirmed_in(form, EnrolmentKind::Village))}
    }
    .into_any()
}
