use contract::inspections::Inspection;
use contract::{ErrorCode, Problem};
use serde_json::json;

use super::outcome::{Outcome, Then};
use super::*;

fn problem() -> Box<Problem> {
    let problem = json!({
        "type": "about:blank", "title": "", "status": 409, "instance": "", "code": ErrorCode::Conflict, "request_id": "", "errors": []
    });
    Box::new(serde_json::from_value(problem).unwrap())
}

fn entry(visit: bool, record: bool, photos: usize) -> Entry {
    let part = |path: &str| Part::new(path.to_owned(), json!({ "note": "看望" }));
    let family = Family {
        id: Uuid::from_u128(1),
        file_number: "350582104206-0001".to_owned(),
        head_name: "许*".to_owned(),
        village_name: "福林村".to_owned(),
        consented: true,
        photos: true,
        pairings: Vec::new(),
        members: Vec::new(),
        measures: Vec::new(),
    };
    let (visit, record) = (visit.then(|| part("/households/1/visits")), record.then(|| part("/assistance-records")));
    Entry {
        about: About::Family(Visited { family, visit, record }),
        sheet: json!({}),
        photos: (0..photos)
            .map(|number| Photo {
                id: Uuid::from_u128(number as u128),
                name: format!("{number}.jpg"),
                media_type: "image/jpeg".to_owned(),
                sent: false,
                lost: false,
            })
            .collect(),
        standing: Standing::Waiting,
    }
}

/// Which parts of an entry have arrived: visit, record, photos.
fn come(entry: &Entry) -> Vec<bool> {
    let visited = entry.visited().unwrap();
    let parts = [&visited.visit, &visited.record].into_iter().flatten().map(|part| part.sent);
    parts.chain(entry.photos.iter().map(|photo| photo.sent)).collect()
}

#[test]
fn each_part_of_an_entry_is_sent_once_and_photos_after_what_they_belong_to() {
    for (visit, record, photos) in [(true, true, 3), (true, false, 2), (false, true, 1), (true, true, 0), (true, false, 0)] {
        let mut entry = entry(visit, record, photos);
        let mut steps = Vec::new();
        assert!(!entry.has_begun());
        while let Some(step) = entry.next() {
            steps.push(match step {
                Step::Visit => "visit".to_owned(),
                Step::Record => "record".to_owned(),
                Step::Complete => unreachable!("that is of inspections"),
                Step::Photo(number) => number.to_string(),
            });
            entry.sent(step);
            // The parts go in order, one at a time.
            let expected: Vec<_> = (0..come(&entry).len()).map(|part| part < steps.len()).collect();
            assert_eq!(come(&entry), expected, "after {steps:?}");
            assert!(entry.has_begun());
        }
        let all = [visit.then_some("visit"), record.then_some("record")].into_iter().flatten().map(str::to_owned);
        assert_eq!(steps, all.chain((0..photos).map(|number| number.to_string())).collect::<Vec<_>>());
    }
}

#[test]
fn a_photo_that_is_lost_is_not_sent_and_not_taken_for_sent() {
    let mut entry = entry(true, false, 3);
    while let Some(step) = entry.next() {
        if matches!(step, Step::Photo(1)) { entry.lost(step) } else { entry.sent(step) }
    }
    assert_eq!((come(&entry), entry.photos_lost()), (vec![true, true, false, true], 1));
    // An entry from an older app lacks this field.
    let mut kept = serde_json::to_value(&entry).unwrap();
    kept["photos"][1].as_object_mut().unwrap().remove("lost");
    assert_eq!(serde_json::from_value::<Entry>(kept).unwrap().photos_lost(), 0);
}

#[test]
fn an_answer_is_noted_at_its_part_and_decides_how_sending_continues() {
    for (outcome, standing, then, has_come) in [
        (Outcome::Sent, Standing::Asked, Then::Part, true),
        // It may have arrived, so it may not be changed.
        (Outcome::PassedOver, Standing::Asked, Then::Entry, false),
        (Outcome::Unknown, Standing::Asked, Then::Stop, false),
        (Outcome::Later, Standing::Waiting, Then::Stop, false),
        (Outcome::Refused(problem()), Standing::Refused(problem()), Then::Entry, false),
    ] {
        let mut entry = Entry { standing: Standing::Asked, ..entry(true, true, 1) };
        let name = format!("{outcome:?}");
        let continues = entry.answered(Step::Record, outcome);
        assert_eq!((continues, &entry.standing, come(&entry)), (then, &standing, vec![false, has_come, false]), "{name}");
    }
}

#[test]
fn whoever_says_that_an_entry_is_no_double_sends_its_record_as_another_request() {
    let before = Entry { standing: Standing::Refused(problem()), ..entry(true, true, 0) };
    let mut after = before.clone();
    after.not_a_double();
    let parts = |entry: &Entry| {
        let visited = entry.visited().unwrap();
        (visited.visit.clone().unwrap(), visited.record.clone().unwrap())
    };
    let ((visit, record), (visit_before, before)) = (parts(&after), parts(&before));
    assert_eq!(after.standing, Standing::Waiting);
    assert_eq!(record.body, json!({ "id": before.id, "note": "看望", "not_a_double": true }));
    assert!(record.id == before.id && record.key != before.key);
    assert_eq!((visit.body, visit.key), (visit_before.body, visit_before.key));
}

#[test]
fn whoever_says_that_words_name_nobody_says_it_of_what_is_not_sent_yet() {
    let said = |entry: &Entry| {
        let visited = entry.visited().unwrap();
        [&visited.visit, &visited.record].map(|part| part.as_ref().unwrap().not_personal.join(" "))
    };
    let mut entry = Entry { standing: Standing::Refused(problem()), ..entry(true, true, 0) };
    entry.names_nobody(&["/note".to_owned()]);
    assert_eq!((said(&entry), &entry.standing), (["/note", "/note"].map(str::to_owned), &Standing::Waiting));
    // Once the visit has arrived, the service asks about the record.
    entry.sent(Step::Visit);
    entry.names_nobody(&["/description".to_owned()]);
    assert_eq!(said(&entry), ["/note", "/note /description"].map(str::to_owned));
}

#[test]
fn a_stamp_tells_when_an_entry_was_made_and_puts_it_in_order() {
    const NOW: f64 = 1_587_340_800_000.0;
    assert_eq!(made_at("001587340800000-0123456789abcdef0123456789abcdef"), NOW);
    assert_eq!(made_at(&new_stamp(NOW)), NOW);
    let times = [0.0, 999.0, 1_000.0, NOW, NOW + 1.0, 10.0 * NOW];
    assert!(times.map(new_stamp).is_sorted(), "the oldest first, as names sort");
    assert_ne!(new_stamp(NOW), new_stamp(NOW), "two tabs may enter something at once");
}

#[test]
fn what_has_waited_for_more_than_a_day_is_overdue() {
    const MADE: f64 = 1_587_340_800_000.0;
    let after = |hours: f64| is_overdue(&new_stamp(MADE), MADE + hours * 3_600_000.0);
    assert!(!after(0.0) && !after(23.9) && !after(24.0) && after(24.1) && after(240.0));
}

#[test]
fn what_stays_for_an_accounts_return_is_its_entries_and_their_photos() {
    let (first, second) = (new_stamp(1.0), new_stamp(2.0));
    let kept = belongings([&first, &second].map(|stamp| format!("{ENTRIES}{stamp}")).to_vec());
    let stays = |name: &str| kept.iter().any(|prefix| name.starts_with(prefix));
    for stamp in [&first, &second] {
        assert!(stays(&format!("{ENTRIES}{stamp}")) && stays(&photo_name(stamp, Uuid::from_u128(7))));
    }
    for gone in [photo_name(&new_stamp(1.0), Uuid::from_u128(7)), "draft".to_owned(), "account".to_owned(), "photos".to_owned()] {
        assert!(!stays(&gone), "{gone}");
    }
}

#[test]
fn only_what_should_be_there_all_along_is_missing() {
    for (before, found, after, missing) in [
        (0, 0, 0, 0),
        (3, 3, 3, 0),
        (3, 1, 3, 2),
        (2, 0, 2, 2),
        // Another tab adds one meanwhile, or sends one.
        (2, 3, 3, 0),
        (2, 2, 3, 0),
        (3, 2, 2, 0),
        (3, 3, 2, 0),
        (3, 1, 2, 1),
    ] {
        assert_eq!(witness::missing(before, found, after), missing, "{before} {found} {after}");
    }
}

#[test]
fn a_part_names_its_own_id_and_keeps_its_key() {
    let (one, other) = (Part::new("/visits".to_owned(), json!({ "note": "看望" })), Part::new("/visits".to_owned(), json!({})));
    assert_eq!((&one.body["id"], &one.body["note"], one.sent), (&json!(one.id), &json!("看望"), false));
    assert!(one.id != other.id && one.key != other.key);
    // After a lost answer and a restart of the app, the same request is sent again.
    let kept: Part = serde_json::from_value(serde_json::to_value(&one).unwrap()).unwrap();
    assert_eq!((kept.id, kept.key, kept.body, kept.path), (one.id, one.key, one.body, one.path));
}

#[test]
fn photos_of_one_entry_are_forgotten_with_it_alone() {
    let photo = Uuid::from_u128(7);
    assert!(photo_name("20200420-a", photo).starts_with(&format!("{PHOTOS}20200420-a/")));
    assert_ne!(photo_name("20200420-a", photo), photo_name("20200420-a", Uuid::from_u128(8)));
    assert!(!photo_name("20200420-ab", photo).starts_with(&format!("{PHOTOS}20200420-a/")));
}

#[test]
fn what_waits_and_what_was_refused_is_counted_apart() {
    let standing = |standing: Standing| Arc::new(Entry { standing, ..entry(true, false, 0) });
    assert_eq!((counts(), waiting_now()), ((0, 0), 0));
    let all = [Standing::Waiting, Standing::Refused(problem()), Standing::Asked, Standing::PhotosLost, Standing::Waiting];
    WAITING.set(all.into_iter().enumerate().map(|(number, as_it_is)| (number.to_string(), standing(as_it_is))).collect());
    assert_eq!((counts(), waiting_now(), waiting().len()), ((5, 2), 5, 5));
    // Whoever cannot read an entry any more has to decide what becomes of it.
    DAMAGED.set(vec!["5".to_owned()]);
    LOST.set(2);
    assert_eq!((counts(), waiting_now(), lost()), ((6, 3), 6, 2));
    let entries = waiting();
    WAITING.set(Vec::new());
    assert_eq!((counts(), waiting_now()), ((1, 1), 1));
    WAITING.set(entries);
    // Another account signs in, and learns nothing of it.
    forget_all();
    assert_eq!((counts(), waiting_now(), damaged().len(), lost()), ((0, 0), 0, 0, 0));
}

fn inspected(photos: usize) -> Entry {
    let nobody = Uuid::nil();
    let inspection: Inspection = serde_json::from_value(json!({
        "id": nobody, "round_id": nobody, "pairing_id": nobody, "inspectors": [], "planned_on": "2020-07-14", "held_on": null,
        "results": [], "conclusion": null, "summary": null, "campaign_id": nobody, "round_title": "年中检查", "kind": "mid_year",
        "items": [{ "text": "资金有台账" }], "inspector_names": [], "organisation_name": "", "village_code": "350582104206",
        "village_name": "", "state": "planned", "overdue": false, "findings": 0, "findings_open": 0, "editable": true,
        "allowed_actions": [], "created_at": "2020-07-01T00:00:00Z", "updated_at": "2020-07-01T00:00:00Z", "version": 3,
    }))
    .unwrap();
    let complete = Part::step("/inspections/1/complete".to_owned(), json!({ "conclusion": "passed" }), 3);
    Entry { about: About::Inspection(Inspected { inspection, complete }), ..entry(true, false, photos) }
}

#[test]
fn an_inspection_is_over_once_its_photos_are_there() {
    let steps = |entry: &mut Entry| std::iter::from_fn(|| entry.next().inspect(|&step| entry.sent(step))).collect::<Vec<_>>();
    assert_eq!(steps(&mut inspected(2)), [Step::Photo(0), Step::Photo(1), Step::Complete]);
    assert_eq!(steps(&mut inspected(0)), [Step::Complete]);
    // Whoever inspected takes a lost photo again, and may still do so.
    let mut entry = inspected(1);
    entry.lost(Step::Photo(0));
    assert_eq!(entry.next(), None);
    assert!(!entry.has_begun(), "all of it can still be corrected");
    // The service knows it again by the id, and the device each kind of entry.
    let complete = &entry.inspected().unwrap().complete;
    assert_eq!(complete.body, json!({ "conclusion": "passed", "entry_id": complete.id }));
    let again = |entry: &Entry| serde_json::from_value::<Entry>(serde_json::to_value(entry).unwrap()).unwrap();
    assert!(again(&entry).inspected().is_some() && again(&self::entry(true, true, 1)).visited().is_some());
}
