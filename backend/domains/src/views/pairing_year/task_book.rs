//! The task book and timetable of a pair (任务书、时间表) as an official document: 按照“时间表”、“任务书”，及时发现问题，开展督查调度.

use contract::agreements::{AgreementState, AgreementSummary};
use contract::amounts;
use contract::pairing_year::{LeftOut, YearProject};
use contract::pairings::Pairing;
use contract::projects::{ProjectState, Task, TaskState, quarter_words};
use contract::{CodedEnum, Lang};
use docx_rs::{AlignmentType, Docx, Paragraph};
use platform::{Asker, Result, apart};
use uuid::Uuid;

use super::service::Read;
use crate::official::{blank, day, flush, heading, numeral, pack, run, subheading, subtitle, table, text, title};

const TITLE: &str = "村社结对帮扶任务书、时间表";
const TASKS: [(&str, usize); 5] = [("时间", 1_700), ("任务", 3_045), ("责任方", 1_300), ("完成时限", 1_500), ("完成情况", 1_300)];

/// What the document says.
#[derive(Debug)]
struct Book {
    pairing: Pairing,
    agreement: Option<AgreementSummary>,
    projects: Vec<YearProject>,
    tasks: Vec<Task>,
    left_out: Vec<LeftOut>,
}

/// The document and its name, as the plans stand. What stands the same is the same to the byte. A
/// pairing with a family has no projects: its plan is the family's own.
///
/// # Errors
/// `not_found` outside the caller's scope.
pub async fn write(asker: &Asker<'_>, pairing_id: Uuid) -> Result<(String, Vec<u8>)> {
    let read = Read::plan(asker, pairing_id).await?;
    let in_force = |agreement: &&AgreementSummary| agreement.head.state == AgreementState::Signed;
    let mut projects = read.projects;
    projects.retain(|project| project.project.head.state != ProjectState::Cancelled);
    let book = Book {
        agreement: read.agreements.iter().find(in_force).cloned(),
        pairing: read.pairing,
        projects,
        tasks: read.tasks,
        left_out: read.left_out,
    };
    let name = format!("{}与{}任务书、时间表.docx", book.pairing.organisation_name, book.pairing.village_name);
    Ok((name, apart(move || document(&book)).await??))
}

fn document(book: &Book) -> Result<Vec<u8>> {
    let pairing = &book.pairing;
    let village = format!("{}{}", pairing.town_name, pairing.village_name);
    let mut docx = blank()
        .add_paragraph(title(TITLE))
        .add_paragraph(subtitle(&format!("（{}）", pairing.campaign_title)))
        .add_paragraph(flush(&format!("社会组织：{}", pairing.organisation_name)))
        .add_paragraph(flush(&format!("村（社区）：{village}")));
    if let Some(agreement) = &book.agreement {
        let number = agreement.head.number.as_deref().unwrap_or_default();
        let term = format!("结对协议：{number}，自{}起至{}止", day(agreement.starts_on), day(agreement.ends_on));
        docx = docx.add_paragraph(flush(&term));
    }
    if book.projects.is_empty() {
        docx = docx.add_paragraph(text("双方尚未选定合作项目。"));
    }
    for (index, project) in book.projects.iter().enumerate() {
        docx = with_project(docx, index + 1, project, &book.tasks);
    }
    if !book.left_out.is_empty() {
        docx = docx.add_paragraph(text("项目、任务较多，本表未能全部列出。"));
    }
    let sides = ["社会组织（盖章）：", "村（社区）（盖章）：", "镇（街道）社会事务办（盖章）："];
    docx = docx.add_paragraph(Paragraph::new());
    for side in sides {
        docx = docx.add_paragraph(flush(side));
    }
    pack(docx.add_paragraph(Paragraph::new().align(AlignmentType::Right).add_run(run("年　　月　　日"))))
}

fn with_project(docx: Docx, number: usize, year: &YearProject, tasks: &[Task]) -> Docx {
    let (project, lang) = (&year.project, Lang::ZhCn);
    let expected = year.expected_outcomes.iter().map(|target| {
        let wanted = if target.indicator.is_money() { amounts::yuan(target.target) } else { target.target.to_string() };
        format!("{}{wanted}", target.indicator.label(lang))
    });
    let expected = expected.collect::<Vec<_>>().join("，");
    let mut docx = docx
        .add_paragraph(heading(&format!("{}、{}", numeral(number), project.title)))
        .add_paragraph(subheading("（一）任务书"))
        .add_paragraph(text(&format!("目标：{}。", project.goal.label(lang))));
    for line in year.cooperation_form.lines().map(str::trim).filter(|line| !line.is_empty()) {
        docx = docx.add_paragraph(text(line));
    }
    docx = docx.add_paragraph(text(&format!(
        "实施期限：{}至{}。预算：{}元。",
        day(project.starts_on),
        day(project.ends_on),
        amounts::yuan(project.budget_fen)
    )));
    if !expected.is_empty() {
        docx = docx.add_paragraph(text(&format!("预期成效：{expected}。")));
    }
    docx = docx.add_paragraph(subheading("（二）时间表"));
    let own = tasks.iter().filter(|task| task.details.project_id == project.head.id && task.state != TaskState::Cancelled);
    let rows: Vec<_> = own.map(row).collect();
    if rows.is_empty() { docx.add_paragraph(text("任务尚未分解到月。")) } else { docx.add_table(table(TASKS, rows)) }
}

fn row(task: &Task) -> [String; 5] {
    let (details, lang) = (&task.details, Lang::ZhCn);
    let quarter = quarter_words(&task.quarter, lang).unwrap_or_default();
    [
        format!("{quarter}\n{}月", details.month.number()),
        details.title.clone(),
        details.responsible.label(lang).to_owned(),
        day(details.due_on),
        task.done_on.map_or_else(String::new, |done| format!("{}完成", day(done))),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::official::tests::part;

    fn book(tasks: Vec<Task>) -> Book {
        let nobody = Uuid::nil();
        let pairing = json!({
            "id": nobody, "campaign_id": nobody, "campaign_title": "2020年活动", "organisation_id": nobody,
            "organisation_name": "晋江市慈善总会", "kind": "village", "household": null, "village_code": "350582104206",
            "village_name": "湖尾村", "town_code": "350582104", "town_name": "安海镇", "state": "active", "proposed_by": "bureau",
            "organisation_accepted_at": null, "village_accepted_at": null, "answer_due_on": "2020-05-10", "note": null,
            "active_since": "2020-05-20", "ended_on": null, "allowed_actions": [], "created_at": "2020-05-01T00:00:00Z",
            "updated_at": "2020-05-01T00:00:00Z", "version": 1,
        });
        let project = json!({
            "project": {
                "id": nobody, "state": "in_progress", "campaign_id": nobody, "campaign_title": "活动", "organisation_id": nobody,
                "organisation_name": "商会", "village_code": "350582104206", "village_name": "湖尾村", "town_code": "350582104",
                "town_name": "安海镇", "organisation_consented_at": null, "village_consented_at": null, "tasks_total": 1,
                "tasks_done": 0, "progress_percent": 0, "next_due_on": null, "overdue": false, "over_budget": false,
                "allowed_actions": [], "created_at": "2020-05-21T00:00:00Z", "updated_at": "2020-05-21T00:00:00Z", "version": 1,
                "pairing_id": nobody, "title": "村道<路灯>", "goal": "infrastructure", "industry": null, "budget_fen": 1_234_550,
                "spent_fen": 0, "starts_on": "2020-06-01", "ends_on": "2020-11-30",
            },
            "cooperation_form": "商会出资\n村里出工",
            "expected_outcomes": [{ "indicator": "facilities_built", "target": 3 }, { "indicator": "money_donated_fen", "target": 500_000 }],
        });
        Book {
            pairing: serde_json::from_value(pairing).unwrap(),
            agreement: None,
            projects: vec![serde_json::from_value(project).unwrap()],
            tasks,
            left_out: Vec::new(),
        }
    }

    fn task(state: &str, done_on: Option<&str>) -> Task {
        let nobody = Uuid::nil();
        let read = json!({
            "id": nobody, "project_id": nobody, "month": "2020-06", "title": "立杆\u{FFFF}", "responsible": "village",
            "due_on": "2020-06-30", "weight": 1, "position": 1, "project_title": "路灯", "project_state": "in_progress",
            "pairing_id": nobody, "organisation_name": "商会", "village_code": "350582104206", "village_name": "湖尾村",
            "quarter": "2020-Q2", "state": state, "done_on": done_on, "overdue": false, "allowed_actions": [], "editable": false,
            "created_at": "2020-05-21T00:00:00Z", "updated_at": "2020-05-21T00:00:00Z", "version": 1,
        });
        serde_json::from_value(read).unwrap()
    }

    #[test]
    fn it_says_what_is_to_be_reached_and_what_is_to_be_done_by_when() {
        let xml =
            part(&document(&book(vec![task("done", Some("2020-06-28")), task("cancelled", None)])).unwrap(), "word/document.xml");
        let expected = [
            TITLE,
            "（2020年活动）",
            "安海镇湖尾村",
            "一、村道&lt;路灯&gt;",
            "（一）任务书",
            "目标：基础设施。",
            "商会出资",
            "村里出工",
            "实施期限：2020年6月1日至2020年11月30日。预算：12345.50元。",
            "援建设施（处）3，捐赠资金（元）5000.00",
            "（二）时间表",
            "2020年第二季度",
            "6月",
            "立杆",
            "村（社区）",
            "2020年6月30日",
            "2020年6月28日完成",
            "社会组织（盖章）",
        ];
        let mut rest = &*xml;
        for text in expected {
            let at = rest.find(text).unwrap_or_else(|| panic!("{text} comes too late or never in {xml}"));
            rest = &rest[at..];
        }
        assert_eq!(xml.matches("立杆").count(), 1, "what is cancelled is no task");
        let bare = part(&document(&book(Vec::new())).unwrap(), "word/document.xml");
        assert!(bare.contains("任务尚未分解到月"));
        let none = Book { projects: Vec::new(), ..book(Vec::new()) };
        assert!(part(&document(&none).unwrap(), "word/document.xml").contains("双方尚未选定合作项目"));
    }

    #[test]
    fn made_again_it_is_the_same_to_the_byte() {
        assert_eq!(document(&book(vec![task("open", None)])).unwrap(), document(&book(vec![task("open", None)])).unwrap());
    }
}
