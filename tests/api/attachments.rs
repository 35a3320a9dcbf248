//! Attachments.

use chrono::{TimeDelta, Utc};
use contract::ErrorCode::*;
use domains::attachments;
use image::ImageFormat;
use platform::excel::DOCX;
use serde_json::json;

use super::Domain;
use super::authorization::{Made, op};
use super::organisations::organisation_a;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_attachments")
            .on(organisation_a)
            .query(|organisation| format!("object_type=organisations&object_id={}", organisation.id))
            .but(&[(Institution, Forbidden)]),
        op("create_attachment")
            .on(organisation_a)
            .upload(|organisation| {
                let fields = vec![("object_type", "organisations".to_owned()), ("object_id", organisation.id.clone())];
                (fields, "image/png", picture(ImageFormat::Png))
            })
            .only(&[Bureau, OrganisationA])
            .but(&[(Institution, Forbidden)]),
        op("read_attachment").on(attachment).but(&[(Institution, NotFound)]),
        op("delete_attachment").on(attachment).only(&[Bureau, OrganisationA]).but(&[(Institution, NotFound)]),
        op("remove_attachment")
            .on(attachment)
            .body(|_, _| json!({ "reason": "misplaced" }))
            .only(&[Bureau, OrganisationA])
            .but(&[(Institution, NotFound)]),
    ],
    example: |app| Box::pin(async { drop(app.attached(Bureau, "villages", VILLAGE_A).await.is(201)) }),
    ..Domain::EMPTY
};

/// A picture attached to organisation A, by the caller if they may attach it.
fn attachment(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let who = if who == OrganisationA { who } else { Bureau };
        app.attached(who, "organisations", &app.world.organisation_a.to_string()).await.is(201).into()
    })
}

/// The number of files in the store.
fn files(app: &TestApp) -> usize {
    std::fs::read_dir(app.app.config.data_dir.join("attachments")).expect("the store").count()
}

both_databases!(a_repeated_upload_is_stored_once, async |app| {
    let id = app.world.organisation_a.to_string();
    let fields = [("object_type", "organisations"), ("object_id", id.as_str())];
    let bytes = picture(ImageFormat::Png);
    let upload = || app.organisation_a().upload("/attachments", &fields, ("照片.png", "image/png", &bytes)).key("once");
    let first = upload().await.is(201);
    for _ in 0..3 {
        assert_eq!(upload().await.is(201)["id"], first["id"]);
    }
    assert_eq!(files(app), 1);
});

both_databases!(a_picture_is_attached_shown_and_removed, async |app| {
    let id = app.world.organisation_a.to_string();
    let attached = app.attached(OrganisationA, "organisations", &id).await.is(201);
    assert_eq!((attached["file_name"].as_str(), attached["media_type"].as_str()), (Some("照片.png"), Some("image/png")));
    let list = format!("/attachments?object_type=organisations&object_id={id}");
    let seen = app.town_b().get(&list).await.is(200);
    assert_eq!((seen.items().len(), seen.items()[0]["deletable"].as_bool()), (1, Some(false)));
    assert_eq!(app.organisation_a().get(&list).await.items()[0]["deletable"], true);

    let shown = app.town_b().get(&attached.path()).await.is(200);
    assert_eq!((shown.header("content-type"), shown.header("x-content-type-options")), (Some("image/png"), Some("nosniff")));
    assert!(
        shown
            .header("content-disposition")
            .is_some_and(|value| value.starts_with("inline; filename=\"baishe.png\"; filename*=UTF-8''"))
    );
    assert_eq!(shown.bytes.len() as u64, attached["size"].as_u64().unwrap());
    app.as_(OtherBureau).get(&attached.path()).await.refused(NotFound);
    app.as_(OtherBureau).get(&list).await.refused(NotFound);

    app.bureau().delete(&attached.path()).await.refused(OutsideOwnScope);
    app.organisation_a().delete(&attached.path()).await.is(204);
    app.organisation_a().get(&attached.path()).await.refused(NotFound);
    assert_eq!(files(app), 0);
    let history = app.bureau().get(&format!("/organisations/{id}/history")).await.is(200);
    let actions: Vec<_> = history.items().iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert_eq!(actions[..2], ["detach", "attach"]);
});

both_databases!(what_it_is_decides_and_not_what_it_says, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let attach = |name: &'static str, media_type: &'static str, bytes: Vec<u8>| {
        let town = app.town_a();
        async move { town.upload("/attachments", &fields, (name, media_type, &bytes)).await }
    };
    let refused = attach("a.html", "image/png", b"<script>alert(1)</script>".to_vec()).await.refused(InvalidAttachment);
    assert_eq!(refused["errors"][0]["pointer"], "/file");
    attach("a.png", "image/png", picture(ImageFormat::Png)[..30].to_vec()).await.refused(InvalidAttachment);
    attach("a.pdf", "application/pdf", vec![0; 20 * 1024 * 1024 + 1]).await.refused(PayloadTooLarge);
    assert_eq!(files(app), 0, "what is refused is not kept");
    let scan = attach("..\\..\\协议.pdf", "application/octet-stream", PDF.to_vec()).await.is(201);
    assert_eq!((scan["file_name"].as_str(), scan["media_type"].as_str()), (Some("协议.pdf"), Some("application/pdf")));
    let saved = app.bureau().get(&scan.path()).await.is(200);
    assert!(saved.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
    let book = workbook(&[("a", &[])]);
    attach("b.xlsx", platform::excel::MEDIA_TYPE, book).await.is(201);
    let photo = attach("c.jpg", "image/jpeg", picture(ImageFormat::Jpeg)).await.is(201);
    assert_eq!(photo["media_type"], "image/jpeg");
    app.town_b().upload("/attachments", &fields, ("a.pdf", "application/pdf", PDF)).await.refused(OutsideOwnScope);
    let nowhere = [("object_type", "villages"), ("object_id", OTHER_VILLAGE)];
    app.town_a().upload("/attachments", &nowhere, ("a.pdf", "application/pdf", PDF)).await.refused(NotFound);
    app.town_a().upload("/attachments", &fields[..1], ("a.pdf", "application/pdf", PDF)).await.fault("/object_id", "required");
    app.town_a().get("/attachments").await.fault("/object_type", "required");
});

both_databases!(what_the_browser_says_of_a_file_does_not_matter, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let jpeg = picture(ImageFormat::Jpeg);
    let document = with_field("<w:r/>");
    for (name, declared, bytes, media_type, called) in [
        ("扫描件.jpg", "image/jpg", &jpeg[..], "image/jpeg", "扫描件.jpg"),
        ("扫描件.jpg", "image/pjpeg", &jpeg[..], "image/jpeg", "扫描件.jpg"),
        ("扫描件.jpg", "application/kswps", &jpeg[..], "image/jpeg", "扫描件.jpg"),
        ("扫描件.PDF", "application/x-pdf", PDF, "application/pdf", "扫描件.PDF"),
        ("扫描件.pdf", "application/pdf", &jpeg[..], "image/jpeg", "扫描件.pdf.jpg"),
        ("公文.docx", "application/wps-office.docx", &document[..], DOCX, "公文.docx"),
        ("公文.docx", "application/msword", &document[..], DOCX, "公文.docx"),
        ("公文.docx", "application/vnd.ms-office", &document[..], DOCX, "公文.docx"),
        ("公文.docx", "application/zip", &document[..], DOCX, "公文.docx"),
        ("公文.docx", "wps", &document[..], DOCX, "公文.docx"),
        ("公文", "text/html", &document[..], DOCX, "公文.docx"),
    ] {
        let made = app.town_a().upload("/attachments", &fields, (name, declared, bytes)).await.is(201);
        assert_eq!((made["media_type"].as_str(), made["file_name"].as_str()), (Some(media_type), Some(called)), "{declared}");
    }
});

both_databases!(what_is_of_no_known_kind_says_what_to_do, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    for (name, bytes, what_to_do) in [
        ("IMG_0001.HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "兼容性最佳"),
        ("公文.doc", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"[..], "另存为"),
        ("材料.zip", &b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..], "解压"),
        ("扫描.tif", &b"II*\0\x08\0\0\0"[..], "存为 PDF"),
    ] {
        let sent = app.town_a().upload("/attachments", &fields, (name, "image/jpeg", bytes)).await.refused(InvalidAttachment);
        assert!(sent["detail"].as_str().is_some_and(|detail| detail.contains(what_to_do)), "{name}: {}", sent.body);
        // Nobody reads the same in two languages.
        let upload = app.town_a().upload("/attachments", &fields, (name, "image/jpeg", bytes)).header("Accept-Language", "en");
        let english = upload.await.refused(InvalidAttachment);
        let han = |detail: &str| detail.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!english["detail"].as_str().is_none_or(han), "{name}: {}", english.body);
    }
    assert_eq!(files(app), 0);
});

/// An OFD file whose only page has this content.
fn ofd(page: &str) -> Vec<u8> {
    let root = "<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>\
        <ofd:Author>Xu Qingshui</ofd:Author></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
    let document = "<ofd:Document xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:Pages>\
        <ofd:Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages></ofd:Document>";
    let page = format!("<ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\">{page}</ofd:Page>");
    package(&[("OFD.xml", root), ("Doc_0/Document.xml", document), ("Doc_0/Pages/Page_0/Content.xml", &page)])
}

both_databases!(an_ofd_is_attached_without_its_author_and_one_that_does_something_is_refused, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let attach = |bytes: Vec<u8>| {
        let town = app.town_a();
        async move { town.upload("/attachments", &fields, ("公文.ofd", "application/zip", &bytes)).await }
    };
    let action = |event: &str, what: &str| format!("<ofd:Action Event=\"{event}\">{what}</ofd:Action>");
    let site = "<ofd:URI URI=\"http://jinjiang.gov.cn\"/>";
    for page in [
        action("PO", site),
        action("CLICK", "<ofd:URI URI=\"file:///c:/windows/cmd.exe\"/>"),
        "<ofd:MediaFile>\\\\host\\a.png</ofd:MediaFile>".to_owned(),
        "<ofd:Attachment Name=\"a\"><ofd:FileLoc>a.exe</ofd:FileLoc></ofd:Attachment>".to_owned(),
    ] {
        attach(ofd(&page)).await.refused(InvalidAttachment);
    }
    let ambiguous = repacked(&ofd(""), "word/document.xml", |_| b"<w:document/>".to_vec());
    attach(ambiguous).await.refused(InvalidAttachment);
    attach(repacked(&ofd(""), "Doc_0/Document.xml", |_| b"\x8f\x01".to_vec())).await.refused(InvalidAttachment);
    assert_eq!(files(app), 0);
    let page = format!("<ofd:TextCode>关于社会组织助力扶贫的通知</ofd:TextCode>{}", action("CLICK", site));
    let made = attach(ofd(&page)).await.is(201);
    assert_eq!((made["media_type"].as_str(), made["file_name"].as_str()), (Some("application/ofd"), Some("公文.ofd")));
    let back = app.bureau().get(&made.path()).await.is(200);
    assert!(back.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
    let part = |bytes: &[u8], name: &str| String::from_utf8(content(bytes, name).expect("the part")).expect("text");
    assert!(part(&ofd(&page), "OFD.xml").contains("Xu Qingshui"));
    assert!(!part(&back.bytes, "OFD.xml").contains("Xu Qingshui"));
    assert_eq!(part(&back.bytes, "Doc_0/Pages/Page_0/Content.xml"), part(&ofd(&page), "Doc_0/Pages/Page_0/Content.xml"));
});

both_databases!(an_agreement_is_signed_with_an_ofd_as_its_scan, async |app| {
    let draft = app.agreement(campaign()).await;
    let fields = [("object_type", "agreements"), ("object_id", &*draft.id())];
    let sign = format!("{}/sign", draft.path());
    app.bureau().upload("/attachments", &fields, ("协议.docx", DOCX, &with_field("<w:r/>"))).await.is(201);
    app.town_a().post(&sign, json!({ "signed_on": "2020-04-20" })).await.refused(ScanMissing);
    app.bureau().upload("/attachments", &fields, ("协议.ofd", "application/zip", &ofd("签字"))).await.is(201);
    app.town_a().post(&sign, json!({ "signed_on": "2020-04-20" })).await.is(200);
});

both_databases!(a_wrong_family_s_photo_is_removed_by_whoever_keeps_the_file, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let record = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let mut photos = Vec::new();
    for _ in 0..3 {
        photos.push(app.attached(OrganisationA, "assistance_records", &record.id()).await.is(201));
    }
    let portrait = app.attached(VillageA, "households", &family.id()).await.is(201);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    let list = format!("/attachments?object_type=assistance_records&object_id={}", record.id());
    let remove = |photo: &Answer| format!("{}/remove", photo.path());
    let why = || json!({ "reason": "misplaced" });
    for (who, code) in [
        (OrganisationA, OutsideOwnScope),
        (TownB, NotFound),
        (VillageB, NotFound),
        (OtherBureau, NotFound),
        (Auditor, Forbidden),
        (Admin, Forbidden),
    ] {
        app.as_(who).post(&remove(&photos[0]), why()).await.refused(code);
    }
    app.organisation_a().delete(&photos[0].path()).await.refused(OutsideOwnScope);
    assert_eq!(app.organisation_a().get(&list).await.items()[0]["removable"], false);
    app.village_a().post(&remove(&photos[0]), json!({})).await.fault("/reason", "required");
    app.village_a().post(&remove(&photos[0]), json!({ "reason": "许清水家的照片" })).await.fault("/reason", "type");
    assert_eq!(files(app), 4);

    for (photo, who) in photos.iter().zip([VillageA, TownA, Bureau]) {
        let seen = app.as_(who).get(&list).await.is(200);
        let flags: Vec<_> = seen.items().iter().map(|item| (&item["deletable"], &item["removable"])).collect();
        assert!(flags.iter().all(|flags| *flags == (&json!(false), &json!(true))), "{flags:?}");
        app.as_(who).post(&remove(photo), why()).await.is(204);
        app.as_(who).post(&remove(photo), why()).await.refused(NotFound);
        app.as_(who).get(&format!("{}?purpose=verification", photo.path())).await.refused(NotFound);
    }
    assert_eq!(files(app), 1, "the bytes go");
    let history = app.village_a().get(&format!("{}/history", record.path())).await.is(200);
    let removed: Vec<_> = history.items().iter().filter(|entry| entry["action"] == "remove").collect();
    let roles: Vec<_> = removed.iter().map(|entry| entry["actor_role"].as_str().expect("a role")).collect();
    assert_eq!(roles, ["bureau", "town", "village"]);
    for entry in removed {
        let changes = entry["changes"].as_array().expect("changes");
        assert!(changes.iter().any(|change| change["field"] == "removed_because" && change["to"] == "misplaced"), "{entry}");
    }

    app.town_a().post(&remove(&portrait), json!({ "reason": "unconsented" })).await.is(204);
    assert_eq!(files(app), 0);
    let history = app.village_a().get(&format!("{}/history", family.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "remove");
});

both_databases!(files_without_a_row_are_swept_up, async |app| {
    let kept = app.attached(Bureau, "villages", VILLAGE_A).await.is(201);
    let lost = app.app.config.data_dir.join("attachments").join(uuid::Uuid::now_v7().to_string());
    std::fs::write(&lost, b"left by a transaction that failed").expect("a file");
    let hour = TimeDelta::hours(1);
    assert_eq!(attachments::service::clean(&app.app, Utc::now() - hour).await.unwrap(), 0, "it may still be on its way");
    assert_eq!(attachments::service::clean(&app.app, Utc::now() + hour).await.unwrap(), 1);
    assert!(!lost.exists());
    app.bureau().get(&kept.path()).await.is(200);
});

both_databases!(an_upload_that_was_broken_off_is_swept_up, async |app| {
    let kept = app.attached(Bureau, "villages", VILLAGE_A).await.is(201);
    let store = app.app.config.data_dir.join("attachments");
    // The store writes a file under such a name until it is complete. It never writes the other file.
    let half = store.join(format!("{}#1", uuid::Uuid::now_v7()));
    let other = store.join("notes#of the operator");
    for file in [&half, &other] {
        std::fs::write(file, b"the half of a photo").expect("a file");
    }
    let hour = TimeDelta::hours(1);
    assert_eq!(attachments::service::clean(&app.app, Utc::now() - hour).await.unwrap(), 0, "it may still be on its way");
    assert_eq!(attachments::service::clean(&app.app, Utc::now() + hour).await.unwrap(), 1);
    assert!(!half.exists() && other.exists());
    app.bureau().get(&kept.path()).await.is(200);
});

both_databases!(a_document_in_which_something_runs_is_refused_and_nobody_is_named_as_its_author, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let scripted =
        String::from_utf8(PDF.to_vec()).expect("text").replace("<<>>\nendobj", "<</S /JavaScript /JS (app.alert(1))>>\nendobj");
    let carried = scripted.replace("/S /JavaScript /JS (app.alert(1))", "/AF [<</EF <</F 2  0 R>>>>]");
    let within = |part: &str, bytes: Vec<u8>| repacked(&with_field(""), part, |_| bytes);
    let wide =
        "<w:document><w:fldSimple w:instr=\"DDEAUTO a\"/></w:document>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, media_type, bytes) in [
        ("附件.pdf", "application/pdf", carried.replace("\n29\n", "\n56\n").into_bytes()),
        ("公式.xlsx", platform::excel::MEDIA_TYPE, linked("f>_xlfn.WEBSERVICE(\"http://a\")</f><a")),
        ("内嵌宏.docx", DOCX, within("word/embeddings/a.xlsx", with_macros())),
        ("内嵌程序.docx", DOCX, within("word/media/image1.png", b"MZ\x90".to_vec())),
        ("脚本.docx", DOCX, within("word/a.vbs", b"text".to_vec())),
        ("编码.docx", DOCX, within("word/footer1.xml", wide)),
        ("脚本.pdf", "application/pdf", scripted.replace("\n29\n", "\n62\n").into_bytes()),
        ("网页.pdf", "application/pdf", [b"<html>", PDF].concat()),
        ("网页.pdf", "application/pdf", b"<html>%PDF-1.7".to_vec()),
        ("半页.pdf", "application/pdf", PDF[..PDF.len() - 20].to_vec()),
        ("宏.xlsx", platform::excel::MEDIA_TYPE, with_macros()),
        ("链接.xlsx", platform::excel::MEDIA_TYPE, linked("ddeLink ddeService=\"cmd\" ddeTopic=\"/c calc\"")),
        ("链接.xlsx", platform::excel::MEDIA_TYPE, linked("x:oleLink progId=\"Word.Document\"")),
        ("域.docx", DOCX, with_field("<w:fldSimple w:instr=\"&#68;deauto c:\\\\windows\"/>")),
        ("域.docx", DOCX, with_field(&field(&[" DDEAUTO c:\\windows\\cmd.exe \"/k calc\" "]))),
        ("域.docx", DOCX, with_field(&field(&[" D", "<![CDATA[D]]>", "E Excel ", "table.xlsx"]))),
        ("域.docx", DOCX, with_field(&field(&[" INCLUDETEXT \"\\\\host\\a.docx\" "]))),
        ("合并.docx", DOCX, with_field("<w:mailMerge/>")),
        ("域.docx", DOCX, with_field(&field(&["IF 1=1 ", "<w:r/>&#x44;&#68;", "E<!-- -->auto", " a"]))),
    ] {
        let refused = app.town_a().upload("/attachments", &fields, (name, media_type, &bytes)).await.refused(InvalidAttachment);
        assert_eq!(refused["errors"][0]["pointer"], "/file", "{name}");
    }
    assert_eq!(files(app), 0);
    let mut book = rust_xlsxwriter::Workbook::new();
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_author("Xu Qingshui"));
    book.add_worksheet();
    let book = book.save_to_buffer().expect("a workbook");
    let attached = app.town_a().upload("/attachments", &fields, ("a.xlsx", platform::excel::MEDIA_TYPE, &book)).await.is(201);
    let back = app.bureau().get(&attached.path()).await.is(200);
    assert!(properties(&book).contains("Xu Qingshui"));
    assert!(!properties(&back.bytes).contains("Xu Qingshui"));
});

/// A workbook whose macros do not have the usual part name.
fn with_macros() -> Vec<u8> {
    repacked(&workbook(&[("a", &[])]), "xl/_rels/workbook.xml.rels", |relations| {
        let macros = "<Relationship Id=\"rId99\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" Target=\"a.bin\"/>";
        let relations = String::from_utf8(relations).expect("text");
        relations.replace("</Relationships>", &format!("{macros}</Relationships>")).into()
    })
}

/// A workbook with a link to data in another program.
fn linked(to: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let link = format!("<externalLink xmlns=\"{main}\" xmlns:x=\"{main}\"><{to}/></externalLink>");
    repacked(&workbook(&[("a", &[])]), "xl/externalLinks/externalLink1.xml", |_| link.into())
}

/// A document whose only paragraph has this content.
fn with_field(content: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let document = format!("<w:document xmlns:w=\"{main}\"><w:body><w:p>{content}</w:p></w:body></w:document>");
    repacked(&workbook(&[("a", &[])]), "word/document.xml", |_| document.into())
}

/// A field whose instruction is split over several runs.
fn field(instruction: &[&str]) -> String {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let runs: String = instruction.iter().map(|part| format!("<w:r><w:instrText>{part}</w:instrText></w:r>")).collect();
    format!("{}{runs}{}<w:r><w:t>DDE</w:t></w:r>{}", mark("begin"), mark("separate"), mark("end"))
}

both_databases!(a_document_with_harmless_fields_is_attached, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let runs = [" TOC \\o &quot;1-3&quot; ", "HYPERLINK \"http://jinjiang.gov.cn/dde/a\" ", "PAGE"];
    for content in runs.iter().map(|run| field(&[run])).chain([field(&runs), "<w:r><w:t>DDEAUTO</w:t></w:r>".to_owned()]) {
        let document = with_field(&content);
        app.town_a().upload("/attachments", &fields, ("a.docx", DOCX, &document)).await.is(201);
    }
});

both_databases!(the_same_attachment_twice_is_one, async |app| {
    let fields = [("object_type", "villages"), ("object_id", VILLAGE_A)];
    let bytes = picture(ImageFormat::Jpeg);
    let first = app.town_a().upload("/attachments", &fields, ("a.jpg", "image/jpeg", &bytes)).key("photo").await.is(201);
    let again = app.town_a().upload("/attachments", &fields, ("a.jpg", "image/jpeg", &bytes)).key("photo").await.is(201);
    assert_eq!(first.id(), again.id());
    let list = format!("/attachments?object_type=villages&object_id={VILLAGE_A}");
    assert_eq!(app.bureau().get(&list).await.items().len(), 1);
});
