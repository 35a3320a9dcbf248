//! The menu at the left: groups that unfold, each with its icon and the number of waiting items. It contains only what the person
//! may see.

use contract::Permission;
use leptos::prelude::*;

use crate::i18n::{reactive, texts};
use crate::navigation::{Entry, GROUPS, Group};
use crate::{dom, format, pages, router, session, t, waiting};

/// The key under which this browser stores the groups that the person has unfolded.
const STORAGE_KEY: &str = "baishe.nav";

/// Shows whether a group is unfolded.
const CHEVRON: &str = "M9 6l6 6-6 6";

pub(super) fn nav(menu: RwSignal<bool>) -> AnyView {
    let folds = Folds::restored();
    // Renewing a session does not redraw the menu, so the focus stays.
    let permissions = Memo::new(|_| session::account().map(|account| account.permissions.clone()).unwrap_or_default());
    view! {
        <nav id="nav" class="nav" class:open=menu aria-label=t!(nav::MAIN)>
            <ul>
                {move || {
                    let held = permissions.get();
                    GROUPS.iter().filter_map(|group| line(group, &held, folds)).collect_view()
                }}
            </ul>
        </nav>
    }
    .into_any()
}

/// Which groups are unfolded.
#[derive(Clone, Copy)]
struct Folds {
    /// The groups that the person has unfolded.
    kept: RwSignal<Vec<String>>,
    /// The group of the current page.
    here: Memo<Option<&'static str>>,
    /// Whether the person has folded the group of the current page. Resets when another group becomes current.
    shut: RwSignal<bool>,
}

impl Folds {
    fn restored() -> Self {
        let kept = dom::stored(dom::local_storage(), STORAGE_KEY).unwrap_or_default();
        let here = Memo::new(|_| {
            let path = router::path();
            GROUPS.iter().find(|group| group.holds(&path)).map(|group| group.key)
        });
        let shut = RwSignal::new(false);
        Effect::new(move || {
            here.get();
            shut.set(false);
        });
        Self { kept: RwSignal::new(kept.split(',').map(str::to_owned).collect()), here, shut }
    }

    fn is_open(self, key: &str) -> bool {
        if self.here.get() == Some(key) { !self.shut.get() } else { self.kept.with(|kept| kept.iter().any(|kept| kept == key)) }
    }

    fn turn(self, key: &str) {
        let opens = !untrack(|| self.is_open(key));
        if self.here.get_untracked() == Some(key) {
            self.shut.set(!opens);
        }
        self.kept.update(|kept| {
            kept.retain(|kept| kept != key && GROUPS.iter().any(|group| group.key == kept));
            if opens {
                kept.push(key.to_owned());
            }
        });
        dom::store(dom::local_storage(), STORAGE_KEY, &self.kept.with_untracked(|kept| kept.join(",")));
    }
}

fn line(group: &'static Group, held: &[Permission], folds: Folds) -> Option<AnyView> {
    let entries: Vec<_> = group.entries.iter().filter(|entry| held.contains(&entry.needs)).collect();
    let inside = match entries.as_slice() {
        [] => return None,
        [only] => link(only, Some(group.icon)),
        _ => unfolding(group, entries, folds),
    };
    Some(view! { <li class:apart=group.apart>{inside}</li> }.into_any())
}

fn unfolding(group: &'static Group, entries: Vec<&'static Entry>, folds: Folds) -> AnyView {
    let key = group.key;
    let open = Memo::new(move |_| folds.is_open(key));
    let (list, badge) = (format!("nav-{key}"), format!("waits-in-{key}"));
    let links = entries.iter().map(|entry| view! { <li>{link(entry, None)}</li> }.into_any()).collect_view();
    // An unfolded group shows the number at its entries instead.
    let count = Memo::new(move |_| if open.get() { 0 } else { entries.iter().map(|entry| waiting::at(entry)).sum() });
    let described = badge.clone();
    view! {
        <button type="button" aria-expanded=move || open.get().to_string() aria-controls=list.clone()
            aria-current=move || (!open.get() && folds.here.get() == Some(key)).then_some("true")
            aria-describedby=move || (count.get() > 0).then(|| described.clone())
            on:click=move |_| folds.turn(key)>
            {icon(group.icon, "icon")}
            <span class="name">{reactive(group.title)}</span>
            {icon(CHEVRON, "icon chevron")}
        </button>
        {waits(badge, count)}
        <ul id=list class="entries" hidden=move || !open.get()>{links}</ul>
    }
    .into_any()
}

fn link(entry: &'static Entry, drawn: Option<&'static str>) -> AnyView {
    let current = move || {
        let path = router::path();
        if path == entry.path { Some("page") } else { entry.holds(&path).then_some("true") }
    };
    let badge = format!("waits-at-{}", &entry.path[1..]);
    let count = Memo::new(move |_| waiting::at(entry));
    let described = badge.clone();
    view! {
        <a href=entry.path aria-current=current aria-describedby=move || (count.get() > 0).then(|| described.clone())
            on:pointerenter=move |_| pages::prefetch(entry.path)>
            {drawn.map(|path| icon(path, "icon"))}
            <span class="name">{reactive(entry.text)}</span>
        </a>
        {waits(badge, count)}
    }
    .into_any()
}

/// The number of waiting items. It stands beside the button and not in it, so that the button keeps its name.
fn waits(id: String, count: Memo<u32>) -> AnyView {
    (move || {
        let count = count.get();
        (count > 0).then(|| {
            view! {
                <span class="waits" id=id.clone()>
                    {format::count(count.into())}<span class="visually-hidden">" "{reactive(texts::nav::WAITING)}</span>
                </span>
            }
        })
    })
    .into_any()
}

fn icon(path: &'static str, class: &'static str) -> AnyView {
    view! { <svg class=class viewBox="0 0 24 24" aria-hidden="true"><path d=path></path></svg> }.into_any()
}
