//! What waits for those who inspect, rectify and verify (督促检查帮扶).

use contract::findings::{FindingQuery, Severity};
use contract::inspections::{InspectionQuery, RoundKind};
use contract::work::WorkKind;
use contract::{CodedEnum, ObjectKind};
use entities::{findings, inspection_rounds, inspections};
use platform::Result;
use platform::object::Listed;

use super::service::{Desk, joined, organisation, shown, village, waiting};
use crate::findings::list::Findings;
use crate::inspections::list::Inspections;

impl Desk<'_> {
    /// Whoever is named goes there; where nobody is, the office that holds the round.
    pub(super) async fn inspections(&mut self) -> Result<()> {
        let query = waiting(InspectionQuery { waits_for_me: Some(true), ..Default::default() });
        let kind = shown((inspection_rounds::Entity, inspection_rounds::Column::Kind));
        let day = shown((inspections::Entity, inspections::Column::PlannedOn));
        let (part, lang) = (Inspections::part(self.asker, &query, vec![village(), organisation(), kind, day]).await?, self.lang);
        self.want(WorkKind::HoldInspections, ObjectKind::Inspection, query, part, move |line| {
            let kind = line.code::<RoundKind>(2)?.label(lang);
            Ok((joined([line.text(0), line.text(1), kind]), line.parsed(3)))
        })
    }

    /// 及时指出并指导改进: the responsible side rectifies, somebody else verifies, and what is long overdue goes to the bureau.
    pub(super) async fn findings(&mut self, kind: WorkKind, query: FindingQuery) -> Result<()> {
        let waits_for_me = (kind != WorkKind::EscalatedFindings).then_some(true);
        let query = waiting(FindingQuery { waits_for_me, ..query });
        let own = |column: findings::Column| shown((findings::Entity, column));
        let texts = vec![village(), organisation(), own(findings::Column::Severity), own(findings::Column::DueOn)];
        let (part, lang) = (Findings::part(self.asker, &query, texts).await?, self.lang);
        self.want(kind, ObjectKind::Finding, query, part, move |line| {
            let severity = line.code::<Severity>(2)?.label(lang);
            Ok((joined([line.text(0), line.text(1), severity]), line.parsed(3)))
        })
    }
}
