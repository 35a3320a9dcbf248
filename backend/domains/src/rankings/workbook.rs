//! The export of rankings as a workbook: a row for each place of each ranking. It holds what the list shows, so until the deadline it is
//! one's own alone.

use contract::Lang;
use contract::enrolments::EnrolmentKind;
use contract::rankings::{RankedChoice, Ranking, RankingQuery, RankingState};
use entities::rankings::OBJECT;
use platform::audit::to_map;
use platform::download::Download;
use platform::excel::{Column as Cell, Kind, Of, Sheet, Writer};
use platform::object::{Exported, Listed};
use platform::{App, Caller, Result};
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
            Cell::exported("rank", Kind::Integer),
            Cell::exported("ranked", Kind::Text),
            Cell::exported("ranked_town", Kind::Text),
            Cell::exported("state", Kind::Code(&Of::<RankingState>::ALL)),
            Cell::exported("on_behalf_reason", Kind::Text),
        ],
    }];

    async fn export(app: &App, caller: &Caller, query: &RankingQuery, lang: Lang) -> Result<Download> {
        let all = (app.clone(), caller.clone(), query.clone());
        Writer::answer((app, caller, lang), OBJECT, Self::SHEETS, query, async move |writer: &mut Writer| {
            let (app, caller, query) = &all;
            Self::each(app, caller, query, async |rankings| writer.rows(0, rankings.iter().flat_map(rows).collect()).await).await
        })
        .await
    }
}

/// The places of a ranking in their order; one row without a place where it names nobody.
fn rows(ranking: &Ranking) -> Vec<Map<String, Value>> {
    let row = |choice: Option<&RankedChoice>| {
        let mut row = to_map(ranking);
        row.insert("rank".to_owned(), choice.map(|choice| choice.rank).into());
        row.insert("ranked".to_owned(), choice.map(|choice| choice.name.clone()).into());
        row.insert("ranked_town".to_owned(), choice.map(|choice| choice.town_name.clone()).into());
        row
    };
    match &ranking.choices[..] {
        [] => vec![row(None)],
        choices => choices.iter().map(|choice| row(Some(choice))).collect(),
    }
}
