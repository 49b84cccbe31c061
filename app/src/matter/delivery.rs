//! 通知记录: what was sent about a matter.

use backend::service::message::delivery::Delivery;
use leptos::prelude::*;

use crate::ui::*;
use crate::words;

/// The section of a matter's page; none if nothing was sent.
pub(super) fn deliveries_section(deliveries: Vec<Delivery>) -> Option<AnyView> {
    if deliveries.is_empty() {
        return None;
    }
    let items = deliveries.into_iter().map(entry).collect();
    Some(view! { <Section title="通知记录"><Timeline items=items/></Section> }.into_any())
}

/// One line. Who may not know where the applicant is reached still reads that the applicant was told.
fn entry(d: Delivery) -> TimelineItem {
    let whom = match (d.target, d.to_applicant) {
        (Some(target), _) => target,
        (None, true) => "申请人".to_owned(),
        (None, false) => String::new(),
    };
    TimelineItem {
        when: words::delivery(d.at, d.state),
        who: format!("{} {whom}", d.channel.label()),
        what: d.plan.label.to_owned(),
        note: String::new(),
    }
}
