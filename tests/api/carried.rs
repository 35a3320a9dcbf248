//! 补报: help given in a month whose form was already accepted when the record was confirmed or corrected. The forms of all months
//! together count each record once.

use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::reports::step;
use crate::both_databases;
use crate::support::*;

/// Two families of village A that organisation A has helped since 20 April.
struct Ground<'a> {
    app: &'a TestApp,
    campaign_id: String,
    families: [String; 2],
}

impl<'a> Ground<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let (first, pairing) = app.helped(campaign(), 1).await;
        let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
        let second = app.village_a().post("/households", household(VILLAGE_A, 2)).await.is(201);
        app.helps(&campaign_id, &second.id()).await;
        Self { app, campaign_id, families: [first.id(), second.id()] }
    }

    /// Records what a family is given on a day, without confirming it.
    async fn records(&self, family: usize, day: &str, yuan: i64) -> Answer {
        let body = given(gift(&self.families[family]), day, yuan);
        self.app.organisation_a().post("/assistance-records", body).await.is(201)
    }

    /// Records a correction of another record.
    async fn corrects(&self, record: &Answer, day: &str, yuan: i64) -> Answer {
        let household_id = record["household_id"].as_str().expect("an id");
        let body = with(gift(household_id), "/corrects_id", json!(record.id()));
        let body = with(body, "/pairing_id", record["pairing_id"].clone());
        let made = self.app.town_a().post("/assistance-records", given(body, day, yuan)).await.is(201);
        self.confirm(made).await
    }

    async fn confirm(&self, record: Answer) -> Answer {
        self.app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200).about(&record.path())
    }

    fn form(&self, month: &str) -> Value {
        json!({ "campaign_id": self.campaign_id, "town_code": TOWN_A, "month": month })
    }

    async fn draft(&self, month: &str) -> Answer {
        self.app.town_a().post("/reports", self.form(month)).await.is(201)
    }

    /// Sends a form and accepts it.
    async fn close(&self, form: &Answer) {
        step(&self.app.town_a(), form, "submit").await.is(200);
        step(&self.app.bureau(), form, "accept").await.is(200);
    }

    /// What the only row of a form says about help: in its own month, and carried over.
    async fn says(&self, form: &Answer) -> (Value, Value) {
        let read = self.app.town_a().get(&form.path()).await.is(200);
        assert_eq!(read["rows"].as_array().map(Vec::len), Some(1));
        (read["rows"][0]["progress"].clone(), read["rows"][0]["carried"].clone())
    }

    async fn redraft(&self, form: &Answer) -> (Value, Value) {
        step(&self.app.town_a(), form, "redraft").await.is(200);
        self.says(form).await
    }

    /// The ids of the records that a form carries over, as this client sees them.
    async fn carried(&self, client: &Client, form: &Answer) -> Vec<String> {
        let found = client.get(&format!("/assistance-records?carried_in={}&sort=happened_on", form.id())).await.is(200);
        let mut ids: Vec<_> = found.items().iter().map(|record| record["id"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        ids
    }
}

fn given(body: Value, day: &str, yuan: i64) -> Value {
    with(with(body, "/happened_on", json!(day)), "/amount_fen", json!(yuan * 100))
}

fn ids(records: &[&Answer]) -> Vec<String> {
    let mut ids: Vec<_> = records.iter().map(|record| record.id()).collect();
    ids.sort();
    ids
}

fn text(words: &str) -> Value {
    json!(words)
}

/// The cells of the first row below the header of a sheet.
fn first_row(book: &Answer, sheet: &str) -> Vec<String> {
    let mut book = Xlsx::new(Cursor::new(book.bytes.clone())).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("a sheet");
    range.rows().nth(4).expect("a row").iter().map(Data::to_string).collect()
}

both_databases!(what_is_confirmed_late_is_carried_into_the_next_form, async |app| {
    let ground = Ground::new(app).await;
    let (town, bureau) = (app.town_a(), app.bureau());
    let first = ground.records(0, "2020-04-20", 2000).await;
    let first = ground.confirm(first).await;
    let waiting = ground.records(1, "2020-04-20", 500).await;
    app.clock.set(noon("2020-05-02"));
    let april = ground.draft("2020-04").await;
    let said = (text("走访慰问1户，发放资金2000元"), Value::Null);
    assert_eq!(ground.says(&april).await, said);
    // One record is confirmed between draft and acceptance, one after it, and a third of the same family is only recorded then.
    let waiting = ground.confirm(waiting).await;
    ground.close(&april).await;
    let again = ground.records(0, "2020-04-30", 1000).await;
    let again = ground.confirm(again).await;
    let may = ground.draft("2020-05").await;
    // A family already in April's form is not counted again.
    assert_eq!(ground.says(&may).await, (text(""), text("补报2020年4月：走访慰问1户，发放资金1500元")));
    assert_eq!(ground.says(&april).await, said, "what is accepted stays");

    // The form leads to its records for whoever may see them, and each record leads back.
    for client in [&town, &bureau, &app.village_a(), &app.as_(Who::Auditor), &app.organisation_a()] {
        assert_eq!(ground.carried(client, &may).await, ids(&[&waiting, &again]));
    }
    assert!(ground.carried(&app.town_b(), &may).await.is_empty());
    for (record, month) in [(&first, "2020-04"), (&waiting, "2020-05"), (&again, "2020-05")] {
        assert_eq!(town.get(&record.path()).await.is(200)["reported_in"], month);
    }
    let last = ground.records(1, "2020-04-21", 100).await;
    assert_eq!(town.get(&last.path()).await.is(200)["reported_in"], Value::Null);

    // The town's own words stand beside this text. It still follows the records, and nobody edits it.
    let rows = json!([with(row(&may), "/progress", json!("已入户"))]);
    let by_hand = town.patch(&may.path(), json!({ "rows": rows })).if_match(&may.etag()).await.is(200);
    assert_eq!(by_hand["rows"][0]["carried"], "补报2020年4月：走访慰问1户，发放资金1500元");
    let row = with(row(&by_hand), "/carried", json!("改"));
    let refused = town.patch(&may.path(), json!({ "rows": [row] })).if_match(&by_hand.etag()).await;
    refused.fault("/rows/0/carried", "unknown_field");
    let last = ground.confirm(last).await;
    let found = town.get(&format!("{}/preflight", may.path())).await.is(200);
    let kinds: Vec<_> = found["findings"].as_array().expect("findings").iter().map(|finding| finding["kind"].clone()).collect();
    assert!(kinds.contains(&json!("outdated")), "{kinds:?}");
    let told = "补报2020年4月：走访慰问1户，发放资金1600元";
    assert_eq!(ground.redraft(&may).await, (text("已入户"), text(told)));
    assert_eq!(ground.carried(&town, &may).await, ids(&[&waiting, &again, &last]));

    // The workbooks have the annex's columns and mark the carried text. The bureau gets the same for all towns.
    step(&town, &may, "submit").await.is(200);
    let one = bureau.get(&format!("{}/workbook", may.path())).await.is(200);
    let all = format!("/report-months/workbook?campaign_id={}&month=2020-05", ground.campaign_id);
    let all = bureau.get(&all).await.is(200);
    for book in [one, all] {
        let row = first_row(&book, "东石镇");
        assert_eq!((row.len(), row[4].as_str()), (5, &*format!("已入户\n{told}")));
    }
    // All forms together add up to all records.
    let confirmed = bureau.get("/assistance-records?state=confirmed").await.is(200);
    let sum: i64 = confirmed.items().iter().map(|record| record["amount_fen"].as_i64().expect("money")).sum();
    assert_eq!(sum, (2000 + 1600) * 100);
    app.clock.set(noon("2020-06-01"));
    step(&bureau, &may, "accept").await.is(200);
    assert_eq!(ground.says(&ground.draft("2020-06").await).await, (text(""), Value::Null), "nothing is carried twice");
});

/// The first row of a form, ready to be sent back.
fn row(form: &Answer) -> Value {
    let mut row = form["rows"][0].clone();
    let fields = row.as_object_mut().expect("a row");
    fields.retain(|field, _| !matches!(field.as_str(), "position" | "carried"));
    row
}

both_databases!(what_a_correction_changes_is_carried_as_a_difference, async |app| {
    let ground = Ground::new(app).await;
    let dear = ground.records(0, "2020-04-20", 2000).await;
    let dear = ground.confirm(dear).await;
    let early = ground.records(1, "2020-04-20", 500).await;
    let early = ground.confirm(early).await;
    app.clock.set(noon("2020-05-02"));
    let april = ground.draft("2020-04").await;
    let said = (text("走访慰问2户，发放资金2500元"), Value::Null);
    assert_eq!(ground.says(&april).await, said);
    ground.close(&april).await;
    // One correction lowers an amount, the other moves a gift to May.
    let cheap = ground.corrects(&dear, "2020-04-20", 1800).await;
    let moved = ground.corrects(&early, "2020-05-01", 500).await;
    let may = ground.draft("2020-05").await;
    let of_may = (text("走访慰问1户，发放资金500元"), text("补报2020年4月：走访慰问核减1户，核减资金700元"));
    assert_eq!((ground.says(&may).await, ground.says(&april).await), (of_may.clone(), said.clone()));
    assert_eq!(ground.carried(&app.town_a(), &may).await, ids(&[&dear, &cheap, &early]));
    assert_eq!(app.town_a().get(&moved.path()).await.is(200)["reported_in"], "2020-05");

    // Two corrections before the form is sent appear once, as the last one left them.
    let last = ground.corrects(&cheap, "2020-04-20", 1900).await;
    let told = text("补报2020年4月：走访慰问核减1户，核减资金600元");
    assert_eq!(ground.redraft(&may).await, (of_may.0.clone(), told.clone()));
    assert_eq!(ground.carried(&app.town_a(), &may).await, ids(&[&dear, &last, &early]));
    app.clock.set(noon("2020-06-02"));
    ground.close(&may).await;
    // A correction after that appears in the next form, as the difference to both.
    ground.corrects(&last, "2020-04-20", 2000).await;
    let june = ground.draft("2020-06").await;
    let difference = (text(""), text("补报2020年4月：发放资金100元"));
    assert_eq!(ground.says(&june).await, difference);

    // April is reopened. It does not repeat what later forms have carried, and still contains what it first said and they took
    // back. The difference to an accepted form stays in the draft that tells it.
    step(&app.bureau(), &april, "reopen").await.is(200);
    assert_eq!(ground.redraft(&april).await, said);
    assert_eq!((ground.says(&may).await, ground.says(&june).await), ((of_may.0, told), difference));
});

both_databases!(each_record_stands_in_one_form_whatever_is_taken_out_or_opened_again, async |app| {
    let ground = Ground::new(app).await;
    let town = app.town_a();
    let record = ground.records(0, "2020-04-20", 2000).await;
    app.clock.set(noon("2020-05-02"));
    let april = ground.draft("2020-04").await;
    ground.close(&april).await;
    let record = ground.confirm(record).await;
    app.clock.set(noon("2020-06-02"));
    let told = text("补报2020年4月：走访慰问1户，发放资金2000元");
    // Of two forms drafted at the same time, one carries the record.
    let drafts = ["2020-05", "2020-06"].map(|month| town.post("/reports", ground.form(month)).into_future());
    let drafts: Vec<_> = join_all(drafts).await.into_iter().map(|answer| answer.is(201)).collect();
    let (with_it, without): (Vec<_>, Vec<_>) = drafts.iter().partition(|form| form["rows"][0]["carried"] == told);
    assert_eq!((with_it.len(), without.len()), (1, 1));
    let (form, other) = (with_it[0], without[0]);
    assert_eq!(ground.redraft(other).await.1, Value::Null);
    // The town removes its row, so the other form carries the record, and the row comes back without it.
    let emptied = town.patch(&form.path(), json!({ "rows": [] })).if_match(&form.etag()).await.is(200);
    assert!(ground.carried(&town, form).await.is_empty());
    assert_eq!(ground.redraft(other).await.1, told);
    let back = town.patch(&form.path(), json!({ "rows": [row(form)] })).if_match(&emptied.etag()).await.is(200);
    assert_eq!((&back["rows"][0]["carried"], ground.carried(&town, other).await), (&Value::Null, ids(&[&record])));
    // A form that was sent is a snapshot in this respect too. Once returned, it follows the records again.
    step(&town, other, "submit").await.is(200);
    let second = ground.records(1, "2020-04-20", 100).await;
    ground.confirm(second).await;
    assert_eq!(ground.says(other).await.1, told);
    step(&app.bureau(), other, "return").await.is(200);
    assert_eq!(ground.redraft(other).await.1, text("补报2020年4月：走访慰问2户，发放资金2100元"));
    // April is reopened, and reports the records itself. The other form, which the town still has, carries them no more.
    step(&app.bureau(), &april, "reopen").await.is(200);
    assert_eq!(ground.redraft(&april).await, (text("走访慰问2户，发放资金2100元"), Value::Null));
    assert_eq!((ground.says(other).await.1, ground.redraft(other).await.1), (Value::Null, Value::Null));
});

both_databases!(a_month_that_is_opened_again_takes_back_what_a_later_draft_carries, async |app| {
    let ground = Ground::new(app).await;
    let (town, bureau) = (app.town_a(), app.bureau());
    app.clock.set(noon("2020-06-02"));
    let april = ground.draft("2020-04").await;
    ground.close(&april).await;
    let record = ground.records(0, "2020-04-28", 1234).await;
    let record = ground.confirm(record).await;
    let may = ground.draft("2020-05").await;
    let rows = json!([with(row(&may), "/progress", json!("已入户"))]);
    town.patch(&may.path(), json!({ "rows": rows })).if_match(&may.etag()).await.is(200);
    assert_eq!(ground.says(&may).await, (text("已入户"), text("补报2020年4月：走访慰问1户，发放资金1234元")));

    step(&bureau, &april, "reopen").await.is(200);
    let said = (text("走访慰问1户，发放资金1234元"), Value::Null);
    assert_eq!(ground.redraft(&april).await, said);
    assert_eq!(ground.says(&may).await, (text("已入户"), Value::Null));
    assert!(ground.carried(&town, &may).await.is_empty());
    assert_eq!(town.get(&record.path()).await.is(200)["reported_in"], "2020-04");
    let history = town.get(&format!("{}/history", may.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "redraft");
    ground.close(&april).await;
    assert_eq!(ground.redraft(&may).await, (text("已入户"), Value::Null));

    // A form that was sent keeps what it carries.
    let second = ground.records(1, "2020-04-29", 500).await;
    let second = ground.confirm(second).await;
    let kept = (text("已入户"), text("补报2020年4月：走访慰问1户，发放资金500元"));
    assert_eq!(ground.redraft(&may).await, kept);
    step(&town, &may, "submit").await.is(200);
    step(&bureau, &april, "reopen").await.is(200);
    assert_eq!((ground.redraft(&april).await, ground.says(&may).await), (said, kept));
    assert_eq!(ground.carried(&town, &may).await, ids(&[&second]));
});

both_databases!(a_row_that_was_there_for_what_it_carried_goes_with_it, async |app| {
    let ground = Ground::new(app).await;
    let (town, bureau) = (app.town_a(), app.bureau());
    let record = ground.records(0, "2020-04-20", 2000).await;
    let record = ground.confirm(record).await;
    let village = bureau.get("/pairings?kind=village").await.is(200).items()[0].clone();
    bureau.post(&format!("/pairings/{}/complete", village["id"].as_str().expect("an id")), json!({})).await.is(200);
    app.clock.set(noon("2020-05-10"));
    let april = ground.draft("2020-04").await;
    ground.close(&april).await;
    ground.corrects(&record, "2020-04-20", 1500).await;
    // Nobody is paired in May.
    let may = ground.draft("2020-05").await;
    assert_eq!(ground.says(&may).await, (text(""), text("补报2020年4月：核减资金500元")));
    step(&bureau, &april, "reopen").await.is(200);
    assert_eq!(ground.redraft(&april).await, (text("走访慰问1户，发放资金1500元"), Value::Null));
    assert_eq!(town.get(&may.path()).await.is(200)["rows"], json!([]));
});

both_databases!(what_is_corrected_after_a_pairing_has_ended_finds_a_form, async |app| {
    let ground = Ground::new(app).await;
    let bureau = app.bureau();
    let record = ground.records(0, "2020-04-20", 2000).await;
    let record = ground.confirm(record).await;
    let village = bureau.get("/pairings?kind=village").await.is(200).items()[0].clone();
    app.clock.set(noon("2020-05-10"));
    let april = ground.draft("2020-04").await;
    ground.close(&april).await;
    bureau.post(&format!("/pairings/{}/complete", village["id"].as_str().expect("an id")), json!({})).await.is(200);
    app.clock.set(noon("2020-07-01"));
    let may = ground.draft("2020-05").await;
    ground.close(&may).await;
    ground.corrects(&record, "2020-04-20", 1500).await;
    // Nobody is paired in June. The form exists for what it carries over, and can be sent.
    let june = ground.draft("2020-06").await;
    let row = june["rows"][0].clone();
    assert_eq!((&row["pairing_id"], &row["content"]), (&village["id"], &json!("补报以前月份的帮扶")));
    assert_eq!(ground.says(&june).await, (text(""), text("补报2020年4月：核减资金500元")));
    let found = app.town_a().get(&format!("{}/preflight", june.path())).await.is(200);
    assert_eq!(found["findings"], json!([]));
    ground.close(&june).await;
});

/// Numbers that look like chance, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// The fen that the words of a form tell of: given, less what is taken back.
fn told(words: &Value) -> i64 {
    let told = words.as_str().unwrap_or_default().lines().filter_map(|line| line.split_once("资金").map(|parts| (line, parts.1)));
    told.map(|(line, money)| {
        let yuan: i64 = money.trim_end_matches('元').parse().expect("whole yuan");
        if line.contains("核减资金") { -yuan * 100 } else { yuan * 100 }
    })
    .sum()
}

both_databases!(a_year_of_chance_adds_up_in_forms_figures_and_records, async |app| {
    let ground = Ground::new(app).await;
    let (town, bureau, village) = (app.town_a(), app.bureau(), app.village_a());
    let mut chance = Chance(if app.db == Db::Sqlite { 2020 } else { 28 });
    let mut forms: Vec<Answer> = Vec::new();
    for number in 4..=9 {
        app.clock.set(noon(&format!("2020-{:02}-25", number)));
        for _ in 0..4 {
            let day = format!("2020-{:02}-{:02}", 4 + chance.below(number - 3), 20 + chance.below(5));
            let record = ground.records(chance.below(2), &day, 100 + chance.below(900) as i64).await;
            match chance.below(5) {
                0 => {}
                1 => {
                    let why = json!({ "note": "未收到" });
                    village.post(&format!("{}/reject", record.path()), why).await.is(200);
                }
                _ => drop(ground.confirm(record).await),
            }
        }
        // What was confirmed at some time is corrected: another amount, another month.
        let confirmed = bureau.get("/assistance-records?state=confirmed&limit=200").await.is(200);
        if let Some(record) = confirmed.items().get(chance.below(8)) {
            let record = bureau.get(&format!("/assistance-records/{}", record["id"].as_str().expect("an id"))).await.is(200);
            let day = format!("2020-{:02}-21", 4 + chance.below(number - 3));
            ground.corrects(&record, &day, 50 + chance.below(900) as i64).await;
        }
        if let Some(waits) = bureau.get("/assistance-records?state=recorded&sort=happened_on").await.is(200).items().first() {
            let path = format!("/assistance-records/{}/confirm", waits["id"].as_str().expect("an id"));
            village.post(&path, json!({})).await.is(200);
        }
        // One of the forms before is opened again, drafted anew or left as it was, and accepted again.
        app.clock.set(noon(&format!("2020-{:02}-02", number + 1)));
        if !forms.is_empty() {
            let form = &forms[chance.below(forms.len())];
            step(&bureau, form, "reopen").await.is(200);
            if chance.below(2) == 0 {
                step(&town, form, "redraft").await.is(200);
            }
            ground.close(form).await;
        }
        let form = ground.draft(&format!("2020-{number:02}")).await;
        ground.close(&form).await;
        forms.push(form);
    }
    // One form more, after the last month in which anything happened.
    app.clock.set(noon("2020-11-02"));
    let last = ground.draft("2020-10").await;
    ground.close(&last).await;
    forms.push(last);

    let confirmed = bureau.get("/assistance-records?state=confirmed&limit=200").await.is(200);
    let sum: i64 = confirmed.items().iter().map(|record| record["amount_fen"].as_i64().expect("money")).sum();
    assert!(confirmed.items().len() >= 10 && sum > 0);
    let mut reported = 0;
    let mut carries = 0;
    for form in &forms {
        let (progress, carried) = ground.says(form).await;
        reported += told(&progress) + told(&carried);
        carries += usize::from(!carried.is_null());
    }
    assert!(carries > 0, "something came late");
    assert_eq!(reported, sum, "all forms together say what all records say");
    for record in confirmed.items() {
        let record = town.get(&format!("/assistance-records/{}", record["id"].as_str().expect("an id"))).await.is(200);
        assert!(!record["reported_in"].is_null(), "{}", record.body);
    }
    // Village, town and city have the same figure, which is that of their records.
    let id = &ground.campaign_id;
    for (client, within) in
        [(&bureau, ""), (&bureau, "&within=350582104"), (&bureau, "&within=350582104206"), (&town, ""), (&village, "")]
    {
        let board = client.get(&format!("/dashboard?campaign_id={id}{within}")).await.is(200);
        let figures = board["indicators"].as_array().expect("indicators").clone();
        let money = figures.iter().find(|one| one["indicator"] == "household_aid_fen").expect("the figure");
        assert_eq!((&money["actual"], &money["records"]["value"]), (&json!(sum), &json!(confirmed.items().len())), "{within}");
    }
});
