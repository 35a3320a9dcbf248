//! The mid-year inspection of pairings drawn by lot, what it found and how that was mended, and a town's own spot check in autumn.

use contract::ErrorCode;
use contract::findings::{FindingAction as A, FindingInput, FindingState, FindingStepInput, Severity};
use contract::inspections::{
    ChecklistAction, ChecklistInput, ChecklistItem, Conclusion, InspectionAction, InspectionInput, InspectionQuery,
    InspectionStepInput, ItemOutcome, ItemResult, RoundAction, RoundInput, RoundKind, RoundStepInput, Selection, SelectionMethod,
};
use contract::pairings::Pairing;
use contract::projects::ResponsibleSide::{self, Organisation, Town, Village};
use contract::workflow::StepInput;
use domains::inspections::list::Inspections;
use domains::{checklists, findings, inspection_rounds, inspections};
use platform::object::Listed;
use platform::{Caller, Patch, Result};
use uuid::Uuid;

use super::people::{People, TOWN};
use super::{Story, day};

/// What is looked at in summer.
const ITEMS: &[(&str, bool)] = &[
    ("结对协议已签订，协议内容向村民公示", false),
    ("合作项目按月推进，任务台账完整", true),
    ("帮扶资金专账管理，支出有凭证", false),
    ("帮扶物资发放有签收", false),
    ("双方每月至少会商一次", false),
];

/// Severity, who is responsible, the day it is due, what is wrong, and how far it is by November.
type Found = (Severity, ResponsibleSide, (u32, u32), &'static str, FindingState);

/// What was found in July, one at a time for the pairings in the order of their tickets.
const SUMMER: &[Found] = &[
    (Severity::General, Organisation, (8, 10), "六月任务未按计划完成，请补做并更新台账。", FindingState::Closed),
    (Severity::Serious, Village, (8, 5), "帮扶物资发放缺签收单，请补签并公示。", FindingState::Closed),
    (Severity::General, Organisation, (10, 15), "会商记录不全，请补记并按月会商。", FindingState::Open),
    (Severity::Grave, Village, (8, 31), "帮扶资金与村级资金混用，请设专账并说明情况。", FindingState::Reopened),
    (Severity::General, Town, (9, 10), "协议公示指导不到位，请逐村核对公示情况。", FindingState::Submitted),
];

/// What a town found in October.
const AUTUMN: &[Found] = &[
    (Severity::General, Village, (11, 8), "公示栏内容未更新，请更换九月以来的帮扶情况。", FindingState::Rectifying),
    (Severity::Serious, Organisation, (11, 20), "年度项目支出凭证不齐，请补齐。", FindingState::Open),
    (Severity::General, Organisation, (11, 6), "志愿者入户未登记，请补登。", FindingState::Submitted),
];

/// Lets both inspections happen.
pub async fn live(story: &mut Story, people: &People, campaign_id: Uuid, pairings: &[Pairing]) -> Result<()> {
    let checklist = checklist(story, people).await?;
    let summer = Selection { count: Some(12), seed: Some(2020), ..all(SelectionMethod::Lot) };
    let input = RoundInput {
        campaign_id,
        kind: RoundKind::MidYear,
        title: "2020年年中检查".to_owned(),
        starts_on: day(7, 1),
        ends_on: day(7, 14),
        checklist_id: checklist,
        selection: summer,
        inspectors: vec![people.bureau.user_id],
    };
    let bureau = people.bureau.clone();
    let (round, drawn) = opened(story, &bureau, input, pairings).await?;
    for (index, pairing) in drawn.iter().enumerate() {
        let found = SUMMER.get(index);
        let held_on = 2 + u32::try_from(index).unwrap_or_default();
        let id = held(story, &bureau, round, pairing, (7, held_on), found.is_some()).await?;
        if let Some(found) = found {
            mend(story, people, &bureau, id, pairing, (7, held_on), found).await?;
        }
    }
    inspection_rounds::service::step(story.act(&bureau, day(7, 15)), round, RoundAction::Close, RoundStepInput::default())
        .await?;

    let Some((_, town)) = people.towns_in_order().into_iter().find(|(code, _)| *code == TOWN) else { return Ok(()) };
    let town = town.clone();
    let input = RoundInput {
        campaign_id,
        kind: RoundKind::Spot,
        title: "第四季度抽查".to_owned(),
        starts_on: day(10, 19),
        ends_on: day(11, 10),
        checklist_id: checklist,
        selection: all(SelectionMethod::All),
        inspectors: Vec::new(),
    };
    let (round, chosen) = opened(story, &town, input, pairings).await?;
    // Visitors who sign in as the village or the organisation find something to mend.
    let shown = |pairing: &&&Pairing| Some(pairing.organisation_id) == people.shown;
    if let Some(pairing) = chosen.iter().find(shown).or(chosen.first()) {
        let id = held(story, &town, round, pairing, (10, 22), true).await?;
        for found in AUTUMN {
            mend(story, people, &town, id, pairing, (10, 22), found).await?;
        }
    }
    Ok(())
}

fn all(method: SelectionMethod) -> Selection {
    Selection { method, towns: Vec::new(), goal: None, overdue_tasks: false, never_inspected: false, count: None, seed: None }
}

/// The checklist in use, and the draft of the one for the end of the year.
async fn checklist(story: &mut Story, people: &People) -> Result<Uuid> {
    let item = |text: &str, needs_remark| ChecklistItem { text: text.to_owned(), needs_remark, needs_photo: false };
    let summer = ChecklistInput {
        title: "年中检查清单".to_owned(),
        description: Some("入村查看现场、台账和公示栏，与双方座谈。".to_owned()),
        items: ITEMS.iter().map(|(text, remark)| item(text, *remark)).collect(),
    };
    let made = checklists::service::create(story.act(&people.bureau, day(6, 18)), summer).await?.id;
    let release = ChecklistAction::Release;
    checklists::service::step(story.act(&people.bureau, day(6, 22)), made, release, StepInput::default()).await?;
    let winter = ChecklistInput {
        title: "年终验收清单".to_owned(),
        description: None,
        items: vec![item("合作项目全部完成并验收", true), item("年中检查问题全部销号", false), item("帮扶成效有佐证材料", false)],
    };
    checklists::service::create(story.act(&people.bureau, day(10, 30)), winter).await?;
    Ok(made)
}

/// Opens a round on its first day. Returns what was chosen, in the order of the draw.
async fn opened<'a>(
    story: &mut Story,
    office: &Caller,
    input: RoundInput,
    pairings: &'a [Pairing],
) -> Result<(Uuid, Vec<&'a Pairing>)> {
    let on = input.starts_on;
    let made = inspection_rounds::service::create(story.act(office, on), input).await?.id;
    let tx = story.act(office, on);
    inspection_rounds::service::step(tx, made, RoundAction::Open, RoundStepInput::default()).await?;
    let draw = inspection_rounds::service::read_draw(&tx.asker()?, made).await?;
    let chosen = draw.lines.iter().filter(|line| line.chosen);
    Ok((made, chosen.filter_map(|line| pairings.iter().find(|pairing| pairing.id == line.pairing_id)).collect()))
}

/// Holds the inspection of a pairing on a day.
async fn held(
    story: &mut Story,
    office: &Caller,
    round_id: Uuid,
    pairing: &Pairing,
    (month, on): (u32, u32),
    with_findings: bool,
) -> Result<Uuid> {
    let tx = story.act(office, day(month, on));
    let its = InspectionQuery { round_id: Some(round_id), pairing_id: Some(pairing.id), ..Default::default() };
    let planned = Inspections::list(&tx.asker()?, &its).await?.items.pop().ok_or(ErrorCode::NotFound)?;
    let id = planned.id;
    let outcome = |item: usize| {
        let result = if with_findings && item == 1 { ItemResult::Partly } else { ItemResult::Met };
        let remark = match (item, result) {
            (1, ItemResult::Partly) => Some("任务推进慢于计划，台账待补".to_owned()),
            (1, _) => Some("按计划推进".to_owned()),
            _ => None,
        };
        ItemOutcome { item: i32::try_from(item).unwrap_or_default() + 1, result, remark }
    };
    let seen = InspectionInput {
        held_on: Some(day(month, on)),
        results: (0..ITEMS.len()).map(outcome).collect(),
        conclusion: Some(if with_findings { Conclusion::PassedWithFindings } else { Conclusion::Passed }),
        summary: Some("查看现场和台账，与村（社区）、社会组织座谈。".to_owned()),
        ..planned.details
    };
    inspections::service::update(tx, id, Patch::to(&seen)?).await?;
    inspections::service::step(tx, id, InspectionAction::Complete, InspectionStepInput::default()).await?;
    Ok(id)
}

/// Writes a finding down, and lets the responsible side mend it as far as it is by November.
async fn mend(
    story: &mut Story,
    people: &People,
    office: &Caller,
    inspection_id: Uuid,
    pairing: &Pairing,
    (month, on): (u32, u32),
    found: &Found,
) -> Result<()> {
    let &(severity, responsible, (due_month, due_day), problem, state) = found;
    let input = FindingInput {
        inspection_id,
        item: Some(2),
        severity,
        problem: problem.to_owned(),
        found_on: day(month, on),
        due_on: day(due_month, due_day),
        responsible,
        entry_id: None,
    };
    let id = findings::service::create(story.act(office, day(month, on)), input).await?.id;
    let side = match responsible {
        Organisation => people.of_organisation(pairing.organisation_id),
        Village => people.of_village(&pairing.village_code),
        Town => people.town_of(&pairing.village_code),
    };
    let mended_on = day(month, on + 5);
    let mended = || FindingStepInput {
        note: Some("已按要求整改，台账已补齐。".to_owned()),
        rectified_on: Some(mended_on),
        ..FindingStepInput::default()
    };
    let said = |note: &str| FindingStepInput { note: Some(note.to_owned()), ..FindingStepInput::default() };
    let begin = (side, A::Begin, FindingStepInput::default());
    let steps = match state {
        FindingState::Open => Vec::new(),
        FindingState::Rectifying => vec![begin],
        FindingState::Submitted => vec![begin, (side, A::Submit, mended())],
        FindingState::Reopened => vec![(side, A::Submit, mended()), (office, A::Reopen, said("专账尚未设立，请继续整改。"))],
        FindingState::Closed => vec![(side, A::Submit, mended()), (office, A::Close, said("已现场核实。"))],
    };
    for (number, (who, action, input)) in (6..).zip(steps) {
        findings::service::step(story.act(who, day(month, on + number)), id, action, input).await?;
    }
    Ok(())
}
