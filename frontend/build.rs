//! Compiles the locale files into typed constants: a text that is missing in one language, or has other placeholders, fails the build.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

type Texts = BTreeMap<String, BTreeMap<String, String>>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    // The packer splits the app by what refers to what.
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let zh = read(Path::new("locales/zh-CN"))?;
    let en = read(Path::new("locales/en"))?;
    let mut code = String::new();
    for module in zh.keys().chain(en.keys()).collect::<BTreeSet<_>>() {
        let of = |texts: &Texts, lang: &str| {
            texts.get(module).cloned().ok_or_else(|| format!("locales/{lang}/{module}.json is missing"))
        };
        let (zh, en) = (of(&zh, "zh-CN")?, of(&en, "en")?);
        writeln!(code, "pub mod {module} {{\nuse crate::i18n::Text;")?;
        for key in zh.keys().chain(en.keys()).collect::<BTreeSet<_>>() {
            let of = |texts: &BTreeMap<String, String>, lang: &str| {
                texts.get(key).cloned().ok_or_else(|| format!("locales/{lang}/{module}.json has no \"{key}\""))
            };
            write_text(&mut code, key, &of(&zh, "zh-CN")?, &of(&en, "en")?)?;
        }
        code.push_str("}\n");
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("texts.rs"), code)?;
    Ok(())
}

fn read(folder: &Path) -> Result<Texts, Box<dyn Error>> {
    let mut texts = Texts::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let module = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a locale file without a name")?.to_owned();
        let keys = serde_json::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        texts.insert(module, keys);
    }
    Ok(texts)
}

fn write_text(code: &mut String, key: &str, zh: &str, en: &str) -> Result<(), Box<dyn Error>> {
    let holes = placeholders(zh);
    if holes.iter().collect::<BTreeSet<_>>() != placeholders(en).iter().collect::<BTreeSet<_>>() {
        return Err(format!("\"{key}\" has different placeholders in the two languages").into());
    }
    if holes.is_empty() {
        writeln!(code, "pub const {}: Text = Text {{ zh: {zh:?}, en: {en:?} }};", key.to_uppercase())?;
        return Ok(());
    }
    let parameters: Vec<_> = holes.iter().map(|hole| format!("{hole}: &dyn std::fmt::Display")).collect();
    let replaced: String = holes.iter().map(|hole| format!(".replace(\"{{{hole}}}\", &{hole}.to_string())")).collect();
    writeln!(code, "pub fn {key}({}) -> String {{ Text {{ zh: {zh:?}, en: {en:?} }}.get(){replaced} }}", parameters.join(", "))?;
    Ok(())
}

/// The names in braces, in the order of their first use.
fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in text.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !found.iter().any(|known| known == name)
        {
            found.push(name.to_owned());
        }
    }
    found
}
