//! Names of what a browser stores for this site. Scripts get them from here, so that they are defined once.

/// Database of the device store.
pub const DATABASE: &str = "registrar";
/// Object store of drafts.
pub const DRAFTS: &str = "draft";
/// Object store of the owner's account and key.
pub const OWNER: &str = "owner";
/// Object store of what the off-line page needs.
pub const CONTEXT: &str = "scene";
/// Object store of chunks of files.
pub const CHUNKS: &str = "piece";
/// Web Lock under which the database is opened.
pub const OPENING: &str = "open";
/// Key of the local storage that holds the account for which the device stores drafts.
pub const DEVICE_OWNER: &str = "registrar-account";

/// Beginning of the keys of the local storage that say that a file is chosen which only an open page holds.
pub const CHOSEN_FILE: &str = "registrar-chosen";
/// Key of the storage of a tab that holds the draft whose page was left before its last text was saved.
pub const LEFT_UNSAVED: &str = "registrar-left";

/// A script without its comments and indentation, and with these names in place of their marks, such as `@DATABASE@`.
pub fn with_names(script: &str) -> String {
    let names = [
        ("@DATABASE@", DATABASE),
        ("@DRAFTS@", DRAFTS),
        ("@OWNER@", OWNER),
        ("@CONTEXT@", CONTEXT),
        ("@CHUNKS@", CHUNKS),
        ("@OPENING@", OPENING),
        ("@DEVICE_OWNER@", DEVICE_OWNER),
    ];
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**"));
    let script = lines.collect::<Vec<_>>().join("\n");
    names.into_iter().fold(script, |script, (mark, name)| script.replace(mark, name))
}
