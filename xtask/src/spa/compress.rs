//! Compresses the files once, when they are packed, so that the service need not compress each answer.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};

/// Writes a `.br` and a `.gz` beside each file below the folder.
pub fn all_below(folder: &Path, quickly: bool) -> Result<()> {
    let mut files: Vec<PathBuf> = super::files_below(folder)?.into_keys().collect();
    // The largest files come first. Otherwise one thread would end up alone with one of them.
    files.sort_by_key(|file| std::cmp::Reverse(folder.join(file).metadata().map_or(0, |it| it.len())));
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = folder.join(file);
            let bytes = fs::read(&path)?;
            fs::write(with_suffix(&path, ".br"), brotli(&bytes, quickly)?)?;
            fs::write(with_suffix(&path, ".gz"), gzip(&bytes, quickly)?)?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow!("compressing panicked"))?.context("cannot compress"))
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn brotli(bytes: &[u8], quickly: bool) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if quickly { 3 } else { 11 },
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8], quickly: bool) -> Result<Vec<u8>> {
    let level = if quickly { flate2::Compression::fast() } else { flate2::Compression::best() };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_siblings_hold_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let text = "百社联百村 ".repeat(1000);
        fs::write(folder.path().join("a.js"), &text).unwrap();
        all_below(folder.path(), false).unwrap();

        let mut unpacked = Vec::new();
        let packed = fs::read(folder.path().join("a.js.br")).unwrap();
        brotli::BrotliDecompress(&mut &*packed, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(packed.len() < text.len() / 10);

        let packed = fs::read(folder.path().join("a.js.gz")).unwrap();
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }
}
