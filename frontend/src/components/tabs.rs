//! Tabs, stored in the address.

use std::sync::Arc;

use leptos::prelude::*;

use crate::i18n::{Text, reactive, texts};
use crate::{dom, query, router};

/// Draws the content of a tab when it is opened.
pub type Content = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// One tab.
#[derive(Clone)]
pub struct Tab {
    /// The name in the address.
    pub key: &'static str,
    pub title: Text,
    pub content: Content,
}

impl Tab {
    /// Makes a tab from a drawing function.
    pub fn new(key: &'static str, title: Text, content: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { key, title, content: Arc::new(content) }
    }
}

/// Tabs in the ARIA pattern: arrow keys move between them, and the first is open unless the address names another.
pub fn tabs(tabs: Vec<Tab>) -> AnyView {
    let keys: Vec<_> = tabs.iter().map(|tab| tab.key).collect();
    let count = keys.len();
    let open = Memo::new(move |_| {
        let pairs = query::pairs(&router::search());
        query::get(&pairs, "tab").and_then(|key| keys.iter().position(|known| *known == key)).unwrap_or(0)
    });
    let all = StoredValue::new(tabs);
    let select = move |index: usize| {
        let place = router::here();
        let mut pairs = query::pairs(&place.search);
        query::set(&mut pairs, "tab", (index > 0).then(|| all.with_value(|tabs| tabs[index].key)));
        let search = query::write(&pairs);
        router::replace(&if search.is_empty() { place.path } else { format!("{}?{search}", place.path) });
        dom::focus(&format!("tab-{index}"));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let now = open.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => (now + 1) % count,
            "ArrowLeft" => (now + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        select(next);
    };
    // On a phone not all tabs fit, and the address may open any of them.
    Effect::new(move || {
        let tab = format!("tab-{}", open.get());
        request_animation_frame(move || dom::centre(&tab));
    });
    let buttons = all.with_value(|tabs| {
        tabs.iter()
            .enumerate()
            .map(|(index, tab)| {
                view! {
                    <button type="button" role="tab" id=format!("tab-{index}") aria-controls="tab-panel"
                        aria-selected=move || (open.get() == index).to_string()
                        tabindex=move || if open.get() == index { "0" } else { "-1" }
                        on:click=move |_| select(index) on:keydown=on_key>
                        {reactive(tab.title)}
                    </button>
                }
                .into_any()
            })
            .collect_view()
    });
    view! {
        <div class="tabs" role="tablist" aria-label=reactive(texts::detail::TABS)>{buttons}</div>
        <div id="tab-panel" class="tab-panel" role="tabpanel" tabindex="0" aria-labelledby=move || format!("tab-{}", open.get())>
            {move || all.with_value(|tabs| tabs[open.get()].content.clone())()}
        </div>
    }
    .into_any()
}
