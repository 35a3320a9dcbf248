//! The app's files, served from memory as built: hashed, compressed, with a strict policy.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use contract::ErrorCode;

use super::{Error, Result};

/// Allows only the service's own files. WebAssembly may be compiled, but nothing else is evaluated.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

struct File {
    content_type: &'static str,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// The files of the app, by path.
#[derive(Clone)]
pub struct Spa(Arc<HashMap<String, File>>);

impl Spa {
    /// Reads the built app.
    ///
    /// # Errors
    /// An error of the file system, or a folder without `index.html`.
    pub fn load(directory: &Path) -> std::io::Result<Self> {
        let mut files = HashMap::new();
        let mut folders = vec![directory.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(name) = path.strip_prefix(directory) else { continue };
                let name = name.to_string_lossy().replace('\\', "/");
                if name.ends_with(".br") || name.ends_with(".gz") {
                    continue;
                }
                let sibling = |suffix: &str| std::fs::read(format!("{}.{suffix}", path.display())).ok().map(Bytes::from);
                let file = File {
                    content_type: content_type(&name),
                    plain: std::fs::read(&path)?.into(),
                    brotli: sibling("br"),
                    gzip: sibling("gz"),
                };
                files.insert(name, file);
            }
        }
        if !files.contains_key("index.html") {
            return Err(std::io::Error::new(
                std::io::ErrorKind::NotFound,
                format!("{} holds no index.html", directory.display()),
            ));
        }
        Ok(Self(Arc::new(files)))
    }

    /// Serves the files. Every other path belongs to the app's router.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        let spa = self.clone();
        config.default_service(web::to(move |request: HttpRequest| {
            let answer = spa.serve(&request);
            async move { answer }
        }));
    }

    fn serve(&self, request: &HttpRequest) -> Result<HttpResponse> {
        let path = request.path().trim_start_matches('/');
        let outside = matches!(path.split('/').next(), Some("api" | "problems" | "public" | ".well-known"));
        if outside || path.starts_with("assets/") && !self.0.contains_key(path) {
            return Err(ErrorCode::NotFound.into());
        }
        if !matches!(request.method().as_str(), "GET" | "HEAD") {
            return Err(ErrorCode::MethodNotAllowed.into());
        }
        let (name, file) = match self.0.get(path) {
            Some(file) => (path, file),
            None => ("index.html", self.0.get("index.html").ok_or_else(|| Error::from(ErrorCode::NotFound))?),
        };
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut response = HttpResponse::Ok();
        response.content_type(file.content_type).insert_header((header::VARY, "Accept-Encoding"));
        // Files with hashed names never change. The page that names them must be revalidated each time.
        let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.insert_header((header::CACHE_CONTROL, caching));
        // The worker also fetches the app's files, under its own policy.
        if matches!(name, "index.html" | "worker.js") {
            response.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
        }
        let (encoding, bytes) = match (&file.brotli, &file.gzip) {
            (Some(bytes), _) if accepted.contains("br") => ("br", bytes),
            (_, Some(bytes)) if accepted.contains("gzip") => ("gzip", bytes),
            _ => ("identity", &file.plain),
        };
        response.insert_header((header::CONTENT_ENCODING, encoding));
        Ok(response.body(bytes.clone()))
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
