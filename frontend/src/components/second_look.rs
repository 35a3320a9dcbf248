//! Words that may tell who a family is: whoever wrote them looks again, and says whether they do.

use contract::{ErrorCode, Problem, labels};

use super::dialog;
use crate::i18n::{lang_now, texts};
use crate::t;

/// The fields that a refusal is in doubt about.
pub fn fields(problem: &Problem) -> Vec<String> {
    if problem.code != ErrorCode::PerhapsPersonal {
        return Vec::new();
    }
    problem.errors.iter().map(|fault| fault.pointer.clone()).collect()
}

/// Asks whether they name nobody.
pub async fn confirm(problem: &Problem) -> bool {
    let lang = lang_now();
    let name = |at: &String| {
        let name = at.split('/').rfind(|part| !part.is_empty() && part.parse::<usize>().is_err()).unwrap_or_default().to_owned();
        labels::label(&name, lang).to_owned()
    };
    let mut names: Vec<_> = fields(problem).iter().map(name).collect();
    names.dedup();
    let text = t!(form::second_look_text, names.join(lang.pick("、", ", ")));
    dialog::confirm(texts::form::SECOND_LOOK, text, texts::form::NOT_PERSONAL).await
}
