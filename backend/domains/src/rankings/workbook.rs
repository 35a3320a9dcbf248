//! The export of rankings as a workbook: a row for each ranking, with its places in one cell. It holds what the list shows, so until the deadline it is
//! one's own alone.

use contract::enrolments::EnrolmentKind;
use contract::rankings::{Ranking, RankingState};
use entities::rankings::OBJECT;
use platform::audit::to_map;
use platform::excel::{Column as Cell, Kind, Of, Sheet};
use platform::object::Exported;
use serde_json::{Map, Value};

use super::list::Rankings;

impl Exported for Rankings {
    const SHEETS: &'static [&'static Sheet] = &[&Sheet {
        name: OBJECT,
        personal: false,
        columns: &[
            Cell::exported("campaign_title", Kind::Text),
            Cell::exported("kind", Kind::Code(&Of::<EnrolmentKind>::ALL)),
            Cell::exported("name", Kind::Text),
            Cell::exported("area_code", Kind::Text),
            Cell::exported("town_name", Kind::Text),
            Cell::exported("choices", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<RankingState>::ALL)),
            Cell::exported("on_behalf_reason", Kind::Text),
        ],
    }];

    fn cells(ranking: &Ranking) -> Map<String, Value> {
        let choices = ranking.choices.iter().map(|choice| format!("{}. {}（{}）", choice.rank, choice.name, choice.town_name));
        let mut row = to_map(ranking);
        row.insert("choices".to_owned(), choices.collect::<Vec<_>>().join("；").into());
        row
    }
}
