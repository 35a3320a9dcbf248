//! Attachments.

use chrono::{TimeDelta, Utc};
use contract::ErrorCode::*;
use domains::attachments;
use image::ImageFormat;
use platform::excel::DOCX;

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
            .query(|organisation| format!("object_type=organisations&object_id={}", organisation.id)),
        op("create_attachment")
            .on(organisation_a)
            .upload(|organisation| {
                let fields = vec![("object_type", "organisations".to_owned()), ("object_id", organisation.id.clone())];
                (fields, "image/png", picture(ImageFormat::Png))
            })
            .only(&[Bureau, OrganisationA]),
        op("read_attachment").on(attachment),
        op("delete_attachment").on(attachment).only(&[Bureau, OrganisationA]),
    ],
    example: |app| Box::pin(async { drop(app.attached(Bureau, "villages", VILLAGE_A).await.is(201)) }),
    ..Domain::EMPTY
};

/// A picture of organisation A, attached by the caller where they may.
fn attachment(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let who = if who == OrganisationA { who } else { Bureau };
        app.attached(who, "organisations", &app.world.organisation_a.to_string()).await.is(201).into()
    })
}

/// The files in the store.
fn files(app: &TestApp) -> usize {
    std::fs::read_dir(app.app.config.data_dir.join("attachments")).expect("the store").count()
}

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
    let refused = attach("a.png", "application/pdf", picture(ImageFormat::Png)).await.refused(InvalidAttachment);
    assert_eq!(refused["errors"][0]["pointer"], "/file");
    attach("a.html", "text/html", b"<script>alert(1)</script>".to_vec()).await.refused(InvalidAttachment);
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
    // As the store writes it before it gets its place; the other is nothing that it writes.
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
    for (name, media_type, bytes) in [
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

/// A workbook whose macros are not called what programs call them.
fn with_macros() -> Vec<u8> {
    repacked(&workbook(&[("a", &[])]), "xl/_rels/workbook.xml.rels", |relations| {
        let macros = "<Relationship Id=\"rId99\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" Target=\"a.bin\"/>";
        let relations = String::from_utf8(relations).expect("text");
        relations.replace("</Relationships>", &format!("{macros}</Relationships>")).into()
    })
}

/// A workbook with a link to what another program holds.
fn linked(to: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let link = format!("<externalLink xmlns=\"{main}\" xmlns:x=\"{main}\"><{to}/></externalLink>");
    repacked(&workbook(&[("a", &[])]), "xl/externalLinks/externalLink1.xml", |_| link.into())
}

/// A document with one paragraph.
fn with_field(content: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let document = format!("<w:document xmlns:w=\"{main}\"><w:body><w:p>{content}</w:p></w:body></w:document>");
    repacked(&workbook(&[("a", &[])]), "word/document.xml", |_| document.into())
}

/// A field whose instruction is split over runs.
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
