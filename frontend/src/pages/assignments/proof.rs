//! The proof that nothing is worth more, in words and in prices.

use std::sync::Arc;

use contract::assignments::{AssignedPrice, Assignment, AssignmentCertificate};
use leptos::prelude::*;

use super::{Work, worth};
use crate::components::load;
use crate::components::table::{self, Row};
use crate::i18n::{Text, texts};
use crate::{api, t};

pub fn tab(work: Work, draft: &Arc<Assignment>) -> AnyView {
    let words = in_words(draft);
    let certificate = load::show(load::load(move || api::assignments::certificate(work.id)), |certificate| prices(&certificate));
    view! { {words}<p>{t!(assignments::PROOF_TEXT)}</p>{certificate} }.into_any()
}

/// That it is proven, in one sentence; or that it is not.
pub fn in_words(draft: &Assignment) -> AnyView {
    if draft.proven {
        view! { <p class="notice good" role="note">{t!(assignments::PROVEN)}</p> }.into_any()
    } else {
        view! { <p class="notice fault" role="note">{t!(assignments::UNPROVEN)}</p> }.into_any()
    }
}

fn prices(certificate: &AssignmentCertificate) -> AnyView {
    let bound = certificate.worth;
    view! {
        <p>{move || t!(assignments::bound, worth(bound))}</p>
        <p class="muted">{t!(assignments::DIGEST)}" "<code class="secret">{certificate.digest.clone()}</code></p>
        <div class="halves">
            {side(texts::assignments::OF_ORGANISATIONS, &certificate.organisations)}
            {side(texts::assignments::OF_VILLAGES, &certificate.villages)}
        </div>
    }
    .into_any()
}

fn side(title: Text, prices: &[AssignedPrice]) -> AnyView {
    let rows = prices.iter().map(|price| {
        let (own, wished) = (price.price, price.wished);
        Row::default().text(price.side.name.clone()).said(move || {
            let own = worth(own);
            match wished {
                Some(wished) => t!(assignments::price_wished, own, worth(wished)),
                None => own,
            }
        })
    });
    let heads = vec![(title, false), (texts::assignments::PRICE, true)];
    view! { <section>{table::rows(title, heads, rows)}</section> }.into_any()
}
