//! Numbers lead to the records behind them, and to the form that creates what is missing.

use serde_json::{Value, json};

use super::journey;
use crate::support::*;

journey!(a_figure_opens_its_records_and_work_its_form, async |app, browser| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-05-02"));
    browser.sign_in(Who::TownA, "/").await;
    // The month's progress is missing: one click opens its form, for the right pairing and month.
    browser.sees("待填报进展的结对").await;
    browser.link("永湖村委会 · 晋江市慈善总会").await;
    browser.holds("月份", "2020-04").await;
    browser.fill("具体帮扶内容", "资助4名学生").await;
    browser.fill("进展情况", "已发放助学金2万元").await;
    browser.button("保存").await;
    browser.heading("永湖村委会 · 晋江市慈善总会 · 2020年4月").await;
    // The same goes for the month's form.
    browser.link("工作台").await;
    browser.sees("待汇总的统计表").await;
    browser.link("东石镇 · 2020年4月").await;
    browser.holds("月份", "2020-04").await;
    browser.button("保存").await;
    browser.heading("东石镇 · 2020年4月").await;

    browser.link("数据看板").await;
    browser.heading("数据看板").await;
    browser.sees("结对情况（按状态）").await;
    let click =
        "[...document.querySelectorAll('.bars tr')].find(row => row.innerText.includes('结对中')).querySelector('td a').click()";
    browser.script(click, Value::Null).await;
    browser.heading("结对").await;
    browser.sees("共 1 条").await;
    // A filter that only links of figures use is visible once it is set.
    browser
        .visit(&format!("/pairings?campaign_id={}&without_update_in=2020-05", pairing["campaign_id"].as_str().expect("an id")))
        .await;
    browser.holds("该月未填报进展", "2020-05").await;
    browser.sees("共 1 条").await;
    let listed = app.town_a().get("/pairings?without_update_in=2020-04").await.is(200);
    assert_eq!(listed["total"], json!(0));
});
