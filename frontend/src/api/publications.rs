//! Publications: figures as the public is told them.

use contract::publications::{
    Publication, PublicationHead, PublicationInput, PublicationPreview, PublicationPreviewQuery, PublicationQuery,
    PublicationState,
};
use contract::{CodedEnum, Lang, Page, Permission};

use super::{Call, Record};

/// Publications that fit the filters.
pub fn list(query: &PublicationQuery) -> Call<Page<PublicationHead>> {
    Call::list("/publications", query)
}

/// One publication.
pub fn read(id: &str) -> Call<Publication> {
    Call::get(format!("/publications/{id}"))
}

/// What would be published now.
pub fn preview(query: &PublicationPreviewQuery) -> Call<PublicationPreview> {
    Call::list("/publications/preview", query)
}

/// Publishes the figures of a month.
pub fn create(input: &PublicationInput) -> Call<Publication> {
    Call::post("/publications", input)
}

impl Record for Publication {
    type Input = PublicationInput;
    const WRITE: Permission = Permission::WritePublications;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        (field == "state").then(|| PublicationState::from_code(code).map(|state| state.label(lang))).flatten()
    }
}
