//! Compares the tables that the migration makes with the committed description of them.

use crate::both_databases;
use crate::support::*;

/// A step of the migration comes with the lines that it adds to `sqlite.txt` and `postgres.txt`, or removes from them.
const KEPT: [(&str, &str); 2] =
    [(include_str!("sqlite.sql"), include_str!("sqlite.txt")), (include_str!("postgres.sql"), include_str!("postgres.txt"))];

both_databases!(the_steps_make_the_schema_that_is_kept_in_writing, async |app| {
    let (told, kept) = KEPT[usize::from(app.db == Db::Postgres)];
    let (mut made, mut kept) = (app.texts(told).await, kept.lines().map(str::to_owned).collect::<Vec<_>>());
    made.sort_unstable();
    kept.sort_unstable();
    let only =
        |of: &[String], other: &[String]| of.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>().join("\n");
    assert!(made == kept, "not written down:\n{}\n\nnot made:\n{}", only(&made, &kept), only(&kept, &made));
});
