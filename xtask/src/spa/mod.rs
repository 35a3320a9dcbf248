//! Builds the app: compiles it for the browser, and packs it into files to be served.

mod bindgen;
mod compress;
mod page;
mod split;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::wasm_target::{self, WasmTarget};
use crate::workspace::Workspace;

/// What a first visit may download, in bytes after brotli: scripts, WASM and styles.
const BUDGET: u64 = 350_000;

/// The folder of the assets that a first visit does not load.
const CHUNKS: &str = "chunks";

/// The sources of the packer itself. A change of them needs another package.
const PACKER: [&str; 5] = [
    include_str!("mod.rs"),
    include_str!("bindgen.rs"),
    include_str!("compress.rs"),
    include_str!("page.rs"),
    include_str!("split.rs"),
];

#[derive(Args)]
pub struct Options {
    /// Compile quickly, with debug assertions, and compress little
    #[arg(long)]
    debug: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    build(workspace, options.debug)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the app and something else at the same time, in separate folders. While one waits for a single crate, the other goes on.
pub fn build_beside(workspace: &Workspace, debug: bool, other: impl FnOnce() -> Result<()>) -> Result<()> {
    std::thread::scope(|scope| {
        let app = scope.spawn(|| build(workspace, debug));
        let other = other();
        app.join().expect("the build of the app does not panic").and(other)
    })
}

pub fn build(workspace: &Workspace, debug: bool) -> Result<()> {
    bindgen::check_version(workspace)?;
    let target = WasmTarget::ensure()?;
    let wasm = compile(workspace, &target, debug)?;

    // Only one command packs at a time. Two would destroy each other's result.
    let lock = fs::File::create(workspace.target.join("spa.lock"))?;
    lock.lock()?;
    let inputs = Inputs::read(workspace, &wasm)?;
    let stamp = workspace.target.join("spa.stamp");
    let key = inputs.key(debug);
    let spa = workspace.spa();
    let packed = fs::read_to_string(&stamp).is_ok_and(|packed| packed == key);
    if packed && spa.join("index.html").exists() {
        println!("The app is up to date: {}", spa.display());
    } else {
        let started = Instant::now();
        let staging = tempfile::Builder::new().prefix("spa-").tempdir_in(&workspace.target)?;
        pack(&inputs, staging.path(), debug)?;
        let _ = fs::remove_file(&stamp);
        replace_folder(staging.keep(), &spa)?;
        fs::write(&stamp, key)?;
        println!("Packed the app into {} in {:.1} s", spa.display(), started.elapsed().as_secs_f32());
    }
    report_sizes(&spa, debug)
}

/// Compiles the app. Returns the module as the compiler left it.
fn compile(workspace: &Workspace, target: &WasmTarget, debug: bool) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "baishe-frontend"]);
    // Without erasure, the types of Leptos take longer to compile and make the app a tenth larger.
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "--cfg erase_components");
    let folder = if debug {
        "debug"
    } else {
        cargo.args(["--profile", "wasm"]);
        "wasm"
    };
    target.apply(&mut cargo);
    crate::process::run(&mut cargo)?;
    Ok(workspace.target.join(wasm_target::TRIPLE).join(folder).join("baishe-frontend.wasm"))
}

/// Everything that the content of the package depends on.
struct Inputs {
    wasm: Vec<u8>,
    page: String,
    styles: String,
    /// The script that stores the app's files on a device.
    worker: String,
    /// Files that keep their names, by their path below the root of the site.
    public: BTreeMap<PathBuf, Vec<u8>>,
}

impl Inputs {
    fn read(workspace: &Workspace, wasm: &Path) -> Result<Self> {
        let frontend = workspace.root.join("frontend");
        let page = frontend.join("index.html");
        let worker = frontend.join("worker.js");
        let mut styles = String::new();
        for (path, bytes) in files_below(&frontend.join("style"))? {
            if path.extension().is_some_and(|extension| extension == "css") {
                styles += std::str::from_utf8(&bytes).with_context(|| format!("{} is not UTF-8", path.display()))?;
                styles.push('\n');
            }
        }
        Ok(Self {
            wasm: fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?,
            page: fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?,
            styles,
            worker: fs::read_to_string(&worker).with_context(|| format!("cannot read {}", worker.display()))?,
            public: files_below(&frontend.join("public"))?,
        })
    }

    fn key(&self, debug: bool) -> String {
        let mut hasher = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        add(&[u8::from(debug)]);
        PACKER.iter().for_each(|source| add(source.as_bytes()));
        add(wasm_bindgen_cli_support_version().as_bytes());
        add(&self.wasm);
        add(self.page.as_bytes());
        add(self.styles.as_bytes());
        add(self.worker.as_bytes());
        for (path, bytes) in &self.public {
            add(path.as_os_str().as_encoded_bytes());
            add(bytes);
        }
        hex(&hasher.finalize())
    }
}

/// The manifest that pins the version of wasm-bindgen, which is an input too.
fn wasm_bindgen_cli_support_version() -> &'static str {
    include_str!("../../Cargo.toml")
}

fn files_below(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let Ok(entries) = fs::read_dir(&current) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.insert(path.strip_prefix(folder)?.to_owned(), bytes);
            }
        }
    }
    Ok(files)
}

fn pack(inputs: &Inputs, site: &Path, debug: bool) -> Result<()> {
    let assets = site.join("assets");
    fs::create_dir_all(&assets)?;
    let folder = tempfile::tempdir()?;
    let parts = split::split(&inputs.wasm, folder.path(), debug)?;
    let bound = bindgen::bind(&parts.main, debug)?;
    for (path, text) in &bound.snippets {
        write(&assets.join(path), text.as_bytes())?;
    }

    let put = |asset: page::Asset, bytes: &[u8]| -> Result<page::Asset> {
        write(&assets.join(&asset.file), bytes)?;
        Ok(asset)
    };
    let put_named = |stem: &str, extension: &str, bytes: &[u8]| put(page::Asset::named(stem, extension, bytes), bytes);
    let mut loader = parts.loader;
    for (name, bytes) in &parts.chunks {
        let chunk = put_named(&format!("{CHUNKS}/{}", name.trim_end_matches(".wasm")), "wasm", bytes)?;
        loader = split::rename(&loader, name, &chunk)?;
    }
    let [script, loader] = split::tie(&bound.script, &loader)?;
    let script = put(page::Asset::new(script.0, script.1.as_bytes()), script.1.as_bytes())?;
    let loader = put(page::Asset::new(loader.0, loader.1.as_bytes()), loader.1.as_bytes())?;
    let module = put_named("app", "wasm", &bound.module)?;
    let styles = put_named("app", "css", inputs.styles.as_bytes())?;
    let start = put_named("start", "js", page::start_script(&script, &module).as_bytes())?;
    let head = page::Head { styles, script, loader, module, start };
    write(&site.join("index.html"), page::fill(&inputs.page, &head)?.as_bytes())?;
    for (path, bytes) in &inputs.public {
        write(&site.join(path), bytes)?;
    }
    let files = files_below(&assets)?;
    let worker = page::worker(&inputs.worker, files.keys().map(|path| path.to_string_lossy()))?;
    write(&site.join("worker.js"), worker.as_bytes())?;
    compress::all_below(site, debug)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Replaces `old` by `new` in one step, so that a running service never sees a part of it.
fn replace_folder(new: PathBuf, old: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Temporary folders are readable only for their owner, but other users may serve this one.
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    if !old.exists() {
        return fs::rename(&new, old).context("cannot move the package to its place");
    }
    let exchanged = exchange(&new, old);
    if exchanged.is_err() {
        let aside = new.with_extension("old");
        fs::rename(old, &aside)?;
        fs::rename(&new, old)?;
        fs::rename(&aside, &new)?;
    }
    fs::remove_dir_all(new).context("cannot remove the package from before")
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> Result<()> {
    bail!("two folders cannot be exchanged here")
}

/// Prints what a first visit downloads and what the pages add. Fails if a first visit downloads too much.
fn report_sizes(spa: &Path, debug: bool) -> Result<()> {
    let (mut first, mut later) = (0, 0);
    for path in files_below(&spa.join("assets"))?.keys() {
        let Some(original) = path.to_str().and_then(|path| path.strip_suffix(".br")) else {
            continue;
        };
        let size = |name: &Path| Ok::<_, std::io::Error>(spa.join("assets").join(name).metadata()?.len());
        let compressed = size(path)?;
        *(if path.starts_with(CHUNKS) { &mut later } else { &mut first }) += compressed;
        println!("  {:>9} bytes, {compressed:>8} with brotli: {original}", size(original.as_ref())?);
    }
    println!("  {first:>25} with brotli at a first visit, of {BUDGET} allowed; {later} with the pages that need them");
    if first > BUDGET && !debug {
        bail!("the app is too large: {first} bytes with brotli at a first visit, {BUDGET} allowed");
    }
    Ok(())
}

/// The part of a digest that distinguishes contents in the names of files.
fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))[..12].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_folder_and_leaves_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join("site");
        for text in ["first", "second"] {
            let new = parent.path().join("new");
            write(&new.join("index.html"), text.as_bytes()).unwrap();
            replace_folder(new, &place).unwrap();
            assert_eq!(fs::read_to_string(place.join("index.html")).unwrap(), text);
        }
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn each_input_changes_the_key() {
        let inputs = |wasm: &str, page: &str, styles: &str, public: &str| Inputs {
            worker: String::new(),
            wasm: wasm.into(),
            page: page.into(),
            styles: styles.into(),
            public: BTreeMap::from([(PathBuf::from("favicon.svg"), public.into())]),
        };
        let keys = [
            inputs("a", "b", "c", "d").key(false),
            inputs("a", "b", "c", "d").key(true),
            inputs("x", "b", "c", "d").key(false),
            inputs("a", "x", "c", "d").key(false),
            inputs("a", "b", "x", "d").key(false),
            inputs("a", "b", "c", "x").key(false),
            inputs("ab", "", "c", "d").key(false),
        ];
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        assert_eq!(keys[0], inputs("a", "b", "c", "d").key(false));
    }
}
