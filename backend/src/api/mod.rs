//! The operations of the API, one file a domain.

mod account_requests;
mod adoptions;
mod agreements;
mod areas;
mod assignments;
mod assistance;
mod attachments;
mod audit;
mod auth;
mod calendar;
mod campaigns;
mod cases;
mod catalogue;
mod cookie;
mod dashboard;
mod enrolments;
mod findings;
mod forecast;
mod households;
mod inspections;
mod institutions;
mod ledger;
mod listed;
mod measures;
mod meetings;
mod organisations;
mod outcomes;
mod pairings;
mod plans;
mod progress;
mod projects;
mod publications;
mod publicity;
mod rankings;
mod recommendations;
mod reports;
mod supervision_orders;
mod tasks;
mod users;
mod villages;
mod work;

use platform::api::Api;

/// Every operation of the API.
pub fn operations() -> Api {
    let mut api = Api::default();
    auth::add(api.tag("auth", "登录与会话: signing in, sessions, one's own account"));
    work::add(api.tag("work", "工作台: what waits for the caller"));
    areas::add(api.tag("areas", "行政区划: the tree of areas"));
    campaigns::add(api.tag("campaigns", "活动: campaigns with phases, deadlines, settings and targets"));
    calendar::add(api.tag("calendar", "工作日历: public holidays, and days that are worked instead"));
    villages::add(api.tag("villages", "村（社区）: profiles of villages and communities"));
    attachments::add(api.tag("attachments", "附件: scans, photos and papers that belong to something"));
    organisations::add(api.tag("organisations", "社会组织: social organisations"));
    institutions::add(api.tag("institutions", "民政服务机构: care homes, welfare houses, aid stations and the like"));
    adoptions::add(api.tag("adoptions", "挂钩帮扶: cadres who stand by institutions, their help and its confirmation"));
    enrolments::add(api.tag("enrolments", "报名: villages and organisations that take part in a campaign"));
    catalogue::add(api.tag("catalogue", "供需目录: what villages need and organisations offer"));
    rankings::add(api.tag("rankings", "双向选择: whom both sides would like best"));
    recommendations::add(api.tag("recommendations", "推荐: who would go well with whom"));
    assignments::add(api.tag("assignments", "结对分配草案: the assignment of a whole campaign, with proof and reasons"));
    pairings::add(api.tag("pairings", "结对: proposals, answers, confirmation, and the pair's course"));
    agreements::add(api.tag("agreements", "结对协议: agreements, from the draft to the signed scan"));
    projects::add(api.tag("projects", "合作项目: joint projects with goal, plan and budget"));
    tasks::add(api.tag("tasks", "任务: a project's tasks by quarter and month"));
    progress::add(api.tag("progress", "进展情况: what a pair did in a month"));
    outcomes::add(api.tag("outcomes", "帮扶成效: what came of it, with evidence"));
    cases::add(api.tag("cases", "典型案例、经验库: cases and good practices, and who has taken them up"));
    publicity::add(api.tag("publicity", "宣传报道: what has appeared in public, by channel and month"));
    publications::add(api.tag("publications", "公开数据: figures as the public is told them"));
    publications::add_public(api.tag("portal", "公众门户: what anybody reads without an account"));
    inspections::add(api.tag("inspections", "督促检查: checklists, rounds, and what is seen at each pairing"));
    findings::add(api.tag("findings", "发现问题: what inspections found, its rectification and verification"));
    reports::add(api.tag("reports", "每月统计表: the form that each town sends each month"));
    supervision_orders::add(
        api.tag("supervision-orders", "督办单: what is behind, in writing, with receipt, answer and closing"),
    );
    meetings::add(api.tag("meetings", "会议: the kick-off and later meetings, who took part, what was resolved"));
    households::add(api.tag("households", "帮扶户: files of low-income households, masked"));
    assistance::add(api.tag("assistance", "帮扶记录: what was done for households"));
    plans::add(api.tag("plans", "帮扶方案（一户一策）: plans of households"));
    measures::add(api.tag("measures", "帮扶措施: what plans are made of, month by month"));
    ledger::add(api.tag("ledger", "动态清零台账: households in difficulty by month and area"));
    dashboard::add(api.tag("dashboard", "总览: targets against what is reached"));
    forecast::add(api.tag("forecast", "预测: which targets will be missed, and whom to call"));
    users::add(api.tag("users", "用户账号: accounts, their roles and areas"));
    account_requests::add(api.tag("account-requests", "账号申请: changes of accounts that take two persons"));
    audit::add(api.tag("audit", "审计日志: who did what, and the blocks that seal it"));
    api
}
