//! The faults above the form, each with a link to its field.

use contract::FieldError;
use leptos::prelude::*;

use super::field::label_of;
use super::{Form, rows};
use crate::i18n::{Text, lang};
use crate::{dom, t};

/// The summary, shown and focused after an attempt to save.
pub(super) fn summary(form: Form) -> AnyView {
    let faults = Memo::new(move |_| if form.submitted.get() { form.shown_faults() } else { Vec::new() });
    (move || {
        faults.with(|faults| {
            (!faults.is_empty()).then(|| {
                view! {
                    <div class="notice fault" id="form-summary" role="alert" tabindex="-1" aria-labelledby="form-summary-title">
                        <h2 id="form-summary-title">{t!(form::faults, faults.len())}</h2>
                        <ul>{faults.iter().map(|fault| item(form, fault)).collect_view()}</ul>
                    </div>
                }
                .into_any()
            })
        })
    })
    .into_any()
}

fn item(form: Form, fault: &FieldError) -> AnyView {
    let at = fault.pointer.clone();
    let text = format!("{}{}", path(&at, |at| form.label(at)), fault.clone().localised(lang()).message);
    if at.is_empty() {
        return view! { <li>{text}</li> }.into_any();
    }
    let go = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if let Some(id) = rows::closest(&at) {
            dom::focus(&id);
        }
    };
    view! { <li><a href="#form-summary" on:click=go>{text}</a></li> }.into_any()
}

/// `阶段 2 · 开始日期：` for `/phases/1/starts_on`, by the labels of its parts.
pub fn path(at: &str, label: impl Fn(&str) -> Text) -> String {
    let mut parts = Vec::new();
    let mut prefix = String::new();
    for part in at.split('/').skip(1) {
        prefix = format!("{prefix}/{part}");
        match part.parse::<usize>() {
            Ok(index) => {
                if let Some(last) = parts.last_mut() {
                    *last = format!("{last} {}", index + 1);
                }
            }
            Err(_) => parts.push(label(&prefix).get().to_owned()),
        }
    }
    let end = lang().pick("：", ": ");
    if parts.is_empty() { format!("{}{end}", label_of("").get()) } else { format!("{}{end}", parts.join(" · ")) }
}
