//! The sheet of an inspection on a phone: what is written is kept as it is written, and becomes an entry of the queue.

use contract::inspections::{ChecklistItem, Conclusion, Inspection, InspectionAction};
use contract::{FieldError, Resource, validation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::inspections::{Sheet, SheetInput};
use crate::api::{ApiError, Editable};
use crate::components::form::{Form, section};
use crate::components::toast;
use crate::i18n::{Text, field, reactive, texts};
use crate::pages::inspections::sheet::{about, items, tiles};
use crate::pages::visit::draft::{self, Draft};
use crate::pages::visit::photos::{self, Shots};
use crate::pages::visit::queue::{self, About, Entry, Inspected, Part, Standing, Step, Waiting};
use crate::pages::visit::refused;
use crate::{router, session, t};

/// What was written before.
pub type Kept = Option<Draft<()>>;

/// What the form begins with. The items are beside it, so that the form knows what is lacking.
fn blank(inspection: &Inspection) -> Value {
    let mut value = serde_json::to_value(Sheet(inspection.clone()).edit()).unwrap_or_default();
    if value["held_on"].is_null() {
        value["held_on"] = json!(session::account_now().map(|account| account.today));
    }
    value["items"] = json!(inspection.items);
    value
}

fn faults(value: Value, unread: &[String]) -> Vec<FieldError> {
    let items = serde_json::from_value::<Vec<ChecklistItem>>(value["items"].clone()).unwrap_or_default();
    let Ok(sheet) = serde_json::from_value::<SheetInput>(value) else { return Vec::new() };
    let mut found = validation::faults_without(&sheet, unread);
    found.extend(sheet.lacks(&items));
    found
}

/// The sheet of an inspection, or that of an entry to correct. `done` learns which inspection was entered.
pub fn sheet(inspection: Inspection, kept: Kept, corrected: Option<Waiting>, done: Callback<Option<Uuid>>) -> AnyView {
    let is_new = corrected.is_none();
    let begun = corrected.as_ref().map(|(_, entry)| entry.clone());
    let form = Form::with(begun.as_ref().map_or_else(|| blank(&inspection), |entry| entry.sheet.clone()), faults);
    let busy = RwSignal::new(false);
    let before = kept.as_ref().map(|kept| kept.photos.clone()).unwrap_or_default();
    let (shots, unread) = photos::shots(before, corrected.as_ref(), busy);
    let is_restored = kept.is_some();
    if let Some(Value::Object(typed)) = kept.as_ref().map(|kept| &kept.sheet) {
        typed.iter().for_each(|(name, value)| form.set(&format!("/{name}"), value.clone()));
    }
    let told = begun.as_ref().and_then(|entry| match &entry.standing {
        Standing::Refused(problem) => Some((refused::words(entry, problem), problem.clone(), entry.next())),
        _ => None,
    });
    if let Some((_, problem, Some(Step::Complete))) = &told {
        form.refuse(&ApiError::Problem(problem.clone()));
    }
    let dirty = move || form.is_dirty() || shots.with(|shots| shots.iter().any(|shot| !shot.photo.sent));
    let typed = move || {
        let photos = || shots.get_untracked().into_iter().map(|shot| (shot.photo, shot.bytes)).collect();
        let sheet = form.read::<Value>().filter(|_| !busy.get_untracked());
        sheet.map(|sheet| Draft { about: (), sheet, photos: photos() })
    };
    let changed = move || {
        shots.track();
        busy.track();
        dirty()
    };
    let name = draft::of_inspection(inspection.id);
    let is_kept = is_new.then(|| draft::follow(name, StoredValue::new(kept), changed, typed));
    // What is on the device waits there for whoever comes back.
    router::guard(Callback::new(move |()| untrack(|| dirty() && !is_kept.is_some_and(|kept| kept.get()))));
    let blank = StoredValue::new(blank(&inspection));
    let give_up = move |_| {
        form.begin(blank.get_value());
        shots.set(Vec::new());
    };
    let (shown, list) = (inspection.clone(), inspection.items.clone());
    let saving =
        Saving { form, shots, busy, inspection: StoredValue::new(inspection), corrected: StoredValue::new(corrected), done };
    // Others may have written meanwhile, which is replaced when this is sent again.
    let told = told.map(|(words, ..)| {
        view! {
            <p class="notice fault" role="alert">{words}" "<a href=shown.location() target="_blank" rel="noopener">{t!(nav::DETAILS)}</a></p>
        }
    });
    let ending = vec![
        form.field("/conclusion").required().tiles(tiles::<Conclusion>()),
        form.field("/summary").textarea(),
        form.field("/held_on").required().date(),
    ];
    view! {
        <form class="form visit" novalidate on:submit=move |event| { event.prevent_default(); saving.submit(); }>
            {told}
            {move || (is_restored && dirty()).then(|| view! {
                <div class="notice" role="status">
                    <p>{t!(form::DRAFT)}</p>
                    <button type="button" class="button" on:click=give_up>{t!(form::DRAFT_GIVE_UP)}</button>
                </div>
            })}
            {move || (unread.get() > 0).then(|| view! { <p class="notice" role="note">{t!(visit::photos_unread, unread.get())}</p> })}
            {form.summary()}
            {about(&shown)}
            {items(form, &list)}
            {section(texts::inspections::PHOTOS, vec![photos::field(shots)])}
            {section(field("conclusion"), ending)}
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || busy.get().to_string()>
                    {reactive(Text::label(InspectionAction::Complete))}
                </button>
                <button type="button" class="button" on:click=move |_| done.run(None)>{t!(on_site::OTHER)}</button>
                {is_kept.map(|kept| view! { <span class="muted" role="status">{move || kept.get().then(t!(visit::DRAFT_KEPT))}</span> })}
            </div>
        </form>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Saving {
    form: Form,
    shots: Shots,
    busy: RwSignal<bool>,
    inspection: StoredValue<Inspection>,
    corrected: StoredValue<Option<Waiting>>,
    done: Callback<Option<Uuid>>,
}

impl Saving {
    /// Stores the entry on the device, from where it is sent.
    fn submit(self) {
        if self.busy.get_untracked() || !self.form.is_sound() {
            return;
        }
        let (Some(sheet), Some(typed)) = (self.form.read::<SheetInput>(), self.form.read::<Value>()) else { return };
        let inspection = self.inspection.get_value();
        let stamp = self.corrected.get_value().map(|(stamp, _)| stamp);
        let complete = Part::step(format!("{}/complete", inspection.location()), sheet.body(), inspection.version);
        let shots = self.shots.get_untracked();
        let id = inspection.id;
        let entry = Entry {
            about: About::Inspection(Inspected { inspection, complete }),
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
                    toast::say(texts::visit::KEPT.get());
                    router::unguard();
                    self.done.run(Some(id));
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                }
                Err(why) => toast::fault(why.words().get()),
            }
        });
    }
}
