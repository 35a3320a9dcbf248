//! A day of the calendar.

use std::sync::Arc;

use contract::CodedEnum;
use contract::calendar::CalendarDay;
use leptos::prelude::*;

use crate::components::detail::{self, Detail, fact, fact_in, facts};
use crate::components::tabs::Tab;
use crate::i18n::{lang, lang_now, texts};
use crate::{api, format};

pub fn page(id: &str) -> AnyView {
    let id = id.to_owned();
    detail::page(move || api::calendar::read(&id), draw)
}

fn draw(day: Arc<CalendarDay>, _: Callback<()>) -> Detail {
    let details = day.details.clone();
    Detail {
        title: format::date(details.day, lang_now()),
        chips: ().into_any(),
        editable: day.editable,
        actions: ().into_any(),
        tabs: vec![Tab::new("profile", texts::detail::PROFILE, move || {
            let (at, kind) = (details.day, details.kind);
            facts(vec![
                fact_in("day", move || format::date(at, lang())),
                fact_in("kind", move || kind.label(lang()).to_owned()),
                fact("name", details.name.clone()),
            ])
        })],
    }
}
