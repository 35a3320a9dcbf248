//! Answers that are files.

use actix_web::http::header::{Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// An answer that a browser saves under a name, in any script (RFC 5987).
pub fn answer(name: &str, media_type: &str) -> HttpResponseBuilder {
    named(DispositionType::Attachment, name, media_type)
}

fn named(disposition: DispositionType, name: &str, media_type: &str) -> HttpResponseBuilder {
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    let extended = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: name.into() };
    let parameters = vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(extended)];
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(media_type)
        .insert_header(ContentDisposition { disposition, parameters })
        // Compressed already: squeezing it again would cost time and the length.
        .insert_header(ContentEncoding::Identity);
    answer
}
