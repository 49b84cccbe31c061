//! The pages of the product, the islands in them, and the server functions that islands call.
//!
//! # Where is my `<Router>`?
//!
//! There is none. Every page and every form works without scripts, with an exact status, redirect and permission, so pages are axum
//! handlers: [`routes`] lists every address, a handler makes one call to the backend and returns a [`page::Page`], and [`respond`] renders
//! it once, on the server, in its layout. Leptos is the language of views (`ui`, and the pages themselves) and of islands: the few
//! components that are hydrated in the browser and call the server functions of [`api`]. A page without islands loads no WASM.
// The type of a view grows with its markup.
#![recursion_limit = "256"]
#![expect(missing_docs, reason = "the name of a component's property says what it is")]

pub mod account;
pub mod api;
#[cfg(feature = "hydrate")]
pub mod composition;
pub mod draft;
pub mod expert;
#[cfg(feature = "hydrate")]
pub mod lazy;
pub mod portrait;
pub mod ui;
pub mod wizard;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
pub mod capacity;
#[cfg(feature = "ssr")]
mod certificate;
#[cfg(feature = "ssr")]
pub mod client;
#[cfg(feature = "ssr")]
mod course;
#[cfg(feature = "ssr")]
mod demo;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
mod exam;
#[cfg(feature = "ssr")]
mod extract;
#[cfg(feature = "ssr")]
mod form_draft;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod home;
#[cfg(feature = "ssr")]
mod information;
#[cfg(feature = "ssr")]
mod institution;
#[cfg(feature = "ssr")]
mod library;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod matter;
#[cfg(feature = "ssr")]
mod me;
#[cfg(feature = "ssr")]
mod message;
#[cfg(feature = "ssr")]
pub mod multipart;
#[cfg(feature = "ssr")]
mod navigation;
#[cfg(feature = "ssr")]
mod offline;
#[cfg(feature = "ssr")]
pub mod operator;
#[cfg(feature = "ssr")]
mod outcome;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod pagination;
#[cfg(feature = "ssr")]
mod part_headers;
#[cfg(feature = "ssr")]
mod payment;
#[cfg(feature = "ssr")]
pub mod post;
#[cfg(feature = "ssr")]
mod prequalification;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod respond;
#[cfg(feature = "ssr")]
pub mod router;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
mod search;
#[cfg(feature = "ssr")]
mod security;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod spool;
#[cfg(feature = "ssr")]
mod teaching;
#[cfg(feature = "ssr")]
mod text_check;
#[cfg(feature = "ssr")]
pub mod typed_form;
#[cfg(feature = "ssr")]
mod upload;
#[cfg(feature = "ssr")]
mod workbench;
