//! Addresses of pages that notifications lead to; the only addresses of the site that the backend knows.

use domain::matter::Kind;
use uuid::Uuid;

/// The certificates of the recipient.
pub(crate) const OWN_CERTIFICATES: &str = "/me/certificates";

/// Invitations of the recipient to institutions.
pub(crate) const INVITATIONS: &str = "/me/invitations";

/// Messages of the recipient.
pub(crate) const MESSAGES: &str = "/me/messages";

/// The kind by which a person changes the practice institution.
pub(crate) const OWN_PROFILE: &str = "/me/profile";

/// The workbench of finance.
pub(crate) const FINANCE: &str = "/association/payments";

/// A matter.
pub(crate) fn matter(id: Uuid) -> String {
    format!("/matters/{id}")
}

/// The evaluation of a matter, in the list of experts that shows its kind; the matter itself for kinds without such a list.
pub(crate) fn evaluation(kind: &Kind, id: Uuid) -> String {
    kind.expert_list.map_or_else(|| matter(id), |list| format!("/expert/{}/{id}", list.slug))
}
