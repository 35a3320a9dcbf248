//! Loads the statistical division tree: the bundled part, or another one from a file.

use std::collections::HashMap;
use std::io::Read;

use contract::CodedEnum;
use contract::areas::AreaLevel;
use contract::codes::{AREA_CODE_LENGTHS, is_area_code};
use entities::areas::{ActiveModel, Column, Entity};
use platform::coded::Code;
use platform::{Result, Tx, former, spelling};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;

/// Jinjiang: edition of 2023-06-30, 19 towns and streets, 3 development zones, 405 villages and communities.
pub const JINJIANG: &str = include_str!("areas-350582.csv");
/// Rows of one statement: seven columns each, well below the parameter limits of both databases.
const BATCH: usize = 2_000;

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    level: String,
    #[serde(default)]
    parent_code: String,
}

/// Why a file was refused, with the faulty line.
#[derive(Debug)]
pub struct BadRow {
    pub line: u64,
    pub reason: String,
}

impl std::fmt::Display for BadRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// The result of loading a file.
#[derive(Debug)]
pub struct Loaded {
    pub rows: usize,
    /// Known areas with another name in the file.
    pub renamed: Vec<Renamed>,
    /// Villages of the table that others have replaced. They stay as they are: an old table brings none back.
    pub ended: Vec<Ended>,
}

/// A village that another one has replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: String,
    pub name: String,
    pub successor_code: String,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} has been replaced by {} and stays as it is", self.code, self.name, self.successor_code)
    }
}

/// An area that gets another name.
#[derive(Debug, PartialEq, Eq)]
pub struct Renamed {
    pub code: String,
    pub old: String,
    pub new: String,
}

impl std::fmt::Display for Renamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} → {}", self.code, self.old, self.new)
    }
}

/// Loads rows of `code,name,level,parent_code`, and updates the names of known codes.
///
/// # Errors
/// The inner error is the first bad row, found before anything is written.
pub async fn load(tx: &Tx, source: impl Read) -> Result<std::result::Result<Loaded, BadRow>> {
    let rows = match parse(source) {
        Ok(rows) => rows,
        Err(bad) => return Ok(Err(bad)),
    };
    let mut loaded = Loaded { rows: rows.len(), renamed: Vec::new(), ended: Vec::new() };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut batch: Vec<_> = rows.by_ref().take(BATCH).collect();
        compare(tx, &mut batch, &mut loaded).await?;
        if batch.is_empty() {
            continue;
        }
        Entity::insert_many(batch)
            .on_conflict(
                OnConflict::column(Column::Code)
                    .update_columns([
                        Column::Name,
                        Column::NameKey,
                        Column::NameWords,
                        Column::Level,
                        Column::ParentCode,
                        Column::TakesPart,
                        Column::FormerNames,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(&tx.connection)
            .await?;
    }
    Ok(Ok(loaded))
}

/// Compares rows with the areas that are known. Those of villages that have ended are left out; an area that is called otherwise from
/// now on is still found by the names that it had.
async fn compare(tx: &Tx, batch: &mut Vec<ActiveModel>, loaded: &mut Loaded) -> Result<()> {
    let codes: Vec<String> = batch.iter().map(|row| row.code.as_ref().clone()).collect();
    let known = Entity::find().filter(Column::Code.is_in(codes)).order_by_asc(Column::Code).all(&tx.connection).await?;
    let mut known: HashMap<_, _> = known.into_iter().map(|area| (area.code.clone(), area)).collect();
    batch.retain_mut(|row| {
        let Some(area) = known.remove(row.code.as_ref()) else { return true };
        if let Some(successor_code) = area.successor_code {
            loaded.ended.push(Ended { code: area.code, name: area.name, successor_code });
            return false;
        }
        let new = row.name.as_ref().clone();
        let names = former::kept(&former::listed(area.former_names.as_deref()), &area.name, &new);
        row.name_words = Set(former::found_by(&new, names.as_deref()));
        row.former_names = Set(names);
        if area.name != new {
            loaded.renamed.push(Renamed { code: area.code, old: area.name, new });
        }
        true
    });
    Ok(())
}

fn parse(source: impl Read) -> std::result::Result<Vec<ActiveModel>, BadRow> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source);
    let mut rows = Vec::new();
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let line = index as u64 + 2;
        let bad = |reason: String| BadRow { line, reason };
        let row = row.map_err(|error| bad(error.to_string()))?;
        let level = AreaLevel::from_code(&row.level).ok_or_else(|| bad(format!("{:?} is no level", row.level)))?;
        let length = AREA_CODE_LENGTHS[AreaLevel::ALL.iter().position(|&known| known == level).unwrap_or_default()];
        if !is_area_code(&row.code) || row.code.len() != length {
            return Err(bad(format!("{:?} is no code of a {}", row.code, level.code())));
        }
        if !row.parent_code.is_empty() && !row.code.starts_with(&row.parent_code) {
            return Err(bad(format!("{} does not lie in {}", row.code, row.parent_code)));
        }
        if row.name.is_empty() || row.name.chars().count() > 60 {
            return Err(bad("the name is empty or longer than 60 characters".to_owned()));
        }
        rows.push(ActiveModel {
            takes_part: Set(takes_part(&row.code)),
            code: Set(row.code),
            name_key: Set(spelling::key(&row.name)),
            name_words: Set(spelling::words(&row.name)),
            name: Set(row.name),
            level: Set(Code(level)),
            parent_code: Set(Some(row.parent_code).filter(|code| !code.is_empty())),
            former_names: Set(None),
            ended_on: NotSet,
            successor_code: NotSet,
        });
    }
    Ok(rows)
}

/// Pseudo-areas (development zones, industrial estates, farm quarters) have a segment of 4xx or 5xx at the level of towns or
/// villages. They are not villages to pair with.
fn takes_part(code: &str) -> bool {
    ![6, 9].into_iter().any(|segment| matches!(code.as_bytes().get(segment), Some(b'4' | b'5')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_tree_is_what_it_is_said_to_be() {
        let rows = parse(JINJIANG.as_bytes()).unwrap();
        let count = |level| rows.iter().filter(|row| row.level == Set(Code(level))).count();
        assert_eq!(count(AreaLevel::Village), 405);
        assert_eq!(count(AreaLevel::Town), 22);
        let pseudo = |level| rows.iter().filter(|row| row.level == Set(Code(level)) && row.takes_part == Set(false)).count();
        assert_eq!(pseudo(AreaLevel::Village), 6);
        assert_eq!(pseudo(AreaLevel::Town), 3);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        let csv = "code,name,level,parent_code\n350582,晋江市,county,3505\n35058,短,town,350582\n";
        assert_eq!(parse(csv.as_bytes()).unwrap_err().line, 3);
    }
}
