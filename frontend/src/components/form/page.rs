//! The page of a form: loading, drafts, saving, and the bar at the bottom.

use std::sync::Arc;

use contract::ErrorCode;
use contract::problem::LikelyDouble;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::draft::{self, Draft};
use super::{Form, conflict, pointer};
use crate::api::{self, ApiError, Call, Editable, Record};
use crate::components::{doubles, load};
use crate::components::{page, toast};
use crate::format::Coded;
use crate::i18n::{Text, reactive, texts};
use crate::{navigation, query, router, session, t};

/// The service's version, after reading or saving.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub input: Value,
    pub version: i32,
    pub path: String,
    /// The message for the person.
    pub told: Text,
}

type Answer = LocalBoxFuture<'static, Result<Saved, ApiError>>;

/// How to save a form. The types are erased, so that the page is compiled only once.
struct Page {
    heading: Text,
    /// Where to go without saving.
    back: String,
    /// Sends a body with a version and an idempotency key.
    send: Arc<dyn Fn(Value, i32, String) -> Answer + Send + Sync>,
    /// Reads the record again; `None` for a new one.
    reread: Option<Arc<dyn Fn() -> Answer + Send + Sync>>,
    coded: Coded,
    /// Whether no draft is stored.
    private: bool,
    fields: Fields,
}

/// Draws the fields of a form.
type Fields = Arc<dyn Fn(Form) -> AnyView + Send + Sync>;

fn made<R: Record>(record: &R) -> Saved {
    Saved { input: Value::Null, version: 0, path: record.location(), told: record.told() }
}

fn saved<R: Editable>(record: &R) -> Saved {
    Saved { input: serde_json::to_value(record.edit()).unwrap_or_default(), version: record.version(), ..made(record) }
}

/// The page that creates a record.
pub fn create<R: Record>(
    heading: Text,
    initial: Value,
    call: fn(&Value) -> Call<R>,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    create_then(heading, initial, call, fields, |_| ())
}

/// The same, but `done` gets the created record.
pub fn create_then<R: Record>(
    heading: Text,
    initial: Value,
    call: fn(&Value) -> Call<R>,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
    done: fn(&R),
) -> AnyView {
    let page = Page {
        heading,
        back: navigation::above(&router::here().path),
        send: Arc::new(move |body, _, key| {
            let call = call(&body).keyed(key);
            async move { call.send().await.inspect(done).map(|record| made(&record)) }.boxed_local()
        }),
        reread: None,
        coded: R::coded,
        private: R::PRIVATE,
        fields: Arc::new(fields),
    };
    if !session::may(R::WRITE) {
        return load::missing();
    }
    let begun = Saved { input: initial, version: 0, path: String::new(), told: texts::form::SAVED };
    draw(Form::new::<R::Input>(begun.input.clone()), page, begun)
}

/// Initial values from the address of a new record, such as `?pairing_id=…` in a link from a pairing.
pub fn from_address(names: &[&str]) -> Value {
    let pairs = query::pairs(&router::here().search);
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(query::get(&pairs, name)?))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The page that changes a record.
pub fn edit<R: Editable>(
    heading: Text,
    read: impl Fn() -> Call<R> + Clone + Send + Sync + 'static,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    edit_of::<R, R>(heading, read, fields)
}

/// The same, if the service answers with another view `W` of the record than the form edits.
pub fn edit_of<R: Editable, W: Record>(
    heading: Text,
    read: impl Fn() -> Call<R> + Clone + Send + Sync + 'static,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    edit_then::<R, W>(heading, read, fields, |_| ())
}

/// The same, but `done` gets the service's answer.
pub fn edit_then<R: Editable, W: Record>(
    heading: Text,
    read: impl Fn() -> Call<R> + Clone + Send + Sync + 'static,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
    done: fn(&W),
) -> AnyView {
    if !session::may(R::WRITE) {
        return load::missing();
    }
    let fields: Fields = Arc::new(fields);
    load::show(load::load(read.clone()), move |record: Arc<R>| {
        editor::<R, W>(heading, &record, read.clone(), fields.clone(), done)
    })
}

/// The same for a record that the page has already read, because its fields depend on it.
pub fn edit_read<R: Editable>(
    heading: Text,
    record: &R,
    read: impl Fn() -> Call<R> + Send + Sync + 'static,
    fields: impl Fn(Form) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    editor::<R, R>(heading, record, read, Arc::new(fields), |_| ())
}

fn editor<R: Editable, W: Record>(
    heading: Text,
    record: &R,
    again: impl Fn() -> Call<R> + Send + Sync + 'static,
    fields: Fields,
    done: fn(&W),
) -> AnyView {
    let path = record.location();
    let page = Page {
        heading,
        back: path.clone(),
        send: Arc::new(move |body, version, _| {
            let call = Call::<W>::patch(path.clone(), version, &R::sent(body));
            async move { call.send().await.inspect(done).map(|record| made(&record)) }.boxed_local()
        }),
        reread: Some(Arc::new(move || {
            let call = again();
            async move { call.send().await.map(|record| saved(&record)) }.boxed_local()
        })),
        coded: R::coded,
        private: R::PRIVATE,
        fields,
    };
    let begun = saved(record);
    draw(Form::new::<R::Edit>(begun.input.clone()), page, begun)
}

/// A titled part of a form.
pub fn section(title: Text, fields: Vec<AnyView>) -> AnyView {
    view! { <section class="card form-section"><h2>{reactive(title)}</h2>{fields}</section> }.into_any()
}

/// The state of an open form page.
#[derive(Clone, Copy)]
struct Saving {
    form: Form,
    page: StoredValue<Page>,
    version: RwSignal<i32>,
    /// The idempotency key of the current submission, replaced once the service has answered.
    key: StoredValue<String>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<String>>,
    /// Existing objects that this one is likely a duplicate of.
    doubles: RwSignal<Vec<LikelyDouble>>,
    /// The page of the existing object that caused the refusal.
    existing: RwSignal<Option<String>>,
    theirs: RwSignal<Option<Saved>>,
    draft: StoredValue<String>,
    saved: StoredValue<bool>,
}

fn draw(form: Form, page: Page, begun: Saved) -> AnyView {
    let draft_key = draft::key(&router::here().path);
    let private = page.private;
    let restored = if private { None } else { restore(form, &draft_key) };
    let heading = page.heading;
    let (back, fields, coded) = (page.back.clone(), page.fields.clone(), page.coded);
    let saving = Saving {
        form,
        page: StoredValue::new(page),
        version: RwSignal::new(restored.unwrap_or(begun.version)),
        key: StoredValue::new(api::new_key()),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
        doubles: RwSignal::new(Vec::new()),
        existing: RwSignal::new(None),
        theirs: RwSignal::new(None),
        draft: StoredValue::new(draft_key),
        saved: StoredValue::new(false),
    };
    let give_up = {
        let begun = begun.clone();
        move |_| {
            form.base.set(begun.input.clone());
            form.value.set(begun.input.clone());
            saving.version.set(begun.version);
        }
    };
    if !private {
        saving.keep_draft();
    }
    router::guard(Callback::new(move |()| form.is_dirty()));
    let is_restored = restored.is_some();
    view! {
        {page::plain_head(heading)}
        <form class="form" novalidate on:submit=move |event| { event.prevent_default(); saving.submit(); }>
            {move || (is_restored && form.is_dirty()).then(|| view! {
                <div class="notice" role="status">
                    <p>{t!(form::DRAFT)}</p>
                    <button type="button" class="button" on:click=give_up.clone()>{t!(form::DRAFT_GIVE_UP)}</button>
                </div>
            })}
            {form.summary()}
            {fields(form)}
            {doubles::question(form, saving.doubles)}
            <div class="save-bar">
                <button type="submit" class="button primary" aria-disabled=move || saving.busy.get().to_string()>
                    {move || if saving.busy.get() { t!(form::SAVING)() } else { t!(form::SAVE)() }}
                </button>
                <a class="button" href=back>{t!(common::CANCEL)}</a>
                <span class="muted" role="status">{move || form.is_dirty().then(|| t!(form::DIRTY)())}</span>
                <span class="fault-text" role="alert">{move || saving.fault.get()}</span>
                {move || saving.existing.get().map(|path| view! { <a href=path target="_blank">{t!(form::EXISTING)}</a> })}
            </div>
        </form>
        {move || saving.theirs.get().map(|theirs| {
            let take = Callback::new(move |value: Value| saving.resolve(value));
            let close = Callback::new(move |()| saving.theirs.set(None));
            conflict::dialog(form, theirs.input, coded, take, close)
        })}
    }
    .into_any()
}

/// Restores a draft with the version that it is based on, so that a newer version shows as a conflict. Returns that version.
fn restore(form: Form, key: &str) -> Option<i32> {
    let Draft { base, version, value } = draft::read(key)?;
    form.base.set(base);
    form.value.set(value);
    Some(version)
}

impl Saving {
    fn keep_draft(self) {
        Effect::new(move || {
            let key = self.draft.get_value();
            if !self.form.is_dirty() {
                return draft::forget(&key);
            }
            let draft = Draft { base: self.form.base.get(), version: self.version.get(), value: self.form.value.get() };
            draft::keep(&key, &draft);
        });
        // Whoever leaves through a link has saved, or has agreed to discard the draft. A reload or a crash does not get here.
        let key = self.draft.get_value();
        on_cleanup(move || draft::forget(&key));
    }

    fn submit(self) {
        if self.busy.get_untracked() || !self.form.is_sound() {
            return;
        }
        self.busy.set(true);
        self.fault.set(None);
        self.doubles.set(Vec::new());
        self.existing.set(None);
        let value = self.form.value.get_untracked();
        let answer = self.page.with_value(|page| {
            let body = match page.reread {
                Some(_) => self.form.base.with_untracked(|base| pointer::merge_patch(base, &value)),
                None => value,
            };
            (page.send)(body, self.version.get_untracked(), self.key.get_value())
        });
        spawn_local(async move {
            let answer = answer.await;
            self.busy.try_set(false);
            match answer {
                Ok(saved) => self.finish(&saved),
                Err(error) => self.refuse(error).await,
            }
        });
    }

    fn finish(self, saved: &Saved) {
        router::unguard();
        toast::say(saved.told.get());
        if self.saved.try_update_value(|done| *done = true).is_some() {
            self.form.base.set(self.form.value.get_untracked());
            router::navigate(&saved.path);
        }
    }

    async fn refuse(self, error: ApiError) {
        if !error.outcome_unknown() {
            self.key.try_update_value(|key| *key = api::new_key());
        }
        doubles::keep(self.form, self.doubles, &error);
        if let ApiError::Problem(problem) = &error
            && problem.code == ErrorCode::StaleVersion
        {
            return self.show_theirs().await;
        }
        if !self.form.refuse(&error) {
            self.fault.try_set(Some(error.message()));
            self.existing.try_set(error.existing());
        }
    }

    async fn show_theirs(self) {
        let Some(Some(reread)) = self.page.try_with_value(|page| page.reread.clone()) else { return };
        match reread().await {
            Ok(theirs) => {
                self.theirs.try_set(Some(theirs));
            }
            Err(error) => {
                self.fault.try_set(Some(error.message()));
            }
        }
    }

    /// Continues with the chosen value, based on the service's current version.
    fn resolve(self, value: Value) {
        let Some(theirs) = self.theirs.get_untracked() else { return };
        self.theirs.set(None);
        self.version.set(theirs.version);
        self.form.base.set(theirs.input);
        self.form.value.set(value);
        if self.form.is_dirty() {
            return self.submit();
        }
        let saved = Saved { input: json!(null), ..theirs };
        self.finish(&saved);
    }
}
