//! The frame around every page: header, navigation, the notice of demo data.

mod header;
mod nav;

use leptos::prelude::*;

use crate::pages::visit::queue;
use crate::{dom, router, session, t, waiting};

/// The frame with a page in it.
#[component]
pub fn Shell(page: fn() -> AnyView) -> impl IntoView {
    let menu = RwSignal::new(false);
    waiting::forget();
    follow_focus(menu);
    if let Some(account) = session::account_now() {
        queue::start(account.id);
    }
    let demo = session::account().is_some_and(|account| account.demo);
    view! {
        <a class="skip-link" href="#main">{t!(nav::SKIP)}</a>
        {header::header(menu)}
        {demo.then(|| view! { <aside class="demo-banner" aria-label=t!(nav::DEMO_TITLE)>{t!(nav::DEMO)}</aside> })}
        {told}
        {waiting}
        <div class="frame">
            {nav::nav(menu)}
            <main id="main" tabindex="-1">{page()}</main>
        </div>
    }
}

/// On every page, reports what others did with the person's account, until they have looked at it.
fn told() -> Option<AnyView> {
    let count = session::account()?.unseen_changes;
    (count > 0).then(|| {
        let text = move || t!(nav::told, count);
        view! { <aside aria-label=t!(nav::TOLD_TITLE)><a class="told-bar" href="/account">{text}</a></aside> }.into_any()
    })
}

/// On every page, reports how many entries wait on this device, and how many it has lost.
fn waiting() -> Option<AnyView> {
    let ((count, stuck), lost) = (queue::counts(), queue::lost());
    (count + lost > 0).then(|| {
        let bar = |text: String, bad: bool| view! { <a class="waiting-bar" class:bad=bad href=queue::desk()>{text}</a> };
        let text = if stuck == 0 { t!(visit::to_waiting, count) } else { t!(visit::to_waiting_stuck, count, stuck) };
        view! {
            <aside aria-label=t!(nav::VISIT)>
                {(lost > 0).then(|| bar(t!(visit::to_lost, lost), true))}
                {(count > 0).then(|| bar(text, stuck > 0))}
            </aside>
        }
        .into_any()
    })
}

/// Moves to the top of a new page, and screen readers to its heading.
fn follow_focus(menu: RwSignal<bool>) {
    let path = Memo::new(|_| router::path());
    Effect::new(move |before: Option<()>| {
        // Reading is necessary: a memo that nobody reads does not update.
        let path = path.get();
        if before.is_some() {
            menu.set(false);
            window().scroll_to_with_x_and_y(0.0, 0.0);
            dom::focus_soon("main");
            // The front page reads the work list itself.
            if path != "/" {
                waiting::renew();
            }
        }
    });
}
