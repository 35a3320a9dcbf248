//! Entries made at a family's home, on a phone whose connection comes and goes: each is uploaded once, and nothing is lost.

use image::ImageFormat;
use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use super::line::{Connection, Line};
use super::queue::AT_REST;
use crate::support::*;

pub(super) const NOTE: &str = "户主已出院，长女学费尚缺";
pub(super) const FAMILY: &str = "许** 350582104206-0001 永湖村委会";

/// Everything that the page stores on the device, as text.
pub(super) const KEPT: &str = "const done = arguments[arguments.length - 1];
    const all = request => new Promise(give => { request.onsuccess = () => give(request.result) });
    const text = value => value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) + new TextDecoder().decode(value)
        : value instanceof CryptoKey ? `a key, extractable: ${value.extractable}` : JSON.stringify(value);
    (async () => {
        const database = await all(indexedDB.open('baishe'));
        const stores = [];
        for (const name of database.objectStoreNames) {
            const store = database.transaction(name).objectStore(name);
            stores.push([name, await all(store.getAllKeys()), (await all(store.getAll())).map(text)]);
        }
        const files = [];
        for (const name of await caches.keys())
            for (const file of await (await caches.open(name)).keys()) files.push(new URL(file.url).pathname);
        database.close();
        done([stores, files, { ...localStorage }, { ...sessionStorage }]);
    })()";

/// A phone with its own line, and the page open with everything that it needs offline.
pub(super) async fn phone(app: &TestApp, browser: &Browser, who: Who) -> Connection {
    const KEEPS: &str = "const done = arguments[arguments.length - 1];
        navigator.serviceWorker.ready.then(async () => done((await caches.keys()).length === 1 && !!document.querySelector('.offer')))";
    let line = Connection::to(&app.origin()).await;
    browser.goes_by(&line.origin);
    browser.resize(360).await;
    browser.sign_in(who, "/").await;
    browser.link("入户登记").await;
    browser.heading("入户登记").await;
    browser.until("a device that can be taken along", async || browser.script_later(KEEPS).await == true).await;
    line
}

/// Cuts the line, or restores it.
pub(super) async fn offline(browser: &Browser, line: &Connection, offline: bool) {
    line.is(if offline { Line::Cut } else { Line::Up });
    browser.offline(offline).await;
}

/// Asserts that the log has no errors except about files and answers that did not arrive.
pub(super) async fn is_else_quiet(browser: &Browser) {
    let errors = browser.errors().await;
    assert!(errors.iter().all(|error| error.contains("net::ERR_")), "{errors:#?}");
}

pub(super) async fn counts(app: &TestApp) -> [i64; 3] {
    let count = async |table: &str| app.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    [count("household_visits").await, count("assistance_records").await, count("attachments").await]
}

journey!(a_visit_is_entered_without_a_connection_and_sent_once, async |app, browser| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    browser.is_accessible().await;
    offline(browser, &line, true).await;
    browser.button("登记").await;
    browser.sees("必填").await;
    browser.fill("帮扶户", "永湖 0001").await;
    browser.button(FAMILY).await;
    browser.choose("慰问").await;
    browser.choose("晋江市慈善总会").await;
    browser.fill("金额（元）", "500.5").await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.is_accessible().await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;

    // The app starts offline, and the waiting entries are still there.
    browser.visit("/visit").await;
    browser.sees("2020年4月20日 · 慰问 · ¥500.50 · 1 张照片").await;
    browser.is_accessible().await;
    let kept = browser.script_later(KEPT).await;
    let text = kept.to_string();
    for secret in [NOTE, "户主", "许**", "206-0001", "amount_fen", "慰问", "JFIF", "village", &family.id(), &pairing.id()] {
        assert!(!text.contains(secret), "{secret} is kept in plain");
    }
    assert!(text.contains("a key, extractable: false"), "{text}");
    let files = kept[1].as_array().expect("files");
    assert!(
        files.len() > 10
            && files.iter().all(|file| file == "/" || file.as_str().is_some_and(|file| file.starts_with("/assets/")))
    );
    assert_eq!(counts(app).await, [0, 0, 0]);

    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [1, 1, 1]);
    let visits = app.village_a().get(&format!("{}/visits", family.path())).await.is(200);
    assert_eq!((&visits.items()[0]["note"], &visits.items()[0]["visited_on"]), (&json!(NOTE), &json!("2020-04-20")));
    let record = app.village_a().get("/assistance-records").await.is(200).items()[0].clone();
    assert_eq!(
        (&record["pairing_id"], &record["amount_fen"], &record["kind"], &record["description"]),
        (&pairing["id"], &json!(50_050), &json!("visit"), &Value::Null)
    );
    let id = record["id"].as_str().expect("an id");
    let photos = app.village_a().get(&format!("/attachments?object_type=assistance_records&object_id={id}")).await.is(200);
    assert_eq!(photos.items().len(), 1);
    is_else_quiet(browser).await;
});

journey!(an_answer_that_is_lost_and_a_second_tab_enter_nothing_twice, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    line.is(Line::Deaf);
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.button("登记").await;
    browser.until("the visit to have come", async || counts(app).await[0] == 1).await;
    browser.sees("等待答复").await;
    // An entry that may have arrived can no longer be changed.
    browser.gone("//button[normalize-space()='更正']").await;
    line.is(Line::Cut);
    for number in ["500", "600"] {
        browser.button(FAMILY).await;
        browser.choose("助学").await;
        browser.fill("金额（元）", number).await;
        browser.button("登记").await;
        browser.sees(&format!("¥{number}.00")).await;
    }
    // Days later, when the service has deleted all keys, and in two tabs at once.
    app.clock.set(instant(NOW) + chrono::TimeDelta::days(3));
    let first = browser.driver.window().await.expect("a window");
    let second = browser.driver.new_tab().await.expect("a tab");
    browser.driver.switch_to_window(second).await.expect("the tab");
    browser.visit("/visit").await;
    browser.sees("待上传的登记（3）").await;
    line.is(Line::Up);
    browser.button("立即上传").await;
    browser.driver.switch_to_window(first).await.expect("the window");
    browser.script("window.dispatchEvent(new Event('online'))", Value::Null).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [3, 2, 0]);
    let visits = app.village_a().get(&format!("{}/visits", family.path())).await.is(200);
    assert_eq!(visits["total"], 3);
    is_else_quiet(browser).await;
});

journey!(what_is_refused_stays_until_it_is_corrected, async |app, browser| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.choose("助学").await;
    browser.fill("金额（元）", "300").await;
    browser.fill("走访情况", "许清水已出院").await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    // Meanwhile the family has withdrawn its consent to photos.
    let now = app.village_a().get(&made.path()).await.is(200);
    let patch = json!({ "consent": { "scope": ["assistance"] } });
    app.village_a().patch(&made.path(), patch).if_match(&now.etag()).await.is(200);
    offline(browser, &line, false).await;
    browser.sees("其中 1 条需要更正").await;
    browser.sees("走访情况：不得写入家庭成员的姓名").await;
    assert_eq!(counts(app).await, [0, 0, 0]);

    // The message is at its field, and nothing that was typed is lost.
    browser.visit("/visit").await;
    browser.button("更正").await;
    browser
        .find("//*[@aria-invalid='true'][ancestor::*[contains(@class, 'field')]//*[contains(., '不得写入家庭成员的姓名')]]")
        .await;
    browser.holds("金额（元）", "300.00").await;
    browser.is_accessible().await;
    browser.fill("走访情况", NOTE).await;
    browser.button("更正并重新上传").await;
    // The visit and the record arrive. The photo does not, and its author learns why. It can be discarded, and nothing is entered
    // twice.
    browser.sees("现场照片：该户没有同意拍摄影像资料").await;
    assert_eq!(counts(app).await, [1, 1, 0]);
    browser.button("更正").await;
    browser.sees("本次登记的一部分已上传").await;
    browser.button("取消").await;

    // Signing out mentions the waiting entry, which stays for this account only.
    let sign_out = "document.querySelector('header .top-end > button:last-of-type').click()";
    browser.script(sign_out, Value::Null).await;
    browser.sees("还有 1 条登记未上传").await;
    browser.is_accessible().await;
    browser.button("退出").await;
    browser.credentials(&Who::TownA.account(), PASSWORD).await;
    browser.visit("/visit").await;
    browser.gone("//*[contains(@class, 'waiting')]").await;
    browser.sign_out().await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.sees("其中 1 条需要更正").await;
    browser.visit("/visit").await;
    browser.button("删除").await;
    browser.button("删除").await;
    browser.gone("//*[contains(@class, 'waiting')]").await;
    assert_eq!(counts(app).await, [1, 1, 0]);
    browser.sign_out().await;
    let kept = browser.script_later(KEPT).await;
    let stores: Vec<_> = kept[0].as_array().expect("stores").iter().map(|store| &store[1]).collect();
    assert!(stores.iter().all(|keys| keys.to_string().matches('-').count() <= 4), "of the village nothing is left: {stores:?}");
    is_else_quiet(browser).await;
});

journey!(an_organisation_enters_what_it_gives_and_a_session_that_is_over_is_taken_up, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::OrganisationA).await;
    offline(browser, &line, true).await;
    browser.button("登记").await;
    browser.sees("必填").await;
    browser.button(FAMILY).await;
    browser.gone("//label[contains(., '走访人')]").await;
    browser.choose("慰问").await;
    browser.button("添加物资").await;
    browser.fill("名称", "大米").await;
    browser.fill("数量", "2").await;
    browser.fill("单位", "袋").await;
    browser.fill("走访情况", "陪老人聊天").await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    browser.visit("/visit").await;
    browser.sees("1 条登记待上传").await;
    app.sql("UPDATE sessions SET ended_at = created_at WHERE user_agent IS NOT NULL").await;
    offline(browser, &line, false).await;
    browser.sees("请重新登录").await;
    // No request was sent, so the entry cannot have arrived.
    browser.find(AT_REST).await;
    assert!(!browser.text().await.contains("等待答复"));
    assert_eq!(counts(app).await, [0, 0, 0]);
    browser.credentials(&Who::OrganisationA.account(), PASSWORD).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [0, 1, 0]);
    let record = app.organisation_a().get("/assistance-records").await.is(200).items()[0].clone();
    assert_eq!((&record["household_id"], &record["description"]), (&family["id"], &json!("陪老人聊天")));
    assert_eq!(record["goods"], json!([{ "name": "大米", "quantity": 2, "unit": "袋" }]));
    is_else_quiet(browser).await;
});

journey!(a_family_is_helped_from_its_file_to_the_ledger, async |app, browser| {
    app.active(campaign(), "2020-04-18").await;
    let number = format!("{VILLAGE_A}-0001");
    let pair = format!("永湖村委会 · 晋江市慈善总会 · {number}");

    // The village opens the family's file.
    browser.sign_in(Who::VillageA, "/").await;
    browser.menu("帮扶户", "帮扶户档案").await;
    browser.link("新建帮扶户档案").await;
    browser.select("困难类别", "低保").await;
    browser.select("主要致贫原因", "因学").await;
    browser.fill("地址", "新厝12号").await;
    browser.fill("姓名", "许清水").await;
    browser.fill("身份证号", &identity_number("19650312", 1)).await;
    browser.select("健康状况", "健康").await;
    browser.select("文化程度", "小学").await;
    browser.select("劳动能力", "普通劳动力").await;
    browser.button("登记知情同意").await;
    browser.day("同意日期", "2020-04-18").await;
    browser.fill("同意人", "许清水").await;
    browser.button("保存").await;
    browser.heading(&format!("许** {number}")).await;
    let path = browser.path().await;

    // An organisation of the village is asked to help the family. Each side finds its next step on its work list.
    browser.tab("结对单位").await;
    browser.link("提出结对").await;
    browser.holds("活动", "2020年“百社解千难”活动").await;
    browser.pick("社会组织名称", "晋江市慈善总会").await;
    browser.button("保存").await;
    browser.heading(&format!("{number} · 晋江市慈善总会")).await;
    browser.sign_out().await;
    for (who, work, step, state) in [
        (Who::OrganisationA, "待答复的结对", "同意结对", "双方同意"),
        (Who::Bureau, "待确认的结对", "确认结对", "已确认"),
        (Who::TownA, "待开始帮扶的结对户", "开始帮扶", "结对中"),
    ] {
        browser.sign_in(who, "/").await;
        browser.sees(work).await;
        browser.link(&pair).await;
        browser.button(step).await;
        browser.button(step).await;
        browser.gone("//dialog").await;
        browser.sees(state).await;
        browser.sign_out().await;
    }

    // The two sides agree on a plan with the family.
    browser.sign_in(Who::VillageA, &path).await;
    browser.sees("帮扶中").await;
    browser.tab("帮扶方案").await;
    browser.link("制定帮扶方案").await;
    browser.holds("帮扶户", &format!("{number} 许**")).await;
    browser.button("保存").await;
    browser.heading(&format!("许** {number}")).await;
    browser.link("添加措施").await;
    browser.select("类别", "助学").await;
    browser.fill("说明", "资助长女学费").await;
    browser.select("责任方", "社会组织").await;
    browser.select("社会组织名称", "晋江市慈善总会").await;
    browser.fill("计划金额（元）", "3000").await;
    browser.button("保存").await;
    browser.sees("¥3,000.00").await;
    let plan = app.village_a().get("/assistance-plans").await.is(200).items()[0].clone();
    let plan = format!("/assistance-plans/{}", plan["id"].as_str().expect("an id"));
    browser.visit(&plan).await;
    browser.button("与农户商定").await;
    browser.fill("商定的家庭成员", "许清水").await;
    browser.button("与农户商定").await;
    browser.gone("//dialog").await;
    browser.sees("已商定").await;
    in_the_ledger(browser, "期末在册", "1").await;
    in_the_ledger(browser, "期末无人帮扶", "0").await;
    browser.sign_out().await;

    // There is no connection at the family's home. The plan was loaded before, and suggests what to enter.
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.select("落实方案措施", "2020年4月 · 助学 · 资助长女学费").await;
    browser.holds("金额（元）", "3000.00").await;
    browser.select("帮扶对象", "许** · 户主").await;
    browser.fill("走访情况", NOTE).await;
    browser.is_accessible().await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [1, 1, 0]);
    browser.resize(1366).await;
    browser.visit(&path).await;
    browser.tab("入户走访").await;
    browser.find(&format!("//td[normalize-space()='{NOTE}']")).await;

    // The record fulfils the measure once the village has confirmed it.
    browser.link("工作台").await;
    browser.sees("待确认的帮扶记录").await;
    browser.link(&format!("永湖村委会 · {number} · 助学")).await;
    browser.sees("晋江市慈善总会").await;
    browser.button("确认").await;
    browser.button("确认").await;
    browser.gone("//dialog").await;
    browser.sees("已确认").await;
    browser.visit(&plan).await;
    browser.sees("已落实").await;

    // Then the family is lifted out, and the ledger changes.
    browser.sign_out().await;
    browser.sign_in(Who::TownA, &path).await;
    browser.button("确认脱困").await;
    browser.fill("原因（必填）", "收入稳定").await;
    browser.button("确认脱困").await;
    browser.gone("//dialog").await;
    browser.sees("已脱困").await;
    in_the_ledger(browser, "期末在册", "0").await;
    in_the_ledger(browser, "脱困", "1").await;

    // The auditor sees who has read the file in full.
    browser.visit(&path).await;
    browser.button("查阅完整信息").await;
    browser.select("用途", "入户走访").await;
    browser.button("查阅完整信息").await;
    browser.sees("新厝12号").await;
    browser.button("关闭").await;
    browser.sign_out().await;
    browser.sign_in(Who::Auditor, "/").await;
    browser.menu("系统", "审计日志").await;
    browser.sees("查阅完整档案").await;
    let text = browser.text().await;
    assert!(!text.contains("许清水") && !text.contains("新厝"), "{text}");
    is_else_quiet(browser).await;
});

/// Waits for a figure of this month's ledger, which must link to its families.
async fn in_the_ledger(browser: &Browser, figure: &str, number: &str) {
    browser.menu("帮扶户", "动态清零台账").await;
    browser.find(&format!("//dl//dt[contains(., '{figure}')]/following-sibling::dd/a[normalize-space()='{number}']")).await;
}

journey!(an_entry_that_the_service_cannot_deal_with_holds_up_no_other, async |app, browser| {
    app.helped(campaign(), 1).await;
    let other = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    for name in [FAMILY, "许** 350582104206-0002 永湖村委会"] {
        browser.button(name).await;
        browser.fill("走访情况", NOTE).await;
        browser.button("登记").await;
        browser.none("chosen").await;
    }
    browser.sees("待上传的登记（2）").await;
    // The file of the first family cannot be opened.
    app.sql("UPDATE households SET personal = phone_hash WHERE sequence = 1").await;
    offline(browser, &line, false).await;
    browser.sees("待上传的登记（1）").await;
    browser.sees("等待答复").await;
    let visits = app.village_a().get(&format!("{}/visits", other.path())).await.is(200);
    assert_eq!(visits["total"], 1);
    assert_eq!(counts(app).await, [1, 0, 0]);
    is_else_quiet(browser).await;
});
