//! Villages.

use contract::villages::{Industry, Succession, SuccessionInput, Village, VillageInput, VillageQuery};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;

use super::{Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Villages that fit the filters.
pub fn list(query: &VillageQuery) -> Call<Page<Village>> {
    Call::list("/villages", query)
}

/// One village by its code.
pub fn read(code: &str) -> Call<Village> {
    Call::get(format!("/villages/{code}"))
}

/// Lets another village replace one, or says what that would do.
pub fn replace(code: &str, input: &SuccessionInput) -> Call<Succession> {
    Call::post(format!("/villages/{code}/replace"), input)
}

impl Record for Village {
    type Input = VillageInput;
    const WRITE: Permission = Permission::WriteVillages;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        (field == "industries").then(|| Industry::from_code(code)).flatten().map(|industry| industry.label(lang))
    }
}

impl Editable for Village {
    type Edit = VillageInput;

    fn edit(&self) -> VillageInput {
        self.profile.clone()
    }
}

/// Villages and communities that there still are.
pub const VILLAGES: Source = Source {
    search: |q| {
        async move {
            let query =
                VillageQuery { q: text(q), ended: Some(false), limit: Some(LIMIT), total: Some(false), ..Default::default() };
            let page = list(&query).send().await?;
            Ok(page.items.into_iter().map(village).collect())
        }
        .boxed_local()
    },
    find: |code| async move { read(&code).send().await.map(village) }.boxed_local(),
};

fn village(village: Village) -> Choice {
    Choice { value: village.code, label: village.name, hint: village.town_name }
}
