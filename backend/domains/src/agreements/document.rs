//! An agreement as a document to print and sign.

use contract::agreements::{AgreedProject, Agreement};
use contract::amounts;
use docx_rs::{
    AlignmentType, BorderType, Paragraph, Table, TableBorder, TableBorderPosition, TableBorders, TableCell, TableRow, WidthType,
};
use platform::Result;

use crate::official::{blank, day, flush, heading, numeral, pack, run, text, title};

const TITLE: &str = "“百社解千难”村社结对帮扶合作协议书";

/// The name of the file.
pub fn file_name(agreement: &Agreement) -> String {
    let head = &agreement.head;
    let number = head.number.as_deref().unwrap_or("草拟");
    format!("{number} {}与{}结对帮扶合作协议书.docx", head.organisation_name, head.village_name)
}

/// Writes the document, with the projects that it names: those of the pairing until it is signed.
///
/// # Errors
/// `internal` if it cannot be packed.
pub fn write(agreement: &Agreement, projects: &[AgreedProject]) -> Result<Vec<u8>> {
    let (head, details) = (&agreement.head, &agreement.details);
    let party_a = head.organisation_name.as_str();
    let party_b = format!("{}{}", head.town_name, head.village_name);
    let witness = format!("{}社会事务办", head.town_name);
    let number = head.number.as_deref().unwrap_or("（签订后编号）");
    let ends_on = details.ends_on.unwrap_or(details.starts_on);

    let mut docx = blank()
        .add_paragraph(title(TITLE))
        .add_paragraph(Paragraph::new().align(AlignmentType::Right).add_run(run(&format!("编号：{number}"))))
        .add_paragraph(flush(&format!("甲方（社会组织）：{party_a}")))
        .add_paragraph(flush(&format!("乙方（村、社区）：{party_b}")))
        .add_paragraph(flush(&format!("见证方：{witness}")))
        .add_paragraph(text(&format!(
            "根据{}的安排，甲乙双方坚持自愿、因地制宜、共同发展，经双向选择结成对子，签订本协议。",
            head.campaign_title
        )));
    let clauses = [
        ("合作内容", lines(details.cooperation_content.as_deref())),
        ("合作项目", planned(projects)),
        ("甲方义务", lines(details.organisation_obligations.as_deref())),
        ("乙方义务", lines(details.village_obligations.as_deref())),
        ("协议期限", vec![format!("自{}起至{}止。", day(details.starts_on), day(ends_on))]),
        (
            "附则",
            vec!["本协议一式三份，甲方、乙方、见证方各执一份，自双方签字盖章之日起生效。未尽事宜由双方协商解决。".to_owned()],
        ),
    ];
    for (index, (name, paragraphs)) in clauses.iter().enumerate() {
        docx = docx.add_paragraph(heading(&format!("第{}条　{name}", numeral(index + 1))));
        for paragraph in paragraphs {
            docx = docx.add_paragraph(text(paragraph));
        }
    }
    let signed = head.signed_on.map_or_else(|| "　　年　　月　　日".to_owned(), day);
    let left = block("甲方（盖章）", party_a, &details.organisation_signatory, &signed);
    let right = block("乙方（盖章）", &party_b, &details.village_signatory, &signed);
    let below = block("见证方（盖章）", &witness, details.witness.as_deref().unwrap_or("　　　　"), &signed);
    let docx = docx
        .add_paragraph(Paragraph::new())
        .add_table(signatures(vec![TableRow::new(vec![left, right]), TableRow::new(vec![below, TableCell::new()])]));

    pack(docx)
}

fn planned(projects: &[AgreedProject]) -> Vec<String> {
    if projects.is_empty() {
        return vec!["由双方研究选定 1-2 个合作项目，联合确定合作的形式与机制，共同拟制合作方案。".to_owned()];
    }
    let numbered = projects.iter().enumerate();
    numbered
        .map(|(index, project)| {
            format!(
                "{}.{}：{}；实施期限自{}至{}；预算{}元。",
                index + 1,
                project.title,
                project.cooperation_form,
                day(project.starts_on),
                day(project.ends_on),
                yuan(project.budget_fen)
            )
        })
        .collect()
}

fn lines(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn yuan(fen: i64) -> String {
    if fen % 100 == 0 { (fen / 100).to_string() } else { amounts::yuan(fen) }
}

fn block(role: &str, name: &str, signatory: &str, date: &str) -> TableCell {
    TableCell::new()
        .add_paragraph(flush(role))
        .add_paragraph(flush(name))
        .add_paragraph(flush(&format!("签字人：{signatory}")))
        .add_paragraph(flush("签字："))
        .add_paragraph(flush(&format!("日期：{date}")))
        .add_paragraph(Paragraph::new())
}

fn signatures(rows: Vec<TableRow>) -> Table {
    let none = |position| TableBorder::new(position).border_type(BorderType::Nil);
    let borders = [
        TableBorderPosition::Top,
        TableBorderPosition::Bottom,
        TableBorderPosition::Left,
        TableBorderPosition::Right,
        TableBorderPosition::InsideH,
        TableBorderPosition::InsideV,
    ]
    .into_iter()
    .fold(TableBorders::new(), |borders, position| borders.set(none(position)));
    Table::new(rows).width(5_000, WidthType::Pct).set_borders(borders)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use contract::agreements::{AgreementHead, AgreementInput, AgreementState};
    use uuid::Uuid;

    use super::*;
    use crate::official::tests::part;

    fn agreement() -> Agreement {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let details = AgreementInput {
            pairing_id: Uuid::nil(),
            starts_on: day("2020-05-18"),
            ends_on: None,
            organisation_signatory: "陈大文".into(),
            village_signatory: "林小村".into(),
            witness: Some("吴见证".into()),
            cooperation_content: Some("助学<助老> & 修路\u{FFFF}\n第二段".into()),
            organisation_obligations: None,
            village_obligations: None,
        };
        Agreement {
            head: AgreementHead {
                id: Uuid::nil(),
                number: Some("百社协〔2020〕001号".into()),
                state: AgreementState::Signed,
                campaign_id: Uuid::nil(),
                campaign_title: "2020年“百社解千难”活动".into(),
                organisation_id: Uuid::nil(),
                organisation_name: "晋江市慈善总会".into(),
                village_code: "350582104206".into(),
                village_name: "湖尾村".into(),
                town_code: "350582104".into(),
                town_name: "安海镇".into(),
                signed_on: Some(day("2020-05-18")),
                allowed_actions: Vec::new(),
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
                version: 1,
            },
            details: details.completed(12),
            projects: None,
            editable: false,
        }
    }

    fn texts(document: Vec<u8>) -> String {
        part(&document, "word/document.xml")
    }

    #[test]
    fn it_says_who_what_and_how_long() {
        let project = AgreedProject {
            id: Uuid::nil(),
            title: "龙眼加工".into(),
            cooperation_form: "合作社加商会".into(),
            starts_on: "2020-06-01".parse().unwrap(),
            ends_on: "2020-11-30".parse().unwrap(),
            budget_fen: 1_234_550,
        };
        let xml = texts(write(&agreement(), &[project]).unwrap());
        for text in [
            TITLE,
            "编号：百社协〔2020〕001号",
            "甲方（社会组织）：晋江市慈善总会",
            "乙方（村、社区）：安海镇湖尾村",
            "安海镇社会事务办",
            "助学&lt;助老&gt; &amp; 修路<",
            "第二段",
            "自2020年5月18日起至2021年5月17日止。",
            "1.龙眼加工：合作社加商会；实施期限自2020年6月1日至2020年11月30日；预算12345.50元。",
            "签字人：陈大文",
            "签字人：林小村",
            "签字人：吴见证",
            "日期：2020年5月18日",
        ] {
            assert!(xml.contains(text), "{text} is not in {xml}");
        }
        assert!(xml.contains(contract::agreements::VILLAGE_OBLIGATIONS.lines().next().unwrap()));
    }

    #[test]
    fn a_draft_leaves_room_for_what_signing_brings() {
        let mut draft = agreement();
        (draft.head.number, draft.head.signed_on) = (None, None);
        let xml = texts(write(&draft, &[]).unwrap());
        assert!(
            xml.contains("编号：（签订后编号）")
                && xml.contains("日期：　　年　　月　　日")
                && xml.contains("研究选定 1-2 个合作项目")
        );
        assert_eq!(file_name(&draft), "草拟 晋江市慈善总会与湖尾村结对帮扶合作协议书.docx");
    }
}
