//! Failures of the phone's own storage: photos, entries and connections that disappear, and a page that is closed while somebody
//! types.

use image::ImageFormat;
use serde_json::{Value, json};

use super::journey;
use super::queue::{LOSE_PHOTO, OTHER_FAMILY, enter, keeps, spoiling};
use super::visit::{FAMILY, KEPT, NOTE, counts, is_else_quiet, offline, phone};
use crate::support::*;

journey!(a_photo_that_the_phone_has_lost_is_named_until_it_is_taken_again, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.find("(//img)[2]").await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    browser.script_later(LOSE_PHOTO).await;
    offline(browser, &line, false).await;
    browser.sees("有 1 张照片在本机上已读不出，没有上传").await;
    browser.sees("其中 1 条需要更正").await;
    browser.is_accessible().await;
    assert_eq!(counts(app).await, [1, 0, 1]);
    assert!(!browser.text().await.contains("条登记已上传"), "not all of it has come");

    browser.button("更正").await;
    browser.sees("有 1 张照片在本机上读不出，请重拍").await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.find("(//img)[2]").await;
    browser.button("更正并重新上传").await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [1, 0, 2]);
    let visits = app.village_a().get(&format!("{}/visits", family.path())).await.is(200);
    assert_eq!(visits["total"], 1);
    is_else_quiet(browser).await;
});

journey!(what_waits_is_there_with_its_photos_after_signing_out, async |app, browser| {
    const NO_LINE: &str = "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })";
    app.helped(campaign(), 1).await;
    phone(app, browser, Who::VillageA).await;
    // Nothing is uploaded before signing out.
    browser.script(NO_LINE, Value::Null).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    enter(browser, FAMILY, NOTE).await;
    browser.sees("1 条登记待上传").await;
    browser.script("document.querySelector('header .top-end > button:last-of-type').click()", Value::Null).await;
    browser.sees("还有 1 条登记未上传").await;
    browser.button("退出").await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.visit("/visit").await;
    browser.until("the photo", async || counts(app).await == [1, 0, 1]).await;
    browser.none("waiting-bar").await;
});

journey!(a_connection_that_the_browser_has_dropped_is_opened_again, async |app, browser| {
    // iOS does this to pages in the background: everything over an older connection fails.
    const DROP: &str = "const fresh = new WeakSet();
        const { open } = IDBFactory.prototype;
        IDBFactory.prototype.open = function (...name) {
            const request = open.apply(this, name);
            request.addEventListener('success', () => fresh.add(request.result));
            return request;
        };
        const { transaction } = IDBDatabase.prototype;
        window.dropped = 0;
        IDBDatabase.prototype.transaction = function (...stores) {
            if (window.shut) throw new DOMException('', 'UnknownError');
            if (fresh.has(this)) return transaction.apply(this, stores);
            window.dropped += 1;
            throw new DOMException('', 'InvalidStateError');
        }";
    app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.script(DROP, Value::Null).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    enter(browser, FAMILY, NOTE).await;
    browser.sees("1 条登记待上传").await;
    assert_ne!(browser.script("return window.dropped", Value::Null).await, 0);

    // If a fresh connection fails too, the page does not claim that space ran out, and what was typed stays.
    browser.script("window.shut = true", Value::Null).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.button("登记").await;
    browser.sees("浏览器暂时无法写入本机存储，未能保存").await;
    assert!(!browser.text().await.contains("空间不足"));
    browser.sees("1 条登记待上传").await;
    browser.holds("走访情况", NOTE).await;
    browser.script("window.shut = false", Value::Null).await;
    browser.button("登记").await;
    browser.sees("2 条登记待上传").await;

    // The entry is on the device, not only on the page.
    browser.visit("/visit").await;
    browser.sees("2 条登记待上传").await;
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [2, 0, 1]);
    is_else_quiet(browser).await;
});

journey!(what_is_being_typed_at_a_door_outlives_a_reload, async |app, browser| {
    const RESTORED: &str = "已恢复您上次未保存的内容。";
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.choose("助学").await;
    browser.fill("金额（元）", "500.5").await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.sees("已暂存在本机").await;
    let kept = browser.script_later(KEPT).await.to_string();
    assert!(kept.contains("/draft"), "{kept}");
    for secret in [NOTE, "户主", "许**", "206-0001", "amount_fen", "JFIF", &family.id()] {
        assert!(!kept.contains(secret), "{secret} is kept in plain");
    }
    browser.visit("/visit").await;
    browser.sees(RESTORED).await;
    browser.sees("许** 350582104206-0001").await;
    browser.holds("走访情况", NOTE).await;
    browser.holds("金额（元）", "500.50").await;
    browser.find("//img").await;
    browser.is_accessible().await;

    // The draft becomes one entry and ceases to be a draft.
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    assert!(!keeps(browser, "/draft").await);
    browser.visit("/visit").await;
    browser.sees("待上传的登记（1）").await;
    assert!(!browser.text().await.contains(RESTORED));
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [1, 1, 1]);

    // A restored draft can be discarded. Whoever leaves the page on purpose discards theirs too.
    browser.fill("走访情况", NOTE).await;
    browser.sees("已暂存在本机").await;
    browser.visit("/visit").await;
    browser.sees(RESTORED).await;
    browser.button("放弃恢复的内容").await;
    browser.holds("走访情况", "").await;
    browser.until("no draft", async || !keeps(browser, "/draft").await).await;
    browser.fill("走访情况", NOTE).await;
    browser.sees("已暂存在本机").await;
    browser.script("document.querySelector('a.brand').click()", Value::Null).await;
    browser.button("离开").await;
    browser.arrives("/").await;
    browser.until("no draft", async || !keeps(browser, "/draft").await).await;
    is_else_quiet(browser).await;
});

journey!(the_browser_is_asked_to_keep_what_waits_and_what_it_throws_away_is_said, async |app, browser| {
    const COUNT: &str = "window.asked = 0;
        StorageManager.prototype.persist = async () => { window.asked += 1; return true }";
    const NO_ROOM: &str = "window.put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') }";
    app.helped(campaign(), 1).await;
    app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.script(COUNT, Value::Null).await;
    // It is asked with the first entry, and not again while that one waits.
    for (family, waiting) in [(FAMILY, "1 条登记待上传"), (OTHER_FAMILY, "2 条登记待上传")] {
        enter(browser, family, NOTE).await;
        browser.sees(waiting).await;
        assert_eq!(browser.script("return window.asked", Value::Null).await, 1, "{waiting}");
    }
    // What there was no room for at first is counted once.
    browser.script(NO_ROOM, Value::Null).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.button("登记").await;
    browser.sees("本机存储空间不足，未能保存").await;
    browser.script("IDBObjectStore.prototype.put = window.put", Value::Null).await;
    browser.button("登记").await;
    browser.sees("3 条登记待上传").await;

    let gone = json!({ "origin": line.origin, "storageTypes": "indexeddb,cache_storage,service_workers" });
    browser.cdp("Storage.clearDataForOrigin", gone).await;
    browser.script("localStorage.clear()", Value::Null).await;
    offline(browser, &line, false).await;
    browser.sees("3 条未上传的登记已丢失").await;
    assert_eq!(counts(app).await, [0, 0, 0]);
    // The page also tells whoever signs in later.
    browser.visit("/visit").await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.sees("本机原有 3 条未上传的登记，现已不在").await;
    browser.is_accessible().await;
    // Entries made since are not part of the loss.
    enter(browser, FAMILY, NOTE).await;
    browser.until("the visit", async || counts(app).await == [1, 0, 0]).await;
    browser.visit("/visit").await;
    browser.sees("本机原有 3 条未上传的登记，现已不在").await;
    browser.button("知道了").await;
    browser.none("waiting-bar").await;
    browser.visit("/visit").await;
    browser.find("//button[contains(@class, 'offer')]").await;
    browser.none("waiting-bar").await;
    is_else_quiet(browser).await;
});

journey!(what_has_waited_for_long_is_named_on_the_front_page, async |app, browser| {
    app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    enter(browser, FAMILY, NOTE).await;
    browser.visit("/").await;
    browser.sees("1 条登记待上传").await;
    assert!(!browser.text().await.contains("超过一天"));
    browser.visit("/visit").await;
    browser.script("const now = Date.now; Date.now = () => now() - 25 * 3600000", Value::Null).await;
    enter(browser, FAMILY, NOTE).await;
    browser.visit("/").await;
    browser.sees("1 条登记超过一天未上传").await;
    browser.is_accessible().await;
    browser.link("许** 350582104206-0001").await;
    browser.heading("入户登记").await;
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [2, 0, 0]);
    is_else_quiet(browser).await;
});

journey!(an_entry_that_the_phone_cannot_read_any_more_is_named, async |app, browser| {
    app.helped(campaign(), 1).await;
    app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    for family in [FAMILY, OTHER_FAMILY] {
        enter(browser, family, NOTE).await;
    }
    browser.sees("2 条登记待上传").await;
    browser.script_later(&spoiling("/entry/")).await;
    // The other entry is uploaded.
    offline(browser, &line, false).await;
    browser.sees("1 条登记已上传。").await;
    browser.sees("这条登记在本机上已读不出").await;
    browser.sees("1 条登记待处理，其中 1 条需要更正").await;
    browser.is_accessible().await;
    assert_eq!(counts(app).await, [1, 0, 0]);
    browser.button("删除").await;
    browser.button("删除").await;
    browser.none("waiting-bar").await;
    browser.visit("/visit").await;
    browser.find("//button[contains(@class, 'offer')]").await;
    browser.none("waiting-bar").await;
    is_else_quiet(browser).await;
});
