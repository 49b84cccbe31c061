//! A matter context for tests.

use super::context::{ApplicantRecord, MatterContext};
use super::need::Need;
use crate::engine::form::testing::TestContext;

impl TestContext {
    /// The context of a matter of an applicant with this record.
    pub(crate) fn matter<'a>(&'a self, record: &'a ApplicantRecord) -> MatterContext<'a> {
        MatterContext::new(self.form(), record, &Need::ALL)
    }
}
