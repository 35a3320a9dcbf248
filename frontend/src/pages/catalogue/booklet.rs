//! The catalogue by town, to read through and to print: what is filtered in the list, all of it.

use contract::catalogue::{CatalogueEntry, CatalogueEntryQuery, CatalogueEntrySort, CatalogueEntryState, CatalogueSide};
use contract::{CodedEnum, Resource, Sort};
use futures::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::counted;
use crate::api::{self, Abort, ApiError};
use crate::components::load::{self, Load};
use crate::components::table::{self, Row};
use crate::components::{page, toast};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{format, query, router, session, t};

pub fn page() -> AnyView {
    let all = Load::by(|abort| entries(query::parse(&router::search()), abort).boxed_local());
    let save = move |_| {
        let path = format!("/catalogue-entries/booklet?{}", router::search());
        let day = session::account_now().map(|account| account.today.to_string()).unwrap_or_default();
        spawn_local(async move {
            if let Err(error) = api::download(path, &format!("{}-{day}.docx", texts::catalogue::HEADING.get())).await {
                toast::fault(error.message());
            }
        });
    };
    let buttons = view! {
        <button type="button" class="button" on:click=save>{t!(catalogue::SAVE_DOCUMENT)}</button>
        <button type="button" class="button primary" on:click=|_| drop(window().print())>{t!(catalogue::PRINT)}</button>
    };
    view! {
        {page::head(|| t!(catalogue::BOOKLET)().to_owned(), ().into_any(), buttons.into_any())}
        {load::show(all, |entries| draw(&entries))}
    }
    .into_any()
}

/// The entries of the list that are published or were fulfilled, by area.
async fn entries(query: CatalogueEntryQuery, abort: Abort) -> Result<Vec<CatalogueEntry>, ApiError> {
    let sort = Some(Sort { by: CatalogueEntrySort::AreaCode, descending: false });
    let mut query = CatalogueEntryQuery { sort, cursor: None, limit: Some(200), total: Some(false), ..query };
    let mut all = Vec::new();
    loop {
        let page = api::catalogue::list(&query).send_within(&abort).await?;
        all.extend(page.items.into_iter().filter(|entry| CatalogueEntryState::PUBLIC.contains(&entry.state)));
        if page.next_cursor.is_none() {
            return Ok(all);
        }
        query.cursor = page.next_cursor;
    }
}

fn draw(entries: &[CatalogueEntry]) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="muted">{t!(catalogue::NONE)}</p> }.into_any();
    }
    let town = |entry: &CatalogueEntry| entry.area_code.get(..9).unwrap_or(&entry.area_code).to_owned();
    let towns = entries.chunk_by(|a, b| town(a) == town(b)).map(|of_town| {
        let name = of_town[0].town_name.clone();
        let sides = CatalogueSide::ALL.iter().filter_map(|&side| {
            let rows: Vec<_> = of_town.iter().filter(|entry| entry.side == side).map(row).collect();
            let heads = ["name", "title", "kind", "quantity", "remaining", "from_month", "contact_name"];
            let heads = heads.map(|name| (field(name), matches!(name, "quantity" | "remaining")));
            let table = (!rows.is_empty()).then(|| table::rows((name.clone(), Text::label(side)), heads.to_vec(), rows))?;
            Some(view! { <h3>{reactive(Text::label(side))}</h3>{table} }.into_any())
        });
        let sides = sides.collect_view();
        view! { <section class="booklet"><h2>{name.clone()}</h2>{sides}</section> }.into_any()
    });
    towns.collect_view().into_any()
}

fn row(entry: &CatalogueEntry) -> Row {
    let details = &entry.details;
    let (from, to) = (details.from_month, details.to_month);
    let what = view! {
        <a href=entry.location()>{details.title.clone()}</a>
        <p>{details.description.clone()}</p>
    };
    let contact = [&details.contact_name, &details.contact_phone].into_iter().flatten().cloned();
    Row::default()
        .text(entry.name.clone())
        .mark(Some(what.into_any()))
        .label(Text::label(details.kind))
        .text(counted(details.quantity, entry))
        .text(counted(entry.remaining, entry))
        .said(move || {
            let months = [from, to].into_iter().flatten().map(|month| format::month(month, lang()));
            months.collect::<Vec<_>>().join(" – ")
        })
        .text(contact.collect::<Vec<_>>().join(" "))
}
