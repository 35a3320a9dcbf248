//! Search while typing with an input method: text that is still being composed is not searched for.

use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use crate::support::*;

/// Removes the pause after typing, and records requests.
const IMPATIENT: &str = "window.asked = [];
    const [later, fetch] = [window.setTimeout, window.fetch];
    window.setTimeout = (ask, pause) => pause < 1000 ? (queueMicrotask(ask), 0) : later.call(window, ask, pause);
    window.fetch = (request, more) => { window.asked.push(request.url ?? String(request)); return fetch.call(window, request, more) };";
/// The search texts since the last look, in order.
const ASKED: &str =
    "return window.asked.splice(0).map(asked => new URL(asked, location).searchParams.get('q')).filter(q => q !== null)";

impl Browser {
    /// Types with an input method: letters that become a word.
    async fn compose(&self, word: &str) {
        for letters in ["j", "jin", "jin'j", "jin'jing"] {
            let at = letters.len();
            let composing = json!({ "text": letters, "selectionStart": at, "selectionEnd": at });
            self.cdp("Input.imeSetComposition", composing).await;
        }
        self.cdp("Input.insertText", json!({ "text": word })).await;
    }
}

journey!(what_is_composed_is_asked_for_once_it_is_a_word, async |app, browser| {
    let named = with(organisation(50, TOWN_A), "/name", json!("金井慈善会"));
    app.bureau().post("/organisations", named).await.is(201);
    browser.sign_in(Who::Bureau, "/organisations").await;
    browser.sees("晋江市慈善总会").await;
    browser.script(IMPATIENT, Value::Null).await;
    browser.find("//input[@id='list-q']").await.click().await.expect("the search box");
    browser.compose("金井").await;
    browser.gone("//main//*[normalize-space()='晋江市慈善总会']").await;
    browser.sees("金井慈善会").await;
    assert_eq!(browser.script(ASKED, Value::Null).await, json!(["金井"]));

    // The same applies to pickers.
    browser.find("//*[@role='combobox']").await.click().await.expect("a picker");
    browser.find("//*[@role='option']").await;
    browser.script(ASKED, Value::Null).await;
    browser.compose("金井").await;
    browser.find("//*[@role='option'][contains(normalize-space(), '金井镇')]").await;
    assert_eq!(browser.script(ASKED, Value::Null).await, json!(["金井"]));
});
