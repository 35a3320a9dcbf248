//! Institutions and the cadres who stand by them, by clicking.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(an_institution_is_entered_and_tells_of_its_difficulties, async |app, browser| {
    browser.sign_in(Who::Bureau, "/").await;
    browser.menu("基础资料", "民政服务机构").await;
    browser.link("新增服务机构").await;
    browser.fill("名称", "永和镇敬老院").await;
    browser.fill("代码", "5235058").await;
    browser.select("类别", "养老院（敬老院）").await;
    browser.pick("行政区划", "永和镇").await;
    browser.fill("床位数", "六十").await;
    browser.button("保存").await;
    browser.find("//div[@class='field'][label[starts-with(., '床位数')]]//p[contains(., '类型或格式不对')]").await;
    browser.is_accessible().await;
    browser.fill("床位数", "60").await;
    browser.button("保存").await;
    browser.heading("永和镇敬老院").await;
    browser.is_accessible().await;
    browser.sign_out().await;

    // The account is made by picking the institution that the administrator cannot read otherwise.
    browser.sign_in(Who::Admin, "/users/new").await;
    browser.fill("账号", "yonghe-yly").await;
    browser.fill("姓名", "蔡院长").await;
    browser.select("角色", "民政服务机构").await;
    browser.pick("民政服务机构", "永和镇敬老院").await;
    browser.button("保存").await;
    browser.heading("蔡院长").await;
    let password = browser.held("//dialog[@open]//input[@id='one-time-password']").await;
    browser.button("已转交，关闭").await;
    browser.sign_out().await;

    browser.credentials("yonghe-yly", &password).await;
    browser.heading("请设置新密码").await;
    browser.fill("当前密码", &password).await;
    browser.fill("新密码", "haixia-yanglao-2020").await;
    browser.button("修改密码").await;
    browser.link("工作台").await;
    browser.heading("蔡院长，您好").await;
    browser.menu("基础资料", "民政服务机构").await;
    browser.link("永和镇敬老院").await;
    browser.link("编辑").await;
    browser.sees("由市民政局、镇街登记").await;
    browser.gone("//label[normalize-space(text()[1])='名称']").await;
    browser.fill("服务对象人数", "52").await;
    browser.fill("困难和需求", "护理床不足，洗衣机损坏").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("永和镇敬老院").await;
    browser.sees("护理床不足，洗衣机损坏").await;
    browser.tab("历史记录").await;
    browser.sees("蔡院长").await;
    browser.sign_out().await;

    let known = app.as_(Who::Cadre).get("/institutions?in_difficulty=true&q=yhzjly").await.is(200);
    assert_eq!(known.items()[0]["served_count"], 52);
});

journey!(a_cadre_stands_by_an_institution_by_clicking, async |app, browser| {
    app.open_campaign().await;
    let title = "东石镇敬老院 · Cadre";

    // 双向选择: the cadre proposes, the institution answers, the bureau confirms.
    browser.sign_in(Who::Cadre, "/").await;
    browser.heading("Cadre，您好").await;
    browser.sees("还没有挂钩").await;
    browser.is_accessible().await;
    browser.menu("基础资料", "民政服务机构").await;
    browser.link("东石镇敬老院").await;
    browser.link("提出挂钩").await;
    browser.holds("民政服务机构", "东石镇敬老院").await;
    browser.fill("备注", "可协调护理培训").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading(title).await;
    browser.sees("待答复").await;
    browser.gone("//button[normalize-space()='同意挂钩']").await;
    browser.sign_out().await;

    browser.sign_in(Who::Institution, "/").await;
    browser.link(title).await;
    browser.button("同意挂钩").await;
    browser.button("同意挂钩").await;
    browser.sees("双方同意").await;
    // What it cannot manage by itself waits for whoever stands by it.
    browser.menu("机构挂钩", "困难及解决").await;
    browser.link("提出困难").await;
    browser.fill("标题", "护理员不足").await;
    browser.fill("说明", "夜间一人照看三十七位老人").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("护理员不足").await;
    browser.sees("待解决").await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, "/").await;
    browser.link(title).await;
    browser.button("确认挂钩").await;
    browser.button("确认挂钩").await;
    browser.sees("挂钩中").await;
    browser.is_accessible().await;
    browser.sign_out().await;

    // The cadre records what was given, and tells of the month.
    browser.sign_in(Who::Cadre, "/").await;
    browser.menu("机构挂钩", "挂钩一览").await;
    browser.link("东石镇敬老院").await;
    browser.link("登记帮扶").await;
    browser.holds("挂钩帮扶", title).await;
    browser.button("保存").await;
    browser.sees("必填").await;
    browser.select("类别", "业务指导").await;
    browser.button("保存").await;
    browser.find("//div[@class='field'][label[starts-with(., '说明')]]//p[contains(@id, 'fault')][normalize-space()]").await;
    browser.is_accessible().await;
    browser.fill("金额（元）", "1200.50").await;
    browser.fill("工时（小时）", "6").await;
    browser.button("保存").await;
    browser.heading("东石镇敬老院 · 业务指导 · 2020年4月20日").await;
    browser.sees("待确认").await;
    browser.is_accessible().await;
    browser.link("工作台").await;
    // What is due leads straight to its form.
    browser.link(title).await;
    browser.holds("月份", "2020-04").await;
    browser.fill("具体帮扶内容", "联系市医院培训护理员").await;
    browser.button("保存").await;
    browser.heading("东石镇敬老院 · 2020年4月").await;
    browser.menu("机构挂钩", "困难及解决").await;
    browser.link("护理员不足").await;
    browser.button("解决").await;
    browser.button("解决").await;
    browser.sees("请填写").await;
    browser.is_accessible().await;
    browser.fill("采取的办法和结果（必填）", "增聘夜班护理员两名").await;
    browser.pick("挂钩帮扶", "东石镇敬老院").await;
    browser.button("解决").await;
    browser.sees("已解决").await;
    browser.sign_out().await;

    // Whoever received it confirms it; then it counts.
    browser.sign_in(Who::Institution, "/").await;
    browser.link("Cadre · 业务指导").await;
    browser.button("确认").await;
    browser.button("确认").await;
    browser.sees("已确认").await;
    browser.sign_out().await;

    browser.sign_in(Who::Cadre, "/").await;
    browser.menu("机构挂钩", "干部年度一页").await;
    browser.sees("Cadre的一年").await;
    for told in ["¥1,200.50", "6 小时", "联系市医院培训护理员", "增聘夜班护理员两名"] {
        browser.sees(told).await;
    }
    browser.is_accessible().await;
    browser.resize(390).await;
    browser.is_accessible().await;
});

journey!(a_tab_shows_the_first_rows_and_leads_to_all, async |app, browser| {
    let campaign = app.open_campaign().await;
    let institution = app.world.institution;
    for number in 1..=21 {
        let told = json!({
            "campaign_id": campaign.id(), "institution_id": institution, "title": format!("困难之{number}"),
            "description": "护理床不足", "raised_on": "2020-04-20",
        });
        app.as_(Who::Institution).post("/difficulties", told).await.is(201);
    }
    browser.sign_in(Who::Institution, &format!("/institutions/{institution}?tab=difficulties")).await;
    browser.sees("查看全部 21 项").await;
    let rows = browser.script("return document.querySelectorAll('#tab-panel tbody tr').length", json!(null)).await;
    assert_eq!(rows, 20);
    browser.link("查看全部 21 项").await;
    browser.sees("共 21 条").await;
    browser.is_accessible().await;
});
