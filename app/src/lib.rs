//! What a person sees: pages (plain HTML first), islands (what needs a browser), and the doors to the backend.
// The type of a view grows with its markup.
#![recursion_limit = "256"]

pub mod account;
pub mod control;
pub mod door;
pub mod draft;
pub mod expert;
pub mod portrait;
pub mod ui;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
pub mod call;
#[cfg(feature = "ssr")]
mod certificate;
#[cfg(feature = "ssr")]
mod demo;
#[cfg(feature = "ssr")]
mod desk;
#[cfg(feature = "ssr")]
mod exam;
#[cfg(feature = "ssr")]
mod fault;
#[cfg(feature = "ssr")]
mod home;
#[cfg(feature = "ssr")]
mod library;
#[cfg(feature = "ssr")]
mod matter;
#[cfg(feature = "ssr")]
mod me;
#[cfg(feature = "ssr")]
mod offline;
#[cfg(feature = "ssr")]
mod payment;
#[cfg(feature = "ssr")]
mod post;
#[cfg(feature = "ssr")]
pub mod route;
#[cfg(feature = "ssr")]
pub mod serve;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod upload;
#[cfg(feature = "ssr")]
mod words;
