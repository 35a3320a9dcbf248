//! The catalogue as a booklet by town (供需目录), an official document.

use chrono::NaiveDate;
use contract::catalogue::{CatalogueEntry, CatalogueEntryQuery, CatalogueEntrySort, CatalogueEntryState, CatalogueSide};
use contract::{CodedEnum, Lang, Month, Sort};
use entities::catalogue::OBJECT;
use platform::download::Download;
use platform::object::Listed;
use platform::{App, Caller, Error, Result, Tx, apart, excel};
use serde_json::json;

use super::list::CatalogueEntries;
use crate::official::{self, blank, day, heading, numeral, pack, subheading, subtitle, table, text, title};

const TITLE: &str = "“百社解千难”供需目录";
/// The most entries of a booklet, all of which are in memory at once.
const MOST: usize = 5_000;

/// Writes all entries of a list that are published or were fulfilled, whatever its order: what is drafted, withdrawn or expired is
/// nobody's need or offer. The history records who took it and with which filter, because it contains
/// telephone numbers.
///
/// # Errors
/// A fault at `/within` if there are too many, or one of the query.
pub async fn write(app: &App, caller: &Caller, query: &CatalogueEntryQuery) -> Result<Download> {
    let by_area = Sort { by: CatalogueEntrySort::AreaCode, descending: false };
    let query = CatalogueEntryQuery { sort: Some(by_area), cursor: None, limit: None, ..query.clone() };
    let mut entries = Vec::new();
    CatalogueEntries::each(app, caller, &query, async |shown| {
        entries.extend(shown.into_iter().filter(|entry| CatalogueEntryState::PUBLIC.contains(&entry.state)));
        if entries.len() > MOST { Err(Error::field("/within", "too_many")) } else { Ok(()) }
    })
    .await?;
    let tx = Tx::of(app, caller.clone()).await?;
    excel::record_bulk(&tx, OBJECT, "export", &json!({ "filter": query, "rows": entries.len() })).await?;
    tx.commit().await?;
    let today = app.clock.today();
    let bytes = apart(move || document(&entries, today)).await??;
    Ok(Download::new(format!("{TITLE}-{today}.docx"), official::MEDIA_TYPE, bytes))
}

/// The document with entries that are sorted by area.
fn document(entries: &[CatalogueEntry], today: NaiveDate) -> Result<Vec<u8>> {
    let mut docx = blank().add_paragraph(title(TITLE));
    if let Some(first) = entries.first()
        && entries.iter().all(|entry| entry.details.campaign_id == first.details.campaign_id)
    {
        docx = docx.add_paragraph(subtitle(&format!("{}（{}）", first.campaign_title, first.document_number)));
    }
    docx = docx.add_paragraph(subtitle(&format!("（截至{}）", day(today))));
    if entries.is_empty() {
        docx = docx.add_paragraph(text("目录中没有符合条件的条目。"));
    }
    let towns = entries.chunk_by(|a, b| town(&a.area_code) == town(&b.area_code));
    for (index, of_town) in towns.enumerate() {
        let name = of_town.first().map_or("", |entry| &entry.town_name);
        docx = docx.add_paragraph(heading(&format!("{}、{name}", numeral(index + 1))));
        let sides = [(CatalogueSide::Need, "村（社区）需求"), (CatalogueSide::Offer, "社会组织供给")];
        let sides = sides.map(|(side, words)| (of_town.iter().filter(|entry| entry.side == side).map(row).collect(), words));
        let sides = sides.into_iter().filter(|(rows, _): &(Vec<_>, _)| !rows.is_empty());
        for (index, (rows, words)) in sides.enumerate() {
            docx = docx.add_paragraph(subheading(&format!("（{}）{words}", numeral(index + 1)))).add_table(table(COLUMNS, rows));
        }
    }
    pack(docx)
}

/// The town of an area, or what is larger than one.
fn town(area_code: &str) -> &str {
    area_code.get(..9).unwrap_or(area_code)
}

const COLUMNS: [(&str, usize); 5] =
    [("名称", 1_800), ("需求或供给", 3_345), ("数量（余量）", 1_300), ("时间", 1_000), ("联系人", 1_400)];

fn row(entry: &CatalogueEntry) -> [String; 5] {
    let details = &entry.details;
    let lang = Lang::ZhCn;
    let what = [
        details.title.clone(),
        format!("{}·{}", details.goal.label(lang), details.kind.label(lang)),
        details.description.clone(),
    ];
    let unit = &details.quantity_unit;
    let month = |month: Month| month.words(lang);
    let when = match (details.from_month, details.to_month) {
        (None, None) => String::new(),
        (Some(from), None) => format!("{}起", month(from)),
        (from, Some(to)) => format!("{}至{}", from.map(month).unwrap_or_default(), month(to)),
    };
    let contact = [&details.contact_name, &details.contact_phone].into_iter().flatten().map(String::as_str);
    [
        entry.name.clone(),
        what.join("\n"),
        format!("{}{unit}\n（{}{unit}）", details.quantity, entry.remaining),
        when,
        contact.collect::<Vec<_>>().join("\n"),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use contract::campaigns::Goal;
    use contract::catalogue::{CatalogueEntryInput, CatalogueEntryState, SupplyKind, Urgency};
    use uuid::Uuid;

    use super::*;
    use crate::official::tests::part;

    fn entry(area_code: &str, town_name: &str, side: CatalogueSide, name: &str) -> CatalogueEntry {
        CatalogueEntry {
            id: Uuid::nil(),
            details: CatalogueEntryInput {
                campaign_id: Uuid::nil(),
                village_code: (side == CatalogueSide::Need).then(|| area_code.to_owned()),
                organisation_id: (side == CatalogueSide::Offer).then(Uuid::nil),
                title: "村道<路灯>".to_owned(),
                goal: Goal::Infrastructure,
                industry: None,
                kind: SupplyKind::Construction,
                for_group: None,
                description: "夜间无照明".to_owned(),
                quantity: 30,
                quantity_unit: "盏".to_owned(),
                amount_fen: None,
                from_month: Some("2020-06".parse().unwrap()),
                to_month: None,
                urgency: Urgency::Soon,
                place: None,
                contact_name: Some("王建设".to_owned()),
                contact_phone: None,
                not_a_double: false,
            },
            side,
            state: CatalogueEntryState::Published,
            campaign_title: "活动".to_owned(),
            document_number: "晋政民〔2020〕28号".to_owned(),
            name: name.to_owned(),
            credit_code: None,
            area_code: area_code.to_owned(),
            town_name: town_name.to_owned(),
            requested: 0,
            committed: 4,
            fulfilled: 0,
            remaining: 26,
            allowed_actions: Vec::new(),
            editable: false,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn each_town_has_what_is_needed_before_what_is_offered() {
        let entries = [
            entry("350582", "晋江市", CatalogueSide::Offer, "市商会"),
            entry("350582104", "安海镇", CatalogueSide::Offer, "安海商会"),
            entry("350582104206", "安海镇", CatalogueSide::Need, "湖尾村"),
        ];
        let day = "2020-04-30".parse().unwrap();
        let xml = part(&document(&entries, day).unwrap(), "word/document.xml");
        let expected = [
            TITLE,
            "活动（晋政民〔2020〕28号）",
            "（截至2020年4月30日）",
            "一、晋江市",
            "（一）社会组织供给",
            "市商会",
            "二、安海镇",
            "（一）村（社区）需求",
            "湖尾村",
            "村道&lt;路灯&gt;",
            "30盏",
            "（26盏）",
            "（二）社会组织供给",
            "安海商会",
        ];
        let mut rest = &*xml;
        for text in expected {
            let at = rest.find(text).unwrap_or_else(|| panic!("{text} comes too late or never in {xml}"));
            rest = &rest[at..];
        }
        let empty = part(&document(&[], day).unwrap(), "word/document.xml");
        assert!(empty.contains("没有符合条件的条目"));
    }
}
