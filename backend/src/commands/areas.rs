//! `baishe areas replace`: a village ends, and another one goes on with what is live.

use std::fmt::Write;

use contract::villages::{Succession, SuccessionInput};
use contract::{CodedEnum, Lang};
use domains::workflows::succession;
use platform::{App, Result, Tx, extract};

use super::words;

/// Replaces a village; what it prints.
///
/// # Errors
/// What is refused, in words for the operator.
pub async fn replace(app: &App, code: &str, input: serde_json::Value) -> Result<String, String> {
    let done = async {
        let input: SuccessionInput = extract::checked(input)?;
        let tx = Tx::system(app).await?;
        let done = succession::replace(&tx, code, input).await?;
        tx.commit().await?;
        Result::Ok(done)
    };
    done.await.map(|done| summary(&done)).map_err(|error| words(&error))
}

fn summary(done: &Succession) -> String {
    let Succession { village_code, village_name, successor_code, successor_name, .. } = done;
    let mut text = format!("{village_code} {village_name} → {successor_code} {successor_name}\n");
    for follows in &done.follows {
        let _ = writeln!(text, "{:>6} {}", follows.count, follows.kind.label(Lang::En));
    }
    for conflict in &done.conflicts {
        let organisation = conflict.organisation_name.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{} {organisation}: {}", conflict.campaign_title, conflict.kind.label(Lang::En));
    }
    text.push_str(if done.dry_run { "nothing was changed\n" } else { "done\n" });
    text
}
