//! Households and their members from a workbook.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

const HOUSEHOLDS: &[&str] = &[
    "户编号",
    "村（社区）代码",
    "建档日期",
    "困难类别",
    "主要致贫原因",
    "其他致贫原因",
    "年人均收入（元）",
    "地址",
    "联系电话",
    "银行账号",
    "同意日期",
    "同意人",
    "同意范围",
];
const MEMBERS: &[&str] = &[
    "户编号",
    "姓名",
    "与户主关系",
    "身份证号",
    "健康状况",
    "残疾类别",
    "残疾等级（1 最重）",
    "文化程度",
    "劳动能力",
    "重点人群",
];

/// A workbook with these rows below the headers.
pub fn families(households: &[&[&str]], members: &[&[&str]]) -> Vec<u8> {
    let households: Vec<_> = [HOUSEHOLDS].into_iter().chain(households.iter().copied()).collect();
    let members: Vec<_> = [MEMBERS].into_iter().chain(members.iter().copied()).collect();
    workbook(&[("帮扶户", &households), ("家庭成员", &members)])
}

pub fn import(client: &Client, path: &str, bytes: &[u8]) -> impl Future<Output = Answer> {
    client.upload(path, &[], ("帮扶户.xlsx", XLSX, bytes)).into_future()
}

/// The faults of a dry run as `cell code`, those of the households first.
fn faults(report: &Answer) -> Vec<String> {
    let text = |error: &Value, field: &str| error[field].as_str().expect("a text").to_owned();
    let told = |error: &Value| {
        let sheet = if error["sheet"] == "households" { "" } else { "members " };
        format!("{sheet}{}{} {}", text(error, "column"), error["row"], text(error, "code"))
    };
    let mut faults: Vec<_> = report["errors"].as_array().expect("errors").iter().map(told).collect();
    faults.sort();
    faults
}

both_databases!(a_document_of_a_kind_that_cannot_be_read_is_one_fault, async |app| {
    let households: &[&[&str]] = &[
        &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址"],
        &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "新厝角落12号"],
    ];
    let book = |kind: &str| {
        let header: &[&str] = &["户编号", "姓名", "与户主关系", "证件类型", "身份证号", "健康状况", "文化程度", "劳动能力"];
        let head: &[&str] = &["1", "许清水", "户主", kind, "E12345678", "健康", "小学", "普通劳动力"];
        workbook(&[("帮扶户", households), ("家庭成员", &[header, head])])
    };
    let tried =
        async |kind: &str| faults(&import(&app.village_a(), "/households/import?dry_run=true", &book(kind)).await.is(200));
    assert_eq!(tried("护照本").await, ["members D2 choice"], "the number is sound, whatever it is the number of");
    assert_eq!(tried("居民身份证").await.len(), 1);
    assert_eq!(tried("护照").await, [""; 0]);
});

both_databases!(families_are_entered_from_two_sheets_in_any_order, async |app| {
    let (head, wife, son) = (identity_number("19650312", 1), identity_number("19670508", 2), identity_number("20120601", 3));
    let households: &[&[&str]] = &[
        &[
            "甲",
            VILLAGE_A,
            "2020-04-16",
            "低保",
            "因病",
            "因残、缺劳力",
            "4800.5",
            "新厝角落12号",
            "13805950137",
            "6217001850012345678",
            "2020-04-16",
            "许清水",
            "建档与结对帮扶、拍摄影像资料",
        ],
        &["乙", VILLAGE_A, "2020/4/17", "marginal", "其他", "", "", "祠堂边3号"],
    ];
    let members: &[&[&str]] = &[
        &["乙", "许阿土", "户主", "", "健康", "", "", "小学", "普通劳动力"],
        &["甲", "许小荷", "子女", &son, "健康", "", "", "小学", "无劳动力", "在校学生、留守儿童"],
        &["甲", "许清水", "户主", &head, "长期慢性病", "", "", "小学", "普通劳动力", "重病患者"],
        &["甲", "李秀英", "配偶", &wife, "残疾", "视力残疾", "2", "未上学", "丧失劳动力"],
    ];
    let before = app.village_a().post("/households", household(VILLAGE_A, 9)).await.is(201);
    assert_eq!(before["file_number"], format!("{VILLAGE_A}-0001"));
    let book = families(households, members);
    let expected = json!({
        "dry_run": true, "rows": 6, "created": 2, "updated": 0, "errors": [], "errors_total": 0, "errors_truncated": false,
    });
    let tried = import(&app.village_a(), "/households/import?dry_run=true", &book).await.is(200);
    assert_eq!(tried.body, expected);
    assert_eq!(app.village_a().get("/households").await.is(200)["total"], 1, "a dry run changes nothing");
    let done = import(&app.village_a(), "/households/import", &book).await.is(200);
    assert_eq!(done.body, with(expected, "/dry_run", json!(false)));

    let found = app.village_a().post("/households/search", json!({ "name": "李秀英" })).await.is(200);
    let first = &found.items()[0];
    assert_eq!((&first["file_number"], &first["missing"]), (&json!(format!("{VILLAGE_A}-0002")), &json!([])));
    assert_eq!((&first["status"], &first["status_since"]), (&json!("registered"), &json!("2020-04-16")));
    let path = format!("/households/{}", first["id"].as_str().expect("an id"));
    let file = app.village_a().post(&format!("{path}/reveal"), json!({ "purpose": "edit" })).await.is(200);
    assert_eq!((&file["income_per_head_fen"], &file["secondary_causes"]), (&json!(480_050), &json!(["disability", "no_labour"])));
    assert_eq!(file["consent"]["scope"], json!(["assistance", "photos"]));
    let members: Vec<_> = file["members"].as_array().expect("members").iter().map(|member| member["name"].clone()).collect();
    assert_eq!(members, ["许小荷", "许清水", "李秀英"], "as the sheet has them");
    assert_eq!(file["members"][2]["disability"], json!({ "kind": "visual", "level": 2 }));
    assert_eq!((&file["members"][0]["sex"], &file["members"][0]["born_on"]), (&json!("male"), &json!("2012-06-01")));
    let history = app.village_a().get(&format!("{path}/history")).await.is(200);
    assert_eq!(history.items().last().expect("an entry")["action"], "create");
    assert_eq!(app.village_a().get(&format!("{path}/statuses")).await.is(200).body.as_array().expect("statuses").len(), 1);

    // The same families are not entered twice. Whoever may know learns where they are.
    let again =
        import(&app.town_a(), "/households/import", &book).await.fault("/household_members/3/identity_number", "known_elsewhere");
    let told = again.body.to_string();
    assert!(told.contains(&format!("{VILLAGE_A}-0002")) && !told.contains("许小荷") && !told.contains(&son), "{told}");
    let elsewhere: &[&[&str]] = &[&["1", VILLAGE_B, "2020-04-16", "低保", "因病", "", "", "某处"]];
    let same: &[&[&str]] = &[&["1", "许清水", "户主", &head, "健康", "", "", "小学", "普通劳动力"]];
    let outsider = import(&app.town_b(), "/households/import?dry_run=true", &families(elsewhere, same)).await.is(200);
    assert_eq!(faults(&outsider), [""; 0], "a dry run tells of nobody outside of the area");
    let outsider = import(&app.town_b(), "/households/import", &families(elsewhere, same)).await;
    let outsider = outsider.fault("/household_members/2/identity_number", "known_elsewhere");
    assert!(!outsider.body.to_string().contains(VILLAGE_A), "outside of the area nothing is said but that");
    for action in ["import", "check_import"] {
        let kept = format!("SELECT COUNT(*) FROM audit_events WHERE object_type = 'households' AND action = '{action}'");
        assert_eq!(app.number(&kept).await, if action == "import" { 1 } else { 4 }, "what was refused as well");
    }
    let written = app.bytes_written().await;
    for secret in ["李秀英", "新厝角落", "13805950137", "6217001850012345678", &head, &son] {
        assert!(!written.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} is on the disk");
    }
});

both_databases!(every_bad_cell_is_named_and_nothing_of_it_is_told, async |app| {
    let good = identity_number("19650312", 1);
    let households: &[&[&str]] = &[
        &[
            "1",
            VILLAGE_A,
            "2020-04-21",
            "低保户",
            "因病",
            "因病",
            "-1",
            "新厝角落12号",
            "138****0137",
            "6217-0018",
            "2020-04-21",
            "许*",
        ],
        &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "重复的"],
        &["", VILLAGE_B, "2020-04-16", "低保", "因病", "", "", ""],
        &["4", "350582104999", "2020-02-30", "低保", "因病", "", "", "没有这个村"],
        &["5", VILLAGE_A, "2020-04-16", "低保", "因病", "因病", "", "没有户主"],
        &["6", VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "没有成员"],
    ];
    let members: &[&[&str]] = &[
        &["1", "许清水", "户主", "110105194912310021", "健康", "", "", "小学", "普通劳动力"],
        &["1", "许**", "女儿", "350582201502291016", "健康", "", "", "小学", "无劳动力", "老人"],
        &["1", "许小荷", "户主", "11010519491231002x", "残疾", "", "", "小学", "无劳动力"],
        &["4", "许阿土", "户主", &good, "健康", "视力残疾", "2", "小学", "无劳动力"],
        &["5", "许阿木", "配偶", &good, "健康", "", "", "小学", "无劳动力"],
        &["5", "许阿水", "子女", "１１０１０５１９４９１２３１００２Ｘ", "残疾", "视力残疾", "5", "小学", ""],
        &["9", "许阿火", "户主", "", "健康", "", "", "小学", "无劳动力"],
        &["", "许阿金", "户主", "", "健康", "", "", "小学", "无劳动力"],
    ];
    let book = families(households, members);
    let tried = import(&app.village_a(), "/households/import?dry_run=true", &book).await.is(200);
    let expected = [
        "A3 duplicate",
        "A4 required",
        "A7 head_missing",
        "B4 outside_own_scope",
        "B5 unknown",
        "C5 type",
        "D2 choice",
        "F6 duplicate",
        "G2 range",
        "H4 required",
        "I2 phone",
        "J2 bank_account",
        "L2 person_name",
        "M2 required",
        "members A8 unknown",
        "members A9 required",
        "members B3 person_name",
        "members C3 choice",
        "members D2 check_digit",
        "members D3 identity_number_date",
        "members D6 duplicate",
        "members D7 duplicate",
        "members F4 required",
        "members F5 not_disabled",
        "members G7 range",
        "members I7 required",
        "members J3 choice",
    ];
    assert_eq!(faults(&tried), expected);
    let refused = import(&app.village_a(), "/households/import", &book).await;
    for answer in [&tried, &refused] {
        let told = answer.body.to_string();
        for secret in ["许清水", "女儿", "110105194912310021", "新厝角落", "138****0137", "6217-0018", "低保户", &good]
        {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    refused.fault("/households/2/phone", "phone").fault("/household_members/2/identity_number", "check_digit");
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 0, "nothing is half written");
    // Without a header the first row is a family. The refusal does not repeat it either.
    let headless: &[&[&str]] = &[&["1", VILLAGE_A, "2020-04-16", "许清水"]];
    let refused =
        import(&app.village_a(), "/households/import", &workbook(&[("帮扶户", headless)])).await.refused(InvalidWorkbook);
    assert!(!refused.body.to_string().contains(VILLAGE_A), "{}", refused.body);
    for nobody in [Who::Bureau, Who::OrganisationA, Who::Auditor, Who::Admin, Who::LeadingGroup] {
        import(&app.as_(nobody), "/households/import", &book).await.refused(Forbidden);
    }
});

both_databases!(what_a_program_made_of_a_family_is_named_and_nothing_of_it_is_told, async |app| {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("帮扶户").expect("a name");
    sheet.write_row(0, 0, ["晋江市相对贫困户建档登记表"]).expect("a title");
    sheet.write_row(1, 0, HOUSEHOLDS.iter().chain(&["许清水家的备注"]).copied()).expect("a header");
    for (row, address) in [(2_u32, ""), (3, "试验村 2 号")] {
        let number = row.to_string();
        sheet.write_row(row, 0, [number.as_str(), VILLAGE_A, "20200416", "低保", "因病", "", "", address]).expect("a row");
        sheet.write_string(row, 13, "李秀英").expect("a remark");
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("m-d");
    sheet.write_number_with_format(2, 7, 43_902, &day).expect("an address that was 3-12");
    sheet.set_row_hidden(3).expect("a hidden row");
    let sheet = book.add_worksheet().set_name("家庭成员").expect("a name");
    sheet.write_row(0, 0, MEMBERS.iter().copied()).expect("a header");
    for row in [2_u32, 3] {
        let number = row.to_string();
        sheet.write_row(row, 0, [number.as_str(), "许阿土", "户主", "", "健康", "", "", "小学", "普通劳动力"]).expect("a member");
    }
    let book = book.save_to_buffer().expect("a workbook");
    let tried = import(&app.village_a(), "/households/import?dry_run=true", &book).await.is(200);
    assert_eq!(faults(&tried), ["A4 hidden_row", "H3 became_date"]);
    assert_eq!((&tried["notes"][0]["column"], &tried["notes"][0]["code"]), (&json!("N"), &json!("own_column")));
    let told = tried.body.to_string();
    assert!(!told.contains("许清水") && !told.contains("李秀英"), "{told}");
    import(&app.village_a(), "/households/import", &book).await.fault("/households/3/address", "became_date");
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 0);
});

both_databases!(numbers_are_read_as_a_spreadsheet_and_its_typists_leave_them, async |app| {
    // A numeric cell drops the leading 0 of the area code.
    let households: &[&[&str]] =
        &[&["1", VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "某处", "59585660137", "6217 0018 5001 2345 678"]];
    let members: &[&[&str]] =
        &[&["1", "买买提•吐尔逊", "户主", "１１０１０５ １９４９１２３１ ００２ｘ", "健康", "", "", "小学", "普通劳动力"]];
    import(&app.village_a(), "/households/import", &families(households, members)).await.is(200);
    let found = app.village_a().post("/households/search", json!({ "phone": "0595-85660137" })).await.is(200);
    let path = format!("/households/{}/reveal", found.items()[0]["id"].as_str().expect("an id"));
    let file = app.village_a().post(&path, json!({ "purpose": "edit" })).await.is(200);
    assert_eq!((&file["phone"], &file["bank_account"]), (&json!("0595-85660137"), &json!("6217001850012345678")));
    let member = &file["members"][0];
    assert_eq!((&member["identity_number"], &member["name"]), (&json!("11010519491231002X"), &json!("买买提•吐尔逊")));
});

both_databases!(faults_between_cells_are_told_once_the_cells_are_good, async |app| {
    let households: &[&[&str]] = &[&[
        "1",
        VILLAGE_A,
        "2020-04-21",
        "低保",
        "因病",
        "因残、因病",
        "",
        "某处",
        "",
        "",
        "2020-04-21",
        "许清水",
        "建档与结对帮扶",
    ]];
    let members: &[&[&str]] = &[
        &["1", "许清水", "户主", &identity_number("20200421", 1), "健康", "", "", "小学", "普通劳动力"],
        &["1", "许小荷", "户主", "", "健康", "", "", "小学", "普通劳动力"],
    ];
    let tried = import(&app.village_a(), "/households/import?dry_run=true", &families(households, members)).await.is(200);
    assert_eq!(faults(&tried), ["C2 future", "F2 duplicate", "K2 future", "members D2 future"]);
    let members: &[&[&str]] = &[
        &["1", "许清水", "户主", "", "健康", "", "", "小学", "普通劳动力"],
        &["1", "许小荷", "户主", "", "健康", "", "", "小学", "普通劳动力"],
    ];
    let tried = import(&app.village_a(), "/households/import?dry_run=true", &families(households, members)).await.is(200);
    assert_eq!(faults(&tried), ["C2 future", "F2 duplicate", "K2 future", "members C3 duplicate"]);
});

both_databases!(of_two_who_import_the_same_families_at_once_one_does, async |app| {
    let head = identity_number("19650312", 1);
    let households: &[&[&str]] = &[&["1", VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "某处"]];
    let members: &[&[&str]] = &[&["1", "许清水", "户主", &head, "健康", "", "", "小学", "普通劳动力"]];
    let book = families(households, members);
    let (village, town) = (app.village_a(), app.town_a());
    let (one, two) =
        futures_util::join!(import(&village, "/households/import", &book), import(&town, "/households/import", &book));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 1);
});

both_databases!(many_families_cost_a_few_statements_for_each_thousand, async |app| {
    let numbers: Vec<_> =
        (0..2_500).map(|n| (n.to_string(), identity_number(&format!("19{:02}0312", 30 + n / 900), n % 900))).collect();
    let households: Vec<_> =
        numbers.iter().map(|(n, _)| [n.as_str(), VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "某处"]).collect();
    let members: Vec<_> =
        numbers.iter().map(|(n, number)| [n.as_str(), "许建业", "户主", number, "健康", "", "", "小学", "普通劳动力"]).collect();
    let households: Vec<&[&str]> = households.iter().map(|row| &row[..]).collect();
    let members: Vec<&[&str]> = members.iter().map(|row| &row[..]).collect();
    app.statements.take();
    let done = import(&app.town_a(), "/households/import", &families(&households, &members)).await.is(200);
    let statements = app.statements.take().len();
    assert!(statements <= 30, "{statements} statements");
    assert_eq!((&done["created"], &done["rows"]), (&json!(2_500), &json!(5_000)));
    assert_eq!(app.number("SELECT CAST(MAX(sequence) AS BIGINT) FROM households").await, 2_500);
    assert_eq!(app.number("SELECT COUNT(DISTINCT sequence) FROM households").await, 2_500);
});
