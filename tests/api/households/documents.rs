//! What tells who a member is: a name, and an identity card, a passport, or the permit of a resident of Hong Kong, Macao, Taiwan or
//! another country.

use serde_json::{Value, json};

use super::super::household_imports::import;
use crate::both_databases;
use crate::support::*;

/// A file whose second member has another kind of document.
fn family(order: u32, kind: &str, number: &str) -> Value {
    let mut file = household(VILLAGE_A, order);
    let member = file["members"][1].as_object_mut().expect("a member");
    member.extend([
        ("name".to_owned(), json!("阮氏春")),
        ("relation".to_owned(), json!("spouse")),
        ("schooling".to_owned(), json!("senior_secondary")),
        ("groups".to_owned(), json!([])),
        ("born_on".to_owned(), json!("1988-02-03")),
        ("document_kind".to_owned(), json!(kind)),
        ("identity_number".to_owned(), json!(number)),
    ]);
    file
}

both_databases!(a_family_with_another_document_is_complete_and_as_protected, async |app| {
    let village = app.village_a();
    for (order, (kind, typed, kept, masked)) in (1..).zip([
        ("passport", "ｅ 1234 5678", "E12345678", "E*****678"),
        ("hong_kong_macao_permit", "h12345678（01）", "H1234567801", "H*******801"),
        ("taiwan_permit", "8764-0321", "87640321", "8****321"),
        ("foreigner_residence", "usa110105490012", "USA110105490012", "U***********012"),
    ]) {
        let made = village.post("/households", family(order, kind, typed)).await.is(201);
        assert_eq!(made["missing"], json!([]), "{kind}");
        let shown = &made["members"][1];
        assert_eq!((&shown["document_kind"], &shown["identity_number"]), (&json!(kind), &json!(masked)));
        assert_eq!(made["members"][0]["document_kind"], "identity_card", "what nothing is said of");
        let whole = village.post(&format!("{}/reveal", made.path()), json!({ "purpose": "edit" })).await.is(200);
        assert_eq!(
            (&whole["members"][1]["document_kind"], &whole["members"][1]["identity_number"]),
            (&json!(kind), &json!(kept))
        );

        let found = village.post("/households/search", json!({ "identity_number": typed })).await.is(200);
        assert_eq!(found.items().iter().map(|item| item["id"].clone()).collect::<Vec<_>>(), [made["id"].clone()], "{kind}");
        let again = family(order + 100, kind, kept);
        village.post("/households", again).await.fault("/members/1/identity_number", "known_elsewhere");
        let twice = family(order + 200, kind, kept);
        let members = [twice["members"][0].clone(), twice["members"][1].clone(), twice["members"][1].clone()];
        let twice = with(twice, "/members", json!(members));
        village.post("/households", twice).await.fault("/members/2/identity_number", "duplicate");
        let remark = json!({ "note": format!("证件 {kept}") });
        let step = village.post(&format!("{}/assist", made.path()), remark).if_match(&made.etag());
        step.await.fault("/note", "personal_data");
        assert_eq!(secrets::told(&app.bytes_written().await, [kept, "阮氏春"]), [""; 0], "on the disk");
    }
    let paired = app.as_(Who::VillageB).post("/households/search", json!({ "identity_number": "E12345678" })).await.is(200);
    assert_eq!(paired["total"], 0, "in one's own area");
    // Two documents of different kinds may have one number.
    village.post("/households", family(50, "passport", "87640321")).await.is(201);
    let both = village.post("/households/search", json!({ "identity_number": "87640321" })).await.is(200);
    assert_eq!(both["total"], 2);
});

both_databases!(a_number_has_the_shape_of_its_document, async |app| {
    let village = app.village_a();
    for (kind, number, code) in [
        ("passport", "E1", "document_number"),
        ("passport", "11010519491231002X", "document_number"),
        ("hong_kong_macao_permit", "12345678", "document_number"),
        ("taiwan_permit", "T1234567", "document_number"),
        ("foreigner_residence", "E12345678", "document_number"),
        ("identity_card", "E12345678", "identity_number_format"),
        ("identity_card", "110105194912310021", "check_digit"),
    ] {
        let refused = village.post("/households", family(1, kind, number)).await.fault("/members/1/identity_number", code);
        assert!(!refused.body.to_string().contains(number), "{kind}");
    }
    village.post("/households", family(1, "driving_licence", "E12345678")).await.fault("/members/1/document_kind", "type");
    village
        .post("/households/search", json!({ "identity_number": "许清水" }))
        .await
        .fault("/identity_number", "any_document_number");
});

both_databases!(nobody_is_entered_as_what_they_are_to_the_family, async |app| {
    let village = app.village_a();
    let file = with(household(VILLAGE_A, 1), "/consent/given_by", json!("户主"));
    for (index, relation) in [(0, "户主"), (0, "本人"), (1, "户主长女")] {
        let at = format!("/members/{index}/name");
        village.post("/households", with(file.clone(), &at, json!(relation))).await.fault(&at, "member_name");
    }
    let made = village.post("/households", file).await.is(201);
    let members = app.town_a().post(&format!("{}/reveal", made.path()), json!({ "purpose": "edit" })).await.is(200);
    let members = with(json!({ "members": members["members"] }), "/members/1/name", json!("家属"));
    village.patch(&made.path(), members).if_match(&made.etag()).await.fault("/members/1/name", "member_name");
    let households: &[&[&str]] = &[
        &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址"],
        &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "某处"],
    ];
    let head: &[&str] = &["1", "户主", "户主", "健康", "小学", "普通劳动力"];
    let book = workbook(&[
        ("帮扶户", households),
        ("家庭成员", &[&["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"], head]),
    ]);
    import(&village, "/households/import", &book).await.fault("/household_members/2/name", "member_name");
});
