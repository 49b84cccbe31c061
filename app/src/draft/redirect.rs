//! Headers of posts that scripts send without leaving the page.

/// Request header of a post whose page remains open until the response.
pub const NO_REDIRECT: &str = "x-stay";
/// Response header of such a post: the address to open next.
pub const REDIRECT_TO: &str = "x-go-on";
