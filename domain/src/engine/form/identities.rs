//! Names of the people and institutions that are hidden from a blind reader, and their replacement in free text.

use crate::base::catalogue::REGIONS;
use crate::base::identity::{fold_name, is_name_mark};
use crate::base::text::{is_han, nfc};

/// The text in place of an answer or a name that is hidden from the reader.
pub const HIDDEN: &str = "（已隐去）";

/// Texts that identify the applicant or an institution.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identities(Vec<String>);

/// Ends of the names of institutions that say nothing about which institution is meant.
const GENERIC_ENDINGS: &[&str] = &[
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "分公司",
    "公司",
    "集团",
    "中心",
    "研究院",
    "协会",
    "服务",
    "认证",
    "认可",
    "检验",
    "检测",
    "评审",
    "审核",
    "咨询",
    "技术",
    "标准",
    "质量",
    "管理",
    "国际",
    "培训",
    "科技",
];
/// Forms of address that follow a surname.
const TITLES: &[&str] = &["女士", "先生", "老师", "同志", "某某", "某"];
/// Shorter texts occur by chance in other words.
const SHORTEST: usize = 2;

impl Identities {
    /// Adds a text as it is: a number, an address, or a name given in an answer.
    pub fn add(&mut self, text: &str) {
        let folded = fold_name(text);
        if folded.chars().count() >= SHORTEST && fold_name(HIDDEN) != folded && !self.0.contains(&folded) {
            self.0.push(folded);
            // The longest text is replaced first, so that no part of it is left over.
            self.0.sort_by_key(|text| std::cmp::Reverse(text.chars().count()));
        }
    }

    /// Adds several texts as they are.
    pub fn add_all<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            self.add(text);
        }
    }

    /// Adds a person: the whole name, the given name, and the surname with a form of address.
    pub fn add_person(&mut self, name: &str) {
        self.add(name);
        let letters: Vec<char> = fold_name(name).chars().collect();
        if !letters.iter().all(|c| is_han(*c)) {
            return;
        }
        // A surname has one letter or two; both readings are covered.
        for split in [1, 2] {
            if let Some((surname, given)) = letters.split_at_checked(split).filter(|(_, given)| given.len() >= SHORTEST) {
                self.add(&given.iter().collect::<String>());
                let surname: String = surname.iter().collect();
                for title in TITLES {
                    self.add(&format!("{surname}{title}"));
                }
            }
        }
        if let [surname, _] = letters.as_slice() {
            for title in TITLES {
                self.add(&format!("{surname}{title}"));
            }
        }
    }

    /// Adds an institution: the whole name, and the shorter names without its generic endings and its place.
    pub fn add_institution(&mut self, name: &str) {
        self.add(name);
        let mut rest = without_brackets(&fold_name(name));
        self.add(&rest);
        while let Some(shorter) = GENERIC_ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending)) {
            rest = shorter.to_owned();
            if is_place(&rest) {
                return;
            }
            self.add(&rest);
        }
    }

    /// The text with every one of these replaced, also where blanks stand between its letters.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(nfc(text), |text, name| replace(&text, name))
    }

    /// Whether a text contains one of these.
    pub fn occur_in(&self, text: &str) -> bool {
        self.redact(text) != nfc(text)
    }
}

// The names are personal data, so debug output omits them.
impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

fn without_brackets(name: &str) -> String {
    let mut depth = 0_usize;
    let keep = |c: &char| {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    name.chars().filter(keep).collect()
}

/// Whether a text is a place, which other texts mention as well.
fn is_place(text: &str) -> bool {
    text.chars().count() < SHORTEST
        || ["中国", "国家", "全国"].contains(&text)
        || REGIONS.iter().any(|region| region.label.starts_with(text))
}

/// Replaces a folded name, of which other letters may stand between separators in the text.
fn replace(text: &str, name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut result, mut at) = (String::new(), 0);
    while let Some(c) = text.get(at) {
        match match_length(text.get(at..).unwrap_or_default(), &letters) {
            Some(length) => {
                result.push_str(HIDDEN);
                at += length;
            }
            None => {
                result.push(*c);
                at += 1;
            }
        }
    }
    result
}

/// How many letters of the text, marks between them included, spell the folded name; `None` if it does not begin with the name.
fn match_length(text: &[char], name: &[char]) -> Option<usize> {
    let mut rest = name;
    for (index, letter) in text.iter().enumerate() {
        if is_name_mark(*letter) && index > 0 {
            continue;
        }
        let length = starts_with_letter(rest, *letter)?;
        rest = rest.get(length..)?;
        if rest.is_empty() {
            return Some(index + 1);
        }
        if index == 0 && length == 0 {
            return None;
        }
    }
    None
}

/// How many letters of a folded name one letter of a text spells; `None` if it is another letter.
fn starts_with_letter(name: &[char], letter: char) -> Option<usize> {
    if letter.is_ascii_alphanumeric() || matches!(letter, '\u{4E00}'..='\u{9FFF}') {
        return (*name.first()? == letter.to_ascii_lowercase()).then_some(1);
    }
    let folded: Vec<char> = fold_name(letter.encode_utf8(&mut [0; 4])).chars().collect();
    name.starts_with(&folded).then_some(folded.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_name_given_name_and_surname_with_a_form_of_address() {
        let mut names = Identities::default();
        names.add_person("欧阳雪松");
        for text in ["欧阳雪松", "欧阳 雪松", "雪松同志", "欧阳老师", "请雪松补充"] {
            assert!(names.occur_in(text), "{text}");
        }
        assert_eq!(names.redact("由欧阳雪松负责"), "由（已隐去）负责");
        assert!(!names.occur_in("雪后松树"));
        let mut two = Identities::default();
        two.add_person("王伟");
        assert!(two.occur_in("王伟") && two.occur_in("王先生") && !two.occur_in("王府井"));
    }

    #[test]
    fn a_name_is_found_in_every_spelling() {
        let mut names = Identities::default();
        names.add_person("阿依古丽·买买提");
        names.add_person("Shaun O'Neil");
        for text in [
            "阿依古丽•买买提",
            "阿依古丽\u{2027}买买提",
            "阿依古丽买买提",
            "阿依古丽 ・ 买买提",
            "SHAUN O’NEIL",
            "Ｓｈａｕｎ O\u{2BC}Neil",
            "shaun oneil",
        ] {
            assert_eq!(names.redact(&format!("由{text}负责")), "由（已隐去）负责", "{text}");
        }
    }

    #[test]
    fn an_institution_is_found_by_its_short_names_but_its_place_is_not_replaced() {
        let mut names = Identities::default();
        names.add_institution("华信质量认证中心有限公司");
        names.add_institution("中恒标准认证（北京）有限公司");
        names.add_institution("中国质量认证中心");
        for text in ["华信质量认证中心有限公司", "华信质量", "华信", "中恒标准认证", "中国质量认证中心"] {
            assert!(names.occur_in(text), "{text}");
        }
        for text in ["北京", "中国", "质量认证", "有限公司"] {
            assert!(!names.occur_in(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_found_in_either_case_and_with_blanks() {
        let mut names = Identities::default();
        names.add("2026-N1QMS-4000001");
        assert!(names.occur_in("证书 2026-n1qms-4000001 有效") && names.occur_in("2026N1QMS 4000001"));
        assert!(!names.occur_in("2026-N1QMS-4000002"));
    }
}
