//! What a person sees: pages (plain HTML first), islands (what needs a browser), and the doors to the backend.

pub mod ui;
