//! Settings of the log.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged, and in which format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A filter of `tracing`: `info`, `warn,server=info`.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

/// Returns the text if it is a valid filter. A single word must be a level, not the name of a target.
pub(super) fn parse_filter(text: &str) -> Option<String> {
    let words_are_levels = text.split(',').filter(|part| !part.contains('=')).all(|level| level.trim().parse::<LevelFilter>().is_ok());
    (words_are_levels && EnvFilter::try_new(text).is_ok()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_levels_part_by_part() {
        for (text, fine) in [
            ("info", true),
            ("warn,server=info,request=off", true),
            ("off", true),
            ("verbose", false),
            ("server=loud", false),
            ("info,chatty", false),
        ] {
            assert_eq!(parse_filter(text).is_some(), fine, "{text}");
        }
    }
}
