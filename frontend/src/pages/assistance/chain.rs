//! A confirmed record is not edited: another record corrects it. This is the chain from the first record to the one that counts.

use std::sync::Arc;

use contract::assistance::{AssistanceRecord, RecordQuery, RecordState};
use leptos::prelude::*;

use crate::api;
use crate::components::load;
use crate::components::tabs::Tab;
use crate::i18n::texts;
use crate::t;

/// The most records of a chain that are shown.
const LONGEST: u32 = 200;

/// The tab with the chain, if there is one.
pub fn tab(record: &Arc<AssistanceRecord>) -> Option<Tab> {
    let alone = record.corrects_id.is_none() && record.corrected_by_id.is_none();
    let record = record.clone();
    (!alone).then(|| Tab::new("corrections", texts::assistance::CORRECTIONS, move || chain(record.clone())))
}

fn chain(here: Arc<AssistanceRecord>) -> AnyView {
    let query = RecordQuery { chain_of: Some(here.id), limit: Some(LONGEST), ..Default::default() };
    load::show(load::load(move || api::assistance::list(&query)), move |page| {
        // A rejected correction has corrected nothing.
        let mut records: Vec<_> =
            page.items.iter().filter(|record| record.state != RecordState::Rejected || record.id == here.id).cloned().collect();
        records.sort_by_key(|record| (record.created_at, record.id));
        view! {
            <p class="muted">{t!(assistance::CORRECTIONS_TEXT)}</p>
            {super::rows(texts::assistance::CORRECTIONS, &records, Some(&here))}
        }
        .into_any()
    })
}
