//! File systems that get full.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says that a test of full disks is left out, past what captures the output of tests: it must not look as if it had passed.
/// Whoever asks for full disks gets them.
#[track_caller]
pub fn skipped(why: &str) {
    assert!(std::env::var_os("BAISHE_SOAK_DISKS").is_none(), "no disk gets full: {why}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// A small file system of its own, unmounted when it is dropped.
pub struct SmallDisk {
    pub path: PathBuf,
}

impl SmallDisk {
    /// Mounts one in a new folder; none where this is not root, who alone may, which is [`skipped`].
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

    /// Takes all the room that is left.
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

    /// Gives it back.
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
