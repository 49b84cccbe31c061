//! Interfaces between the editor and the parts that are loaded later.

use std::rc::Rc;

use web_sys::SubmitEvent;

use crate::lazy::LocalFuture;

/// The draft of the open page.
pub trait PageDraft {
    /// Whether the draft outlives the page on this device.
    fn is_persistent(&self) -> bool;
    /// Waits until all edits are stored.
    fn flush(&self) -> LocalFuture<()>;
    /// Whether a submission of the form must wait for files that are still being uploaded; if so, it is stopped and repeated afterwards.
    fn hold_submit(&self, event: &SubmitEvent) -> bool;
    /// Shows that the server is unreachable, and handles the files that the form would have sent.
    fn server_unreachable(self: Rc<Self>) -> LocalFuture<()>;
    /// The page is left: sends unsaved edits at once.
    fn leave(&self);
    /// Another page has replaced this one.
    fn close(&self);
}

/// A shared [`PageDraft`].
pub type SharedDraft = Rc<dyn PageDraft>;
