//! Interfaces between the editor and the parts that are loaded later.

use std::any::Any;
use std::rc::Rc;

use web_sys::SubmitEvent;

use crate::lazy::LocalFuture;

/// The draft of the open page.
pub trait PageDraft {
    /// Whether the draft outlives the page on this device.
    fn is_persistent(&self) -> bool;
    /// Stores all edits, and sends them if the server can be reached.
    fn settle(&self) -> LocalFuture<()>;
    /// Stores all edits, and waits for the patch that is on its way. While the result lives, no other is sent, since it would change the same
    /// answers as the post of the form.
    fn begin_post(&self) -> LocalFuture<Box<dyn Any>>;
    /// The form, as it was when its post began, is part of this revision.
    fn posted(&self, revision: i64) -> LocalFuture<()>;
    /// The form was posted, and a page that edits no draft follows: learns what the server has now.
    fn settle_posted(&self) -> LocalFuture<()>;
    /// Whether there are questions that would be lost with the page.
    fn asks(&self) -> bool;
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
