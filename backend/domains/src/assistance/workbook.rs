//! The export of records as a workbook: names are masked, and free text is only for those who may read it in the list.

use contract::assistance::{AidKind, AssistanceRecord, RecordQuery, RecordState};
use contract::campaigns::Goal;
use contract::{Lang, Role};
use entities::assistance::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::object::{Exported, Listed};
use platform::{App, Caller, Result};
use serde_json::{Map, Value};

use super::list::AssistanceRecords;

impl Exported for AssistanceRecords {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: true,
        columns: &[
            Cell::exported("file_number", Kind::Text),
            Cell::exported("head_name", Kind::Text),
            Cell::exported("village_code", Kind::Text),
            Cell::exported("village_name", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("organisation_name", Kind::Text),
            Cell::exported("member_name", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<AidKind>::ALL)),
            Cell::exported("goal", Kind::Code(&Of::<Goal>::ALL)),
            Cell::exported("happened_on", Kind::Date),
            Cell::exported("amount_fen", Kind::Money),
            Cell::exported("goods", Kind::Text),
            Cell::exported("description", Kind::Text),
            Cell::exported("entry_title", Kind::Text),
            Cell::exported("entry_quantity", Kind::Integer),
            Cell::exported("recorded_by", Kind::Code(&Of::<Role>::ALL)),
            Cell::exported("state", Kind::Code(&Of::<RecordState>::ALL)),
        ],
    }];

    async fn export(app: &App, caller: &Caller, query: &RecordQuery, lang: Lang) -> Result<Download> {
        Writer::answer(
            (app, caller, lang),
            OBJECT,
            Self::SHEETS,
            query,
            async move |app: &App, caller: &Caller, query: &RecordQuery, writer: &mut Writer| {
                Self::each(app, caller, query, async |records| {
                    writer.rows(0, records.iter().map(|record| row(record, lang)).collect()).await
                })
                .await
            },
        )
        .await
    }
}

/// A record as a row, with its goods as text.
fn row(record: &AssistanceRecord, lang: Lang) -> Map<String, Value> {
    let goods: Vec<_> = record.goods.iter().map(|one| format!("{} {}{}", one.name, one.quantity, one.unit)).collect();
    let mut row = to_map(record);
    row.insert("goods".to_owned(), if goods.is_empty() { Value::Null } else { goods.join(lang.pick("、", ", ")).into() });
    row
}
