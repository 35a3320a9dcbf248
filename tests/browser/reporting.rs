//! A month without pairings, and a fifth on which nobody works, by clicking.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(a_town_without_a_pairing_says_so, async |app, browser| {
    let campaign_id = app.enrolled(campaign()).await;
    app.clock.set(noon("2020-05-02"));
    browser.sign_in(Who::TownA, "/").await;
    browser.sees("待汇总的统计表").await;
    browser.link("东石镇 · 2020年4月").await;
    browser.holds("月份", "2020-04").await;
    browser.button("保存").await;
    browser.heading("东石镇 · 2020年4月").await;
    browser.sees("请点“零报告”报送").await;
    browser.gone("//button[normalize-space()='报送']").await;
    browser.button("零报告").await;
    browser.is_accessible().await;
    browser.button("零报告").await;
    browser.sees("本月无结对共建开展情况").await;
    browser.is_accessible().await;
    // The print says it in a row of its own, below the header of the annex.
    browser.cdp("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    let printed = browser.text().await;
    let last = printed.lines().map(str::trim).rfind(|line| !line.is_empty());
    assert_eq!(last, Some("本月无结对共建开展情况"));
    browser.cdp("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, &format!("/report-months?campaign_id={campaign_id}&month=2020-04")).await;
    browser.find("//tr[th='东石镇' and td[contains(., '按时报送')] and td[contains(., '零报告')]]").await;
    browser.button("通过").await;
    browser.button("通过").await;
    browser.find("//tr[th='东石镇' and td[contains(., '已通过') and contains(., '零报告')]]").await;
    browser.is_accessible().await;
    let form = app.bureau().get("/reports").await.is(200).items()[0].clone();
    assert_eq!((&form["state"], &form["nil"]), (&json!("accepted"), &json!(true)));
});

journey!(the_administrator_enters_a_holiday_and_the_due_day_moves, async |app, browser| {
    let by_workdays = with(campaign(), "/settings/report_day_rule", json!("next_workday"));
    let open = app.bureau().post("/campaigns", by_workdays).await.is(201);
    browser.sign_in(Who::Admin, "/").await;
    browser.menu("基础资料", "工作日历").await;
    browser.sees("节假日已录入至 2026 年").await;
    browser.is_accessible().await;
    browser.link("录入日期").await;
    browser.day("日期", "2020-08-05").await;
    browser.button("保存").await;
    browser.find("//select[@aria-invalid='true']").await;
    browser.select("类别", "放假").await;
    browser.fill("名称", "全市防台风停工").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("2020年8月5日").await;
    browser.tab("历史记录").await;
    browser.sees("新建").await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, &format!("{}?tab=settings", open.path())).await;
    browser.sees("遇周末、节假日顺延至下一个工作日").await;
    browser.find("//tr[th='2020年7月' and td='2020年8月6日']").await;
    browser.find("//tr[th='2020年4月' and td='2020年5月6日']").await;
    browser.is_accessible().await;
    // Of a year that nobody has entered the page says that weekends count alone.
    let text = campaign().to_string().replace("2020", "2027");
    app.clock.set(noon("2027-04-20"));
    let next = with(serde_json::from_str(&text).expect("JSON"), "/settings/report_day_rule", json!("next_workday"));
    let next = app.bureau().post("/campaigns", next).await.is(201);
    // After seven years nobody is signed in any more.
    browser.sign_in(Who::Bureau, &format!("{}?tab=settings", next.path())).await;
    browser.sees("2027 年的节假日尚未录入，目前只按周末顺延").await;
});
