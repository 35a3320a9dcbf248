//! Query strings: the parameters of a list, as in the address bar.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The names and values of a query string, in order.
pub type Pairs = Vec<(String, String)>;

/// Parses a query string.
pub fn pairs(search: &str) -> Pairs {
    serde_urlencoded::from_str(search).unwrap_or_default()
}

/// Writes a query string.
pub fn write(pairs: &Pairs) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The value of a parameter.
pub fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Sets or removes a parameter.
pub fn set(pairs: &mut Pairs, name: &str, value: Option<&str>) {
    pairs.retain(|(known, _)| known != name);
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        pairs.push((name.to_owned(), value.to_owned()));
    }
}

/// Parses the query of a list. A parameter that does not fit, as in an old bookmark, is dropped and does not spoil the others.
pub fn parse<Q: DeserializeOwned + Default>(search: &str) -> Q {
    let fits = |pairs: &Pairs| serde_urlencoded::from_str::<Q>(&write(pairs)).ok();
    let all = pairs(search);
    fits(&all).unwrap_or_else(|| {
        fits(&all.into_iter().filter(|pair| fits(&vec![pair.clone()]).is_some()).collect()).unwrap_or_default()
    })
}

/// Writes the query of a list.
pub fn of<Q: Serialize>(query: &Q) -> String {
    serde_urlencoded::to_string(query).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::organisations::{OrganisationKind, OrganisationQuery, OrganisationSort};
    use contract::villages::VillageQuery;
    use contract::{ListQuery, Sort};

    #[test]
    fn a_query_survives_the_address_bar() {
        let query = OrganisationQuery {
            within: Some("350582".into()),
            kind: Some(OrganisationKind::Chamber),
            q: Some("商会 & 友".into()),
            sort: Some(Sort { by: OrganisationSort::UpdatedAt, descending: true }),
            cursor: Some("a+b/c=".into()),
            limit: Some(50),
            ..Default::default()
        };
        assert_eq!(parse::<OrganisationQuery>(&of(&query)), query);
    }

    #[test]
    fn yes_and_no_survive_too() {
        let query = VillageQuery { old_base: Some(false), ..Default::default() };
        assert_eq!(of(&query), "old_base=false");
        assert_eq!(parse::<VillageQuery>("old_base=false"), query);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let query: VillageQuery = parse("q=%E9%87%91&industry=mining&tab=history");
        assert_eq!(query.q(), Some("金"));
        assert_eq!(query.industry, None);
    }

    #[test]
    fn empty_values_leave_the_query() {
        let mut query = pairs("q=a&sort=name");
        set(&mut query, "q", Some(""));
        assert_eq!(write(&query), "sort=name");
    }
}
