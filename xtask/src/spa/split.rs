//! Splits the compiled app into the module that a first visit loads, and the chunks that are fetched with the pages that need
//! them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};
use wasmparser::Parser;

use super::page::Asset;

/// The name of the script that fetches the chunks, before it gets one that follows from its content.
pub const LOADER: &str = "./chunks.js";

/// The name of the script that starts the main module, as the loader imports it, before it gets one that follows from its
/// content.
pub const SCRIPT: &str = "./app.js";

pub struct Split {
    /// The main module, as input for wasm-bindgen.
    pub main: PathBuf,
    /// The script that fetches the chunks.
    pub loader: String,
    /// The chunks, by the names that the loader uses.
    pub chunks: BTreeMap<String, Vec<u8>>,
}

/// Splits the module where the app says so. What several parts share becomes a chunk of its own.
pub fn split(wasm: &[u8], folder: &Path, debug: bool) -> Result<Split> {
    let main = folder.join("main.wasm");
    let mut options = Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = SCRIPT;
    let parts = transform(options).map_err(|error| anyhow!("cannot split the app: {error:#}"))?;
    let mut chunks = BTreeMap::new();
    for path in &parts.split_modules {
        let name = path.file_name().and_then(|name| name.to_str()).context("a chunk without a name")?;
        // An empty chunk is never loaded.
        if parts.prefetch_map.values().flatten().any(|used| name.strip_suffix(".wasm") == Some(used)) {
            let bytes = fs::read(path)?;
            chunks.insert(name.to_owned(), if debug { bytes } else { bare(&bytes)? });
        }
    }
    Ok(Split { main, loader: fs::read_to_string(folder.join(LOADER))?, chunks })
}

/// Removes the sections that only debuggers read.
fn bare(wasm: &[u8]) -> Result<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let mut end = 8;
    let mut bare = wasm.get(..end).context("a chunk is no module")?.to_vec();
    for part in Parser::new(0).parse_all(wasm) {
        if let Some((section, contents)) = part?.as_section() {
            let section_end = usize::try_from(contents.end)?;
            if section != CUSTOM {
                bare.extend(&wasm[end..section_end]);
            }
            end = section_end;
        }
    }
    Ok(bare)
}

/// Makes the loader fetch a chunk by the name that follows from its content, and check its digest.
pub fn rename(loader: &str, name: &str, chunk: &Asset) -> Result<String> {
    let checked = format!("\"./{}\", import.meta.url), {{ integrity: \"{}\" }})", chunk.file, chunk.integrity);
    replace(loader, &format!("\"./{name}\", import.meta.url))"), &checked)
}

/// Names the script and the loader by their common content. They import each other, so neither can be named by its own content.
pub fn tie(script: &str, loader: &str) -> Result<[(String, String); 2]> {
    let hash = super::hash(format!("{script}\0{loader}").as_bytes());
    let (script_file, loader_file) = (format!("app-{hash}.js"), format!("chunks-{hash}.js"));
    let script = replace(script, &format!("from \"{LOADER}\""), &format!("from \"./{loader_file}\""))?;
    let loader = replace(loader, &format!("from \"{SCRIPT}\""), &format!("from \"./{script_file}\""))?;
    Ok([(script_file, script), (loader_file, loader)])
}

fn replace(text: &str, known: &str, new: &str) -> Result<String> {
    if !text.contains(known) {
        bail!("a generated script does not hold {known}");
    }
    Ok(text.replace(known, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_fetched_by_what_it_holds_and_checked() {
        let loader =
            "fetch(new URL(\"./split_tasks.wasm\", import.meta.url)); fetch(new URL(\"./chunk_1.wasm\", import.meta.url));";
        let chunk = Asset::named("chunks/split_tasks", "wasm", b"\0asm");
        let renamed = rename(loader, "split_tasks.wasm", &chunk).unwrap();
        let (file, integrity) = (&chunk.file, &chunk.integrity);
        assert!(renamed.contains(&format!("fetch(new URL(\"./{file}\", import.meta.url), {{ integrity: \"{integrity}\" }});")));
        assert!(renamed.contains("fetch(new URL(\"./chunk_1.wasm\", import.meta.url));"));
    }

    #[test]
    fn a_loader_that_fetches_otherwise_is_refused() {
        let chunk = Asset::named("chunks/split_tasks", "wasm", b"\0asm");
        assert!(rename("import(\"./split_tasks.wasm\")", "split_tasks.wasm", &chunk).is_err());
        assert!(tie("import * as import1 from \"./chunks.js\"", "import app from './app.js'").is_err());
    }

    #[test]
    fn the_two_scripts_name_each_other_and_a_change_of_either_renames_both() {
        let of = |script: &str, loader: &str| {
            tie(
                &format!("import * as import1 from \"./chunks.js\";{script}"),
                &format!("import {{ initSync }} from \"./app.js\";{loader}"),
            )
            .unwrap()
        };
        let [script, loader] = of("", "");
        assert_eq!(script.1, format!("import * as import1 from \"./{}\";", loader.0));
        assert_eq!(loader.1, format!("import {{ initSync }} from \"./{}\";", script.0));
        for changed in [of("a", ""), of("", "a")] {
            assert_ne!(changed[0].0, script.0);
            assert_ne!(changed[1].0, loader.0);
        }
    }

    #[test]
    fn a_module_loses_what_only_debuggers_read() {
        let head = b"\0asm\x01\0\0\0";
        let types = b"\x01\x04\x01\x60\0\0";
        let names = b"\0\x07\x04nameab";
        let whole = [&head[..], names, types, names].concat();
        assert_eq!(bare(&whole).unwrap(), [&head[..], types].concat());
        assert!(bare(b"<!doctype html>").is_err());
    }
}
