//! The page of an import: the template, a file to choose or drop, a check that lists every bad cell and every change, and then
//! the import, as a whole or not at all.

use std::sync::Arc;

use contract::imports::{CellChange, CellError, ImportReport, MAX_ERRORS};
use contract::{Lang, Permission, labels};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, HtmlInputElement};

use super::{load, page, table, toast};
use crate::api::{self, ApiError};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{dom, format, session, t};

/// The service's limit for files, in bytes.
const FILE_LIMIT: f64 = 20.0 * 1024.0 * 1024.0;

/// An import.
#[derive(Clone, Copy)]
pub struct Import {
    pub heading: Text,
    /// The path of the collection, in the API and in the app.
    pub path: &'static str,
    /// The name of its list.
    pub list: Text,
    /// How the import treats existing objects.
    pub hint: Text,
    pub permission: Permission,
}

#[derive(Clone)]
enum Stage {
    Idle,
    /// The file is being sent; the share so far.
    Sending(f64),
    Checked(Arc<ImportReport>),
    Done(Arc<ImportReport>),
}

#[derive(Clone, Copy)]
struct State {
    import: Import,
    stage: RwSignal<Stage>,
    name: RwSignal<Option<String>>,
    fault: RwSignal<Option<String>>,
    file: StoredValue<Option<File>, LocalStorage>,
    /// Reused while nobody knows whether the service has acted, so that nothing is imported twice.
    key: StoredValue<String>,
}

/// The page of an import.
pub fn page(import: Import) -> AnyView {
    if !session::may(import.permission) {
        return load::missing();
    }
    let state = State {
        import,
        stage: RwSignal::new(Stage::Idle),
        name: RwSignal::new(None),
        fault: RwSignal::new(None),
        file: StoredValue::new_local(None),
        key: StoredValue::new(api::new_key()),
    };
    view! {
        {page::plain_head(import.heading)}
        <ol class="steps">
            <li>
                <h2>{t!(imports::TEMPLATE_TITLE)}</h2>
                <p>{reactive(import.hint)} " " {t!(imports::TEMPLATE_TEXT)}</p>
                <button type="button" class="button" on:click=move |_| template(import)>{t!(imports::TEMPLATE)}</button>
            </li>
            <li>
                <h2>{t!(imports::FILE_TITLE)}</h2>
                {chooser(state)}
            </li>
            <li>
                <h2>{t!(imports::CHECK_TITLE)}</h2>
                <div role="status">{move || progress(&state.stage.get())}</div>
                {move || outcome(state, state.stage.get())}
            </li>
        </ol>
    }
    .into_any()
}

fn template(import: Import) {
    spawn_local(async move {
        let name = format!("{}-{}.xlsx", import.list.get(), t!(imports::TEMPLATE_FILE)());
        if let Err(error) = api::download(format!("{}/import-template", import.path), &name).await {
            toast::fault(error.message());
        }
    });
}

fn chooser(state: State) -> AnyView {
    let over = RwSignal::new(false);
    let chosen = move |event: ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            // Emptied, so that the same file can be chosen again after it was mended.
            state.take(file);
            input.set_value("");
        }
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            state.take(file);
        }
    };
    let dragged = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    view! {
        <div class="drop" class:over=over on:drop=dropped on:dragover=dragged on:dragleave=move |_| over.set(false)>
            <label for="import-file">{t!(imports::CHOOSE)}</label>
            <p class="hint" id="import-hint">{t!(imports::CHOOSE_HINT)}</p>
            <input id="import-file" type="file" accept=".xlsx" aria-describedby="import-hint import-fault"
                aria-invalid=move || state.fault.with(Option::is_some).to_string()
                disabled=move || state.is_busy() on:change=chosen/>
            <p role="status">{move || state.name.get()}</p>
            <p class="fault-text" id="import-fault" role="alert">{move || state.fault.get()}</p>
        </div>
    }
    .into_any()
}

fn progress(stage: &Stage) -> AnyView {
    match *stage {
        Stage::Sending(share) if share < 1.0 => {
            let percent = (share * 100.0) as u32;
            view! { <p>{t!(imports::sending, percent)} " " <progress max="100" value=percent aria-label=t!(imports::SENDING_LABEL)></progress></p> }
                .into_any()
        }
        Stage::Sending(_) => {
            view! { <p>{t!(imports::WORKING)} " " <progress aria-label=t!(imports::WORKING)></progress></p> }.into_any()
        }
        Stage::Idle => view! { <p class="muted">{t!(imports::NOT_YET)}</p> }.into_any(),
        Stage::Checked(_) | Stage::Done(_) => ().into_any(),
    }
}

fn outcome(state: State, stage: Stage) -> AnyView {
    match stage {
        Stage::Idle | Stage::Sending(_) => ().into_any(),
        Stage::Checked(report) if report.errors_total > 0 => faults(&report),
        Stage::Checked(report) => checked(state, &report),
        Stage::Done(report) => {
            let (created, updated) = (report.created, report.updated);
            view! {
                <div class="notice good" id="import-outcome" role="status" tabindex="-1">
                    <p><strong>{move || t!(imports::done, created, updated)}</strong></p>
                    <a class="button" href=state.import.path>{t!(imports::TO_LIST)} {reactive(state.import.list)}</a>
                </div>
                {notes(&report)}
            }
            .into_any()
        }
    }
}

fn checked(state: State, report: &ImportReport) -> AnyView {
    let (rows, created, updated) = (report.rows, report.created, report.updated);
    let changes = created + updated > 0;
    view! {
        <div class="notice good" id="import-outcome" role="status" tabindex="-1">
            <p><strong>{move || t!(imports::checked, rows, created, updated)}</strong></p>
            {report.persons_unchecked.then(|| view! { <p>{t!(imports::PERSONS_UNCHECKED)}</p> })}
            {(!report.changes.is_empty()).then(|| view! { <p>{t!(imports::CHANGES_TEXT)}</p> })}
            {if changes {
                view! { <button type="button" class="button primary" on:click=move |_| state.send(false)>{t!(imports::IMPORT)}</button> }.into_any()
            } else {
                view! { <p>{t!(imports::NOTHING)}</p> }.into_any()
            }}
        </div>
        {changed(report)}
        {notes(report)}
    }
    .into_any()
}

/// The changes that each cell makes to existing data.
fn changed(report: &ImportReport) -> Option<AnyView> {
    let listed = report.changes.len();
    let found = report.changes.clone();
    let rows = move || {
        let lang = lang();
        view! { <tbody>{found.iter().map(|change| changed_row(change, lang)).collect_view()}</tbody> }
    };
    let heads = vec![
        (texts::imports::SHEET, false),
        (texts::imports::ROW, true),
        (texts::imports::COLUMN, false),
        (texts::imports::OLD, false),
        (texts::imports::NEW, false),
    ];
    (listed > 0).then(|| {
        view! {
            {report.changes_truncated.then(|| view! { <p>{move || t!(imports::changes_truncated, listed)}</p> })}
            {table::table(texts::imports::CHANGES_TABLE, heads, rows.into_any())}
        }
        .into_any()
    })
}

fn changed_row(change: &CellChange, lang: Lang) -> AnyView {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".to_owned());
    view! {
        <tr>
            <td>{labels::label(&change.sheet, lang).to_owned()}</td>
            <td class="number">{change.row}</td>
            <td>{column(&change.column, &change.field, lang)}</td>
            <td class="cell-value">{shown(&change.old)}</td>
            <td class="cell-value">{shown(&change.new)}</td>
        </tr>
    }
    .into_any()
}

/// The letters and the label of a column.
fn column(letters: &str, field: &str, lang: Lang) -> String {
    match labels::find(field.rsplit('/').next().unwrap_or_default(), lang) {
        Some(label) => format!("{letters} · {label}"),
        None => letters.to_owned(),
    }
}

/// Content of the file that is not imported although it is no fault.
fn notes(report: &ImportReport) -> Option<AnyView> {
    let listed = report.notes.len();
    (listed > 0).then(|| {
        view! {
            <div class="notice warning">
                <p>{move || t!(imports::notes, listed)}</p>
                {report.notes_truncated.then(|| view! { <p>{move || t!(imports::truncated, listed)}</p> })}
            </div>
            {cells(texts::imports::NOTES_TABLE, &report.notes)}
        }
        .into_any()
    })
}

fn faults(report: &ImportReport) -> AnyView {
    let (total, listed) = (report.errors_total, report.errors.len());
    view! {
        <div class="notice fault" id="import-outcome" role="alert" tabindex="-1">
            <p><strong>{move || t!(imports::faults, total)}</strong></p>
            <p>{t!(imports::FAULTS_TEXT)}</p>
            {report.errors_truncated.then(|| view! { <p>{move || t!(imports::truncated, listed)}</p> })}
        </div>
        {cells(texts::imports::FAULTS_TABLE, &report.errors)}
        {changed(report)}
        {notes(report)}
    }
    .into_any()
}

fn cells(caption: Text, found: &[CellError]) -> AnyView {
    let found = found.to_vec();
    let rows = move || {
        let lang = lang();
        view! { <tbody>{found.iter().map(|error| row(error, lang)).collect_view()}</tbody> }
    };
    table::table(
        caption,
        vec![
            (texts::imports::SHEET, false),
            (texts::imports::ROW, true),
            (texts::imports::COLUMN, false),
            (texts::imports::VALUE, false),
            (texts::imports::PROBLEM, false),
        ],
        rows.into_any(),
    )
}

fn row(error: &CellError, lang: Lang) -> AnyView {
    view! {
        <tr>
            <td>{labels::label(&error.sheet, lang).to_owned()}</td>
            <td class="number">{error.row}</td>
            <td>{column(&error.column, &error.field, lang)}</td>
            <td class="cell-value">{error.value.clone().unwrap_or_else(|| "—".to_owned())}</td>
            <td>{error.message.clone()}</td>
        </tr>
    }
    .into_any()
}

impl State {
    fn is_busy(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Sending(_)))
    }

    /// Takes a file, and checks it at once unless it cannot be a workbook.
    fn take(self, file: File) {
        if self.is_busy() {
            return;
        }
        let (name, size) = (file.name(), file.size());
        self.stage.set(Stage::Idle);
        self.fault.set(refusal(&name, size).map(|text| text.get().to_owned()));
        self.name.set(Some(format!("{name} · {}", format::bytes(size as i64))));
        self.file.set_value(Some(file));
        if self.fault.with_untracked(Option::is_none) {
            self.send(true);
        }
    }

    fn send(self, dry_run: bool) {
        let sent = Callback::new(move |share| {
            if self.stage.try_with_untracked(|stage| matches!(stage, Stage::Sending(_))) == Some(true) {
                self.stage.set(Stage::Sending(share));
            }
        });
        let call = self.file.with_value(|file| api::imports::run(self.import.path, file.as_ref()?, dry_run, sent));
        let Some(call) = call else { return };
        self.stage.set(Stage::Sending(0.0));
        self.fault.set(None);
        let call = if dry_run { call } else { call.keyed(self.key.get_value()) };
        spawn_local(async move {
            match call.send().await {
                Ok(report) if dry_run => self.show(Stage::Checked(Arc::new(report))),
                Ok(report) => {
                    toast::say(t!(imports::done, report.created, report.updated));
                    self.key.try_update_value(|key| *key = api::new_key());
                    self.show(Stage::Done(Arc::new(report)));
                }
                Err(error) => self.refuse(&error),
            }
        });
    }

    fn show(self, stage: Stage) {
        if self.stage.try_set(stage).is_none() {
            dom::focus_soon("import-outcome");
        }
    }

    fn refuse(self, error: &ApiError) {
        if !error.outcome_unknown() {
            self.key.try_update_value(|key| *key = api::new_key());
        }
        // Faults that only the import itself finds, such as a person in another file.
        if let ApiError::Problem(problem) = error
            && let Ok(errors) = problem.errors.iter().cloned().map(CellError::try_from).collect::<Result<Vec<_>, _>>()
            && !errors.is_empty()
        {
            let errors_truncated = errors.len() == MAX_ERRORS;
            let report = ImportReport { errors_total: errors.len() as u32, errors, errors_truncated, ..ImportReport::default() };
            return self.show(Stage::Checked(Arc::new(report)));
        }
        self.stage.try_set(Stage::Idle);
        self.fault.try_set(Some(error_text(error)));
        dom::focus_soon("import-file");
    }
}

/// Why a file cannot be an .xlsx workbook within the limit, judging by its name and size.
fn refusal(name: &str, size: f64) -> Option<Text> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".xlsm") || name.ends_with(".xltm") {
        Some(texts::imports::MACROS)
    } else if !name.ends_with(".xlsx") {
        Some(texts::imports::NOT_XLSX)
    } else if size > FILE_LIMIT {
        Some(texts::imports::TOO_LARGE)
    } else if size <= 0.0 {
        Some(texts::imports::EMPTY)
    } else {
        None
    }
}

/// The service's message: what is wrong with the workbook, or its first fault.
fn error_text(error: &ApiError) -> String {
    match error {
        ApiError::Problem(problem) if problem.detail.is_none() => error.first_fault(),
        _ => error.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_one_is_refused_before_it_is_sent() {
        assert_eq!(refusal("名册.XLSX", 10.0), None);
        assert_eq!(refusal("名册.xlsm", 10.0), Some(texts::imports::MACROS));
        assert_eq!(refusal("名册.xls", 10.0), Some(texts::imports::NOT_XLSX));
        assert_eq!(refusal("xlsx", 10.0), Some(texts::imports::NOT_XLSX));
        assert_eq!(refusal("名册.xlsx", FILE_LIMIT + 1.0), Some(texts::imports::TOO_LARGE));
        assert_eq!(refusal("名册.xlsx", 0.0), Some(texts::imports::EMPTY));
    }
}
