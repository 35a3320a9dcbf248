use contract::ErrorCode;
use serde_json::json;

use super::*;

fn entry(visit: bool, record: bool, photos: usize) -> Entry {
    let part = |path: &str| Part::new(path.to_owned(), json!({ "note": "看望" }));
    Entry {
        family: Family {
            id: Uuid::from_u128(1),
            file_number: "350582104206-0001".to_owned(),
            head_name: "许*".to_owned(),
            village_name: "福林村".to_owned(),
            consented: true,
            photos: true,
            pairings: Vec::new(),
            members: Vec::new(),
            measures: Vec::new(),
        },
        sheet: json!({}),
        visit: visit.then(|| part("/households/1/visits")),
        record: record.then(|| part("/assistance-records")),
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
    let parts = [&entry.visit, &entry.record].into_iter().flatten().map(|part| part.sent);
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
    let mut entry = entry(true, false, 2);
    while let Some(step) = entry.next() {
        if matches!(step, Step::Photo(0)) { entry.lost(step) } else { entry.sent(step) }
    }
    assert_eq!((come(&entry), entry.photos_lost()), (vec![true, false, true], 1));
    // An entry from an older app lacks this field.
    let mut kept = serde_json::to_value(&entry).unwrap();
    kept["photos"][0].as_object_mut().unwrap().remove("lost");
    assert_eq!(serde_json::from_value::<Entry>(kept).unwrap().photos_lost(), 0);
}

#[test]
fn a_stamp_tells_when_an_entry_was_made() {
    assert_eq!(made_at("001587340800000-0123456789abcdef0123456789abcdef"), 1_587_340_800_000.0);
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
    let problem: Problem = serde_json::from_value(json!({
        "type": "about:blank", "title": "", "status": 409, "instance": "", "code": ErrorCode::Conflict, "request_id": "", "errors": []
    }))
    .unwrap();
    assert_eq!((counts(), waiting_now()), ((0, 0), 0));
    let all = [Standing::Waiting, Standing::Refused(Box::new(problem)), Standing::Asked, Standing::PhotosLost];
    WAITING.set(all.into_iter().enumerate().map(|(number, as_it_is)| (number.to_string(), standing(as_it_is))).collect());
    assert_eq!((counts(), waiting_now(), waiting().len()), ((4, 2), 4, 4));
}
