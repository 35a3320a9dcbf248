//! A supervision order as it is printed, and as an official document.

use contract::Resource;
use contract::supervision_orders::SupervisionOrder;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{colour, matters};
use crate::components::{load, page, toast};
use crate::i18n::{lang, texts};
use crate::{api, format, t};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    load::show(load::load(move || api::supervision_orders::read(&id)), |order| draw(&order))
}

fn draw(order: &SupervisionOrder) -> AnyView {
    let (head, details) = (order.head.clone(), order.details.clone());
    let path = format!("{}/document", order.location());
    let name = format!("{}.docx", head.number.as_deref().unwrap_or(&head.addressee_name));
    let save = move |_| {
        let (path, name) = (path.clone(), name.clone());
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    let buttons = view! {
        <button type="button" class="button" on:click=save>{t!(catalogue::SAVE_DOCUMENT)}</button>
        <button type="button" class="button primary" on:click=|_| drop(window().print())>{t!(catalogue::PRINT)}</button>
    };
    let (due_on, drafted_on, issued_on) = (details.due_on, head.drafted_on, head.issued_on);
    let number = head.number.clone();
    let asked = move || {
        let (campaign, day) = (&head.campaign_title, format::date(drafted_on, lang()));
        t!(supervision_orders::asked, campaign, day, head.matter_count)
    };
    view! {
        {page::head(|| t!(supervision_orders::TITLE)().to_owned(), colour(head.colour), buttons.into_any())}
        <section class="booklet">
            <p>{move || number.clone().unwrap_or_else(|| texts::supervision_orders::UNNUMBERED.get().to_owned())}</p>
            <p>{head.addressee_name.clone()}"："</p>
            <p>{asked}</p>
            <h2>{t!(supervision_orders::MATTERS)}</h2>
            {matters(&order.matters)}
            <h2>{t!(supervision_orders::DEMAND)}</h2>
            <p class="words">{details.demand.clone()}</p>
            <p>{move || t!(supervision_orders::until, format::date(due_on, lang()))}</p>
            <p>{head.issuer_name.clone()}</p>
            <p>{move || issued_on.map(|day| format::date(day, lang()))}</p>
        </section>
    }
    .into_any()
}
