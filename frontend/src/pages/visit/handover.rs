//! Entries that the account may no longer make are handed over on paper to whoever keeps the family's file now. The service
//! accepts entries only from those in charge: of a family that has moved, until the day of the move the village that it left. A
//! file on the phone would be one more place for private data.

use contract::CodedEnum;
use leptos::prelude::*;

use super::photos;
use super::queue::{Entry, Visited, Waiting};
use super::sheet::{Sheet, label_of};
use super::waiting::entered;
use crate::components::detail::{Fact, fact, facts, told};
use crate::i18n::{field, lang, reactive, texts};
use crate::pages::assistance::goods_words;
use crate::{format, session, t};

/// The sheet to print, and the way back.
pub fn page(waiting: Waiting, back: Callback<()>) -> AnyView {
    let (stamp, entry) = waiting.clone();
    let (shots, unread) = photos::shots(Vec::new(), Some(&waiting), RwSignal::new(false));
    let has_begun = entry.has_begun();
    view! {
        <section class="card handover" aria-labelledby="handover-title">
            <h2 id="handover-title" tabindex="-1">{t!(visit::HANDOVER_TITLE)}</h2>
            <p>{t!(visit::HANDOVER_TEXT)}</p>
            {has_begun.then(|| view! { <p class="notice" role="note">{t!(visit::BEGUN)}</p> })}
            {move || written(&entry, entered(&stamp))}
            {move || (unread.get() > 0).then(|| view! { <p>{t!(visit::photos_unread, unread.get())}</p> })}
            {photos::shown(shots)}
            {told(vec![(texts::visit::HANDED_BY, signature()), (texts::visit::RECEIVED_BY, signature())])}
            <p class="buttons page-actions">
                <button type="button" class="button primary" on:click=|_| drop(window().print())>{t!(visit::PRINT)}</button>
                <button type="button" class="button" on:click=move |_| back.run(())>{t!(visit::BACK)}</button>
            </p>
        </section>
    }
    .into_any()
}

/// A line to write on.
fn signature() -> AnyView {
    view! { "＿＿＿＿＿＿＿＿＿＿" }.into_any()
}

fn written(entry: &Entry, entered: String) -> AnyView {
    let Ok(sheet) = serde_json::from_value::<Sheet>(entry.sheet.clone()) else { return ().into_any() };
    let Some(Visited { family, .. }) = entry.visited() else { return ().into_any() };
    let giver = family.pairings.iter().find(|(id, _)| Some(*id) == sheet.pairing_id).map(|(_, name)| name.clone());
    let member = family.members.iter().find(|(id, ..)| Some(*id) == sheet.member_id).map(|(_, name, _)| name.clone());
    let by = session::account().map(|account| account.display_name.clone());
    let of = |at: &str, value: Option<String>| -> Fact { (label_of(at), value.unwrap_or_else(|| "—".to_owned()).into_any()) };
    let mut all = vec![
        of("/household_id", Some(format!("{} {}", family.head_name, family.file_number))),
        fact("village_name", family.village_name.clone()),
        (field("happened_on"), format::date(sheet.happened_on, lang()).into_any()),
        of("/visitors", sheet.visitors),
    ];
    if let Some(kind) = sheet.kind {
        all.extend([
            of("/kind", Some(kind.label(lang()).to_owned())),
            of("/pairing_id", giver),
            of("/member_id", member),
            fact("amount_fen", sheet.amount_fen.map(format::money)),
            fact("goods", goods_words(&sheet.goods, lang())),
        ]);
    }
    all.push((texts::visit::ENTERED_BY, [Some(entered), by].into_iter().flatten().collect::<Vec<_>>().join(" · ").into_any()));
    view! { {facts(all)}{told(vec![of("/note", sheet.note)])} }.into_any()
}

/// The button that opens the sheet of an entry.
pub fn button(waiting: Waiting, handed: RwSignal<Option<Waiting>>) -> AnyView {
    let open = move |_| {
        handed.set(Some(waiting.clone()));
        window().scroll_to_with_x_and_y(0.0, 0.0);
        crate::dom::focus_soon("handover-title");
    };
    view! { <button type="button" class="button" on:click=open>{reactive(texts::visit::HANDOVER)}</button> }.into_any()
}
