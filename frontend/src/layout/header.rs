//! The header: product, language, person.

use contract::CodedEnum;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::language::LanguageSwitch;
use crate::components::{dialog, toast};
use crate::i18n::{lang, texts};
use crate::pages::visit::queue;
use crate::{session, t};

pub(super) fn header(menu: RwSignal<bool>) -> AnyView {
    let sign_out = |_| {
        spawn_local(async {
            let count = queue::waiting_now();
            let leaves = count == 0
                || dialog::confirm(texts::visit::SIGN_OUT_TITLE, t!(visit::sign_out_text, count), texts::visit::SIGN_OUT).await;
            if !leaves {
                return;
            }
            if let Err(error) = session::sign_out(queue::leave()).await {
                toast::fault(error.message());
            }
        });
    };
    let person = move || {
        session::account().map(|account| {
            let place = account
                .organisation_name
                .clone()
                .or_else(|| account.institution_name.clone())
                .unwrap_or_else(|| account.area_name.clone());
            view! {
                <a class="person" href="/account">
                    <strong>{account.display_name.clone()}</strong>
                    <span class="role">{place} " · " {account.role.label(lang())}</span>
                </a>
            }
        })
    };
    view! {
        <header class="top">
            <button type="button" class="menu-button" aria-expanded=move || menu.get().to_string() aria-controls="nav"
                on:click=move |_| menu.update(|open| *open = !*open)>
                {t!(nav::MENU)}
            </button>
            <a class="brand" href="/">{t!(nav::PRODUCT)}</a>
            <div class="top-end">
                {person}
                <LanguageSwitch/>
                <button type="button" class="button plain" on:click=sign_out>{t!(nav::SIGN_OUT)}</button>
            </div>
        </header>
    }
    .into_any()
}
