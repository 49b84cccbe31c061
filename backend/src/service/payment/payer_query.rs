//! Polling the gateway for a payer who waits on a page. The polling job asks again in any case.

use uuid::Uuid;

use crate::service::payment::poll::query_order;
use crate::state::AppState;

/// Orders that one page polls.
const PER_PAGE: usize = 5;

/// Polls the gateway about open orders, unless it was asked about them in the last seconds or is asked about many others. An unavailable
/// gateway is left to the polling job.
pub async fn query_for_payer(app: &AppState, orders: impl Iterator<Item = Uuid>) {
    for order in orders.take(PER_PAGE) {
        if let Some(_permit) = app.order_queries.begin(order, app.now()) {
            // The page shows the state as it is known.
            let _ = query_order(app, order).await;
        }
    }
}
