//! A supervision order as an official document. It says what was written on the day on which it was issued, and nothing of what has
//! become of it, so it is the same whenever it is made again.

use contract::supervision_orders::{OrderLine, SupervisionOrder};
use contract::{CodedEnum, Lang};
use docx_rs::{AlignmentType, Paragraph};
use platform::Result;

use crate::official::{blank, day, flush, heading, pack, run, subtitle, table, text, title};

const TITLE: &str = "“百社解千难”活动督办单";

/// The name of the file.
pub fn file_name(order: &SupervisionOrder) -> String {
    format!("{} {TITLE}（{}）.docx", order.head.number.as_deref().unwrap_or("草拟"), order.head.addressee_name)
}

/// Writes the document.
///
/// # Errors
/// `internal` if it cannot be packed.
pub fn write(order: &SupervisionOrder) -> Result<Vec<u8>> {
    let (head, details) = (&order.head, &order.details);
    let colour = head.colour.label(Lang::ZhCn);
    let number = head.number.as_deref().unwrap_or("（下发后编号）");
    let issued = head.issued_on.map_or_else(|| "　　年　　月　　日".to_owned(), day);
    let mut docx = blank()
        .add_paragraph(title(TITLE))
        .add_paragraph(subtitle(number))
        .add_paragraph(subtitle(&format!("等级：{colour}")))
        .add_paragraph(flush(&format!("{}：", head.addressee_name)))
        .add_paragraph(text(&format!(
            "根据{}关于按照“时间表”、“任务书”及时发现问题、开展督查调度的要求，经核对，截至{}，你单位有{}项工作临近到期、滞后或逾期，现予督办。",
            head.campaign_title,
            day(head.drafted_on),
            head.matter_count,
        )))
        .add_paragraph(heading("一、督办事项"))
        .add_table(table(COLUMNS, order.matters.iter().zip(1..).map(row).collect()))
        .add_paragraph(heading("二、整改要求"));
    for line in details.demand.as_deref().unwrap_or_default().lines().filter(|line| !line.trim().is_empty()) {
        docx = docx.add_paragraph(text(line));
    }
    docx = docx.add_paragraph(text(&format!("整改期限：{}。", day(details.due_on))));
    for line in ["", &head.issuer_name, &issued] {
        docx = docx.add_paragraph(Paragraph::new().keep_lines(true).align(AlignmentType::Right).add_run(run(line)));
    }
    pack(docx)
}

const COLUMNS: [(&str, usize); 5] = [("序号", 700), ("等级", 1_100), ("类别", 1_645), ("事项", 3_200), ("期限", 2_200)];

fn row((line, number): (&OrderLine, usize)) -> [String; 5] {
    let colour = line.colour.label(Lang::ZhCn);
    let colour = colour.split('（').next().unwrap_or(colour);
    let late = if line.days_late > 0 { format!("逾{}天", line.days_late) } else { format!("余{}天", -line.days_late) };
    let kind = line.kind.label(Lang::ZhCn).to_owned();
    [number.to_string(), colour.to_owned(), kind, line.subject.clone(), format!("{}\n{late}", day(line.due_on))]
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use contract::supervision_orders::{
        OrderColour, OrderLineKind, SupervisionOrderHead, SupervisionOrderInput, SupervisionOrderState,
    };
    use uuid::Uuid;

    use super::*;
    use crate::official::tests::part;

    fn order() -> SupervisionOrder {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        SupervisionOrder {
            head: SupervisionOrderHead {
                id: Uuid::nil(),
                number: Some("晋政民督〔2020〕3号".into()),
                state: SupervisionOrderState::Issued,
                colour: OrderColour::Red,
                campaign_title: "2020年“百社解千难”活动".into(),
                issuer_code: "350582".into(),
                issuer_name: "晋江市民政局".into(),
                addressee_name: "安海镇社会事务办".into(),
                drafted_on: day("2020-07-08"),
                issued_on: Some(day("2020-07-09")),
                received_on: None,
                received_by: None,
                answered_on: None,
                closed_on: None,
                closing_number: None,
                matter_count: 1,
                days_left: Some(7),
                overdue: false,
                allowed_actions: Vec::new(),
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
                version: 2,
            },
            details: SupervisionOrderInput {
                campaign_id: Uuid::nil(),
                area_code: Some("350582104".into()),
                organisation_id: None,
                due_on: day("2020-07-15"),
                demand: Some("请立即报送。\n并说明原因。".into()),
            },
            rectification: None,
            matters: vec![OrderLine {
                kind: OrderLineKind::Report,
                colour: OrderColour::Red,
                subject: "2020年6月<统计表>".into(),
                due_on: day("2020-07-05"),
                days_late: 3,
                record: "/reports/1".into(),
            }],
            editable: false,
        }
    }

    #[test]
    fn it_says_to_whom_what_and_until_when() {
        let xml = part(&write(&order()).unwrap(), "word/document.xml");
        let mut rest = &*xml;
        for text in [
            TITLE,
            "晋政民督〔2020〕3号",
            "等级：红色（逾期）",
            "安海镇社会事务办：",
            "截至2020年7月8日，你单位有1项工作",
            "一、督办事项",
            "2020年6月&lt;统计表&gt;",
            "2020年7月5日",
            "逾3天",
            "二、整改要求",
            "请立即报送。",
            "并说明原因。",
            "整改期限：2020年7月15日。",
            "晋江市民政局",
            "2020年7月9日",
        ] {
            let at = rest.find(text).unwrap_or_else(|| panic!("{text} comes too late or never in {xml}"));
            rest = &rest[at..];
        }
        assert_eq!(COLUMNS.iter().map(|(_, width)| width).sum::<usize>(), crate::official::WIDTH);
    }

    #[test]
    fn what_becomes_of_it_changes_nothing_and_a_draft_leaves_room() {
        let mut later = order();
        later.head.state = SupervisionOrderState::Closed;
        (later.head.days_left, later.head.closing_number) = (None, Some("晋政民督销〔2020〕1号".into()));
        later.rectification = Some("已报送".into());
        assert_eq!(write(&later).unwrap(), write(&order()).unwrap());
        (later.head.number, later.head.issued_on) = (None, None);
        assert!(part(&write(&later).unwrap(), "word/document.xml").contains("（下发后编号）"));
        assert!(file_name(&later).starts_with("草拟"));
    }
}
