//! The queue on the phone when something goes wrong: no space, a lost answer, "later", an ended session, another person with the
//! phone. Nothing is lost, entered twice, or visible to others.

use image::ImageFormat;
use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use super::line::Line;
use super::visit::{FAMILY, KEPT, NOTE, counts, is_else_quiet, offline, phone};
use crate::support::*;

pub(super) const OTHER_FAMILY: &str = "许** 350582104206-0002 永湖村委会";
const CORRECT: &str = "//button[normalize-space()='更正']";
/// Deletes the last photo of the last entry from the device.
pub(super) const LOSE_PHOTO: &str = "const done = arguments[arguments.length - 1];
    indexedDB.open('baishe').onsuccess = ({ target: { result: database } }) => {
        const work = database.transaction('sealed', 'readwrite');
        const store = work.objectStore('sealed');
        store.getAllKeys().onsuccess = ({ target: { result: keys } }) =>
            store.delete(keys.filter(key => key.includes('/photo/')).pop());
        work.oncomplete = () => { database.close(); done() };
    }";
/// A script that spoils the last value of a kind on the device, so that it cannot be read any more.
pub(super) fn spoiling(kind: &str) -> String {
    const SPOIL: &str = "const done = arguments[arguments.length - 1];
        indexedDB.open('baishe').onsuccess = ({ target: { result: database } }) => {
            const work = database.transaction('sealed', 'readwrite');
            const store = work.objectStore('sealed');
            store.getAllKeys().onsuccess = ({ target: { result: keys } }) =>
                store.put(new Uint8Array(64), keys.filter(key => key.includes('KIND')).pop());
            work.oncomplete = () => { database.close(); done() };
        }";
    SPOIL.replace("KIND", kind)
}

/// Nothing is being uploaded.
pub(super) const AT_REST: &str = "//button[normalize-space()='立即上传'][@aria-disabled='false']";

/// On the next pages, timers do not run until [`in_time`].
async fn time_stands(browser: &Browser) {
    let source = "window.ticks = []; window.setInterval = (work, pause) => ticks.push([work, pause])";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
}

/// A minute passes.
async fn in_time(browser: &Browser) {
    const SCRIPT: &str = "ticks.filter(([, pause]) => pause <= 60000).forEach(([work]) => work())";
    browser.script(SCRIPT, Value::Null).await;
}

/// Enters a visit, with whatever else is filled in already.
pub(super) async fn enter(browser: &Browser, family: &str, note: &str) {
    browser.button(family).await;
    browser.fill("走访情况", note).await;
    browser.button("登记").await;
    browser.none("chosen").await;
}

/// The number of waiting entries that may be corrected.
async fn corrigible(browser: &Browser) -> u64 {
    const SCRIPT: &str = "return document.evaluate(`count(${arguments[0]})`, document).numberValue";
    browser.script(SCRIPT, json!(CORRECT)).await.as_f64().expect("a number") as u64
}

/// Whether the device stores entries or photos, sealed.
pub(super) async fn keeps(browser: &Browser, what: &str) -> bool {
    browser.script_later(KEPT).await.to_string().contains(what)
}

journey!(where_there_is_no_room_nothing_is_kept_by_half_and_nothing_typed_is_lost, async |app, browser| {
    const NO_ROOM: &str = "const put = IDBObjectStore.prototype.put;
        window.refused = 0;
        IDBObjectStore.prototype.put = function (value, key) {
            if (!window.full || !key.includes(window.full)) return put.call(this, value, key);
            window.refused += 1;
            throw new DOMException('', 'QuotaExceededError');
        }";
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.script(NO_ROOM, Value::Null).await;
    for (times, full) in [(1, "/photo/"), (2, "/entry/")] {
        browser.script("window.full = arguments[0]", json!(full)).await;
        browser.button("登记").await;
        browser.until("no room", async || browser.script("return window.refused", Value::Null).await == json!(times)).await;
        browser.sees("本机存储空间不足，未能保存").await;
        browser.settled().await;
        assert!(!keeps(browser, "/entry/").await && !keeps(browser, "/photo/").await, "without room for {full}");
    }
    browser.script("window.full = null", Value::Null).await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;

    // If there is no space for a correction, the stored entry stays as it was.
    browser.script("window.full = '/photo/'", Value::Null).await;
    browser.button("更正").await;
    browser.find("//img").await;
    browser.fill("走访情况", "另写").await;
    browser.button("更正并重新上传").await;
    browser.until("no room", async || browser.script("return window.refused", Value::Null).await == json!(3)).await;
    browser.settled().await;
    browser.script("window.full = null", Value::Null).await;
    browser.button("取消").await;
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [1, 0, 1]);
    let visits = app.village_a().get(&format!("{}/visits", family.path())).await.is(200);
    assert_eq!(visits.items()[0]["note"], NOTE);
    assert!(!keeps(browser, "/entry/").await && !keeps(browser, "/photo/").await, "what has come is forgotten");
    is_else_quiet(browser).await;
});

journey!(what_waits_is_sent_when_its_turn_comes_and_by_one_tab_alone, async |app, browser| {
    const HOLD: &str = "window.release = null;
        navigator.locks.request('baishe.entries', () => new Promise(end => { window.release = end }))";
    const WAITING: &str = "const done = arguments[arguments.length - 1];
        navigator.locks.query().then(locks => done(locks.pending.length))";
    time_stands(browser).await;
    app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    // The browser does not notice the cut connection. Coming back to the page, or waiting a minute, is enough to continue.
    for (visits, event) in [(1, Some("focus")), (2, Some("online")), (3, None)] {
        line.is(Line::Cut);
        enter(browser, FAMILY, NOTE).await;
        browser.sees("等待答复").await;
        browser.find(AT_REST).await;
        line.is(Line::Up);
        match event {
            Some(event) => drop(browser.script("window.dispatchEvent(new Event(arguments[0]))", json!(event)).await),
            None => in_time(browser).await,
        }
        browser.sees("1 条登记已上传。").await;
        browser.none("waiting-bar").await;
        assert_eq!(counts(app).await, [visits, 0, 0], "{event:?}");
    }

    // While another tab has the lock, nothing is stored, sent or discarded.
    let held = async || {
        browser.script(HOLD, Value::Null).await;
        browser.until("the lock", async || browser.script("return !!window.release", Value::Null).await == true).await;
    };
    let waits = async || {
        browser.until("somebody who waits", async || browser.script_later(WAITING).await == 1).await;
    };
    let release = async || drop(browser.script("window.release()", Value::Null).await);
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    held().await;
    browser.button("登记").await;
    waits().await;
    assert!(!keeps(browser, "/entry/").await);
    release().await;
    browser.sees("1 条登记待上传").await;
    held().await;
    browser.button("删除").await;
    browser.button("删除").await;
    waits().await;
    assert!(keeps(browser, "/entry/").await);
    release().await;
    browser.none("waiting-bar").await;
    enter(browser, FAMILY, NOTE).await;
    held().await;
    offline(browser, &line, false).await;
    waits().await;
    // The upload has begun already.
    browser.find("//button[normalize-space()='立即上传'][@aria-disabled='true']").await;
    browser.button("立即上传").await;
    assert_eq!(browser.script_later(WAITING).await, 1);
    assert_eq!(counts(app).await, [3, 0, 0]);
    release().await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [4, 0, 0]);
    is_else_quiet(browser).await;
});

journey!(what_cannot_be_sent_now_waits_in_its_order_and_comes_once, async |app, browser| {
    const FATES: &str = "const fetch = window.fetch;
        const late = { type: 'about:blank', title: '', status: 429, instance: '', code: 'too_many_requests', request_id: '' };
        window.asked = 0;
        window.fetch = async (request, ...rest) => {
            const fate = window.fates?.[new URL(request.url).pathname.split('/').pop()];
            window.asked += fate ? 1 : 0;
            if (fate === 'late') return new Response(JSON.stringify(late), { status: 429 });
            const answer = await fetch(request, ...rest);
            if (fate === 'lost') throw new TypeError('lost');
            return answer;
        }";
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    let fates = async |fates: Value| drop(browser.script("window.fates = arguments[0]", fates).await);
    browser.script(FATES, Value::Null).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.button("登记").await;
    browser.none("chosen").await;
    browser.button(FAMILY).await;
    browser.choose("助学").await;
    browser.fill("金额（元）", "500").await;
    browser.button("登记").await;
    browser.sees("2 条登记待上传").await;
    let text = browser.text().await;
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} is not in {text}"));
    assert!(at("仅走访 · 1 张照片") < at("助学 · ¥500.00"), "the oldest first");
    assert_eq!(corrigible(browser).await, 2, "nothing was tried without a connection");

    // The service is busy: nothing has arrived, and nothing else is tried.
    fates(json!({ "visits": "late" })).await;
    offline(browser, &line, false).await;
    browser.until("a try", async || browser.script("return window.asked", Value::Null).await != 0).await;
    browser.find(AT_REST).await;
    assert_eq!((browser.script("return window.asked", Value::Null).await, corrigible(browser).await), (json!(1), 2));
    assert!(!browser.text().await.contains("条登记已上传"), "nothing is there to be told");
    // The answer is lost: the entry may have arrived, and nothing else is tried.
    fates(json!({ "visits": "lost" })).await;
    browser.button("立即上传").await;
    browser.sees("等待答复").await;
    assert_eq!((counts(app).await, corrigible(browser).await), ([1, 0, 0], 1));
    fates(json!({ "attachments": "lost" })).await;
    browser.button("立即上传").await;
    browser.until("the photo to have come", async || counts(app).await[2] == 1).await;
    browser.find(AT_REST).await;
    assert_eq!((counts(app).await, corrigible(browser).await), ([1, 0, 1], 1));
    // Days later, when the service has deleted all keys.
    app.clock.set(instant(NOW) + chrono::TimeDelta::days(3));
    fates(json!({})).await;
    browser.button("立即上传").await;
    browser.sees("2 条登记已上传。").await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [2, 1, 1]);
    let of_family = format!("/attachments?object_type=households&object_id={}", family.id());
    assert_eq!(app.village_a().get(&of_family).await.is(200)["total"], 1);
    is_else_quiet(browser).await;
});

journey!(what_is_refused_is_asked_once_and_in_nobodys_way, async |app, browser| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let consents_to = async |scope: Value| {
        let now = app.village_a().get(&made.path()).await.is(200);
        let patch = json!({ "consent": { "scope": scope } });
        app.village_a().patch(&made.path(), patch).if_match(&now.etag()).await.is(200);
    };
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    for family in [FAMILY, OTHER_FAMILY] {
        browser.button(family).await;
        browser.photograph(&picture(ImageFormat::Jpeg)).await;
        browser.fill("走访情况", NOTE).await;
        browser.button("登记").await;
        browser.none("chosen").await;
    }
    // Meanwhile the first family has withdrawn its consent to photos, and the device cannot read the other's photo any
    // more. The visit arrives, and the page says what is missing.
    consents_to(json!(["assistance"])).await;
    browser.script_later(&spoiling("/photo/")).await;
    offline(browser, &line, false).await;
    browser.sees("缺照片").await;
    browser.sees("其中 2 条需要更正").await;
    browser.find(AT_REST).await;
    assert!(!browser.text().await.contains("条登记已上传"), "neither has come whole");
    assert_eq!(counts(app).await, [2, 0, 0]);

    // The service would accept it now. But its answer stands until somebody has read it.
    consents_to(json!(["assistance", "photos"])).await;
    enter(browser, OTHER_FAMILY, NOTE).await;
    browser.until("the other visit", async || counts(app).await[0] == 3).await;
    // What is refused is not among what has been uploaded.
    browser.sees("1 条登记已上传。").await;
    browser.find(AT_REST).await;
    browser.sees("其中 2 条需要更正").await;
    assert_eq!(counts(app).await, [3, 0, 0]);
    // Uploads of other entries have not taken the photo with them.
    browser.button("更正").await;
    browser.find("//img").await;
    browser.button("取消").await;
    is_else_quiet(browser).await;
});

journey!(whoever_takes_over_the_phone_finds_nothing_of_those_before, async |app, browser| {
    const OVER: &str = "UPDATE sessions SET ended_at = created_at WHERE user_agent IS NOT NULL";
    time_stands(browser).await;
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    enter(browser, FAMILY, NOTE).await;
    app.sql(OVER).await;
    offline(browser, &line, false).await;
    browser.sees("请重新登录").await;
    // The entry has not arrived. It waits for the person who made it.
    assert_eq!(counts(app).await, [0, 0, 0]);
    browser.credentials(&Who::TownA.account(), PASSWORD).await;
    browser.arrives("/").await;
    browser.none("waiting-bar").await;
    browser.until("nobody whom the device knows", async || !keeps(browser, "\"last\"").await).await;
    offline(browser, &line, true).await;
    browser.visit("/").await;
    browser.sees("无法连接服务").await;
    assert!(keeps(browser, "/entry/").await);

    // It is uploaded when that person signs in, and under no other name.
    offline(browser, &line, false).await;
    browser.visit("/").await;
    browser.sign_out().await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.until("the visit", async || counts(app).await[0] == 1).await;
    browser.none("waiting-bar").await;
    browser.link("入户登记").await;
    browser.heading("入户登记").await;
    let visits = app.village_a().get(&format!("{}/visits", family.path())).await.is(200);
    let mine = app.village_a().get("/me").await.is(200)["display_name"].clone();
    assert_eq!((&visits["total"], &visits.items()[0]["recorded_by"]), (&json!(1), &mine));

    // The same person can continue by signing in again, also after others have used the phone.
    offline(browser, &line, true).await;
    enter(browser, FAMILY, NOTE).await;
    app.sql(OVER).await;
    offline(browser, &line, false).await;
    browser.sees("请重新登录").await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await, [2, 0, 0]);
    is_else_quiet(browser).await;
});
