//! The frame around every page: header, navigation, the notice of demo data.

mod header;
mod nav;

use leptos::prelude::*;

pub use header::LanguageSwitch;

use crate::{dom, router, session, t};

/// The frame with a page in it.
#[component]
pub fn Shell(page: fn() -> AnyView) -> impl IntoView {
    let menu = RwSignal::new(false);
    follow_focus(menu);
    let demo = session::account().is_some_and(|account| account.demo);
    view! {
        <a class="skip-link" href="#main">{t!(nav::SKIP)}</a>
        {header::header(menu)}
        {demo.then(|| view! { <aside class="demo-banner" aria-label=t!(nav::DEMO_TITLE)>{t!(nav::DEMO)}</aside> })}
        <div class="frame">
            {nav::nav(menu)}
            <main id="main" tabindex="-1">{page()}</main>
        </div>
    }
}

/// A new page begins at its top, and screen readers begin at its heading.
fn follow_focus(menu: RwSignal<bool>) {
    let path = Memo::new(|_| router::path());
    Effect::new(move |before: Option<()>| {
        // Read, not only tracked: a memo that nobody reads follows nothing.
        path.get();
        if before.is_some() {
            menu.set(false);
            window().scroll_to_with_x_and_y(0.0, 0.0);
            dom::focus_soon("main");
        }
    });
}
