//! The operations that every listed object has (its list, its workbook, one object and its history), and those of an import.

/// Writes some of the four operations of an object as handlers with their documentation.
///
/// ```ignore
/// listed! { Tasks: Task, TaskQuery, ReadProjects, "/tasks", "a task", "task", "tasks" =>
///     list list_tasks "Those of the caller's area.",
///     export export_tasks "",
///     read read_task "",
///     history list_task_history "",
/// }
/// ```
///
/// The texts are what stands in the document besides: of the list and of the object whole, of the workbook after the sentence
/// that all of them have. `Agreements: Agreement as AgreementSummary` says what a line of the list shows, where that is not the
/// whole. Instead of the kind of object, a domain that lists by hand names the module with functions that are called the same.
macro_rules! listed {
    ($object:ident: $shown:ident, $($rest:tt)+) => {
        $crate::api::listed::listed! { $object: $shown as $shown, $($rest)+ }
    };
    ($object:ident: $shown:ident as $line:ident, $query:ident, $need:ident,
        $path:literal, $a:literal, $one:literal, $many:literal =>
        $($operation:ident $name:ident $text:literal),+ $(,)?) => {
        $($crate::api::listed::operation! {
            $operation $name $text ($object, $shown, $line, $query, $need, $path, $a, $one, $many)
        })+
    };
}

/// One operation of [`listed`].
macro_rules! operation {
    (list $name:ident $text:literal
        ($object:ident, $shown:ident, $line:ident, $query:ident, $need:ident,
            $path:literal, $a:literal, $one:literal, $many:literal)) => {
        #[utoipa::path(get, path = $path, params($query), summary = concat!("List ", $many), description = $text,
            responses((status = 200, description = concat!("A page of ", $many), body = contract::Page<$line>)))]
        pub async fn $name(
            guard: platform::Guard<$need>,
            query: platform::Query<$query>,
        ) -> platform::Result<actix_web::web::Json<contract::Page<$line>>> {
            #[allow(unused_imports, reason = "a module needs no trait")]
            use platform::object::Listed as _;
            $object::list(&guard.asker(), &query.0).await.map(actix_web::web::Json)
        }
    };
    (export $name:ident $text:literal
        ($object:ident, $shown:ident, $line:ident, $query:ident, $need:ident,
            $path:literal, $a:literal, $one:literal, $many:literal)) => {
        #[utoipa::path(get, path = concat!($path, "/export"), params($query), summary = concat!("Export ", $many),
            description = concat!("All that the list shows with the same filters and order, as an .xlsx workbook", $text, "."),
            responses((status = 200, description = "The workbook", body = contract::imports::Workbook,
                content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
        pub async fn $name(
            guard: platform::Guard<$need>,
            query: platform::Query<$query>,
            language: platform::Language,
        ) -> platform::Result<platform::download::Download> {
            #[allow(unused_imports, reason = "a module needs no trait")]
            use platform::object::Exported as _;
            $object::export(guard.app(), &guard, &query.0, language.0).await
        }
    };
    (read $name:ident $text:literal
        ($object:ident, $shown:ident, $line:ident, $query:ident, $need:ident,
            $path:literal, $a:literal, $one:literal, $many:literal)) => {
        #[utoipa::path(get, path = concat!($path, "/{id}"), summary = concat!("Read ", $a), description = $text,
            params(("id" = uuid::Uuid, Path, description = concat!("Id of the ", $one))),
            responses((status = 200, description = concat!("The ", $one), body = $shown)))]
        pub async fn $name(
            guard: platform::Guard<$need>,
            id: actix_web::web::Path<uuid::Uuid>,
        ) -> platform::Result<actix_web::HttpResponse> {
            #[allow(unused_imports, reason = "a module needs no trait")]
            use platform::object::Object as _;
            platform::change::read(&$object::read(&guard.asker(), *id).await?)
        }
    };
    (history $name:ident $text:literal
        ($object:ident, $shown:ident, $line:ident, $query:ident, $need:ident,
            $path:literal, $a:literal, $one:literal, $many:literal)) => {
        #[utoipa::path(get, path = concat!($path, "/{id}/history"), summary = concat!("List the history of ", $a),
            description = $text,
            params(("id" = uuid::Uuid, Path, description = concat!("Id of the ", $one)), contract::audit::HistoryQuery),
            responses((status = 200, description = "A page of changes, newest first",
                body = contract::Page<contract::audit::HistoryEntry>)))]
        pub async fn $name(
            guard: platform::Guard<$need>,
            id: actix_web::web::Path<uuid::Uuid>,
            query: platform::Query<contract::audit::HistoryQuery>,
        ) -> platform::Result<actix_web::web::Json<contract::Page<contract::audit::HistoryEntry>>> {
            #[allow(unused_imports, reason = "a module needs no trait")]
            use platform::object::Object as _;
            $object::history(&guard.asker(), *id, query.0).await.map(actix_web::web::Json)
        }
    };
}

/// Writes the two operations of an import, where the module of the workbook has `SHEETS` and `import`.
///
/// ```ignore
/// imported! { workbook: ImportCatalogue, "/villages", "villages" =>
///     template read_village_template "the headers, lists to choose from",
///     import import_villages "Brings the profiles of known villages up to date.",
/// }
/// ```
///
/// The texts are what the document says that the template has, and what an import does.
#[rustfmt::skip] // It would move the attributes to the right, each time.
macro_rules! imported {
    ($workbook:ident: $need:ident, $path:literal, $many:literal =>
        template $template:ident $holds:literal, import $import:ident $text:literal $(,)?) => {
        #[utoipa::path(get, path = concat!($path, "/import-template"), summary = "Download the template of the import",
            description = concat!("An .xlsx workbook with ", $holds, ", and a sheet that explains every column."),
            responses((status = 200, description = "The workbook", body = contract::imports::Workbook,
                content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
        pub async fn $template(
            _: platform::Guard<$need>,
            language: platform::Language,
        ) -> platform::Result<platform::download::Download> {
            platform::excel::template($workbook::SHEETS, language.0)
        }

        #[utoipa::path(post, path = concat!($path, "/import"), params(contract::imports::ImportQuery),
            summary = concat!("Import ", $many, " from a workbook"), description = $text,
            request_body(content = contract::imports::WorkbookUpload, content_type = "multipart/form-data"),
            responses((status = 200, description = "What was done, or in a dry run would be",
                body = contract::imports::ImportReport)))]
        pub async fn $import(
            change: platform::Change<$need>,
            query: platform::Query<contract::imports::ImportQuery>,
            language: platform::Language,
            upload: platform::Upload<platform::upload::Alone>,
        ) -> platform::Result<actix_web::HttpResponse> {
            let tables = platform::excel::read(upload.bytes, $workbook::SHEETS).await?;
            let (dry_run, language) = (query.0.dry_run, language.0);
            change.answer_apart(async move |tx| $workbook::import(tx, &tables, dry_run, language).await).await
        }
    };
}

pub(crate) use {imported, listed, operation};
