//! Values by JSON pointer: setting one, and the differences between two.

use serde_json::{Map, Value};

/// Sets the value at a pointer. Creates missing objects on the way.
pub fn set(root: &mut Value, at: &str, new: Value) {
    let mut here = root;
    for part in at.split('/').skip(1) {
        here = match here {
            Value::Array(items) => match part.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => item,
                None => return,
            },
            other => {
                if !other.is_object() {
                    *other = Value::Object(Map::new());
                }
                match other {
                    Value::Object(fields) => fields.entry(part).or_insert(Value::Null),
                    _ => return,
                }
            }
        };
    }
    *here = new;
}

/// The merge patch (RFC 7396) that turns `old` into `new`.
pub fn merge_patch(old: &Value, new: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (old, new) else { return new.clone() };
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, value)| {
        let patch = before.get(name).map_or_else(|| value.clone(), |old| merge_patch(old, value));
        (name.clone(), patch)
    });
    Value::Object(gone.chain(changed).collect())
}

/// The pointers of the fields in which two values differ. Lists count as one field.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(one, other, String::new(), &mut found);
    found
}

fn collect(one: &Value, other: &Value, at: String, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let only_b = b.keys().filter(|name| !a.contains_key(*name));
            for name in a.keys().chain(only_b) {
                let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or(Value::Null);
                collect(&of(a), &of(b), format!("{at}/{name}"), found);
            }
        }
        _ if one != other => found.push(at),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn setting_makes_the_way() {
        let mut value = json!({ "rows": [{ "a": 1 }] });
        set(&mut value, "/rows/0/a", json!(2));
        set(&mut value, "/settings/day", json!(5));
        set(&mut value, "/rows/7/a", json!(3));
        assert_eq!(value, json!({ "rows": [{ "a": 2 }], "settings": { "day": 5 } }));
    }

    #[test]
    fn a_patch_holds_what_changed_and_nothing_else() {
        let old = json!({ "name": "a", "note": "x", "settings": { "day": 5, "limit": 2 }, "rows": [1, 2] });
        let new = json!({ "name": "a", "note": null, "settings": { "day": 6, "limit": 2 }, "rows": [1] });
        assert_eq!(merge_patch(&old, &new), json!({ "note": null, "settings": { "day": 6 }, "rows": [1] }));
    }

    #[test]
    fn differences_are_named_by_field() {
        let one = json!({ "a": 1, "s": { "x": 1, "y": 2 }, "l": [1] });
        let other = json!({ "a": 1, "s": { "x": 1, "y": 3 }, "l": [2], "n": 1 });
        // The order of fields depends on how the JSON library stores objects.
        let mut found = differences(&one, &other);
        found.sort();
        assert_eq!(found, ["/l", "/n", "/s/y"]);
    }
}
