//! The export of the audit trail as a workbook.

use contract::audit::{AuditOutcome, AuditProof, AuditQuery};
use contract::labels::label;
use contract::{Lang, Role};
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::{App, Caller, Result};
use serde_json::Value;

use super::service;
use super::service::OBJECT;

/// The sheet of the export.
static SHEETS: &[&Sheet] = &[&Sheet {
    name: OBJECT,
    personal: false,
    columns: &[
        Cell::exported("id", Kind::Text),
        Cell::exported("at", Kind::Text),
        Cell::exported("actor_name", Kind::Text),
        Cell::exported("actor_role", Kind::Code(&Of::<Role>::ALL)),
        Cell::exported("action", Kind::Text),
        Cell::exported("object_type", Kind::Text),
        Cell::exported("object_id", Kind::Text),
        Cell::exported("outcome", Kind::Code(&Of::<AuditOutcome>::ALL)),
        Cell::exported("note", Kind::Text),
        Cell::exported("on_behalf_reason", Kind::Text),
        Cell::exported("changes", Kind::Text),
        Cell::exported("address", Kind::Text),
        Cell::exported("request_id", Kind::Text),
        Cell::exported("block", Kind::Integer),
        Cell::exported("proof", Kind::Code(&Of::<AuditProof>::ALL)),
    ],
}];

/// Writes all events of the list to a workbook.
pub async fn export(app: &App, caller: &Caller, query: &AuditQuery, lang: Lang) -> Result<Download> {
    Writer::answer(
        (app, caller, lang),
        OBJECT,
        SHEETS,
        query,
        async move |app: &App, caller: &Caller, query: &AuditQuery, writer: &mut Writer| {
            service::each(app, caller, query, async |events| {
                let rows = events.iter().map(|event| {
                    let mut row = to_map(event);
                    row.insert("changes".to_owned(), Value::from(row["changes"].to_string()));
                    for (field, name) in [("action", &event.entry.action), ("object_type", &event.object_type)] {
                        row.insert(field.to_owned(), Value::from(label(name, lang)));
                    }
                    row
                });
                writer.rows(0, rows.collect()).await
            })
            .await
        },
    )
    .await
}
