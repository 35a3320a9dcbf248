//! Household files, sealed as the service seals them: the database cannot write these by itself.

use std::time::Instant;

use chrono::{Days, NaiveDate, Utc};
use contract::CodedEnum;
use contract::codes::{DocumentKind, identity_check};
use contract::households::{
    Cause, Health, HouseholdCategory, HouseholdInput, HouseholdStatus, Labour, MemberInput, Relation, Schooling,
};
use contract::ledger::LedgerFigure;
use domains::households::writing::{columns, member_rows};
use entities::households::{ActiveModel, Entity, member, status};
use platform::App;
use platform::coded::Code;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, TransactionTrait};

use crate::data::{Kind, id, village_of};
use crate::load::BoxError;

const BATCH: u64 = 1_000;
const SURNAMES: [char; 20] =
    ['蔡', '许', '林', '王', '陈', '吴', '洪', '施', '曾', '庄', '柯', '颜', '黄', '张', '李', '郑', '苏', '杨', '留', '丁'];
const GIVEN: [char; 50] = [
    '明', '华', '建', '国', '丽', '芳', '秀', '英', '文', '志', '伟', '强', '军', '平', '春', '兰', '梅', '玉', '珍', '美', '金',
    '银', '水', '清', '良', '成', '福', '寿', '康', '宁', '德', '仁', '义', '礼', '智', '信', '忠', '孝', '勇', '毅', '天', '地',
    '山', '海', '江', '河', '东', '西', '南', '北',
];

/// The full name of the head of the `n`th household: one of 50,000.
pub fn name(n: u64) -> String {
    let of = |from: &[char], n: u64| from[(n % from.len() as u64) as usize];
    [of(&SURNAMES, n), of(&GIVEN, n / 20), of(&GIVEN, n / 1_000)].iter().collect()
}

/// The identity number of the head of the `n`th household.
pub fn identity_number(n: u64) -> String {
    let born_on = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a day") + Days::new(n / 1_000);
    let body = format!("350582{}{:03}", born_on.format("%Y%m%d"), n % 1_000);
    let check = identity_check(&body).expect("17 digits");
    format!("{body}{check}")
}

fn household(n: u64, village_code: String) -> HouseholdInput {
    let member = |relation, name, identity_number| MemberInput {
        id: None,
        name,
        relation,
        document_kind: DocumentKind::IdentityCard,
        identity_number,
        sex: None,
        born_on: None,
        health: Health::ChronicIllness,
        disability: None,
        schooling: Schooling::Primary,
        labour: Labour::Ordinary,
        groups: Vec::new(),
    };
    HouseholdInput {
        village_code,
        registered_on: NaiveDate::from_ymd_opt(2020, 4, 1).expect("a day"),
        category: HouseholdCategory::ALL[n as usize % HouseholdCategory::ALL.len()],
        main_cause: Cause::ALL[n as usize % Cause::ALL.len()],
        secondary_causes: Vec::new(),
        income_per_head_fen: Some(600_000),
        address: format!("{n}号"),
        phone: Some(format!("138{n:08}")),
        bank_account: None,
        consent: None,
        members: vec![
            member(Relation::Head, name(n), Some(identity_number(n))),
            member(Relation::Spouse, name(n.wrapping_mul(7919)), None),
        ],
        not_a_double: false,
    }
}

/// As many as there are pairings, in the same villages.
pub async fn load(app: &App, pairings: u64) -> Result<(), BoxError> {
    let started = Instant::now();
    let (now, db) = (Utc::now(), app.database.writer());
    for first in (0..pairings).step_by(BATCH as usize) {
        let (mut households, mut members, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
        for n in first..pairings.min(first + BATCH) {
            let (key, input) = (id(Kind::Household, n), household(n, village_of(n, pairings)));
            households.push(ActiveModel {
                id: Set(key),
                village_code: Set(input.village_code.clone()),
                numbered_in: Set(input.village_code.clone()),
                sequence: Set(n as i32 + 1),
                status: Set(Code(HouseholdStatus::Registered)),
                status_since: Set(input.registered_on),
                registered_on: Set(input.registered_on),
                created_at: Set(now),
                updated_at: Set(now),
                version: Set(1),
                ..columns(&app.vault, key, &input)?
            });
            members.extend(member_rows(&app.vault, key, &input.members)?);
            statuses.push(status::ActiveModel {
                id: Set(id(Kind::Status, n)),
                household_id: Set(key),
                status: Set(Code(HouseholdStatus::Registered)),
                since: Set(input.registered_on),
                note: Set(None),
                heading: Set(Some(Code(LedgerFigure::Registered))),
                leave_reason: Set(None),
                village_code: Set(input.village_code.clone()),
                counted_on: Set(input.registered_on),
            });
        }
        let transaction = db.begin().await?;
        Entity::insert_many(households).exec_without_returning(&transaction).await?;
        member::Entity::insert_many(members).exec_without_returning(&transaction).await?;
        status::Entity::insert_many(statuses).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
    }
    println!("  {pairings} household files sealed and written in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}
