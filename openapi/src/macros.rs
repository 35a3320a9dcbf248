//! The two declarations that every domain uses: an enumeration and the query of a list.

/// Declares an enumeration with its codes and labels: `Accepted = "accepted" / "已接受" / "Accepted"`.
#[macro_export]
macro_rules! coded_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $code:literal / $zh:literal / $en:literal ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[doc = ""]
        #[doc = concat!($("`", $code, "` ", $zh, "; "),+)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[$vmeta])* #[serde(rename = $code)] $variant ),+
        }

        impl $crate::CodedEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            fn label(self, lang: $crate::Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($zh, $en)),+ }
            }
        }

        $crate::code_schema!($name, [$($code),+], concat!($($doc),*, "\n\n", $("`", $code, "` ", $zh, "; "),+));
    };
}

/// The schema of what is written as one of some codes. The schema derive cannot read a code that a macro passes on: it would put the
/// names of the variants into the document.
#[doc(hidden)]
#[macro_export]
macro_rules! code_schema {
    ($name:ident, [$($code:literal),+], $description:expr) => {
        #[cfg(feature = "schema")]
        impl utoipa::__dev::ComposeSchema for $name {
            fn compose(
                _: Vec<utoipa::openapi::RefOr<utoipa::openapi::Schema>>,
            ) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some(str::trim($description)))
                    .enum_values(Some([$($code),+]))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}
    };
}

/// Declares the query of a list: the filters given, and order and paging, which every list has. It is ordered by the first
/// field of its order, the least first or, as `latest first` says, the other way round; `searched by q` adds a search.
///
/// The fields are repeated in each query instead of flattened, because query strings are flat text and a
/// flattened number cannot be read from text.
#[macro_export]
macro_rules! list_query {
    (@latest) => { false };
    (@latest first) => { true };
    (
        $(#[$($meta:tt)*])*
        pub struct $name:ident sorted by $sort:ty $(, latest $first:ident)? $(, searched by $q:ident)? {
            $( $(#[$($fmeta:tt)*])* pub $field:ident : Option<$type:ty> ),* $(,)?
        }
    ) => {
        $(#[$($meta)*])*
        #[$crate::query]
        #[derive(Default)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$($fmeta)*])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
            $(
                /// Search text: a part of a name, from one character on.
                #[limit(1..=60, text)]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $q: Option<String>,
            )?
            /// The order, where it is to be another than that of every such list.
            #[cfg_attr(feature = "schema", param(schema_with = $crate::page::orders::<$name>, required = false))]
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sort: Option<$crate::Sort<$sort>>,
            /// Where to go on: `next_cursor` of the page before, with the same filters and order.
            #[limit(1..=1000)]
            #[serde(skip_serializing_if = "Option::is_none")]
            pub cursor: Option<String>,
            /// Items on a page, 20 unless given.
            #[limit(1..=200)]
            #[serde(skip_serializing_if = "Option::is_none")]
            pub limit: Option<u32>,
            /// `false` leaves out `total`, which may cost as much as the page itself. For whoever reads on to the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub total: Option<bool>,
        }

        impl $crate::ListQuery for $name {
            type SortBy = $sort;
            const ORDER: $crate::Sort<$sort> = $crate::Sort {
                by: <$sort as $crate::CodedEnum>::ALL[0],
                descending: $crate::list_query!(@latest $($first)?),
            };
            fn q(&self) -> Option<&str> { None $(.or(self.$q.as_deref()))? }
            fn sort(&self) -> $crate::Sort<$sort> { self.sort.unwrap_or(Self::ORDER) }
            fn cursor(&self) -> Option<&str> { self.cursor.as_deref() }
            fn limit(&self) -> Option<u32> { self.limit }
            fn counts(&self) -> bool { self.total != Some(false) }
            fn set_cursor(&mut self, cursor: Option<String>) { self.cursor = cursor; }
            fn set_limit(&mut self, limit: Option<u32>) { self.limit = limit; }
            fn set_sort(&mut self, sort: Option<$crate::Sort<$sort>>) { self.sort = sort; }
        }
    };
}
