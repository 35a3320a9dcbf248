//! Searches for plain texts that must not be there.

use std::path::Path;

use aho_corasick::AhoCorasick;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::databases::Db;

/// Everything that a service has written: its folder with SQLite's file and log, and every row of PostgreSQL's tables, with
/// binary columns in hex.
pub async fn written(db: Db, folder: &Path, connection: &DatabaseConnection) -> Vec<u8> {
    let mut written = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the service's folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                written.extend(std::fs::read(&path).unwrap_or_default());
            }
        }
    }
    if db == Db::Postgres {
        let texts = async |query: String| -> Vec<String> {
            let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), &query)).await;
            let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
            rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
        };
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        for table in texts(tables.to_owned()).await {
            for row in texts(format!("SELECT t::text FROM \"{table}\" t")).await {
                written.extend(row.into_bytes());
            }
        }
    }
    written
}

/// The secrets that occur in some bytes, in plain or in hex.
pub fn told<'a>(bytes: &[u8], secrets: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let secrets: Vec<_> = secrets.into_iter().collect();
    let hex = |secret: &&str| secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let forms = secrets.iter().flat_map(|secret| [(*secret).to_owned(), hex(secret)]);
    let searcher = AhoCorasick::new(forms).expect("few secrets");
    searcher.find_overlapping_iter(bytes).map(|found| secrets[found.pattern().as_usize() / 2]).collect()
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    let secrets = ["许清水", "13805950137"];
    for (text, found) in [
        ("许清水", vec!["许清水"]),
        ("…许清水", vec!["许清水"]),
        ("许清 水, 1380595013", vec![]),
        ("8313830353935303133 3133383035393530313337", vec!["13805950137"]),
        ("13805950137许清水", vec!["13805950137", "许清水"]),
        ("138", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(told(text.as_bytes(), secrets), found, "{text}");
    }
}
