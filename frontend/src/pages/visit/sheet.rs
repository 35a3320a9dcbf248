//! The sheet to fill in at a family's home, and what it becomes: a visit, a record of help, photos.

use contract::assistance::{AidKind, Goods, RecordInput};
use contract::households::{Relation, VisitInput};
use contract::{CodedEnum, FieldError, Permission, Problem, validation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::draft::{self, Draft, Kept};
use super::families;
use super::photos::{self, Shots};
use super::queue::{self, About, Entry, Family, Part, Planned, Standing, Step, Visited, Waiting};
use super::refused;
use crate::api::ApiError;
use crate::components::form::{self, Field, Form, rows};
use crate::components::picker::Choice;
use crate::components::toast;
use crate::i18n::{Text, lang, reactive, texts};
use crate::{dom, format, query, router, session, t};

/// The input of a sheet. Village and town record visits; an organisation only what it gives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sheet {
    pub happened_on: chrono::NaiveDate,
    #[serde(default)]
    pub visitors: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub kind: Option<AidKind>,
    #[serde(default)]
    pub pairing_id: Option<Uuid>,
    #[serde(default)]
    pub member_id: Option<Uuid>,
    #[serde(default)]
    measure_id: Option<Uuid>,
    #[serde(default)]
    pub amount_fen: Option<i64>,
    #[serde(default)]
    pub goods: Vec<Goods>,
}

impl Sheet {
    fn visit(&self) -> Option<VisitInput> {
        let visitors = self.visitors.clone()?;
        Some(VisitInput { id: None, corrects_id: None, visited_on: self.happened_on, visitors, note: self.note.clone() })
    }

    /// The note goes with the visit. The record has it only if there is no visit, or if it would be empty otherwise.
    fn record(&self, household_id: Uuid) -> Option<RecordInput> {
        let only_words = self.amount_fen.is_none() && self.goods.is_empty();
        Some(RecordInput {
            id: None,
            household_id,
            pairing_id: self.pairing_id,
            corrects_id: None,
            member_id: self.member_id.map(Some),
            measure_id: self.measure_id.map(Some),
            entry_id: None,
            entry_quantity: None,
            kind: self.kind?,
            happened_on: self.happened_on,
            amount_fen: self.amount_fen,
            goods: self.goods.clone(),
            description: self.note.clone().filter(|_| only_words || self.visitors.is_none()),
            not_a_double: false,
        })
    }
}

/// Translates a fault in a field of a visit or record to the sheet's field.
pub fn here(fault: FieldError) -> FieldError {
    let pointer = match fault.pointer.as_str() {
        "/visited_on" => "/happened_on".to_owned(),
        "/description" => "/note".to_owned(),
        _ => fault.pointer.clone(),
    };
    FieldError { pointer, ..fault }
}

/// The sheet's label for the field at a pointer.
pub fn label_of(at: &str) -> Text {
    match at {
        "/household_id" => texts::visit::FAMILY,
        "/kind" => texts::visit::KIND,
        "/measure_id" => texts::visit::MEASURE,
        "/member_id" => texts::visit::MEMBER,
        "/note" => texts::households::FOUND,
        "/pairing_id" => texts::visit::BY_WHOM,
        _ if at.ends_with("/unit") => texts::visit::UNIT,
        _ => form::label_of(at),
    }
}

fn field(form: Form, at: impl Into<String>) -> Field {
    let at = at.into();
    let label = label_of(&at);
    form.field(at).labelled(label)
}

fn faults(value: Value, unread: &[String]) -> Vec<FieldError> {
    let Ok(sheet) = serde_json::from_value::<Sheet>(value) else { return Vec::new() };
    let mut found = sheet.visit().map(|visit| validation::faults_without(&visit, unread)).unwrap_or_default();
    found.extend(sheet.record(Uuid::nil()).map(|record| validation::faults_without(&record, unread)).unwrap_or_default());
    found.into_iter().map(here).collect()
}

/// An empty sheet.
fn blank() -> Value {
    let account = session::account_now();
    let today = account.as_ref().map(|account| account.today);
    let visitors = account.filter(|_| session::may(Permission::WriteHouseholds)).map(|account| account.display_name.clone());
    json!({ "happened_on": today, "visitors": visitors, "goods": [] })
}

/// A new sheet, or that of an entry to correct.
pub fn sheet(
    known: RwSignal<Vec<Family>>,
    draft: Kept<Option<Family>>,
    corrected: Option<Waiting>,
    done: Callback<()>,
) -> AnyView {
    let is_new = corrected.is_none();
    let restored = draft.get_value().filter(|_| is_new);
    let begun = corrected.as_ref().map(|(_, entry)| entry.clone());
    let visits = session::may(Permission::WriteHouseholds);
    let form = Form::with(begun.as_ref().map_or_else(blank, |entry| entry.sheet.clone()), faults);
    let before = begun.as_ref().and_then(|entry| entry.visited());
    let family = before.map(|before| before.family.clone());
    let chosen = RwSignal::new(family.or_else(|| restored.as_ref()?.about.clone()));
    let (missing, busy) = (RwSignal::new(false), RwSignal::new(false));
    let photos = restored.as_ref().map(|draft| draft.photos.clone()).unwrap_or_default();
    let (shots, unread) = photos::shots(photos, corrected.as_ref(), busy);
    if let Some(Value::Object(typed)) = restored.as_ref().map(|draft| &draft.sheet) {
        typed.iter().for_each(|(name, value)| form.set(&format!("/{name}"), value.clone()));
    }
    let fixed = begun.as_ref().is_some_and(|entry| entry.has_begun());
    let visited = before.is_some_and(|before| before.visit.as_ref().is_some_and(|part| part.sent));
    let recorded = before.is_some_and(|before| before.record.as_ref().is_some_and(|part| part.sent));
    if is_new {
        from_address(known, chosen);
    }
    let whom = Memo::new(move |_| chosen.with(|family| family.as_ref().map(|family| family.id)));
    Effect::new(move |before: Option<Option<Uuid>>| {
        let now = whom.get();
        if before.is_some_and(|before| before != now) {
            // These choices belonged to another family.
            for at in ["/measure_id", "/member_id", "/pairing_id"] {
                if !untrack(|| form.get(at)).is_null() {
                    form.set(at, Value::Null);
                }
            }
        }
        now
    });
    let refused = begun.as_ref().and_then(|entry| match &entry.standing {
        Standing::Refused(problem) => Some((refused::words(entry, problem), problem, entry.next())),
        _ => None,
    });
    // A photo has no fields.
    if let Some((_, problem, Some(Step::Visit | Step::Record))) = &refused {
        let problem = Problem { errors: problem.errors.iter().cloned().map(here).collect(), ..(***problem).clone() };
        form.refuse(&ApiError::Problem(Box::new(problem)));
    }
    let dirty = move || form.is_dirty() || shots.with(|shots| shots.iter().any(|shot| !shot.photo.sent));
    router::guard(Callback::new(move |()| untrack(dirty)));
    // Photos that were already taken are shown, so that they can be removed.
    let photographed = Memo::new(move |_| {
        chosen.with(|family| family.as_ref().is_none_or(|family| family.photos)) || shots.with(|shots| !shots.is_empty())
    });
    let fault = Signal::derive(move || {
        (missing.get() && chosen.with(Option::is_none))
            .then(|| FieldError::at("/household_id", "required").localised(lang()).message)
    });
    let typed = move || {
        let photos = || shots.get_untracked().into_iter().map(|shot| (shot.photo, shot.bytes)).collect();
        let sheet = form.read::<Value>().filter(|_| !busy.get_untracked());
        sheet.map(|sheet| Draft { about: chosen.get_untracked(), sheet, photos: photos() })
    };
    let changed = move || {
        chosen.track();
        shots.track();
        busy.track();
        dirty()
    };
    let is_kept = is_new.then(|| draft::follow(draft::VISIT.to_owned(), draft, changed, typed));
    let is_restored = restored.is_some();
    let give_up = move |_| {
        form.begin(blank());
        chosen.set(None);
        shots.set(Vec::new());
    };
    let refused = refused.map(|(words, ..)| words);
    let saving = Saving { form, chosen, missing, shots, busy, draft, corrected: StoredValue::new(corrected), done };
    view! {
        <form class="form visit" novalidate on:submit=move |event| { event.prevent_default(); saving.submit(); }>
            {refused.map(|words| view! { <p class="notice fault" role="alert">{words}</p> })}
            {move || (is_restored && dirty()).then(|| view! {
                <div class="notice" role="status">
                    <p>{t!(form::DRAFT)}</p>
                    <button type="button" class="button" on:click=give_up>{t!(form::DRAFT_GIVE_UP)}</button>
                </div>
            })}
            {move || (unread.get() > 0).then(|| view! { <p class="notice" role="note">{t!(visit::photos_unread, unread.get())}</p> })}
            {fixed.then(|| view! { <p class="notice" role="note">{t!(visit::BEGUN)}</p> })}
            {form.summary()}
            {match before.filter(|_| fixed) {
                Some(before) => view! { <p><strong>{families::line(&before.family)}</strong></p> }.into_any(),
                None => families::choose(known, chosen, fault),
            }}
            {(!recorded).then(|| planned(form, chosen))}
            {(!recorded).then(|| given(form, chosen, visits))}
            {(!visited || !recorded).then(|| field(form, "/note").hint(texts::households::REMARK_HINT).textarea())}
            {move || photographed.get().then(|| photos::field(shots))}
            {(!visited || !recorded).then(|| form.field("/happened_on").required().date())}
            {(visits && !visited).then(|| form.field("/visitors").required().text())}
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || saving.busy.get().to_string()>
                    {reactive(if is_new { texts::visit::ENTER } else { texts::visit::ENTER_AGAIN })}
                </button>
                {(!is_new).then(|| view! { <button type="button" class="button" on:click=move |_| done.run(())>{t!(common::CANCEL)}</button> })}
                {is_kept.map(|kept| view! { <span class="muted" role="status">{move || kept.get().then(t!(visit::DRAFT_KEPT))}</span> })}
            </div>
        </form>
    }
    .into_any()
}

/// The measure of the family's plan that was carried out; it fills in what was given.
fn planned(form: Form, chosen: RwSignal<Option<Family>>) -> AnyView {
    let family = move |id: &Value| {
        chosen.with_untracked(|family| {
            let family = family.as_ref()?;
            let measure = family.measures.iter().find(|measure| json!(measure.id) == *id)?.clone();
            let paired = family.pairings.iter().any(|(id, _)| Some(*id) == measure.pairing_id);
            Some((measure, paired))
        })
    };
    Effect::new(move |before: Option<Value>| {
        let now = form.get("/measure_id");
        let changed = before.is_some_and(|before| before != now);
        if let Some((measure, paired)) = family(&now).filter(|_| changed) {
            form.set("/kind", json!(measure.kind));
            form.set("/amount_fen", json!(measure.amount_fen));
            form.set("/member_id", json!(measure.member_id));
            form.set("/pairing_id", json!(measure.pairing_id.filter(|_| paired)));
        }
        now
    });
    let choices = Signal::derive(move || {
        let lang = lang();
        let choice = |measure: &Planned| Choice {
            value: measure.id.to_string(),
            label: format!("{} · {} · {}", format::month(measure.month, lang), measure.kind.label(lang), measure.description),
            hint: String::new(),
        };
        chosen.with(|family| family.iter().flat_map(|family| &family.measures).map(choice).collect::<Vec<_>>())
    });
    let any = Memo::new(move |_| choices.with(|choices| !choices.is_empty()));
    (move || {
        let measure = || field(form, "/measure_id").hint(texts::visit::MEASURE_HINT);
        any.get().then(|| measure().choose(choices))
    })
    .into_any()
}

/// What was given: its kind, for whom, and money or goods; and by whom, if the family is paired.
fn given(form: Form, chosen: RwSignal<Option<Family>>, visits: bool) -> AnyView {
    let text = |text: Text| Signal::derive(move || text.get().to_owned());
    let mut kinds = Vec::new();
    if visits {
        kinds.push((None, text(texts::visit::ONLY_VISITED)));
    }
    kinds.extend(AidKind::ALL.iter().map(|&kind| (Some(kind.code().to_owned()), text(Text::label(kind)))));
    let kind = field(form, "/kind");
    let has_kind = Memo::new(move |_| !form.get("/kind").is_null());
    let pairings =
        Memo::new(move |_| chosen.with(|family| family.as_ref().map(|family| family.pairings.clone()).unwrap_or_default()));
    let by_whom = move || {
        let pairings = pairings.get();
        (visits && !pairings.is_empty()).then(|| {
            let mut sides = vec![(None, text(texts::visit::BY_US))];
            sides.extend(pairings.into_iter().map(|(id, name)| (Some(id.to_string()), Signal::stored(name))));
            field(form, "/pairing_id").tiles(sides)
        })
    };
    let members = Signal::derive(move || {
        let lang = lang();
        let choice = |(id, name, relation): &(Uuid, String, Relation)| Choice {
            value: id.to_string(),
            label: format!("{name} · {}", relation.label(lang)),
            hint: String::new(),
        };
        chosen.with(|family| family.iter().flat_map(|family| &family.members).map(choice).collect::<Vec<_>>())
    });
    let goods = rows(form, "/goods");
    let add = move |_| goods.insert(usize::MAX, json!({ "name": null, "quantity": 1, "unit": null }), "name");
    let thing = move |index: usize| {
        let at = |name: &str| field(form, format!("/goods/{index}/{name}")).required();
        view! {
            <div class="row goods">
                {at("name").text()}
                {at("quantity").number()}
                {at("unit").text()}
                <button type="button" class="button" on:click=move |_| goods.remove(index)>{t!(form::REMOVE)}</button>
            </div>
        }
        .into_any()
    };
    view! {
        {if visits { kind.tiles(kinds) } else { kind.required().tiles(kinds) }}
        {move || has_kind.get().then(|| view! {
            {by_whom}
            {field(form, "/member_id").hint(texts::households::MEMBER_HINT).choose(members)}
            {form.field("/amount_fen").money()}
            {goods.each(thing)}
            <p><button type="button" class="button" on:click=add>{t!(visit::ADD_GOODS)}</button></p>
        })}
    }
    .into_any()
}

/// Selects the family whose page linked here.
fn from_address(known: RwSignal<Vec<Family>>, chosen: RwSignal<Option<Family>>) {
    let pairs = query::pairs(&router::here().search);
    let Some(id) = query::get(&pairs, "household_id").and_then(|id| id.parse::<Uuid>().ok()) else { return };
    // The family may only arrive when families are fetched.
    Effect::new(move || {
        let found = known.with(|known| known.iter().find(|family| family.id == id).cloned());
        if found.is_some() && chosen.with_untracked(Option::is_none) {
            chosen.set(found);
        }
    });
    if known.with_untracked(|known| known.iter().any(|family| family.id == id)) {
        return;
    }
    spawn_local(async move {
        let Ok(family) = families::one(id).await else { return };
        if chosen.try_with_untracked(Option::is_none) == Some(true) {
            chosen.set(Some(family));
        }
    });
}

#[derive(Clone, Copy)]
struct Saving {
    form: Form,
    chosen: RwSignal<Option<Family>>,
    missing: RwSignal<bool>,
    shots: Shots,
    busy: RwSignal<bool>,
    draft: Kept<Option<Family>>,
    corrected: StoredValue<Option<Waiting>>,
    done: Callback<()>,
}

impl Saving {
    /// Stores the entry on the device, from where it is sent.
    fn submit(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.missing.set(true);
        let Some(family) = self.chosen.get_untracked() else {
            self.form.is_sound();
            return dom::focus_soon("family");
        };
        if !self.form.is_sound() {
            return;
        }
        let Some(sheet) = self.form.read::<Sheet>() else { return };
        let Some(typed) = self.form.read::<Value>() else { return };
        let (stamp, before) = self.corrected.get_value().unzip();
        // Parts that have arrived stay unchanged. Refused parts never existed, and are sent anew.
        let before = before.as_ref().and_then(|entry| entry.visited());
        let visit = before.and_then(|before| before.visit.clone()).filter(|part| part.sent);
        let record = before.and_then(|before| before.record.clone()).filter(|part| part.sent);
        let new_visit = || {
            let body = serde_json::to_value(sheet.visit()?).ok()?;
            Some(Part::new(format!("/households/{}/visits", family.id), body))
        };
        let new_record = || {
            let body = serde_json::to_value(sheet.record(family.id)?).ok()?;
            Some(Part::new("/assistance-records".to_owned(), body))
        };
        let shots = self.shots.get_untracked();
        let (visit, record) = (visit.or_else(new_visit), record.or_else(new_record));
        let entry = Entry {
            about: About::Family(Visited { visit, record, family }),
            sheet: typed,
            photos: shots.iter().map(|shot| shot.photo.clone()).collect(),
            standing: Standing::Waiting,
        };
        self.busy.set(true);
        spawn_local(async move {
            let photos: Vec<_> = shots.into_iter().map(|shot| (shot.photo.id, shot.bytes)).collect();
            let kept = queue::keep(&entry, &photos, stamp).await;
            self.busy.try_set(false);
            match kept {
                Ok(()) => {
                    if self.corrected.try_with_value(Option::is_none) == Some(true) {
                        self.draft.try_set_value(None);
                    }
                    toast::say(texts::visit::KEPT.get());
                    router::unguard();
                    self.done.run(());
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                    dom::focus_soon("page-title");
                }
                Err(why) => toast::fault(why.words().get()),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_visit_and_a_record() {
        let sheet: Sheet = serde_json::from_value(json!({
            "happened_on": "2020-04-20", "visitors": "王主任", "note": "户主在家", "kind": "visit", "amount_fen": 50_000
        }))
        .unwrap();
        assert_eq!(sheet.visit().unwrap().note.as_deref(), Some("户主在家"));
        assert_eq!(sheet.record(Uuid::nil()).unwrap().description, None, "written once");
        let words = Sheet { amount_fen: None, ..sheet.clone() };
        assert_eq!(words.record(Uuid::nil()).unwrap().description.as_deref(), Some("户主在家"));
        let organisation = Sheet { visitors: None, ..sheet };
        assert_eq!(organisation.visit(), None);
        assert_eq!(organisation.record(Uuid::nil()).unwrap().description.as_deref(), Some("户主在家"));
    }

    #[test]
    fn faults_are_named_by_the_fields_of_the_sheet() {
        let found = faults(json!({ "happened_on": "2020-04-20", "visitors": " ", "kind": "schooling" }), &[]);
        let pointers: Vec<_> = found.iter().map(|fault| fault.pointer.as_str()).collect();
        assert!(pointers.contains(&"/visitors") && pointers.contains(&"/note"), "{pointers:?}");
    }
}
