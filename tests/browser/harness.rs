//! A browser with the actions of a person.

use std::cell::RefCell;
use std::env;
use std::fs;
use std::future::Future;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::Instant;

use baishe::{demo, startup};
use futures_util::FutureExt;
use platform::clock::Clock;
use serde_json::{Value, json};
use thirtyfour::TypingData;
use thirtyfour::components::escape_string;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::driver::{Driver, LOOK, PATIENCE};
use crate::support::{Db, PASSWORD, TestApp, TestDatabase, Who, config};

/// The number of simultaneous browsers that two cores can take.
static BROWSERS: Semaphore = Semaphore::const_new(2);

/// The folder with the built app.
pub fn spa() -> PathBuf {
    let folder = env::var_os("BAISHE_SPA_DIR").map_or_else(|| target().join("spa"), PathBuf::from);
    assert!(folder.join("index.html").exists(), "no app in {}: run `cargo xtask spa`, or `cargo xtask test`", folder.display());
    folder
}

/// The folder of build output. This program lies in target/<profile>/deps.
pub fn target() -> PathBuf {
    let program = env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("a target directory").to_owned()
}

/// The source of axe-core.
fn axe() -> String {
    let usual = || target().join("tools/node_modules/axe-core/axe.min.js");
    let path = env::var_os("BAISHE_AXE").map_or_else(usual, PathBuf::from);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` installs it", path.display()))
}

/// Runs a journey. If it fails, saves a screenshot and the log.
pub async fn run(name: &str, app: &TestApp, journey: impl AsyncFnOnce(&Browser)) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let name = format!("{}-{:?}", name.trim_start_matches("all::browser::").replace("::", "-"), app.db).to_lowercase();
    let journey = async |browser: &Browser| {
        journey(browser).await;
        browser.is_quiet().await;
    };
    watched(&name, app.origin(), &app.app.config.data_dir.join("browser"), journey).await;
}

async fn watched<T>(name: &str, origin: String, folder: &Path, journey: impl AsyncFnOnce(&Browser) -> T) -> T {
    let browser = Browser::open(origin, folder.to_owned()).await;
    let outcome = AssertUnwindSafe(journey(&browser)).catch_unwind().await;
    if outcome.is_err() {
        browser.keep_evidence(name).await;
    }
    browser.close().await;
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A service with the demo data, on SQLite, on the demo's last day.
pub struct Demo {
    origin: String,
    database: TestDatabase,
    stop: Box<dyn Fn()>,
    _turn: SemaphorePermit<'static>,
}

impl Demo {
    pub const PASSWORD: &str = "jinjiang-2020-demo";

    /// Starts a service on a copy of the demo, for one browser at a time.
    pub async fn start() -> Self {
        let _turn = BROWSERS.acquire().await.expect("never closed");
        let database = Db::Sqlite.demo().await;
        let mut config = config(&database.url, &database.folder);
        config.spa_dir = Some(spa());
        config.allow_demo = true;
        let app = startup::prepare(config, Clock::system()).await.expect("the service is prepared");
        demo::set_clock(&app).await.expect("the clock is set");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let server = startup::serve(app, listener).expect("the service starts");
        let handle = server.handle();
        tokio::spawn(server);
        Self { origin, database, stop: Box::new(move || drop(handle.stop(false))), _turn }
    }

    /// Opens a browser and runs a journey in it.
    pub async fn browse<T>(&self, name: &str, journey: impl AsyncFnOnce(&Browser) -> T) -> T {
        watched(name, self.origin.clone(), &self.database.folder.join(name), journey).await
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        (self.stop)();
    }
}

/// A browser with the app of one service.
pub struct Browser {
    pub driver: WebDriver,
    origin: RefCell<String>,
    folder: PathBuf,
    _process: Driver,
}

impl Browser {
    async fn open(origin: String, folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder for the browser");
        let process = Driver::start();
        let driver = process.open(&folder).await;
        let browser = Self { driver, origin: RefCell::new(origin), folder, _process: process };
        let downloads = json!({ "behavior": "allow", "downloadPath": browser.folder });
        browser.cdp("Browser.setDownloadBehavior", downloads).await;
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": axe() })).await;
        browser.resize(1366).await;
        browser
    }

    async fn close(self) {
        // If it cannot be closed any more, it is killed with its driver.
        let _ = self.driver.quit().await;
    }

    /// Sets the width of the window, and a height to match.
    pub async fn resize(&self, width: u32) {
        self.show(width, if width < 600 { 780 } else { width * 9 / 16 }).await;
    }

    async fn show(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Returns the result of a script; `arguments[0]` is its argument.
    pub async fn script(&self, script: &str, argument: Value) -> Value {
        let value = self.driver.execute(script, vec![argument]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Returns what a script passes to its last argument, sooner or later.
    pub async fn script_later(&self, script: &str) -> Value {
        let value = self.driver.execute_async(script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Uses another address of the service from now on.
    pub fn goes_by(&self, origin: &str) {
        origin.clone_into(&mut self.origin.borrow_mut());
    }

    /// Chooses a file in the file input with this id.
    pub async fn choose_file(&self, id: &str, name: &str, bytes: &[u8]) {
        let path = self.folder.join(name);
        fs::write(&path, bytes).expect("a file");
        let input = self.driver.find(By::Id(id)).await.expect("where a file is chosen");
        input.send_keys(path.to_str().expect("a path")).await.expect("a file is chosen");
    }

    /// Takes a photo, as a phone's camera does.
    pub async fn photograph(&self, bytes: &[u8]) {
        self.choose_file("photos", "photo.jpg", bytes).await;
        self.find("//img").await;
    }

    /// Opens a path as a link in a message would: the app starts anew.
    pub async fn visit(&self, path: &str) {
        let origin = self.origin.borrow().clone();
        self.driver.goto(format!("{origin}{path}")).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        self.settled().await;
    }

    /// Signs in on the page at a path.
    pub async fn sign_in(&self, who: Who, path: &str) {
        self.sign_in_as(&who.account(), PASSWORD, path).await;
    }

    /// Signs in with an account and its password.
    pub async fn sign_in_as(&self, account: &str, password: &str, path: &str) {
        self.visit(path).await;
        self.credentials(account, password).await;
    }

    /// Signs in through the form on the page, in whatever language.
    pub async fn credentials(&self, account: &str, password: &str) {
        self.try_credentials(account, password).await;
        self.gone(&login("username")).await;
        self.settled().await;
    }

    /// Signs out, in whatever language. Waits for the end of the session, because a page opened before that would continue it.
    pub async fn sign_out(&self) {
        self.click("//header//button[normalize-space()='退出' or normalize-space()='Sign out']").await;
        self.find(&login("username")).await;
    }

    /// Fills in and sends the login form on the page.
    pub async fn try_credentials(&self, account: &str, password: &str) {
        // The form takes the focus by itself, which would redirect text that is typed elsewhere.
        let has_cursor = async || self.script("return !!document.activeElement.closest('form')", Value::Null).await == true;
        self.until("the cursor", has_cursor).await;
        self.type_into(&login("username"), account).await;
        self.type_into(&login("current-password"), password).await;
        self.click("//form[.//input[@autocomplete='username'][not(@hidden)]]//button[@type='submit']").await;
    }

    /// The path and query in the address bar.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.as_str().strip_prefix(&*self.origin.borrow()).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until a page has this path.
    pub async fn arrives(&self, path: &str) {
        self.until(&format!("the path {path}"), async || self.path().await == path).await;
        self.settled().await;
    }

    /// Waits until nothing is in progress: the app started, data loaded, forms saved, the focus moved. Behind an open dialog
    /// something may still wait for its answer.
    pub async fn settled(&self) {
        const SCRIPT: &str = "const done = arguments[arguments.length - 1];
            const within = () => [...document.querySelectorAll('dialog[open]')].pop() ?? document;
            const busy = () => !document.querySelector('main') || !!within().querySelector('[aria-busy=true], form [aria-disabled=true]');
            requestAnimationFrame(() => requestAnimationFrame(() => done(!busy())))";
        self.until("a page that has come to rest", async || self.script_later(SCRIPT).await == true).await;
    }

    /// Waits until a condition holds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, condition: impl Fn() -> F) {
        let start = Instant::now();
        while !condition().await {
            assert!(start.elapsed() < PATIENCE, "waited for {what} in vain, on {}", self.path().await);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits for the first visible element of an XPath.
    pub async fn find(&self, xpath: &str) -> WebElement {
        let found = RefCell::new(None);
        self.until(xpath, async || {
            *found.borrow_mut() = self.shown(xpath).await;
            found.borrow().is_some()
        })
        .await;
        found.into_inner().expect("just found")
    }

    /// Waits until no element of an XPath is visible.
    pub async fn gone(&self, xpath: &str) {
        // An element has several classes. Compared as a whole, it would count as gone when it gets another. See `none`.
        assert!(!xpath.contains("@class='"), "{xpath} compares classes whole");
        self.until(&format!("{xpath} to go"), async || self.shown(xpath).await.is_none()).await;
    }

    /// Waits until no element of a class is visible, whatever other classes it has.
    pub async fn none(&self, class: &str) {
        self.gone(&format!("//*[contains(concat(' ', normalize-space(@class), ' '), ' {class} ')]")).await;
    }

    /// Finds and inspects the element in one script, because a redraw in between would lose it.
    async fn shown(&self, xpath: &str) -> Option<WebElement> {
        const SCRIPT: &str =
            "const all = document.evaluate(arguments[0], document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
            for (let i = 0; i < all.snapshotLength; i++)
                if (all.snapshotItem(i).checkVisibility({ visibilityProperty: true })) return all.snapshotItem(i);
            return null";
        let found = self.driver.execute(SCRIPT, vec![json!(xpath)]).await;
        let found = found.unwrap_or_else(|error| panic!("{xpath}: {error}"));
        if found.json().is_null() { None } else { Some(found.element().expect("an element")) }
    }

    /// Clicks the first visible element of an XPath. One that is redrawn while it is being clicked is looked for again.
    pub async fn click(&self, xpath: &str) {
        self.settled().await;
        self.until(&format!("{xpath} to be clicked"), async || {
            let element = self.find(xpath).await;
            match self.click_in_sight(&element).await {
                Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => false,
                Err(error) => panic!("{xpath} cannot be clicked on {}: {error}", self.path().await),
                Ok(()) => true,
            }
        })
        .await;
    }

    /// Scrolls an element to the middle, out from under the bar at the bottom, which would get the click instead, and clicks it.
    async fn click_in_sight(&self, element: &WebElement) -> WebDriverResult<()> {
        self.driver.execute("arguments[0].scrollIntoView({ block: 'center' })", vec![element.to_json()?]).await?;
        element.click().await
    }

    /// Presses the button with this name; in the dialog, if one is open.
    pub async fn button(&self, name: &str) {
        let is_modal = self.script("return !!document.querySelector('dialog[open]')", Value::Null).await == true;
        let within = if is_modal { "//dialog[@open]" } else { "" };
        self.click(&format!("{within}//button[normalize-space()={0} or @aria-label={0}]", escape_string(name))).await;
    }

    /// Follows the link with this name.
    pub async fn link(&self, name: &str) {
        self.click(&format!("//a[normalize-space()={}]", escape_string(name))).await;
        self.settled().await;
    }

    /// Opens the tab with this name.
    pub async fn tab(&self, name: &str) {
        self.click(&format!("//*[@role='tab'][normalize-space()={}]", escape_string(name))).await;
        self.settled().await;
    }

    /// Waits for the input at an XPath and returns its value. Finds and reads it in one script, as in [`Self::shown`].
    pub async fn held(&self, xpath: &str) -> String {
        const SCRIPT: &str = "return document.evaluate(arguments[0], document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue?.value ?? null";
        let held = RefCell::new(None);
        self.until(xpath, async || {
            *held.borrow_mut() = self.script(SCRIPT, json!(xpath)).await.as_str().map(str::to_owned);
            held.borrow().is_some()
        })
        .await;
        held.into_inner().expect("just read")
    }

    /// Types into the input with this label, replacing its text.
    pub async fn fill(&self, label: &str, text: &str) {
        self.type_into(&labelled(label), text).await;
    }

    async fn type_into(&self, xpath: &str, text: &str) {
        self.settled().await;
        let selected = self.find(xpath).await.send_keys(Key::Control + "a").await;
        selected.unwrap_or_else(|error| panic!("{xpath} cannot be typed into: {error}"));
        // Inserts the whole text at once, as an input method does.
        self.cdp("Input.insertText", json!({ "text": text })).await;
    }

    /// Waits until the input with this label has a value.
    pub async fn holds(&self, label: &str, text: &str) {
        let held = async || self.held(&labelled(label)).await == text;
        self.until(&format!("“{text}” in {label}"), held).await;
    }

    /// Searches in the combobox with this label, and picks the first result.
    pub async fn pick(&self, label: &str, text: &str) {
        self.fill(label, text).await;
        self.click(&format!("//*[@role='option'][contains(normalize-space(), {})]", escape_string(text))).await;
        self.gone("//*[@role='option']").await;
    }

    /// Selects the option with this text in the list with this label.
    pub async fn select(&self, label: &str, text: &str) {
        const SCRIPT: &str = "const [label, text] = arguments[0];
            const field = [...document.querySelectorAll('label')].filter(e => (e.firstChild?.textContent ?? '').trim() === label).at(-1)?.control;
            const option = [...(field?.options ?? [])].find(e => e.text.trim() === text);
            if (!option) return false;
            field.value = option.value;
            field.dispatchEvent(new Event('change', { bubbles: true }));
            return true";
        self.settled().await;
        self.until(&format!("“{text}” in {label}"), async || self.script(SCRIPT, json!([label, text])).await == true).await;
    }

    /// Sets the date input with this label, as its calendar does.
    pub async fn day(&self, label: &str, day: &str) {
        const SCRIPT: &str = "const [field, day] = arguments[0];
            const input = document.evaluate(field, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
            if (!input) return false;
            input.value = day;
            input.dispatchEvent(new Event('input', { bubbles: true }));
            return true";
        self.settled().await;
        self.until(label, async || self.script(SCRIPT, json!([labelled(label), day])).await == true).await;
    }

    /// Chooses the radio button or checkbox with this label.
    pub async fn choose(&self, label: &str) {
        self.click(&format!("//label[.//input][contains(normalize-space(), {})]", escape_string(label))).await;
    }

    /// Presses keys, wherever the focus is.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        self.settled().await;
        self.driver.action_chain().send_keys(keys).perform().await.expect("keys are pressed");
    }

    /// The name of the focused element.
    pub async fn focused(&self) -> String {
        const SCRIPT: &str = "const e = document.activeElement; const label = e.labels?.[0]?.firstChild ?? e; \
                              return e.getAttribute('aria-label') ?? (label.textContent ?? '').trim()";
        self.script(SCRIPT, Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab until the element with this name has the focus.
    pub async fn tab_to(&self, name: &str) {
        const STOPS: usize = 60;
        let mut passed = Vec::new();
        while self.focused().await != name {
            assert!(passed.len() < STOPS, "{name} is not reached on {}, only {passed:?}", self.path().await);
            self.keys(Key::Tab).await;
            passed.push(self.focused().await);
        }
    }

    /// Cuts the browser's connection, or restores it.
    pub async fn offline(&self, offline: bool) {
        self.cdp("Network.enable", json!({})).await;
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.emulateNetworkConditions", conditions).await;
    }

    /// Waits for a text on the page.
    pub async fn sees(&self, text: &str) {
        self.until(&format!("“{text}”"), async || self.text().await.contains(text)).await;
    }

    /// The visible text of the page.
    pub async fn text(&self) -> String {
        self.script("return document.body.innerText", Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for the main heading.
    pub async fn heading(&self, text: &str) {
        self.find(&format!("//h1[normalize-space()={}]", escape_string(text))).await;
        self.settled().await;
    }

    /// Waits for a file to be downloaded, and reads it.
    pub async fn downloaded(&self, extension: &str) -> (String, Vec<u8>) {
        let found = || {
            let entries = fs::read_dir(&self.folder).expect("the folder").flatten();
            entries.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|found| found == extension))
        };
        self.until(&format!("a .{extension} file"), async || found().is_some()).await;
        let path = found().expect("just found");
        (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(path).expect("the file"))
    }

    /// The errors in the browser's log since the last look, except for answers that refuse something.
    pub async fn errors(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.expect("the browser's log");
        let errors = log.into_iter().filter(|entry| entry.level == "SEVERE");
        let refusal = |message: &str| message.contains("/api/") && message.contains("Failed to load resource");
        errors.map(|entry| entry.message).filter(|message| !refusal(message)).collect()
    }

    async fn is_quiet(&self) {
        let errors = self.errors().await;
        assert!(errors.is_empty(), "the browser's log has errors: {errors:#?}");
    }

    /// The faults that axe finds in the current page: by WCAG 2.2, levels A and AA, and its own best practices.
    pub async fn barriers(&self) -> Vec<String> {
        const SCRIPT: &str = "const done = arguments[arguments.length - 1];
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
            const where = node => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`;
            axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(
                found => done(found.violations.map(fault => `${fault.id}: ${fault.nodes.slice(0, 3).map(where).join('; ')}`)),
                error => done([`${error}`]))";
        // In a view of the full height, since scrolling reaches what lies under a fixed bar.
        let view =
            self.script("return [innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]", Value::Null).await;
        let [width, height] = [0, 1].map(|side| u32::try_from(view[side].as_u64().expect("a length")).expect("a screen"));
        self.show(width, height).await;
        let found = self.script_later(SCRIPT).await;
        self.resize(width).await;
        let texts = found.as_array().expect("a list").iter().map(|fault| fault.as_str().unwrap_or_default().to_owned());
        texts.collect()
    }

    /// Asserts that axe finds no fault.
    pub async fn is_accessible(&self) {
        let barriers = self.barriers().await;
        assert!(barriers.is_empty(), "on {}: {barriers:#?}", self.path().await);
    }

    /// Saves a screenshot.
    pub async fn picture(&self, path: &Path) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        self.driver.screenshot(path).await.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    async fn keep_evidence(&self, name: &str) {
        let folder = target().join("browser");
        let _ = fs::create_dir_all(&folder);
        let _ = self.driver.screenshot(&folder.join(format!("{name}.png"))).await;
        let address = self.driver.current_url().await.map(|url| url.to_string()).unwrap_or_default();
        let log = self.driver.browser_log().await.unwrap_or_default();
        let lines: Vec<_> = log.iter().map(|entry| format!("{} {}", entry.level, entry.message)).collect();
        let _ = fs::write(folder.join(format!("{name}.log")), format!("{address}\n{}\n", lines.join("\n")));
    }
}

/// The XPath of a field of the login form.
fn login(field: &str) -> String {
    format!("//form[.//input[@autocomplete='username'][not(@hidden)]]//input[@autocomplete='{field}']")
}

/// The XPath of the input for a label.
fn labelled(label: &str) -> String {
    let label = escape_string(label);
    format!(
        "(//*[@id=//label[normalize-space(text()[1])={label}]/@for] | //*[self::input or self::textarea][@aria-label={label}])[last()]"
    )
}
