//! What the contract says of its types in a word each.
//!
//! - `#[input]`: a caller sends it. It is validated, and a field that it does not know is refused.
//! - `#[query]`: the same for what stands behind the `?` of an address.
//! - `#[answer]`: the service answers it.
//!
//! Each derives what such a type needs, with its schema for the service. A field says its limits once, and they are checked (unless it
//! is an answer) and stand in the document:
//!
//! ```text
//! #[limit(1..=2000, text)]                 // 1 to 2,000 characters, and the check `crate::validation::text`
//! #[limit(..=50, nested)]                  // at most 50 items, each of them validated
//! #[limit(1.., example = 3)]               // a number from 1 on; what has a name and a value goes into the schema
//! #[limit(area_code)]                      // a code, whose shape stands below
//! #[limit(self::six_digits, max_length = 6)]  // a check that is not in `crate::validation`
//! ```

use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Data, DeriveInput, Error, GenericArgument, Ident, LitInt, MetaNameValue, Path, PathArguments, Result, Token, Type,
    parse_quote,
};

/// Declares what a caller sends.
#[proc_macro_attribute]
pub fn input(_: TokenStream, item: TokenStream) -> TokenStream {
    declared(Use::Input, item)
}

/// Declares what stands behind the `?` of an address.
#[proc_macro_attribute]
pub fn query(_: TokenStream, item: TokenStream) -> TokenStream {
    declared(Use::Query, item)
}

/// Declares what the service answers.
#[proc_macro_attribute]
pub fn answer(_: TokenStream, item: TokenStream) -> TokenStream {
    declared(Use::Answer, item)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Input,
    Query,
    Answer,
}

fn declared(of: Use, item: TokenStream) -> TokenStream {
    syn::parse(item).and_then(|item| declaration(of, item)).unwrap_or_else(Error::into_compile_error).into()
}

fn declaration(of: Use, mut item: DeriveInput) -> Result<Tokens> {
    let Data::Struct(data) = &mut item.data else { return Err(Error::new_spanned(&item.ident, "only a struct has limits")) };
    for field in &mut data.fields {
        let defaults = field.attrs.iter().any(defaults);
        for attribute in std::mem::take(&mut field.attrs) {
            if attribute.path().is_ident("limit") {
                let limit = attribute.parse_args::<Limit>()?;
                field.attrs.extend(limit.reader(of, &field.ty, defaults));
                field.attrs.extend(limit.attributes(of, &field.ty)?);
            } else {
                field.attrs.push(attribute);
            }
        }
    }
    let (schema, more) = match of {
        Use::Input => (quote!(derive(utoipa::ToSchema)), quote!(#[derive(validator::Validate)] #[serde(deny_unknown_fields)])),
        Use::Query => (
            quote!(derive(utoipa::IntoParams), into_params(parameter_in = Query)),
            quote!(#[derive(validator::Validate)] #[serde(deny_unknown_fields)]),
        ),
        Use::Answer => (quote!(derive(utoipa::ToSchema)), Tokens::new()),
    };
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", #schema)]
        #more
        #item
    })
}

/// What stands in `#[limit(…)]`.
#[derive(Default)]
struct Limit {
    least: Option<LitInt>,
    most: Option<LitInt>,
    rules: Vec<Path>,
    schema: Vec<MetaNameValue>,
}

impl Parse for Limit {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut limit = Self::default();
        while !input.is_empty() {
            if input.peek(LitInt) || input.peek(Token![..=]) || input.peek(Token![..]) {
                limit.least = if input.peek(LitInt) { Some(input.parse()?) } else { None };
                if input.parse::<Option<Token![..=]>>()?.is_some() {
                    limit.most = Some(input.parse()?);
                } else {
                    input.parse::<Token![..]>()?;
                }
            } else if input.peek2(Token![=]) {
                limit.schema.push(input.parse()?);
            } else {
                limit.rules.push(input.parse()?);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(limit)
    }
}

impl Limit {
    /// How a field is read that may hold other writings than the one that is kept. What may be left out still may.
    fn reader(&self, of: Use, field: &Type, defaults: bool) -> Option<Attribute> {
        let shape = self.rules.iter().find_map(|rule| shape(rule.get_ident()?)).filter(|_| of == Use::Input)?;
        let reader = format!("crate::typed::{}", shape.reader);
        let default = (is_option(field) && !defaults).then(|| quote!(default,));
        Some(parse_quote!(#[serde(#default deserialize_with = #reader)]))
    }

    fn attributes(self, of: Use, field: &Type) -> Result<Vec<Attribute>> {
        let mut checks = Vec::new();
        let mut schema = Vec::new();
        if self.least.is_some() || self.most.is_some() {
            let (check, least, most) = measure(field)?;
            let bounds = |least: &str, most: &str| -> Vec<Tokens> {
                let bounds = [(least, &self.least), (most, &self.most)];
                bounds.into_iter().filter_map(|(name, value)| Some(named(name, value.as_ref()?))).collect()
            };
            let (check, within) = (Ident::new(check, Span::call_site()), bounds("min", "max"));
            checks.push(quote!(#check(#(#within),*)));
            schema.extend(bounds(least, most));
        }
        for rule in &self.rules {
            let shape = rule.get_ident().and_then(shape);
            if of == Use::Answer && shape.is_none() {
                return Err(Error::new_spanned(rule, "nothing checks an answer"));
            }
            checks.push(match rule.get_ident() {
                Some(own) if own == "nested" || own == "required" => quote!(#own),
                Some(shared) => quote!(custom(function = crate::validation::#shared)),
                None => {
                    // As the compiler wants it: without the `self::` that tells it from one of `crate::validation`.
                    let own = rule.segments.iter().skip_while(|segment| segment.ident == "self");
                    quote!(custom(function = #(#own)::*))
                }
            });
            match shape {
                // Whoever types it may write it otherwise than it is kept.
                Some(Shape { example, .. }) if of == Use::Input => {
                    schema.push(quote!(max_length = 60, pattern = "[0-9０-９]", example = #example));
                }
                Some(Shape { most, pattern, .. }) => schema.push(quote!(max_length = #most, pattern = #pattern)),
                None => {}
            }
        }
        schema.extend(self.schema.iter().map(|word| quote!(#word)));

        let mut attributes = Vec::new();
        if of != Use::Answer && !checks.is_empty() {
            attributes.push(parse_quote!(#[validate(#(#checks),*)]));
        }
        if !schema.is_empty() {
            let schema = if of == Use::Query { quote!(param(#(#schema),*)) } else { quote!(schema(#(#schema),*)) };
            attributes.push(parse_quote!(#[cfg_attr(feature = "schema", #schema)]));
        }
        Ok(attributes)
    }
}

/// Whether an attribute says what a field is that is left out.
fn defaults(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("serde") {
        let _ = attribute.parse_nested_meta(|word| {
            found |= word.path.is_ident("default");
            if word.input.peek(Token![=]) { word.value()?.parse::<syn::Lit>().map(drop) } else { Ok(()) }
        });
    }
    found
}

fn is_option(field: &Type) -> bool {
    match field {
        Type::Group(group) => is_option(&group.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Option"),
        _ => false,
    }
}

fn named(name: &str, value: &LitInt) -> Tokens {
    let name = Ident::new(name, Span::call_site());
    quote!(#name = #value)
}

/// What a range measures of a field: the check, and the two bounds as a schema calls them.
fn measure(field: &Type) -> Result<(&'static str, &'static str, &'static str)> {
    let path = match field {
        // What a macro passes on.
        Type::Group(group) => return measure(&group.elem),
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let Some(last) = path else { return Err(Error::new_spanned(field, "nothing of this type can be limited")) };
    match last.ident.to_string().as_str() {
        "Option" => {
            let PathArguments::AngleBracketed(inner) = &last.arguments else { return Err(Error::new_spanned(last, "of what?")) };
            let Some(GenericArgument::Type(inner)) = inner.args.first() else { return Err(Error::new_spanned(last, "of what?")) };
            measure(inner)
        }
        "String" | "Cow" => Ok(("length", "min_length", "max_length")),
        "Vec" => Ok(("length", "min_items", "max_items")),
        "u16" | "u32" | "u64" | "i32" | "i64" => Ok(("range", "minimum", "maximum")),
        _ => Err(Error::new_spanned(field, "nothing of this type can be limited")),
    }
}

/// How the document describes a code that a check of the same name reads, and what reads it where people type it.
struct Shape {
    most: usize,
    pattern: &'static str,
    /// Reads other writings of it (`baishe-contract`, `typed`), as bodies may hold them.
    reader: &'static str,
    example: &'static str,
}

fn shape(rule: &Ident) -> Option<Shape> {
    let (most, pattern, reader, example) = match rule.to_string().as_str() {
        "area_code" => (12, r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", "read_code", "350582105"),
        "bank_account" => (30, r"^\d{8,30}$", "read_bank_account", "6217001850012345678"),
        "credit_code" => (18, "^[0-9A-HJ-NPQRTUWXY]{18}$", "read_code", "51350582MJ0000018G"),
        "document_number" => (18, "^[0-9A-Z]{5,18}$", "read_document_number", "350582196503120012"),
        "phone" => (60, "^[0-9+、转-]{7,60}$", "read_phone", "0595-85660137"),
        "town_code" => (9, r"^\d{9}$", "read_code", "350582105"),
        "village_code" => (12, r"^\d{12}$", "read_code", "350582105201"),
        _ => return None,
    };
    Some(Shape { most, pattern, reader, example })
}
