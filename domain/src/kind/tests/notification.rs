//! Notifications of stages, on the flows of the kinds.

use crate::engine::flow::Edit;
use crate::engine::notification::NotificationKind;
use crate::kind::KINDS;

#[test]
fn the_notification_of_a_stage_follows_from_its_meaning_to_the_applicant() {
    for kind in KINDS {
        for stage in kind.flow.stages.iter().skip(1) {
            let notification = NotificationKind::for_stage(stage);
            assert_eq!(notification == NotificationKind::Decided, stage.closed(), "{}", stage.code);
            assert_eq!(notification == NotificationKind::Returned, stage.edit != Edit::Nothing, "{}", stage.code);
        }
    }
}
