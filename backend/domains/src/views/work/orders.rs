//! What waits of supervision orders (督查调度): for the office that issues them, and for whom they are addressed to.

use contract::ObjectKind;
use contract::supervision_orders::{SupervisionOrderQuery, SupervisionOrderState as State};
use contract::work::WorkKind;
use entities::supervision_orders::{Column, Entity};
use platform::Result;
use platform::object::Listed;

use super::service::{Desk, shown, waiting};
use crate::supervision_orders::list::SupervisionOrders;

impl Desk<'_> {
    /// The addressee receives an order, answers it, and does better what came back.
    pub(super) async fn orders_received(&mut self) -> Result<()> {
        self.orders_in(WorkKind::ReceiveOrders, State::Issued).await?;
        self.orders_in(WorkKind::MendOrders, State::Returned).await?;
        self.orders_in(WorkKind::AnswerOrders, State::Received).await
    }

    /// The office issues what is drafted, and closes what is answered.
    pub(super) async fn orders_issued(&mut self) -> Result<()> {
        self.orders_in(WorkKind::CloseOrders, State::Answered).await?;
        self.orders_in(WorkKind::IssueOrders, State::Draft).await
    }

    /// Orders whose day is over come before the bureau, whoever has issued them.
    pub(super) async fn orders_overdue(&mut self) -> Result<()> {
        self.orders(WorkKind::OverdueOrders, SupervisionOrderQuery { overdue: Some(true), ..Default::default() }).await
    }

    async fn orders_in(&mut self, kind: WorkKind, state: State) -> Result<()> {
        let query = SupervisionOrderQuery { state: Some(state), waits_for_me: Some(true), ..Default::default() };
        self.orders(kind, query).await
    }

    async fn orders(&mut self, kind: WorkKind, query: SupervisionOrderQuery) -> Result<()> {
        let query = waiting(query);
        let texts = [Column::IssuerName, Column::AddresseeName, Column::DueOn].map(|column| shown((Entity, column)));
        let part = SupervisionOrders::part(self.asker, &query, texts.into()).await?;
        // The office knows its orders by the addressee, and the addressee by the office. What is closed has no day left.
        let (received, closing) = (
            matches!(kind, WorkKind::ReceiveOrders | WorkKind::AnswerOrders | WorkKind::MendOrders),
            kind == WorkKind::CloseOrders,
        );
        self.want(kind, ObjectKind::SupervisionOrder, query, part, move |line| {
            let due_on = line.parsed(2).filter(|_| !closing);
            Ok((line.text(usize::from(!received)).to_owned(), due_on))
        })
    }
}
