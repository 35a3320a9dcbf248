//! File systems that fill up.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Reports a skipped test of full disks, past the capture of test output, because it must not look as if it had passed. Panics if
/// `BAISHE_SOAK_DISKS` demands full disks.
#[track_caller]
pub fn skipped(why: &str) {
    assert!(std::env::var_os("BAISHE_SOAK_DISKS").is_none(), "no disk gets full: {why}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// A small file system, unmounted when it is dropped.
pub struct SmallDisk {
    pub path: PathBuf,
}

impl SmallDisk {
    /// Mounts one in a new folder. Returns `None`, and reports the test as [`skipped`], without root, which alone may mount.
    pub fn mount(folder: &Path, megabytes: u32) -> Option<Self> {
        let path = folder.join("disk");
        std::fs::create_dir_all(&path).expect("a folder");
        let options = format!("size={megabytes}m,mode=0755");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "small"]).arg(&path).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { path });
        }
        skipped("only root may mount a small disk");
        None
    }

    /// Uses up the remaining space.
    pub fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).expect("a file to fill the disk with");
        for size in [1 << 20, 1 << 12] {
            let zeros = vec![0; size];
            let error = loop {
                if let Err(error) = filler.write_all(&zeros) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        }
    }

    /// Frees the space again.
    pub fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("what has filled the disk goes");
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}
