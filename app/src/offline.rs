//! 离线草稿: the neutral page that browsers keep, the same for everybody.

use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::draft::OfflineDesk;

/// Shows it. What is in it comes from the device alone.
pub async fn show(_call: Call) -> Result<Answer, Fault> {
    Ok(Page::new("离线草稿", || view! { <OfflineDesk/> }.into_any()).alone().with_islands().into())
}
