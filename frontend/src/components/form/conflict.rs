//! Conflicts: shows both versions field by field, and offers to save anyway.

use std::collections::BTreeSet;

use leptos::prelude::*;
use serde_json::Value;

use super::field::label_of;
use super::{Form, pointer};
use crate::components::dialog::modal;
use crate::format::{self, Coded};
use crate::i18n::{lang, texts};
use crate::t;

/// The fields that both sides changed, and the other version with this person's changes.
struct Merge {
    contested: Vec<String>,
    /// The other version with all of this person's changes.
    mine_over_theirs: Value,
}

fn merge(base: &Value, mine: &Value, theirs: &Value) -> Merge {
    let changed_by_them: BTreeSet<_> = pointer::differences(base, theirs).into_iter().collect();
    let mut merged = theirs.clone();
    let mut contested = Vec::new();
    for at in pointer::differences(base, mine) {
        let value = mine.pointer(&at).cloned().unwrap_or_default();
        if changed_by_them.contains(&at) && theirs.pointer(&at) != Some(&value) {
            contested.push(at.clone());
        }
        pointer::set(&mut merged, &at, value);
    }
    Merge { contested, mine_over_theirs: merged }
}

/// The dialog. `take` gets the value to continue with.
pub(super) fn dialog(form: Form, theirs: Value, coded: Coded, take: Callback<Value>, close: Callback<()>) -> AnyView {
    let mine = form.value.get_untracked();
    let Merge { contested, mine_over_theirs } = form.base.with_untracked(|base| merge(base, &mine, &theirs));
    let take_theirs = RwSignal::new(BTreeSet::<String>::new());
    let rows = contested.iter().map(|at| choice(at, &mine, &theirs, coded, take_theirs)).collect_view();
    let none = contested.is_empty();
    let go = {
        let theirs = theirs.clone();
        move |_| {
            let mut value = mine_over_theirs.clone();
            for at in take_theirs.get_untracked() {
                pointer::set(&mut value, &at, theirs.pointer(&at).cloned().unwrap_or_default());
            }
            take.run(value);
        }
    };
    let body = view! {
        <p>{if none { t!(conflict::NO_OVERLAP) } else { t!(conflict::TEXT) }}</p>
        <div class="conflict">{rows}</div>
        <div class="dialog-buttons">
            <button type="button" class="button" on:click=move |_| close.run(())>{t!(conflict::BACK)}</button>
            <button type="button" class="button primary" on:click=go>{t!(conflict::SAVE)}</button>
        </div>
    };
    modal(texts::conflict::TITLE, Some(close), body.into_any())
}

fn choice(at: &str, mine: &Value, theirs: &Value, coded: Coded, take_theirs: RwSignal<BTreeSet<String>>) -> AnyView {
    let name = at.rsplit('/').next().unwrap_or_default();
    let shown = |value: &Value| format::value(name, value.pointer(at).unwrap_or(&Value::Null), lang(), coded);
    let group = format!("conflict{}", at.replace('/', "-"));
    let option = |is_theirs: bool, text: String, side: &'static str| {
        let at = at.to_owned();
        let change = move |_| {
            take_theirs.update(|set| {
                if is_theirs {
                    set.insert(at.clone())
                } else {
                    set.remove(&at)
                };
            });
        };
        view! {
            <label class="check">
                <input type="radio" name=group.clone() checked=!is_theirs on:change=change/>
                <span><strong>{side}</strong> <span class="value">{text}</span></span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="field">
            <legend>{label_of(at).get()}</legend>
            {option(false, shown(mine), texts::conflict::MINE.get())}
            {option(true, shown(theirs), texts::conflict::THEIRS.get())}
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_both_changed_is_contested() {
        let base = json!({ "a": 1, "b": 1, "c": 1, "d": 1 });
        let mine = json!({ "a": 2, "b": 2, "c": 1, "d": 5 });
        let theirs = json!({ "a": 3, "b": 1, "c": 3, "d": 5 });
        let merge = merge(&base, &mine, &theirs);
        assert_eq!(merge.contested, ["/a"]);
        assert_eq!(merge.mine_over_theirs, json!({ "a": 2, "b": 2, "c": 3, "d": 5 }));
    }
}
