//! The items of a checklist, as its own page, a round and an inspection show them.

use contract::inspections::ChecklistItem;
use leptos::prelude::*;

use crate::i18n::{reactive, texts};

/// What an item asks for besides a result.
pub fn needs(item: &ChecklistItem) -> AnyView {
    let needs = [(item.needs_remark, texts::checklists::NEEDS_REMARK), (item.needs_photo, texts::checklists::NEEDS_PHOTO)];
    let shown = needs.into_iter().filter(|(needed, _)| *needed);
    shown.map(|(_, text)| view! { " "<span class="chip">{reactive(text)}</span> }.into_any()).collect_view().into_any()
}

/// Items in their order.
pub fn items(items: &[ChecklistItem]) -> AnyView {
    let line = |item: &ChecklistItem| view! { <li>{item.text.clone()}{needs(item)}</li> }.into_any();
    view! { <ol class="checklist">{items.iter().map(line).collect_view()}</ol> }.into_any()
}
