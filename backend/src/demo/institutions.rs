//! The institutions in need of help that the bureau surveyed in April, and an account for visitors.

use contract::institutions::{InstitutionInput, InstitutionKind as K};
use domains::institutions::service;
use platform::{Caller, Result};
use uuid::Uuid;

use super::people::{People, TOWN};
use super::{Story, day};

/// Code, name, kind, the area, beds, staff, people served, difficulties. Invented, except for the areas.
type Entry = (&'static str, &'static str, K, &'static str, Option<i32>, i32, i32, Option<&'static str>);

const SURVEYED: &[Entry] = &[
    ("JJ001", "金井镇夕阳红养老院", K::CareHome, TOWN, Some(80), 14, 52, Some("护理人员不足，夜班只有一人；缺适老化洗浴设备。")),
    ("JJ002", "晋江市社会福利院", K::WelfareHouse, "350582", Some(320), 96, 241, Some("特殊教育教师缺口两名。")),
    ("JJ003", "晋江市救助管理站", K::AidStation, "350582", Some(40), 18, 9, Some("寻亲工作缺少信息化设备。")),
    ("JJ004", "晋江市未成年人保护中心", K::ChildProtection, "350582", Some(24), 12, 17, Some("缺少专业心理辅导力量。")),
    ("JJ005", "东石镇敬老院", K::CareHome, "350582104", Some(60), 9, 37, Some("厨房设备老化，消防改造资金不足。")),
    ("JJ006", "龙湖镇居家养老服务站", K::DayCare, "350582110", None, 5, 126, Some("助餐服务亏损，志愿者不固定。")),
    ("JJ007", "晋江市殡仪馆", K::Funeral, "350582", None, 64, 0, None),
    ("JJ008", "深沪镇残疾人托养中心", K::Disability, "350582105", Some(45), 11, 30, Some("康复器材缺乏，接送车辆不足。")),
];

/// The institutions that have been entered.
#[derive(Default)]
pub struct Surveyed {
    /// That with an account for visitors, and the account.
    pub shown: Option<(Uuid, Caller)>,
    pub others: Vec<Uuid>,
}

/// Enters them.
pub async fn enter(story: &mut Story, people: &People) -> Result<Surveyed> {
    let mut surveyed = Surveyed::default();
    for &(code, name, kind, area, bed_count, staff_count, served_count, difficulties) in SURVEYED {
        let input = InstitutionInput {
            name: name.to_owned(),
            code: code.to_owned(),
            kind,
            area_code: area.to_owned(),
            address: None,
            bed_count,
            staff_count: Some(staff_count),
            served_count: Some(served_count),
            difficulties: difficulties.map(str::to_owned),
            contact_name: Some("值班室".to_owned()),
            contact_phone: Some("0595-85000000".to_owned()),
        };
        let made = service::create(story.act(&people.bureau, day(4, 15)), input).await?;
        if area == TOWN {
            surveyed.shown = Some((made.id, people.institution(story, &made).await?));
        } else {
            surveyed.others.push(made.id);
        }
    }
    Ok(surveyed)
}
