//! Turns the WASM of the compiler into a module for the browser, and the script that connects the two.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;

pub struct Bound {
    pub script: String,
    pub module: Vec<u8>,
    /// Scripts of crates, by their path beside the script.
    pub snippets: BTreeMap<String, String>,
}

/// Checks that library and tool have the same version, because their common format changes with each version.
pub fn check_version(workspace: &Workspace) -> Result<()> {
    let library = workspace.locked_version("wasm-bindgen")?;
    let packer = workspace.locked_version("wasm-bindgen-cli-support")?;
    if library != packer {
        bail!(
            "Cargo.lock holds wasm-bindgen {library}, but wasm-bindgen-cli-support {packer}. Make them the same:\n  \
             cargo update --package wasm-bindgen --precise {packer}   (or change xtask/Cargo.toml to ={library})"
        );
    }
    Ok(())
}

pub fn bind(wasm: &Path, debug: bool) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_path(wasm)
        // The chunks of the app import these functions from its main module by their names.
        .keep_lld_exports(true)
        .demangle(false)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_debug(debug)
        .remove_name_section(!debug)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen cannot take the compiled app")?;
    if !output.npm_dependencies().is_empty() {
        bail!("a crate of the app wants packages from npm, which nothing here bundles");
    }

    let inline = output.snippets().iter().flat_map(|(folder, scripts)| {
        let named = scripts.iter().enumerate();
        named.map(move |(index, text)| (format!("{folder}/inline{index}.js"), text.clone()))
    });
    let local = output.local_modules().iter();
    let snippets = inline.chain(local.map(|(path, text)| (path.clone(), text.clone()))).collect();
    let (script, snippets) = hash_snippets(output.js(), snippets);
    Ok(Bound { script, module: output.wasm_mut().emit_wasm(), snippets })
}

/// Moves the snippets into a folder named by their content, like every file that is cached forever.
fn hash_snippets(script: &str, snippets: BTreeMap<String, String>) -> (String, BTreeMap<String, String>) {
    if snippets.is_empty() {
        return (script.to_owned(), snippets);
    }
    let mut hasher = Sha256::new();
    for (path, text) in &snippets {
        hasher.update(format!("{path}\0{text}\0"));
    }
    let folder = format!("snippets-{}", &super::hex(&hasher.finalize())[..12]);
    let script = script.replace("./snippets/", &format!("./{folder}/"));
    let snippets = snippets.into_iter().map(|(path, text)| (format!("{folder}/{path}"), text)).collect();
    (script, snippets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_get_a_folder_named_by_what_they_hold() {
        let of = |text: &str| {
            let snippets = BTreeMap::from([("a-1/inline0.js".to_owned(), text.to_owned())]);
            hash_snippets("import { x } from './snippets/a-1/inline0.js';", snippets)
        };
        let (script, snippets) = of("export const x = 1;");
        let path = snippets.keys().next().unwrap();
        assert_eq!(script, format!("import {{ x }} from './{path}';"));
        assert_ne!(of("export const x = 2;").1.keys().next(), Some(path));
    }

    #[test]
    fn without_snippets_nothing_changes() {
        let (script, snippets) = hash_snippets("'./snippets/'", BTreeMap::new());
        assert_eq!((script.as_str(), snippets.len()), ("'./snippets/'", 0));
    }
}
