//! The form of a ranking: the other side, in order.

use chrono::NaiveDate;
use contract::Role;
use contract::enrolments::EnrolmentKind;
use contract::rankings::{MAX_RANKED, Ranking};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::detail::until;
use crate::api::enrolments::confirmed_in;
use crate::api::organisations::ORGANISATIONS;
use crate::api::villages::VILLAGES;
use crate::components::form::{self, Form, section};
use crate::components::picker::Source;
use crate::components::toast;
use crate::i18n::{Text, field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, dom, session, t};

/// The places in a ranking.
const PLACES: [Text; MAX_RANKED] = [
    texts::rankings::PLACE_1,
    texts::rankings::PLACE_2,
    texts::rankings::PLACE_3,
    texts::rankings::PLACE_4,
    texts::rankings::PLACE_5,
    texts::rankings::PLACE_6,
    texts::rankings::PLACE_7,
    texts::rankings::PLACE_8,
    texts::rankings::PLACE_9,
    texts::rankings::PLACE_10,
];

/// A town's ranking for a village.
pub fn create() -> AnyView {
    current::form_in(json!({ "ranked": [{}] }), |blank| {
        form::create::<Ranking>(texts::rankings::CREATE_FOR, blank, api::rankings::create, |form| {
            let who = vec![
                form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS),
                form.field("/village_code").required().labelled(field("village_name")).pick(VILLAGES),
            ];
            view! { {section(texts::rankings::FOR_WHOM, who)}{fields(form)} }.into_any()
        })
    })
}

/// One's own first ranking in a campaign.
pub fn create_own(campaign_id: Uuid, due: NaiveDate) -> AnyView {
    let mut blank = json!({ "campaign_id": campaign_id, "ranked": [{}] });
    match session::account().as_deref() {
        Some(account) if account.role == Role::Organisation => blank["organisation_id"] = json!(account.organisation_id),
        Some(account) => blank["village_code"] = json!(account.area_code),
        None => {}
    }
    form::create::<Ranking>(texts::rankings::OWN, blank, api::rankings::create, move |form| {
        view! { {until(due, false)}{fields(form)} }.into_any()
    })
}

/// One's own ranking, which the page has read.
pub fn edit_own(ranking: &Ranking) -> AnyView {
    let (id, due) = (ranking.id.to_string(), ranking.due_on);
    form::edit_read(
        texts::rankings::OWN,
        ranking,
        move || api::rankings::read(&id),
        move |form| view! { {until(due, false)}{fields(form)} }.into_any(),
    )
}

pub fn edit(id: &str) -> AnyView {
    let id = id.to_owned();
    form::edit::<Ranking>(texts::rankings::EDIT, move || api::rankings::read(&id), fields)
}

fn fields(form: Form) -> AnyView {
    let order = if form.get("/organisation_id").is_string() {
        order(form, "village_code", VILLAGES, EnrolmentKind::Village)
    } else {
        order(form, "organisation_id", ORGANISATIONS, EnrolmentKind::Organisation)
    };
    let town = session::is_one_of(&[Role::Town]);
    let behalf = town.then(|| form.field("/on_behalf_reason").required().textarea());
    section(texts::rankings::ORDER, vec![order, behalf.into_any()])
}

/// The list that is ranked: a line for each place, which moves up and down.
fn order(form: Form, name: &'static str, source: Source, kind: EnrolmentKind) -> AnyView {
    let rows = form::rows(form, "/ranked");
    let add = Callback::new(move |index: usize| {
        if untrack(|| rows.count()) >= MAX_RANKED {
            return toast::fault(texts::rankings::FULL.get());
        }
        rows.insert(index, json!({}), name);
    });
    let remove = Callback::new(move |index: usize| {
        rows.remove(index);
        dom::focus_soon("ranking-add");
    });
    let draw = move |index: usize| {
        let place = PLACES[index.min(MAX_RANKED - 1)];
        let last = index + 1 == rows.count();
        view! {
            <li class="ranked-row">
                {form.field(format!("/ranked/{index}/{name}")).required().labelled(place)
                    .pick_by(source.find, confirmed_in(form, kind))}
                {form::tools(rows, index, last, add, remove)}
            </li>
        }
        .into_any()
    };
    view! {
        <p class="hint">{t!(rankings::ORDER_HINT)}</p>
        <ol class="ranked-rows">{rows.each(draw)}</ol>
        <button type="button" class="button" id="ranking-add" disabled=move || { rows.count() >= MAX_RANKED }
            on:click=move |_| add.run(usize::MAX)>{t!(rankings::ADD)}</button>
    }
    .into_any()
}
