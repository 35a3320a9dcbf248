//! Listing, reading, counting, searching, exporting and figures all agree about what exists for a caller.

mod both_sides;
mod callers;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use contract::Permission;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use callers::Caller;

use super::dashboard::{behind, figures};
use crate::both_databases;
use crate::support::*;

/// Parts of texts that objects in this world contain. Each is tried until one finds something.
const TYPED: &[&str] = &["会", "镇", "活动", "选址", "走访", "检查", "a"];
/// About how many objects of a kind are read one by one for each caller, among those that exist for them and among the others.
const DRAWN: usize = 2;

/// A kind of objects, listed at one path.
struct Kind {
    path: &'static str,
    list: &'static Operation,
    read: Option<&'static Operation>,
    export: Option<&'static Operation>,
    /// Search by exact values, which the body contains.
    search: Option<&'static Operation>,
}

/// Every kind that the document lists, so that new kinds are covered too. Lists of the caller's own sessions and the like have no
/// scope, and subordinate lists are read with their object.
fn kinds() -> Vec<Kind> {
    let below = |operation: &'static Operation| operation.path.strip_prefix(platform::api::BASE).expect("the base");
    let find = |path: &str| {
        operations().iter().find(|operation| below(operation) == path && [Method::GET, Method::POST].contains(&operation.method))
    };
    let lists = operations().iter().filter(|operation| {
        let pages = operation.value["responses"]["200"].to_string().contains("#/components/schemas/Page_");
        operation.method == Method::GET && pages && !operation.path.contains('{') && !below(operation).starts_with("/me/")
    });
    let kind = |list: &'static Operation| {
        let path = below(list);
        let read = find(&format!("{path}/{{id}}")).or_else(|| find(&format!("{path}/{{code}}")));
        Kind { path, list, read, export: find(&format!("{path}/export")), search: find(&format!("{path}/search")) }
    };
    lists.map(kind).collect()
}

impl Kind {
    /// Reading an attachment of a family requires a purpose.
    fn purpose(&self) -> &'static str {
        if self.path == "/attachments" { "?purpose=verification" } else { "" }
    }
}

type Found = BTreeSet<String>;

/// Everything in a list: a small page first unless it is filtered, then large ones. The total must be the number of rows.
async fn walked(client: &Client, path: &str, faults: &mut Vec<String>) -> BTreeMap<String, Value> {
    let (mut found, mut rows, mut cursor) = (BTreeMap::new(), 0, String::new());
    let mut limit = if path.contains("=") { 200 } else { 2 };
    loop {
        let page = client.get(&format!("{path}limit={limit}{cursor}")).await;
        // The object that they are attached to may not exist for the caller, or be of a kind that they never see.
        if path.starts_with("/attachments") && [403, 404].contains(&page.status) {
            return found;
        }
        let page = page.is(200);
        rows += page.items().len();
        for item in page.items() {
            let key = ["id", "code", "number"].iter().map(|key| &item[*key]).find(|key| !key.is_null()).expect("a key");
            found.insert(key.as_str().map_or_else(|| key.to_string(), str::to_owned), item.clone());
        }
        let Some(next) = page["next_cursor"].as_str() else {
            if page["total"] != rows || rows != found.len() {
                faults.push(format!("{path}: {} rows of a total of {}, of which {} differ", rows, page["total"], found.len()));
            }
            return found;
        };
        (cursor, limit) = (format!("&cursor={next}"), 200);
    }
}

/// One kind, and the callers that may list it.
struct Asked<'a> {
    kind: &'a Kind,
    callers: Vec<&'a Caller>,
    /// The paths that list the kind: one, or one for each parent object.
    paths: &'a [String],
    /// The keys in each caller's list.
    seen: Vec<Found>,
    faults: Vec<String>,
}

impl Asked<'_> {
    /// What these callers list with a filter.
    async fn lists(&mut self, callers: &[usize], filter: &str) -> Vec<BTreeMap<String, Value>> {
        let each = callers.iter().map(async |number| {
            let caller = self.callers[*number];
            let (mut all, mut faults) = (BTreeMap::new(), Vec::new());
            for path in self.paths {
                all.extend(walked(&caller.client, &format!("{path}{filter}"), &mut faults).await);
            }
            (all, faults.into_iter().map(|fault| format!("{fault}: {}", caller.name())).collect::<Vec<_>>())
        });
        let (lists, faults): (Vec<_>, Vec<_>) = join_all(each).await.into_iter().unzip();
        self.faults.extend(faults.into_iter().flatten());
        lists
    }

    fn fault(&mut self, number: usize, what: &str) {
        self.faults.push(format!("{}: {}: {what}", self.kind.path, self.callers[number].name()));
    }

    /// Of the callers with the permission, one for each distinct set of keys.
    fn firsts(&self, permission: Option<Permission>) -> Vec<usize> {
        let mut sets = BTreeSet::new();
        let with = (0..self.callers.len()).filter(|number| self.callers[*number].may(permission));
        with.filter(|number| sets.insert(&self.seen[*number])).collect()
    }

    /// Callers with nothing in common see nothing in common, and a caller above another sees all that the other sees.
    fn compares(&mut self) {
        for (number, own) in self.seen.clone().iter().enumerate() {
            for (other, theirs) in self.callers.clone().into_iter().zip(&self.seen.clone()) {
                let caller = self.callers[number];
                if caller.is_apart_from(other, self.kind.path) && !own.is_disjoint(theirs) {
                    self.fault(number, &format!("has something in common with {}", other.name()));
                }
                if caller.is_above(other, self.kind.path) && !own.is_superset(theirs) {
                    self.fault(number, &format!("sees less than {}", other.name()));
                }
            }
        }
    }

    /// No organisation sees anything of a family that does not consent.
    fn keeps_from_organisations(&mut self, lists: &[BTreeMap<String, Value>], families: &[String]) {
        for (number, list) in lists.iter().enumerate() {
            let tells = list.values().any(|item| families.iter().any(|family| item.to_string().contains(family)));
            if tells && self.callers[number].party.is_some() {
                self.fault(number, "sees something of a family that does not consent");
            }
        }
    }

    /// A search by text or area finds what any caller finds, limited to what this caller sees.
    async fn finds(&mut self) {
        let parameters = self.kind.list.value["parameters"].to_string();
        let takes = |name: &str| parameters.contains(&format!("\"name\":\"{name}\""));
        let encoded = |typed: &str| typed.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let mut filters = Vec::new();
        if takes("q") {
            filters.push(TYPED.iter().map(|typed| format!("q={}&", encoded(typed))).collect());
        }
        if takes("within") {
            filters.push(vec![format!("within={TOWN_A}&"), format!("within={COUNTY}&")]);
        }
        let firsts = self.firsts(None);
        for filters in filters {
            let mut anybody = Found::new();
            for filter in filters {
                let lists = self.lists(&firsts, &filter).await;
                anybody = lists.iter().flat_map(BTreeMap::keys).cloned().collect();
                for (number, found) in firsts.iter().zip(&lists) {
                    if !found.keys().eq(anybody.intersection(&self.seen[*number])) {
                        self.fault(*number, &format!("finds with {filter} what they do not list, or not what they do"));
                    }
                }
                if !anybody.is_empty() {
                    break;
                }
            }
            if anybody.is_empty() {
                self.faults.push(format!("{}: nobody finds anything", self.kind.path));
            }
        }
        let Some(search) = self.kind.search else { return };
        for number in self.firsts(search.permission) {
            // All families in this world share this name.
            let name = json!({ "name": "许清水", "limit": 200 });
            let found = self.callers[number].client.post(&format!("{}/search", self.kind.path), name).await.is(200);
            let found: BTreeSet<_> = found.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
            if found != self.seen[number] {
                self.fault(number, "finds by name what they do not list, or not what they do");
            }
        }
    }

    /// A caller can read what they list, and nothing else.
    async fn reads(&mut self, world: &Found) {
        let Some(read) = self.kind.read else { return };
        assert_eq!(read.permission, self.kind.list.permission, "{}", self.kind.path);
        // The histories and the like are read once for each distinct set.
        // What cannot be asked without a parameter is tried as everybody elsewhere.
        let asks = |operation: &Operation| {
            let parameters = operation.value["parameters"].as_array().into_iter().flatten();
            parameters.filter(|parameter| parameter["in"] == "query").any(|parameter| parameter["required"] == true)
        };
        let part = |operation: &&Operation| {
            operation.method == Method::GET && operation.path.starts_with(&format!("{}/", read.path)) && !asks(operation)
        };
        let parts = operations().iter().filter(part).map(|part| (part, self.firsts(part.permission))).collect::<Vec<_>>();
        let each = self.callers.iter().zip(&self.seen).enumerate().map(async |(number, (caller, seen))| {
            let mut wrong = Vec::new();
            let (exist, others): (Vec<_>, Vec<_>) = world.iter().partition(|key| seen.contains(*key));
            for (keys, expected) in [(exist, 200), (others, 404)] {
                // Each caller takes a different sample.
                let step = keys.len() / DRAWN + 1;
                for (drawn, key) in keys.into_iter().skip(number % step).step_by(step).enumerate() {
                    let path = format!("{}/{key}", self.kind.path);
                    let status = caller.client.get(&format!("{path}{}", self.kind.purpose())).await.status;
                    let never = self.kind.path == "/attachments" && (status, expected) == (403, 404);
                    if status != expected && !never {
                        wrong.push((number, format!("reads {key} with {status} instead of {expected}")));
                    }
                    for (part, _) in parts.iter().filter(|(_, firsts)| drawn == 0 && firsts.contains(&number)) {
                        let name = part.path.rsplit('/').next().expect("a name");
                        let status = caller.client.get(&format!("{path}/{name}")).await.status;
                        if (status == 404) != (expected == 404) {
                            wrong.push((number, format!("reads {name} of {key} with {status}, and {key} with {expected}")));
                        }
                    }
                }
            }
            wrong
        });
        for (number, wrong) in join_all(each).await.into_iter().flatten() {
            self.fault(number, &wrong);
        }
    }

    /// An export has a row for each listed object; made once for each distinct set.
    async fn exports(&mut self) {
        let Some(export) = self.kind.export else { return };
        let path = format!("{}/export", self.kind.path);
        for number in self.firsts(export.permission) {
            let caller = self.callers[number];
            let listed = caller.client.get(&format!("{}?limit=1", self.kind.path)).await.is(200);
            let call = caller.client.call(export.method.clone(), &path);
            let call = if export.method == Method::POST { call.json(json!({ "purpose": "payment" })) } else { call };
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(call.await.is(200).bytes)).expect("a workbook");
            let sheet = book.worksheet_range_at(0).expect("a sheet").expect("that can be read");
            if listed["total"] != sheet.height() - 1 {
                self.fault(number, &format!("exports {} rows of {}", sheet.height() - 1, listed["total"]));
            }
        }
    }
}

both_databases!(what_exists_for_a_caller_is_the_same_however_it_is_asked_for, async |app| {
    let unasked = both_sides::both_sides(app).await;
    let callers = callers::callers(app).await;
    let attached =
        app.texts("SELECT DISTINCT 'object_type=' || object_type || '&object_id=' || object_id FROM attachments").await;
    let kinds = kinds();
    assert!(kinds.len() >= 20, "{} kinds: are they still found?", kinds.len());
    let mut faults = Vec::new();
    for kind in &kinds {
        let paths: Vec<_> = match kind.path {
            "/attachments" => attached.iter().map(|object| format!("/attachments?{object}&")).collect(),
            path => vec![format!("{path}?")],
        };
        let asked = callers.iter().filter(|caller| caller.may(kind.list.permission)).collect();
        let mut asked = Asked { kind, callers: asked, paths: &paths, seen: Vec::new(), faults: Vec::new() };
        let everybody: Vec<_> = (0..asked.callers.len()).collect();
        let lists = asked.lists(&everybody, "").await;
        asked.seen = lists.iter().map(|list| list.keys().cloned().collect()).collect();
        let world: Found = asked.seen.iter().flatten().cloned().collect();
        if world.is_empty() {
            faults.push(format!("{}: make one in `both_sides`", kind.path));
        }
        asked.compares();
        asked.keeps_from_organisations(&lists, &unasked);
        asked.finds().await;
        asked.reads(&world).await;
        asked.exports().await;
        faults.extend(asked.faults);
    }

    // Figures equal the totals of the lists that they link to.
    let reports = app.bureau().get("/reports").await.is(200);
    let campaign = reports.items()[0]["campaign_id"].as_str().expect("an id").to_owned();
    for (number, caller) in callers.iter().enumerate() {
        let mut counted = BTreeMap::new();
        for (permission, path) in [
            (Permission::ReadDashboard, format!("/dashboard?campaign_id={campaign}")),
            (Permission::ReadLedger, "/household-ledger?month=2020-04".to_owned()),
        ] {
            if caller.may(Some(permission)) && caller.area.starts_with(COUNTY) {
                counted.extend(figures(&caller.client.get(&path).await.is(200).body));
            }
        }
        // Each caller takes a different sample.
        let checks = counted.into_iter().skip(number % 3).step_by(3).map(async |(records, value)| {
            let listed = behind(&caller.client, &records).await;
            (value != listed).then(|| format!("{records}: {}: {value} in the figures, {listed} in the list", caller.name()))
        });
        faults.extend(join_all(checks).await.into_iter().flatten());
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});
