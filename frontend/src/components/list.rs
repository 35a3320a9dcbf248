//! List pages: title, count, search and filters in the address, a dense sortable table that becomes cards on a phone, and a
//! pager.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use contract::{Lang, ListQuery, Page, Permission};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::filters::{self, Filter};
use super::load::{self, Load};
pub use super::table::Row;
use super::{page, table, toast};
use crate::api::{self, Abort, ApiError, Call};
use crate::i18n::{self, Text, lang, reactive};
use crate::{format, query, router, session, t};

/// The content of a list page, with items `T` requested by `Q`.
pub struct List<Q, T> {
    pub heading: Text,
    pub columns: Vec<Column>,
    pub filters: Vec<Filter>,
    pub call: fn(&Q) -> Call<Page<T>>,
    pub row: fn(&T, Lang) -> Row,
    /// The text of an empty list, which says what to do first.
    pub empty: Text,
    pub create: Option<Create>,
    pub export: Option<Export>,
}

/// The link that creates an item, for those who may.
#[derive(Clone, Copy)]
pub struct Create {
    pub href: &'static str,
    pub text: Text,
    pub permission: Permission,
}

/// The export of the filtered list, and the import.
#[derive(Clone, Copy)]
pub struct Export {
    /// The API path, which takes the list's filters.
    pub path: &'static str,
    /// The page that imports such files, for those who may.
    pub import: Option<&'static str>,
}

/// A column, named by its field.
#[derive(Clone, Copy)]
pub struct Column {
    name: &'static str,
    sort: Option<&'static str>,
    number: bool,
}

impl Column {
    /// A text column.
    pub fn of(name: &'static str) -> Self {
        Self { name, sort: None, number: false }
    }

    /// Makes the column sortable, under this name.
    pub fn sorted(mut self, sort: &'static str) -> Self {
        self.sort = Some(sort);
        self
    }

    /// The column's heading in a table without sorting.
    pub fn head(&self) -> table::Head {
        (i18n::field(self.name), self.number)
    }

    /// Makes it a column of numbers, aligned to the right.
    pub fn number(mut self) -> Self {
        self.number = true;
        self
    }
}

type Fetch = Arc<dyn Fn(String, Abort) -> LocalBoxFuture<'static, Result<Answer, ApiError>> + Send + Sync>;

/// A page of items without their type, so that the frame is compiled only once.
struct Answer {
    rows: Box<dyn Fn(Lang, Callback<()>) -> Vec<Row> + Send + Sync>,
    next_cursor: Option<String>,
    total: Option<u32>,
    total_capped: bool,
    is_empty: bool,
}

#[derive(Clone)]
struct Frame {
    heading: Text,
    columns: Vec<Column>,
    /// The order, unless the address names another.
    order: String,
    empty: Text,
    create: Option<Create>,
}

thread_local! {
    /// The cursor of the previous page, by the address of each page reached.
    static BEFORE: RefCell<HashMap<String, Option<String>>> = RefCell::default();
}

/// The page of a list.
pub fn page<Q, T>(list: List<Q, T>) -> AnyView
where
    Q: ListQuery + Serialize + DeserializeOwned + Default + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    page_with(list, ().into_any())
}

/// The page of a list, with more beside its title.
pub fn page_with<Q, T>(list: List<Q, T>, more: AnyView) -> AnyView
where
    Q: ListQuery + Serialize + DeserializeOwned + Default + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    made(list, more, None)
}

/// Draws the steps of an item that can be taken in its row. The callback reads the list again.
type Steps<T> = fn(&T, Callback<()>) -> AnyView;

/// The page of a list whose items are dealt with in place.
pub fn page_acting<Q, T>(mut list: List<Q, T>, steps: Steps<T>) -> AnyView
where
    Q: ListQuery + Serialize + DeserializeOwned + Default + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    list.columns.push(Column::of("allowed_actions"));
    made(list, ().into_any(), Some(steps))
}

fn made<Q, T>(list: List<Q, T>, more: AnyView, steps: Option<Steps<T>>) -> AnyView
where
    Q: ListQuery + Serialize + DeserializeOwned + Default + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    let (call, row) = (list.call, list.row);
    let fetch: Fetch = Arc::new(move |search, abort| {
        let call = call(&query::parse::<Q>(&search));
        async move {
            let page = call.send_within(&abort).await?;
            let (next_cursor, total, total_capped) = (page.next_cursor, page.total, page.total_capped);
            let items = page.items;
            let is_empty = items.is_empty();
            let drawn = move |item: &T, lang, reload| match steps {
                Some(steps) => row(item, lang).mark(Some(steps(item, reload))),
                None => row(item, lang),
            };
            let rows = Box::new(move |lang, reload| items.iter().map(|item| drawn(item, lang, reload)).collect());
            Ok(Answer { rows, next_cursor, total, total_capped, is_empty })
        }
        .boxed_local()
    });
    let order = Q::ORDER.to_string();
    let frame = Frame { heading: list.heading, columns: list.columns, order, empty: list.empty, create: list.create };
    draw(frame, list.filters, list.export, more, fetch)
}

fn draw(frame: Frame, filters: Vec<Filter>, export: Option<Export>, more: AnyView, fetch: Fetch) -> AnyView {
    let search = Memo::new(|_| router::search());
    let load = Load::by(move |abort| fetch(search.get(), abort));
    let total = move || {
        load.data.get().and_then(|answer| {
            let total = format::count(answer.total?.into());
            Some(if answer.total_capped { t!(list::total_capped, total) } else { t!(list::total, total) })
        })
    };
    let (create, heading) = (frame.create, frame.heading);
    let actions = view! {
        {more}
        {export.map(|export| export_button(export, heading, search))}
        {move || {
            let import = export.and_then(|export| export.import).filter(|_| session::may(Permission::ImportCatalogue));
            import.map(|href| view! { <a class="button" href=href>{t!(list::IMPORT)}</a> })
        }}
        {move || create.filter(|create| session::may(create.permission)).map(|create| page::primary_link(create.href.into(), create.text))}
    };
    let count = view! { <p class="count" role="status">{total}</p> };
    view! {
        {page::head(move || heading.get().to_owned(), count.into_any(), actions.into_any())}
        {filters::bar(filters)}
        <div class="list" aria-busy=move || load.busy.get().to_string()>
            {load::show(load, move |answer| table(&frame, answer, search, Callback::new(move |()| load.reload())))}
        </div>
    }
    .into_any()
}

fn table(frame: &Frame, answer: Arc<Answer>, search: Memo<String>, reload: Callback<()>) -> AnyView {
    if answer.is_empty {
        return nothing(frame, search);
    }
    let heads = frame.columns.iter().map(|column| header(*column, frame.order.clone(), search)).collect_view();
    let columns: Vec<_> = frame.columns.iter().map(Column::head).collect();
    let shown = answer.clone();
    let rows = move || (shown.rows)(lang(), reload).into_iter().map(|row| row.draw(&columns, "row-link")).collect_view();
    view! {
        <div class="table-wrap" role="region" tabindex="0" aria-labelledby="page-title">
            <table class="data">
                <caption class="visually-hidden">{reactive(frame.heading)}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(answer.next_cursor.clone(), &search.get_untracked())}
    }
    .into_any()
}

fn header(column: Column, order: String, search: Memo<String>) -> AnyView {
    let class = if column.number { "number" } else { "" };
    let label = reactive(i18n::field(column.name));
    let Some(by) = column.sort else {
        return view! { <th scope="col" class=class>{label}</th> }.into_any();
    };
    let now = Memo::new(move |_| {
        let pairs = query::pairs(&search.get());
        match query::get(&pairs, "sort").unwrap_or(&order) {
            sort if sort == by => "ascending",
            sort if sort.strip_prefix('-') == Some(by) => "descending",
            _ => "none",
        }
    });
    let href = move || {
        let next = if now.get() == "ascending" { format!("-{by}") } else { by.to_owned() };
        address(&search.get(), &[("sort", Some(&next)), ("cursor", None)])
    };
    view! { <th scope="col" class=class aria-sort=move || now.get()><a href=href>{label}</a></th> }.into_any()
}

fn nothing(frame: &Frame, search: Memo<String>) -> AnyView {
    if !search.get_untracked().is_empty() {
        return view! {
            <div class="notice">
                <p>{t!(list::NO_MATCH)}</p>
                <button type="button" class="button" on:click=|_| router::set_search("")>{t!(list::CLEAR)}</button>
            </div>
        }
        .into_any();
    }
    let create = frame.create.filter(|create| session::may(create.permission));
    view! {
        <div class="notice">
            <p>{reactive(frame.empty)}</p>
            {create.map(|create| page::primary_link(create.href.into(), create.text))}
        </div>
    }
    .into_any()
}

/// The links to the next and previous page. After a deep link the previous page is unknown, so it offers the first.
fn pager(next: Option<String>, search: &str) -> AnyView {
    let pairs = query::pairs(search);
    let cursor = query::get(&pairs, "cursor").map(str::to_owned);
    let next = next.map(|next| {
        let href = address(search, &[("cursor", Some(&next))]);
        BEFORE.with_borrow_mut(|before| before.insert(href.clone(), cursor.clone()));
        view! { <a class="button" rel="next" href=href>{t!(list::NEXT)}</a> }
    });
    let previous = cursor.map(|_| {
        let here = address(search, &[]);
        let before = BEFORE.with_borrow(|before| before.get(&here).cloned());
        let text = if before.is_some() { i18n::texts::list::PREVIOUS } else { i18n::texts::list::FIRST };
        let href = address(search, &[("cursor", before.flatten().as_deref())]);
        view! { <a class="button" rel="prev" href=href>{reactive(text)}</a> }
    });
    view! { <nav class="pager" aria-label=t!(list::PAGES)>{previous}{next}</nav> }.into_any()
}

fn address(search: &str, changes: &[(&str, Option<&str>)]) -> String {
    let mut pairs = query::pairs(search);
    for (name, value) in changes {
        query::set(&mut pairs, name, *value);
    }
    format!("{}?{}", router::here().path, query::write(&pairs))
}

/// The button that saves a file of the filtered list.
pub fn export_button(export: Export, heading: Text, search: Memo<String>) -> AnyView {
    let busy = RwSignal::new(false);
    let run = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let mut pairs = query::pairs(&search.get_untracked());
        query::set(&mut pairs, "cursor", None);
        let path = format!("{}?{}", export.path, query::write(&pairs));
        let day = session::account().map(|account| account.today.to_string()).unwrap_or_default();
        spawn_local(async move {
            if let Err(error) = api::download(path, &format!("{}-{day}.xlsx", heading.get())).await {
                toast::fault(error.message());
            }
            busy.try_set(false);
        });
    };
    view! {
        <button type="button" class="button" on:click=run aria-disabled=move || busy.get().to_string()>
            {move || if busy.get() { t!(list::EXPORTING)() } else { t!(list::EXPORT)() }}
        </button>
    }
    .into_any()
}
