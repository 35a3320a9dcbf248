//! Examples for the document, made from its own limits, formats, codes and field names.

use contract::{Lang, labels};
use serde_json::{Map, Value, json};

/// Values for rules that only a pattern states.
const PATTERNS: [(&str, &str); 12] = [
    (r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", "350582104"),
    (r"^\d{2,12}$", "350582"),
    (r"^\d{12}$", "350582104206"),
    (r"^\d{9}$", "350582104"),
    (r"^[0-9a-f]{64}$", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (r"^[A-Z]{1,3}$", "B"),
    (r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$", "2020-06"),
    (r"^[0-9A-HJ-NPQRTUWXY]{18}$", "51350582MJB1234561"),
    (r"^[0-9+、转-]{7,60}$", "0595-85660000"),
    (r"^\d{4}-Q[1-4]$", "2020-Q2"),
    (r"^\d{17}[0-9X]$", "11010519491231002X"),
    (r"^\d{8,30}$", "6217001850012345678"),
];
/// The contract nests no deeper than this.
const DEPTH: usize = 20;

/// Makes examples of schemas that may refer to these ones.
pub struct Examples(pub Value);

impl Examples {
    /// A value that is valid by a schema.
    pub fn of(&self, schema: &Value) -> Value {
        self.make(schema, "", DEPTH)
    }

    fn make(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let given = [&schema["example"], &schema["default"], &schema["const"], &schema["enum"][0]];
        if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
            return given.clone();
        }
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        if let Some(reference) = schema["$ref"].as_str() {
            return self.make(&self.0[reference.rsplit('/').next().unwrap_or_default()], name, depth);
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|kind| schema[*kind].as_array());
        if let Some(some) = alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return self.make(some, name, depth);
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null"),
            kind => Some(kind),
        };
        match kinds.and_then(Value::as_str).unwrap_or_default() {
            "object" => {
                let fields = schema["properties"].as_object().into_iter().flatten();
                fields.map(|(name, field)| (name.clone(), self.make(field, name, depth))).collect::<Map<_, _>>().into()
            }
            "array" => json!([self.make(&schema["items"], name, depth)]),
            "integer" | "number" => {
                let least = schema["minimum"].as_i64().unwrap_or(1).max(1);
                json!(schema["maximum"].as_i64().map_or(least, |most| least.min(most)))
            }
            "boolean" => json!(true),
            "string" => json!(text(schema, name)),
            _ => Value::Null,
        }
    }
}

fn text(schema: &Value, name: &str) -> String {
    if let Some(pattern) = schema["pattern"].as_str() {
        let fitting = PATTERNS.iter().find(|(known, _)| *known == pattern);
        return fitting.map_or_else(|| panic!("{name}: add an example for {pattern}"), |(_, example)| (*example).to_owned());
    }
    match schema["format"].as_str() {
        Some("uuid") => "01719c2a-8d4e-7b31-9c55-0a6f1e2d3c4b".to_owned(),
        Some("date") => "2020-06-01".to_owned(),
        Some("date-time") => "2020-06-01T01:00:00Z".to_owned(),
        _ => {
            let least = schema["minLength"].as_u64().unwrap_or(1).max(1) as usize;
            let most = schema["maxLength"].as_u64().unwrap_or(100) as usize;
            let label = labels::find(name, Lang::ZhCn).unwrap_or("示例");
            label.chars().cycle().take(label.chars().count().max(least).min(most)).collect()
        }
    }
}
