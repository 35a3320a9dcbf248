//! The assistance for the families of the demo. Organisations are paired with them and plans are agreed. Measures are carried out
//! month by month, and some are missed. Records are confirmed, rejected, corrected, or still wait.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use contract::Month;
use contract::assistance::{AidKind, AssistanceRecord, Goods, RecordAction, RecordInput, RecordStepInput};
use contract::campaigns::Goal;
use contract::catalogue::CatalogueEntryState;
use contract::pairings::{Pairing, PairingAction, PairingInput, PairingState};
use contract::plans::{MeasureAction, MeasureInput, MeasureSide, Plan, PlanAction, PlanInput, PlanStepInput};
use contract::workflow::StepInput;
use domains::assistance;
use domains::catalogue::list::CatalogueEntries;
use domains::measures;
use domains::pairings;
use domains::pairings::list::Pairings;
use domains::plans;
use domains::workflows::pairing;
use platform::object::Object;
use platform::{Asker, Result, Tx};
use uuid::Uuid;

use super::people::People;
use super::supply::Supply;
use super::{Story, day};

/// The last month that anything can have happened in.
const LAST: u32 = 10;

type Kind = (AidKind, MeasureSide, &'static str, Option<i64>);

/// The measures for a family, one a month, in this order.
const MEASURES: &[Kind] = &[
    (AidKind::LivingSupport, MeasureSide::Organisation, "送米面油等生活物资", Some(30_000)),
    (AidKind::Schooling, MeasureSide::Organisation, "资助在校子女学费", Some(200_000)),
    (AidKind::Medical, MeasureSide::Town, "协助办理医疗救助", None),
    (AidKind::Counselling, MeasureSide::Organisation, "社工上门心理疏导", None),
    (AidKind::Employment, MeasureSide::Village, "介绍到附近企业务工", None),
    (AidKind::Visit, MeasureSide::Organisation, "走访慰问", Some(50_000)),
    (AidKind::CapacityBuilding, MeasureSide::Family, "参加村里组织的技能培训", None),
    (AidKind::Elderly, MeasureSide::Village, "安排志愿者照料老人", None),
];

/// The organisations with an active pairing, by the code of the village.
pub struct Helpers {
    campaign_id: Uuid,
    by_village: HashMap<String, Vec<Uuid>>,
    /// What villages need for their families, by their codes.
    needs: HashMap<String, Uuid>,
}

impl Helpers {
    /// Selects the active ones from the pairings that were made.
    pub async fn of(story: &Story, people: &People, pairings: &[Pairing], supply: &Supply) -> Result<Self> {
        let mut by_village: HashMap<String, Vec<Uuid>> = HashMap::new();
        let tx = &story.tx;
        let asker = Asker { db: (&tx.connection).into(), caller: &people.bureau, vault: &tx.vault, today: tx.today() };
        for pairing in pairings {
            let now = Pairings::read(&asker, pairing.id).await?;
            if now.state == PairingState::Active {
                by_village.entry(now.village_code).or_default().push(now.organisation_id);
            }
        }
        let campaign_id = pairings.first().map(|pairing| pairing.campaign_id).unwrap_or_default();
        let need = |code: &String| Some((code.clone(), supply.needed(code, Goal::LowIncomeAid)?));
        let needs = by_village.keys().filter_map(need).collect();
        Ok(Self { campaign_id, by_village, needs })
    }
}

/// A family of the demo.
pub struct Family<'a> {
    pub index: usize,
    pub id: Uuid,
    pub village_code: &'a str,
    pub head: &'a str,
    pub assisted_on: NaiveDate,
    /// The last month in which the family is assisted.
    pub until: u32,
}

/// Plans and carries out the assistance of a family. One in six families still has only a proposal and a draft. Another one in
/// six is helped by two organisations.
pub async fn help(story: &mut Story, people: &People, helpers: &Helpers, family: &Family<'_>) -> Result<()> {
    let Some(organisations) = helpers.by_village.get(family.village_code) else { return Ok(()) };
    let organisation = organisations[family.index % organisations.len()];
    let waits = family.index % 8 == 6;
    let pairing = pair(story, people, helpers, family, organisation, waits).await?;
    let other = organisations[(family.index + 1) % organisations.len()];
    if family.index.is_multiple_of(8) && other != organisation {
        pair(story, people, helpers, family, other, false).await?;
    }
    let (plan, planned) = plan(story, people, helpers, family, Some(pairing).filter(|_| !waits)).await?;
    if waits {
        return Ok(());
    }
    let (committee, on) = (people.of_village(family.village_code), family.assisted_on + Days::new(15));
    let agreed = PlanStepInput { agreed_on: Some(on), agreed_by: Some(family.head.to_owned()), note: None };
    plans::service::step(story.act(committee, on), plan.id, PlanAction::Agree, agreed).await?;
    for (month, id, kind) in planned {
        if month == 11 && family.index % 8 == 4 {
            let note = because("改由镇（街道）统一办理");
            let tx = story.act(committee, on + Days::new(5));
            measures::service::step(tx, id, MeasureAction::Drop, note).await?;
        }
        let given_on = day(month.min(LAST), 12 + u32::try_from(family.index % 10).unwrap_or(0));
        let missed = (family.index + month as usize) % 7 == 3;
        if month <= family.until && !missed && given_on > on {
            let need = helpers.needs.get(family.village_code).copied();
            record(story, people, family, (organisation, pairing), (id, kind), (given_on, need)).await?;
        }
    }
    if family.index % 8 == 5 {
        let closed =
            PlanStepInput { note: Some("帮扶措施已基本落实，转入动态监测".to_owned()), ..Default::default() };
        plans::service::step(story.act(committee, day(10, 30)), plan.id, PlanAction::Close, closed).await?;
    }
    Ok(())
}

/// The committee proposes the pairing, the organisation accepts it, the bureau confirms it, and the town activates it.
async fn pair(
    story: &mut Story,
    people: &People,
    helpers: &Helpers,
    family: &Family<'_>,
    organisation_id: Uuid,
    waits: bool,
) -> Result<Uuid> {
    let on = |days: u64| family.assisted_on + Days::new(days);
    let (committee, staff) = (people.of_village(family.village_code), people.of_organisation(organisation_id));
    let input = PairingInput {
        campaign_id: helpers.campaign_id,
        organisation_id,
        village_code: None,
        household_id: Some(family.id),
        note: Some("该户有实际困难，希望结对帮扶".to_owned()),
        commitments: Vec::new(),
        on_behalf_reason: None,
    };
    let proposed_on = if waits { day(10, 29) } else { on(1) };
    let made = pairings::service::create(story.act(committee, proposed_on), input).await?;
    if !waits {
        for (caller, days, action) in [
            (staff, 3, PairingAction::Accept),
            (&people.bureau, 6, PairingAction::Confirm),
            (people.town_of(family.village_code), 8, PairingAction::Activate),
        ] {
            pairing::step(story.act(caller, on(days)), made.id, action, StepInput::default()).await?;
        }
    }
    Ok(made.id)
}

/// A plan with a measure for each month until the end of the year.
async fn plan(
    story: &mut Story,
    people: &People,
    helpers: &Helpers,
    family: &Family<'_>,
    pairing: Option<Uuid>,
) -> Result<(Plan, Vec<(u32, Uuid, Kind)>)> {
    let (committee, on) = (people.of_village(family.village_code), family.assisted_on + Days::new(12));
    let input = PlanInput { campaign_id: helpers.campaign_id, household_id: family.id };
    let plan = plans::service::create(story.act(committee, on), input).await?;
    let mut planned = Vec::new();
    for month in family.assisted_on.month()..=12 {
        let kind = MEASURES[(family.index + month as usize) % MEASURES.len()];
        let (aid, responsible, description, amount_fen) = kind;
        let input = MeasureInput {
            plan_id: plan.id,
            month: Month::of(day(month, 1)),
            kind: aid,
            responsible,
            pairing_id: pairing.filter(|_| responsible == MeasureSide::Organisation),
            member_id: None,
            amount_fen,
            description: description.to_owned(),
        };
        let made = measures::service::create(story.act(committee, on), input).await?;
        planned.push((month, made.id, kind));
    }
    Ok((plan, planned))
}

/// Records what was done for a measure. The committee confirms most records, and rejects some. Some are corrected, and some of
/// October still wait.
async fn record(
    story: &mut Story,
    people: &People,
    family: &Family<'_>,
    (organisation, pairing): (Uuid, Uuid),
    (measure, kind): (Uuid, Kind),
    (happened_on, need): (NaiveDate, Option<Uuid>),
) -> Result<()> {
    let (committee, staff) = (people.of_village(family.village_code), people.of_organisation(organisation));
    let (aid, side, description, amount_fen) = kind;
    let by_organisation = side == MeasureSide::Organisation;
    let giver = if by_organisation { staff } else { committee };
    // Rice and oil are what the village has asked for.
    let entry = match need.filter(|_| by_organisation && aid == AidKind::LivingSupport) {
        Some(id) => open(story.act(&people.bureau, happened_on), id).await?,
        None => None,
    };
    let goods = |name: &str, unit: &str| Goods { name: name.to_owned(), quantity: 1, unit: unit.to_owned() };
    let input = RecordInput {
        id: None,
        household_id: family.id,
        pairing_id: by_organisation.then_some(pairing),
        corrects_id: None,
        member_id: None,
        measure_id: Some(Some(measure)),
        entry_id: entry.map(Some),
        entry_quantity: entry.map(|_| 1),
        kind: aid,
        happened_on,
        amount_fen: amount_fen.filter(|_| aid != AidKind::LivingSupport),
        goods: if aid == AidKind::LivingSupport { vec![goods("大米", "袋"), goods("食用油", "桶")] } else { Vec::new() },
        description: Some(format!("{description}，户主在场签收")),
        not_a_double: false,
    };
    let (month, order) = (happened_on.month(), family.index + happened_on.month() as usize);
    // Some villages have recorded the same payment themselves. The service asks about it when either record is confirmed.
    if month == LAST && family.index % 9 == 4 && by_organisation && input.amount_fen.is_some() {
        let own = RecordInput { pairing_id: None, measure_id: None, ..input.clone() };
        assistance::service::create(story.act(committee, happened_on), own).await?;
    }
    let made = assistance::service::create(story.act(giver, happened_on), input.clone()).await?;
    if month == LAST && family.index % 3 == 1 {
        return Ok(());
    }
    if order % 11 == 5 {
        let note = Some("与实际发放情况不符，请核对后重新登记".to_owned());
        let note = RecordStepInput { note, ..Default::default() };
        let tx = story.act(committee, happened_on + Days::new(3));
        assistance::service::step(tx, made.id, RecordAction::Reject, note).await?;
        return Ok(());
    }
    let confirm = async |story: &mut Story, record: &AssistanceRecord, days| {
        let tx = story.act(committee, happened_on + Days::new(days));
        assistance::service::step(tx, record.id, RecordAction::Confirm, RecordStepInput::default()).await
    };
    confirm(story, &made, 3).await?;
    if order % 9 == 4 {
        let (amount_fen, corrects_id) = (input.amount_fen.map(|fen| fen + 10_000), Some(made.id));
        let description = Some(format!("{description}，金额或内容以本条为准"));
        let correction = RecordInput { amount_fen, corrects_id, description, ..input };
        let made = assistance::service::create(story.act(giver, happened_on + Days::new(5)), correction).await?;
        if month < LAST {
            confirm(story, &made, 8).await?;
        }
    }
    Ok(())
}

fn because(note: &str) -> StepInput {
    StepInput { note: Some(note.to_owned()), on_behalf_reason: None }
}

/// An entry, if something of it can still be taken.
async fn open(tx: &Tx, id: Uuid) -> Result<Option<Uuid>> {
    let entry = CatalogueEntries::read(&tx.asker()?, id).await?;
    Ok((entry.state == CatalogueEntryState::Published && entry.remaining > 0).then_some(id))
}
