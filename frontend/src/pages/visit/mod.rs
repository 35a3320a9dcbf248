//! What was found and given at a family's, entered at its door (入户登记): a page for one hand, which works without a connection.

pub mod device;
mod families;
mod photos;
pub mod queue;
mod sheet;
mod waiting;

use std::sync::Arc;

use contract::Permission;
use futures::FutureExt;
use leptos::prelude::*;

use crate::components::load::{self, Load};
use crate::components::page;
use crate::i18n::texts;
use crate::{session, t};

/// The page of a path below `/visit`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    rest.is_empty().then(draw)
}

fn draw() -> AnyView {
    if !session::may(Permission::WriteAssistance) {
        return load::missing();
    }
    let known = Load::by(|_| async { Ok(known().await) }.boxed_local());
    let beside = page::link("/households".into(), texts::nav::HOUSEHOLDS);
    view! {
        {page::head(move || t!(visit::HEADING)().to_owned(), ().into_any(), beside)}
        {load::show(known, |known: Arc<Option<Vec<queue::Family>>>| match &*known {
            Some(known) => entering(known.clone()),
            None => view! { <div class="notice" role="note"><p>{t!(visit::NO_DEVICE)}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

/// The families that this device knows. From now on it opens the app without a connection. None where it can keep nothing.
async fn known() -> Option<Vec<queue::Family>> {
    let device = queue::device().await?;
    device.remember(&*session::account_now()?).await.ok()?;
    device::keep_app();
    Some(device.read(families::KEPT).await.unwrap_or_default())
}

fn entering(known: Vec<queue::Family>) -> AnyView {
    let known = RwSignal::new(known);
    families::refresh(known);
    // Another entry to be corrected, or a fresh sheet: drawn anew.
    let corrected = RwSignal::new(None::<queue::Waiting>);
    let done = Callback::new(move |()| corrected.set(None));
    view! {
        {move || {
            let corrected = corrected.get();
            untrack(|| sheet::sheet(known, corrected, done))
        }}
        {waiting::list(corrected)}
    }
    .into_any()
}
