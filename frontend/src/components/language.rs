//! The button that changes the language.

use contract::Lang;
use leptos::prelude::*;

use crate::i18n::{lang, lang_now, set_lang};

/// Switches between the two languages; each button has its name in its own language.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let other = || match lang() {
        Lang::ZhCn => (Lang::En, "English"),
        Lang::En => (Lang::ZhCn, "中文"),
    };
    view! {
        <button type="button" class="button plain" lang=move || other().0.tag() on:click=move |_| {
            set_lang(match lang_now() { Lang::ZhCn => Lang::En, Lang::En => Lang::ZhCn });
        }>
            {move || other().1}
        </button>
    }
}
