//! The domains, one vertical slice each.

pub mod account_requests;
pub mod agreements;
pub mod areas;
pub mod assistance;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod campaigns;
pub mod dashboard;
pub mod enrolments;
pub mod households;
pub mod ledger;
pub mod measures;
pub mod organisations;
pub mod outcomes;
pub mod pairings;
pub mod plans;
pub mod progress;
pub mod projects;
pub mod reports;
pub mod tallies;
pub mod tasks;
pub mod users;
pub mod villages;
pub mod work;

use platform::api::Api;

/// Every operation of the API.
pub fn api() -> Api {
    let mut api = Api::default();
    auth::routes::add(api.tag("auth", "登录与会话: signing in, sessions, one's own account"));
    work::routes::add(api.tag("work", "工作台: what waits for the caller"));
    areas::routes::add(api.tag("areas", "行政区划: the tree of areas"));
    campaigns::routes::add(api.tag("campaigns", "活动: campaigns with phases, deadlines, settings and targets"));
    villages::routes::add(api.tag("villages", "村（社区）: profiles of villages and communities"));
    attachments::routes::add(api.tag("attachments", "附件: scans, photos and papers that belong to something"));
    organisations::routes::add(api.tag("organisations", "社会组织: social organisations"));
    enrolments::routes::add(api.tag("enrolments", "报名: villages and organisations that take part in a campaign"));
    pairings::routes::add(api.tag("pairings", "结对: proposals, answers, confirmation, and the pair's course"));
    agreements::routes::add(api.tag("agreements", "结对协议: agreements, from the draft to the signed scan"));
    projects::routes::add(api.tag("projects", "合作项目: joint projects with goal, plan and budget"));
    tasks::routes::add(api.tag("tasks", "任务: a project's tasks by quarter and month"));
    progress::routes::add(api.tag("progress", "进展情况: what a pair did in a month"));
    outcomes::routes::add(api.tag("outcomes", "帮扶成效: what came of it, with evidence"));
    reports::routes::add(api.tag("reports", "每月统计表: the form that each town sends each month"));
    households::routes::add(api.tag("households", "帮扶户: files of low-income households, masked"));
    assistance::routes::add(api.tag("assistance", "帮扶记录: what was done for households"));
    plans::routes::add(api.tag("plans", "帮扶方案（一户一策）: plans of households"));
    measures::routes::add(api.tag("measures", "帮扶措施: what plans are made of, month by month"));
    ledger::routes::add(api.tag("ledger", "动态清零台账: households in difficulty by month and area"));
    dashboard::routes::add(api.tag("dashboard", "总览: targets against what is reached"));
    users::routes::add(api.tag("users", "用户账号: accounts, their roles and areas"));
    account_requests::routes::add(api.tag("account-requests", "账号申请: changes of accounts that take two persons"));
    audit::routes::add(api.tag("audit", "审计日志: who did what, and the blocks that seal it"));
    api
}
