//! The files of an object as a tab: list, download, add, remove.

use std::sync::Arc;

use contract::CodedEnum;
use contract::attachments::{Attachment, AttachmentObject, RemovalInput, RemovalReason};
use contract::households::RevealPurpose;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

use crate::api::{self, attachments};
use crate::components::load::{self, Load};
use crate::components::tabs::Tab;
use crate::components::why::{self, Why};
use crate::components::{dialog, toast};
use crate::i18n::{Text, lang, reactive, texts};
use crate::{dom, format, t};

/// The files that the browser offers. Types make an iPhone hand out photos as JPEG; extensions help on machines where files have
/// no type, or another one.
const ACCEPTED: &str = "image/jpeg,image/png,image/webp,application/pdf,.jpg,.jpeg,.png,.webp,.pdf,.ofd,.docx,.xlsx";

/// The tab with the files of an object. Those who may change the object may add files.
pub fn tab(object_type: AttachmentObject, object_id: String, may_add: bool) -> Tab {
    Tab::new("attachments", texts::attachments::TITLE, move || files(object_type, object_id.clone(), may_add))
}

/// The files of an object, within a page.
pub fn files(object_type: AttachmentObject, object_id: String, may_add: bool) -> AnyView {
    let id = object_id.clone();
    let files = load::load(move || attachments::list(object_type, &id));
    let purpose = object_type.is_private().then(|| RwSignal::new(None::<RevealPurpose>));
    view! {
        {purpose.map(asking)}
        {may_add.then(|| adder(object_type, object_id, files))}
        {load::show(files, move |page| {
            if page.items.is_empty() {
                return view! { <p class="muted">{t!(attachments::NONE)}</p> }.into_any();
            }
            let items = page.items.iter().map(|item| file(Arc::new(item.clone()), files, purpose)).collect_view();
            view! { <ul class="files">{items}</ul> }.into_any()
        })}
    }
    .into_any()
}

/// Asks for the purpose of reading the files, before any is read.
fn asking(purpose: RwSignal<Option<RevealPurpose>>) -> AnyView {
    let options = RevealPurpose::ALL.iter().map(|&one| view! { <option value=one.code()>{reactive(Text::label(one))}</option> });
    view! {
        <div class="field">
            <label for="attachment-purpose">{t!(attachments::PURPOSE)}</label>
            <p class="hint" id="attachment-purpose-hint">{t!(attachments::PURPOSE_HINT)}</p>
            <select id="attachment-purpose" class="medium" aria-describedby="attachment-purpose-hint"
                on:change:target=move |event| purpose.set(RevealPurpose::from_code(&event.target().value()))>
                <option value="">{t!(form::CHOOSE)}</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn file(
    file: Arc<Attachment>,
    files: Load<contract::Page<Attachment>>,
    purpose: Option<RwSignal<Option<RevealPurpose>>>,
) -> AnyView {
    let (id, size, at) = (file.id, file.size, file.created_at);
    let name = file.file_name.clone();
    let path = format!("/attachments/{id}");
    let get = move |_| {
        let (mut path, name) = (path.clone(), name.clone());
        if let Some(purpose) = purpose {
            let Some(purpose) = purpose.get_untracked() else {
                toast::fault(texts::attachments::PURPOSE_HINT.get().to_owned());
                return dom::focus("attachment-purpose");
            };
            path = format!("{path}?purpose={}", purpose.code());
        }
        spawn_local(async move {
            if let Err(error) = api::download(path, &name).await {
                toast::fault(error.message());
            }
        });
    };
    let remove = move |_| {
        spawn_local(async move {
            let sure = dialog::confirm(
                texts::attachments::REMOVE_TITLE,
                texts::attachments::REMOVE_TEXT.get(),
                texts::attachments::REMOVE,
            );
            if sure.await {
                match attachments::remove(id).send().await {
                    Ok(()) => files.reload(),
                    Err(error) => toast::fault(error.message()),
                }
            }
        });
    };
    view! {
        <li>
            <button type="button" class="button plain" on:click=get>{file.file_name.clone()}</button>
            " " <span class="muted">{format::bytes(size)} " · " {move || format::instant(at, lang())}</span>
            {file.deletable.then(|| view! { <button type="button" class="button plain" on:click=remove>{t!(attachments::REMOVE)}</button> })}
            {(file.removable && !file.deletable).then(|| remover(id, files))}
        </li>
    }
    .into_any()
}

/// The button and dialog that remove a file of somebody else, or of a closed object.
fn remover(id: Uuid, files: Load<contract::Page<Attachment>>) -> AnyView {
    why::button(texts::attachments::REMOVE_FOR, "button plain", move |close| removal(id, files, close))
}

fn removal(id: Uuid, files: Load<contract::Page<Attachment>>, close: Callback<()>) -> AnyView {
    let send = move |why: RemovalInput| async move {
        attachments::remove_for(id, &why).send().await?;
        close.run(());
        toast::say(texts::attachments::REMOVED.get());
        files.reload();
        Ok(())
    };
    let why = Why {
        text: texts::attachments::REMOVE_FOR_TEXT,
        fields: |form| form.field("/reason").required().select::<RemovalReason>(),
        go: texts::attachments::REMOVE_FOR,
        going: texts::attachments::REMOVE_FOR,
    };
    dialog::modal(texts::attachments::REMOVE_TITLE, Some(close), why::form(why, close, send))
}

fn adder(object_type: AttachmentObject, object_id: String, files: Load<contract::Page<Attachment>>) -> AnyView {
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let chosen = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        let Some(call) = attachments::create(object_type, &object_id, &file, &file.name(), None) else { return };
        input.set_value("");
        busy.set(true);
        fault.set(None);
        send(call, file, fault, busy, files);
    };
    view! {
        <div class="field">
            <label for="attachment-file">{t!(attachments::ADD)}</label>
            <p class="hint" id="attachment-hint">{t!(attachments::FILE)}</p>
            <p class="fault-text" role="alert">{move || fault.get()}</p>
            <input id="attachment-file" type="file" aria-describedby="attachment-hint" disabled=busy
                accept=ACCEPTED on:change=chosen/>
            {move || busy.get().then(|| view! { <p role="status">{t!(attachments::UPLOADING)}</p> })}
        </div>
    }
    .into_any()
}

fn send(
    call: api::Call<Attachment>,
    file: File,
    fault: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    files: Load<contract::Page<Attachment>>,
) {
    spawn_local(async move {
        match call.send().await {
            Ok(_) => {
                toast::say(texts::attachments::UPLOADED.get());
                files.reload();
            }
            Err(error) => {
                fault.try_set(Some(format!("{}: {}", file.name(), error.message())));
            }
        }
        busy.try_set(false);
    });
}
