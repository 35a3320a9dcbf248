//! The sheet of an inspection, filled in on the spot: one tap for the result of each item, words where something is wrong, photos.

use std::sync::Arc;

use contract::attachments::AttachmentObject;
use contract::inspections::{ChecklistItem, Conclusion, Inspection, ItemResult};
use contract::{CodedEnum, Resource};
use leptos::prelude::*;
use serde_json::json;

use super::whom;
use crate::api::inspections::Sheet;
use crate::api::{self, Record};
use crate::components::form::{self, Form, section};
use crate::components::load;
use crate::i18n::{Text, field, reactive, texts};
use crate::pages::{attachments, checklist_items};
use crate::{session, t};

pub fn page(id: &str) -> AnyView {
    if !session::may(Inspection::WRITE) {
        return load::missing();
    }
    let id = id.to_owned();
    let read = move || api::inspections::sheet(&id);
    load::show(load::load(read.clone()), move |sheet: Arc<Sheet>| {
        let inspection = sheet.0.clone();
        if !inspection.editable {
            return closed(&inspection);
        }
        form::edit_read(texts::inspections::SHEET, &*sheet, read.clone(), move |form| fields(form, &inspection))
    })
}

/// What was held stays as it was written.
fn closed(inspection: &Inspection) -> AnyView {
    view! {
        <div class="notice">
            <h1>{whom(inspection)}</h1>
            <p>{t!(inspections::CLOSED)}</p>
            <p><a class="button" href=inspection.location()>{t!(nav::DETAILS)}</a></p>
        </div>
    }
    .into_any()
}

fn fields(form: Form, inspection: &Inspection) -> AnyView {
    begun_today(form);
    let id = inspection.id.to_string();
    let ending = vec![
        form.field("/conclusion").tiles(tiles::<Conclusion>()),
        form.field("/summary").textarea(),
        form.field("/held_on").date(),
    ];
    view! {
        {about(inspection)}
        {items(form, &inspection.items)}
        {section(texts::inspections::PHOTOS, vec![attachments::files(AttachmentObject::Inspection, id, true)])}
        {section(field("conclusion"), ending)}
    }
    .into_any()
}

/// Which pairing is inspected, in which round.
pub fn about(inspection: &Inspection) -> AnyView {
    view! {
        <p class="sheet-of"><strong>{whom(inspection)}</strong>" "<span class="muted">{inspection.round_title.clone()}</span></p>
    }
    .into_any()
}

/// The items, and how many of them have a result.
pub fn items(form: Form, items: &[ChecklistItem]) -> AnyView {
    let rows = items.iter().enumerate().map(|(index, item)| row(form, index, item)).collect_view();
    view! {
        <section class="card form-section"><h2>{reactive(field("items"))}</h2>{progress(form, items.len())}{rows}</section>
    }
    .into_any()
}

/// Who taps a first result is there today, unless another day is written.
fn begun_today(form: Form) {
    let any =
        Memo::new(move |_| form.get("/results").as_array().is_some_and(|rows| rows.iter().any(|row| !row["result"].is_null())));
    Effect::new(move || {
        if any.get() && untrack(|| form.get("/held_on")).is_null() {
            form.set("/held_on", json!(session::account_now().map(|account| account.today)));
        }
    });
}

/// How many items have a result.
fn progress(form: Form, all: usize) -> AnyView {
    let done = Memo::new(move |_| {
        form.get("/results").as_array().map_or(0, |rows| rows.iter().filter(|row| !row["result"].is_null()).count())
    });
    view! { <p class="muted" role="status">{move || t!(inspections::progress, done.get(), all)}</p> }.into_any()
}

/// A tile for each code.
pub fn tiles<E: CodedEnum>() -> Vec<(Option<String>, Signal<String>)> {
    let tile = |&value: &E| (Some(value.code().to_owned()), Signal::derive(move || Text::label(value).get().to_owned()));
    E::ALL.iter().map(tile).collect()
}

/// An item with its result, and its remark once there is a result.
fn row(form: Form, index: usize, item: &ChecklistItem) -> AnyView {
    let at = move |name: &str| form.field(format!("/results/{index}/{name}"));
    let result = Memo::new(move |_| form.get(&format!("/results/{index}/result")));
    let always = item.needs_remark;
    let lacking = [ItemResult::Partly, ItemResult::NotMet].map(|result| json!(result));
    let remark = move || {
        let result = result.get();
        let wanted = always || lacking.contains(&result);
        (!result.is_null()).then(|| match wanted {
            true => at("remark").hint(texts::inspections::REMARK_HINT).textarea(),
            false => at("remark").textarea(),
        })
    };
    let title = format!("item-{index}");
    view! {
        <section class="sheet-item" aria-labelledby=title.clone()>
            <h3 id=title.clone()>{format!("{}. {}", index + 1, item.text)}{checklist_items::needs(item)}</h3>
            {at("result").tiles(tiles::<ItemResult>())}
            {remark}
        </section>
    }
    .into_any()
}
