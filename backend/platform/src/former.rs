//! The names that something had before. It is found by them too.
//!
//! They stand beside the name, a line each, the latest first.

use super::spelling;

/// How many are kept.
const NAMES: usize = 20;

/// The names of a column that has a line for each.
pub fn listed(lines: Option<&str>) -> Vec<String> {
    lines.into_iter().flat_map(str::lines).map(str::to_owned).collect()
}

/// The names to keep of what is called something else from now on. A name that it takes again is no former one.
pub fn kept(former: &[String], old: &str, new: &str) -> Option<String> {
    let others = former.iter().map(String::as_str).filter(|name| *name != old && *name != new);
    let names: Vec<_> = Some(old).filter(|old| *old != new).into_iter().chain(others).take(NAMES).collect();
    (!names.is_empty()).then(|| names.join("\n"))
}

/// What it is found by: what it is called, and what it was.
pub fn found_by(name: &str, former: Option<&str>) -> String {
    std::iter::once(name).chain(former.into_iter().flat_map(str::lines)).map(spelling::words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_names_are_kept_each_once_and_without_the_one_it_has() {
        let former = |names: &[&str], old, new| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            kept(&names, old, new)
        };
        assert_eq!(former(&[], "甲", "甲"), None);
        assert_eq!(former(&[], "甲", "乙").as_deref(), Some("甲"));
        assert_eq!(former(&["甲"], "乙", "丙").as_deref(), Some("乙\n甲"));
        assert_eq!(former(&["乙", "甲"], "丙", "甲").as_deref(), Some("丙\n乙"));
        assert_eq!(former(&["甲"], "乙", "乙").as_deref(), Some("甲"));
        let many: Vec<_> = (0..NAMES).map(|number| number.to_string()).collect();
        let most = kept(&many, "甲", "乙").unwrap();
        assert_eq!((most.lines().count(), most.lines().next(), most.lines().last()), (NAMES, Some("甲"), Some("18")));
    }
}
