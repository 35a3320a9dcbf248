//! Visits and help entered at a family's home (入户登记): a page for one hand that works offline.

pub mod device;
mod draft;
mod families;
mod handover;
mod photos;
pub mod queue;
mod refused;
mod sheet;
mod waiting;

use std::sync::Arc;

use contract::Permission;
use futures::FutureExt;
use leptos::prelude::*;

pub use self::waiting::overdue;

use self::device::NotKept;
use crate::components::load::{self, Load};
use crate::components::page;
use crate::i18n::{reactive, texts};
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
        {waiting::lost()}
        {load::show(known, move |found: Arc<Result<Known, NotKept>>| match &*found {
            Ok((families, draft)) => entering(families.clone(), draft.clone()),
            Err(NotKept::Shut | NotKept::Damaged) => view! {
                <div class="notice" role="note">
                    <p>{t!(visit::SHUT)}</p>
                    <button type="button" class="button" on:click=move |_| known.reload()>{t!(common::RETRY)}</button>
                </div>
            }
            .into_any(),
            Err(why) => view! { <div class="notice" role="note"><p>{reactive(why.words())}</p></div> }.into_any(),
        })}
    }
    .into_any()
}

/// The families on this device, and the draft.
type Known = (Vec<queue::Family>, Option<draft::Draft>);

/// Reads the data on this device. From now on the device opens the app offline.
async fn known() -> Result<Known, NotKept> {
    let device = queue::device().await?;
    device.remember(&*session::account_now().ok_or(NotKept::Forbidden)?).await?;
    device::keep_app();
    // Families that cannot be read are fetched again.
    let families = device.read(families::KEPT).await.ok().flatten().unwrap_or_default();
    Ok((families, draft::read(&device).await))
}

fn entering(known: Vec<queue::Family>, draft: Option<draft::Draft>) -> AnyView {
    let known = RwSignal::new(known);
    families::refresh(known);
    let draft = StoredValue::new(draft);
    if let Some(account) = session::account_now() {
        draft::forget_with_page(account.id);
    }
    // Another entry to correct, or a new sheet, redraws this.
    let corrected = RwSignal::new(None::<queue::Waiting>);
    let done = Callback::new(move |()| corrected.set(None));
    let handed = RwSignal::new(None::<queue::Waiting>);
    view! {
        {move || handed.get().map(|waiting| handover::page(waiting, Callback::new(move |()| handed.set(None))))}
        <div hidden=move || handed.with(Option::is_some)>
            {move || {
                let corrected = corrected.get();
                untrack(|| sheet::sheet(known, draft, corrected, done))
            }}
            {waiting::list(corrected, handed)}
        </div>
    }
    .into_any()
}
