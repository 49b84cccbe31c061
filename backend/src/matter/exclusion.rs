//! People whom a matter names, and who are therefore kept away from it.

use domain::base::identity::fold_name;
use domain::engine::form::Answers;
use domain::matter::{Exclusion, Kind};

/// Whether a text names a person, also with a title, or with blanks and marks between the letters.
pub(crate) fn is_named_in(text: &str, person: &str) -> bool {
    let letters = |text: &str| fold_name(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (name, text) = (letters(person), letters(text));
    // A name of one letter occurs in other words.
    if name.chars().count() < 2 { !name.is_empty() && name == text } else { text.contains(&name) }
}

/// Whether the submitted answers, or names added by the association, exclude a person by name, whatever their roles were at that time.
pub(crate) fn excludes_by_name(kind: &Kind, answers: &Answers, added: &[String], person: &str) -> bool {
    let rules = kind.exclusions.map_or_else(Vec::new, |exclusions| exclusions(answers));
    let named = rules.iter().filter_map(|rule| match rule {
        Exclusion::Named(text) => Some(text),
        _ => None,
    });
    named.chain(added).any(|text| is_named_in(text, person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_with_a_title_and_with_blanks_too() {
        for text in ["孙立新", "孙立新主任", "孙 立 新", "孙（立）新", "孙\u{200b}立新", "协会的孙立新"] {
            assert!(is_named_in(text, "孙立新"), "{text}");
        }
        assert!(is_named_in("投诉阿依古丽•买买提", "阿依古丽·买买提") && is_named_in("SHAUN O’NEIL", "Shaun O'Neil"));
        assert!(is_named_in("丹", "丹") && !is_named_in("牡丹江", "丹"));
        assert!(!is_named_in("孙立", "孙立新") && !is_named_in("", "孙立新") && !is_named_in("某人", ""));
    }
}
