//! An institution is entered, gets an account and tells its difficulties.

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
