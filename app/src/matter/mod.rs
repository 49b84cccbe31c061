//! Pages of matters: wizard, check page, 我的事项, and the page of one matter.

mod actions;
pub(crate) mod assessment;
pub mod assign;
pub mod assignee;
mod assignee_line;
mod command;
pub mod copy;
mod delivery;
pub mod detail;
pub(crate) mod difference;
mod edit;
mod files;
pub(crate) mod head;
pub mod identity;
mod identity_view;
pub mod library;
pub mod list;
pub mod print;
mod question;
pub(crate) mod read;
pub mod record;
pub mod rectify;
pub mod requirement;
pub mod returning;
pub mod review;
pub(crate) mod seen;
pub mod step;
pub mod submitted;
pub(crate) mod summary;
mod timeline;
mod transition_form;

pub(crate) use edit::typed_fields;
