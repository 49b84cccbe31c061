//! 通知记录: deliveries of a matter.

use backend::service::message::delivery::DeliveryRecord;
use leptos::prelude::*;

use crate::format;
use crate::ui::*;

/// Section of a matter's page; `None` without deliveries.
pub(super) fn deliveries_section(deliveries: Vec<DeliveryRecord>) -> Option<AnyView> {
    if deliveries.is_empty() {
        return None;
    }
    let label = format!("通知记录（{} 条）", deliveries.len());
    let items = deliveries.into_iter().map(entry).collect();
    Some(
        view! {
            <section class="panel folded">
                <details>
                    <summary>{label}</summary>
                    <Timeline items=items />
                </details>
            </section>
        }
        .into_any(),
    )
}

/// One delivery. The applicant's address is omitted for readers who may not see it.
fn entry(d: DeliveryRecord) -> TimelineItem {
    let whom = match (d.target, d.to_applicant) {
        (Some(target), _) => target,
        (None, true) => "申请人".to_owned(),
        (None, false) => String::new(),
    };
    TimelineItem {
        when: format::delivery(d.at, d.state),
        who: format!("{} {whom}", d.channel.label()),
        what: d.plan.label.to_owned(),
        note: String::new(),
        facts: Vec::new(),
    }
}
