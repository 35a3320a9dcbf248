//! The current language and the app's own texts, which the build script compiles from `locales/`.

use std::sync::LazyLock;

use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use crate::dom;

/// The texts, with one module per locale file.
pub mod texts {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

const STORAGE_KEY: &str = "baishe.lang";

static LANG: LazyLock<ArcRwSignal<Lang>> = LazyLock::new(ArcRwSignal::default);

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Text {
    /// The text in the current language. Tracks the language.
    pub fn get(self) -> &'static str {
        lang().pick(self.zh, self.en)
    }

    /// The label of a coded value, as a text.
    pub fn label<E: CodedEnum>(value: E) -> Self {
        Self { zh: value.label(Lang::ZhCn), en: value.label(Lang::En) }
    }
}

/// The label of a field, by its JSON name.
pub fn field(name: &'static str) -> Text {
    Text { zh: contract::labels::label(name, Lang::ZhCn), en: contract::labels::label(name, Lang::En) }
}

/// A text as a view that follows the language. All texts share one closure type, which keeps the app small.
pub fn reactive(text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text.get()
}

/// `t!(nav::HOME)` is a text that follows the language; `t!(list::total, count)` is one with its placeholders filled.
#[macro_export]
macro_rules! t {
    ($module:ident :: $key:ident) => {
        $crate::i18n::reactive($crate::i18n::texts::$module::$key)
    };
    ($module:ident :: $key:ident, $($value:expr),+) => {
        $crate::i18n::texts::$module::$key($(&$value),+)
    };
}

/// The current language, tracked.
pub fn lang() -> Lang {
    LANG.get()
}

/// The current language, untracked, for requests.
pub fn lang_now() -> Lang {
    LANG.get_untracked()
}

/// Changes the language and stores it in this browser.
pub fn set_lang(lang: Lang) {
    dom::store(dom::local_storage(), STORAGE_KEY, lang.tag());
    apply(lang);
}

/// Restores the language used last; Chinese by default.
pub fn restore() {
    apply(dom::stored(dom::local_storage(), STORAGE_KEY).map(|tag| Lang::from_accept_language(&tag)).unwrap_or_default());
}

fn apply(lang: Lang) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", lang.tag());
    }
    LANG.set(lang);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(t!(list::total, 44), "共 44 条");
    }

    #[test]
    fn labels_come_from_the_contract() {
        assert_eq!(field("credit_code").en, "Unified social credit code");
        assert_eq!(Text::label(contract::areas::AreaLevel::Town).zh, "镇（街道）");
    }
}
