//! Visits and help entered at a family's home (入户登记): a page for one hand that works offline.

pub mod device;
pub mod draft;
pub mod families;
mod handover;
pub mod photos;
pub mod queue;
pub mod refused;
mod sheet;
pub mod waiting;

use std::sync::Arc;

use contract::Permission;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

pub use self::waiting::overdue;

use self::device::{Device, NotKept};
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
    let beside = page::link("/households".into(), texts::nav::HOUSEHOLDS);
    view! {
        {page::head(move || t!(visit::HEADING)().to_owned(), ().into_any(), beside)}
        {on_device(|| known().boxed_local(), |(families, draft)| entering(families.clone(), draft.clone()))}
    }
    .into_any()
}

/// What a page reads on this device before it is drawn.
type Reading<T> = LocalBoxFuture<'static, Result<T, NotKept>>;

/// A page that works with what this device stores, or the reason why it cannot. Lost entries are reported above it.
pub fn on_device<T: Send + Sync + 'static>(read: fn() -> Reading<T>, draw: fn(&T) -> AnyView) -> AnyView {
    let known = Load::by(move |_| async move { Ok(read().await) }.boxed_local());
    view! {
        {waiting::lost()}
        {load::show(known, move |found: Arc<Result<T, NotKept>>| match &*found {
            Ok(found) => draw(found),
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
type Known = (Vec<queue::Family>, Option<draft::Draft<Option<queue::Family>>>);

/// The data on this device. From now on the device opens the app offline.
///
/// # Errors
///
/// If nothing can be stored.
pub async fn ready() -> Result<Device, NotKept> {
    let device = queue::device().await?;
    device.remember(&*session::account_now().ok_or(NotKept::Forbidden)?).await?;
    device::keep_app();
    Ok(device)
}

async fn known() -> Result<Known, NotKept> {
    let device = ready().await?;
    // Families that cannot be read are fetched again.
    let families = device.read(families::KEPT).await.ok().flatten().unwrap_or_default();
    Ok((families, draft::read(&device, draft::VISIT).await))
}

fn entering(known: Vec<queue::Family>, draft: Option<draft::Draft<Option<queue::Family>>>) -> AnyView {
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
            {waiting::list("/visit", corrected, handed)}
        </div>
    }
    .into_any()
}
