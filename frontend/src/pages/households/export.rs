//! Exports full files as a workbook: for a purpose, and only those that the filters select.

use contract::households::RevealInput;
use leptos::prelude::*;

use super::reveal::purpose;
use crate::components::why::{self, Why};
use crate::components::{dialog, toast};
use crate::i18n::texts;
use crate::{api, query, router, session};

/// The button and, once it is pressed, its dialog.
pub fn button() -> AnyView {
    why::button(texts::households::EXPORT, "button", ask)
}

fn ask(close: Callback<()>) -> AnyView {
    let send = move |why: RevealInput| async move {
        let mut filters = query::pairs(&router::search());
        query::set(&mut filters, "cursor", None);
        let path = format!("/households/export?{}", query::write(&filters));
        let day = session::account().map(|account| account.today.to_string()).unwrap_or_default();
        let name = format!("{}-{day}.xlsx", texts::households::HEADING.get());
        api::download_for(path, &why, &name).await?;
        toast::say(texts::households::EXPORTED.get());
        close.run(());
        Ok(())
    };
    let why = Why {
        text: texts::households::EXPORT_TEXT,
        fields: purpose,
        go: texts::households::EXPORT,
        going: texts::list::EXPORTING,
    };
    dialog::modal(texts::households::EXPORT, Some(close), why::form(why, close, send))
}
