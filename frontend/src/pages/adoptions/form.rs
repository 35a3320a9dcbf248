//! The form that proposes an adoption.

use contract::Role;
use contract::adoptions::Adoption;
use leptos::prelude::*;
use serde_json::json;

use crate::api::adoptions::CADRES;
use crate::api::institutions::OPEN_INSTITUTIONS;
use crate::components::form::{self, Form, section};
use crate::i18n::{field, texts};
use crate::pages::campaigns::{OPEN_CAMPAIGNS, current};
use crate::{api, session};

pub fn create() -> AnyView {
    let mut blank = form::from_address(&["institution_id"]);
    match session::account().as_deref() {
        Some(account) if account.role == Role::Cadre => blank["cadre_id"] = json!(account.id),
        Some(account) if account.role == Role::Institution => blank["institution_id"] = json!(account.institution_id),
        _ => {}
    }
    current::form_in(blank, |blank| form::create::<Adoption>(texts::adoptions::CREATE, blank, api::adoptions::create, fields))
}

/// Each side proposes for itself and names the other; the bureau names both.
fn fields(form: Form) -> AnyView {
    let role = session::account().map(|account| account.role);
    let mut parts = vec![form.field("/campaign_id").required().labelled(field("campaign_title")).pick(OPEN_CAMPAIGNS)];
    if role != Some(Role::Institution) {
        parts.push(form.field("/institution_id").required().pick(OPEN_INSTITUTIONS));
    }
    if role != Some(Role::Cadre) {
        parts.push(form.field("/cadre_id").required().pick(CADRES));
    }
    parts.push(form.field("/note").hint(texts::adoptions::PROPOSE_HINT).textarea());
    section(texts::pairings::PARTIES, parts)
}
