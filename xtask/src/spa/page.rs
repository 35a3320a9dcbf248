//! The only page. Its head loads files by names and digests that follow from their content.
//!
//! The content security policy forbids scripts in the page itself, so a separate file starts the app.

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha384};

const PLACEHOLDER: &str = "<!-- head -->";

/// A file below /assets/ that may be cached forever.
pub struct Asset {
    pub file: String,
    pub integrity: String,
}

impl Asset {
    pub fn named(stem: &str, extension: &str, bytes: &[u8]) -> Self {
        Self::new(format!("{stem}-{}.{extension}", super::hash(bytes)), bytes)
    }

    pub fn new(file: String, bytes: &[u8]) -> Self {
        Self { file, integrity: format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes))) }
    }
}

pub struct Head {
    pub styles: Asset,
    pub script: Asset,
    pub loader: Asset,
    pub module: Asset,
    pub start: Asset,
}

/// The script that loads and starts the app. If it fails, it sets the class `app-failed` on the root of the page.
pub fn start_script(script: &Asset, module: &Asset) -> String {
    format!(
        "import init from './{script}';\n\
         const module = fetch('/assets/{module}', {{ integrity: '{integrity}' }});\n\
         init({{ module_or_path: module }}).catch((error) => {{\n  \
         document.documentElement.classList.add('app-failed');\n  \
         throw error;\n\
         }});\n",
        script = script.file,
        module = module.file,
        integrity = module.integrity,
    )
}

/// Fills the placeholder of the template.
pub fn fill(template: &str, head: &Head) -> Result<String> {
    let found = template.matches(PLACEHOLDER).count();
    if found != 1 {
        bail!("frontend/index.html must hold {PLACEHOLDER} once, not {found} times");
    }
    let Head { styles, script, loader, module, start } = head;
    let elements = [
        format!(r#"<link rel="stylesheet" href="/assets/{}" integrity="{}">"#, styles.file, styles.integrity),
        // The preload has no digest: browsers ignore it here, and warn about that. The start script has the module checked.
        format!(r#"<link rel="preload" href="/assets/{}" as="fetch" type="application/wasm" crossorigin>"#, module.file),
        format!(r#"<link rel="modulepreload" href="/assets/{}" integrity="{}">"#, script.file, script.integrity),
        format!(r#"<link rel="modulepreload" href="/assets/{}" integrity="{}">"#, loader.file, loader.integrity),
        format!(r#"<script type="module" src="/assets/{}" integrity="{}"></script>"#, start.file, start.integrity),
    ];
    Ok(template.replace(PLACEHOLDER, &elements.join("\n    ")))
}

/// The worker with the list of files of this release, which includes the page. Any other file makes another release.
pub fn worker(template: &str, assets: impl Iterator<Item = impl AsRef<str>>) -> Result<String> {
    let mut files: Vec<_> = assets.map(|file| format!("/assets/{}", file.as_ref())).collect();
    files.sort();
    files.insert(0, "/".to_owned());
    let release = super::hash(files.join("\0").as_bytes());
    let list: Vec<_> = files.iter().map(|file| format!("'{file}'")).collect();
    let mut worker = template.to_owned();
    for (hole, filling) in [("/* files */", list.join(", ")), ("/* release */", release)] {
        if worker.matches(hole).count() != 1 {
            bail!("frontend/worker.js must hold {hole} once");
        }
        worker = worker.replace(hole, &filling);
    }
    Ok(worker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            styles: Asset::named("app", "css", b"body{}"),
            script: Asset::named("app", "js", b"export default 1"),
            loader: Asset::named("chunks", "js", b"export const load = 1"),
            module: Asset::named("app", "wasm", b"\0asm"),
            start: Asset::named("start", "js", b"start"),
        }
    }

    #[test]
    fn names_and_digests_follow_from_the_content() {
        let empty = Asset::named("app", "css", b"");
        assert_eq!(empty.file, "app-e3b0c44298fc.css");
        assert_eq!(empty.integrity, "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb");
        assert_ne!(Asset::named("app", "css", b" ").file, empty.file);
    }

    #[test]
    fn the_page_loads_everything_and_holds_no_script_of_its_own() {
        let head = head();
        let page = fill("<head>\n    <!-- head -->\n</head>", &head).unwrap();
        for asset in [&head.styles, &head.script, &head.loader, &head.module, &head.start] {
            assert!(page.contains(&format!("\"/assets/{}\"", asset.file)));
        }
        for asset in [&head.styles, &head.script, &head.loader, &head.start] {
            assert!(page.contains(&format!("integrity=\"{}\"", asset.integrity)));
        }
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("\"></script>"));
        assert!(!page.contains(PLACEHOLDER));
    }

    #[test]
    fn a_template_without_the_placeholder_is_refused() {
        assert!(fill("<head></head>", &head()).is_err());
        assert!(fill("<!-- head --><!-- head -->", &head()).is_err());
    }

    #[test]
    fn the_start_script_names_both_files_and_checks_the_module() {
        let head = head();
        let text = start_script(&head.script, &head.module);
        assert!(text.contains(&format!("'./{}'", head.script.file)));
        assert!(text.contains(&format!("'/assets/{}'", head.module.file)));
        assert!(text.contains(&head.module.integrity));
    }

    #[test]
    fn the_worker_keeps_the_files_of_one_release() {
        let template = "const FILES = [/* files */]; const RELEASE = '/* release */';";
        let of = |files: &[&str]| worker(template, files.iter()).unwrap();
        assert!(of(&["b.js", "a.css"]).starts_with("const FILES = ['/', '/assets/a.css', '/assets/b.js']; const RELEASE = '"));
        assert_eq!(of(&["b.js", "a.css"]), of(&["a.css", "b.js"]));
        let release = |text: String| text.rsplit_once('=').unwrap().1.to_owned();
        assert_ne!(release(of(&["a-1.css"])), release(of(&["a-2.css"])));
        assert!(worker("nothing to fill in", ["a.css"].iter()).is_err());
    }
}
