//! Headers of posts that scripts send without leaving the page.

/// Header of a post whose page stays until there is an answer.
pub const NO_REDIRECT: &str = "x-stay";
/// Header of the answer to such a post: where the page goes on.
pub const REDIRECT_TO: &str = "x-go-on";
