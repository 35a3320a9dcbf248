//! A record is not edited once it is confirmed: it is corrected by another one. The chain of them, from the first to the one that counts.

use std::sync::Arc;

use contract::assistance::AssistanceRecord;
use futures::FutureExt;
use leptos::prelude::*;

use crate::api::{self, Abort, ApiError};
use crate::components::load::{self, Load};
use crate::components::tabs::Tab;
use crate::i18n::texts;
use crate::t;

/// As many corrections each way are shown.
const LONGEST: usize = 20;

/// The tab with the chain, where there is one.
pub fn tab(record: &Arc<AssistanceRecord>) -> Option<Tab> {
    let alone = record.corrects_id.is_none() && record.corrected_by_id.is_none();
    let record = record.clone();
    (!alone).then(|| Tab::new("corrections", texts::assistance::CORRECTIONS, move || chain(record.clone())))
}

fn chain(here: Arc<AssistanceRecord>) -> AnyView {
    let start = here.clone();
    let load = Load::by(move |abort| {
        let start = start.clone();
        async move { walk(&start, &abort).await }.boxed_local()
    });
    load::show(load, move |records| {
        view! {
            <p class="muted">{t!(assistance::CORRECTIONS_TEXT)}</p>
            {super::rows(texts::assistance::CORRECTIONS, &records, Some(&here))}
        }
        .into_any()
    })
}

async fn walk(start: &AssistanceRecord, abort: &Abort) -> Result<Vec<AssistanceRecord>, ApiError> {
    let mut records = vec![start.clone()];
    while let Some(id) = records[0].corrects_id.filter(|_| records.len() < LONGEST) {
        records.insert(0, api::assistance::read(&id.to_string()).send_within(abort).await?);
    }
    let most = records.len() + LONGEST;
    while let Some(id) = records[records.len() - 1].corrected_by_id.filter(|_| records.len() < most) {
        records.push(api::assistance::read(&id.to_string()).send_within(abort).await?);
    }
    Ok(records)
}
