//! Which files an answer takes: how many, of which kinds, and how large.

use super::answers::FileRef;
use super::issue::Issue;
use crate::base::rule::{RulesOn, key};

/// A kind of file that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// PDF.
    Pdf,
}

impl FileKind {
    /// Every kind.
    pub const ALL: &'static [FileKind] = &[FileKind::Jpeg, FileKind::Png, FileKind::Pdf];

    /// Media type.
    pub fn mime(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// Name, for the user.
    pub fn label(self) -> &'static str {
        match self {
            FileKind::Jpeg => "JPG",
            FileKind::Png => "PNG",
            FileKind::Pdf => "PDF",
        }
    }

    /// Endings of the names of such files.
    fn endings(self) -> &'static str {
        match self {
            FileKind::Jpeg => ".jpg,.jpeg,.jpe,.jfif",
            FileKind::Png => ".png",
            FileKind::Pdf => ".pdf",
        }
    }
}

/// The files that an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedFiles {
    /// Maximum number.
    pub most: usize,
    /// Their kinds.
    pub kinds: &'static [FileKind],
    /// Maximum size of each in megabytes, where it is below that of every file, which is a rule.
    pub megabytes: Option<i64>,
}

impl AcceptedFiles {
    /// Maximum size of each file in megabytes.
    pub fn max_megabytes(&self, rules: &RulesOn<'_>) -> i64 {
        let every = rules.int(key::UPLOAD_MAX_MB);
        self.megabytes.map_or(every, |own| own.min(every))
    }

    /// Whether files of this media type are taken.
    pub fn takes(&self, mime: &str) -> bool {
        self.kinds.iter().any(|kind| kind.mime() == mime)
    }

    /// What a browser offers to choose. With a list that has no HEIC, iPhones send their photos as JPEG.
    pub fn accept(&self) -> String {
        let mimes = self.kinds.iter().map(|kind| kind.mime());
        mimes.chain(self.kinds.iter().map(|kind| kind.endings())).collect::<Vec<_>>().join(",")
    }

    /// The files at an answer that it does not take.
    pub(super) fn fault_of(&self, files: &[FileRef]) -> Option<Issue> {
        if files.len() > self.most {
            return Some(Issue::new("too_many_files", format!("最多上传 {} 个文件", self.most)));
        }
        let other = files.iter().find(|file| !self.takes(&file.mime))?;
        Some(Issue::new("file_kind", format!("“{}”不是 {}，请移除后重新上传", other.name, kinds_label(self.kinds))))
    }
}

/// Kinds of files as a phrase: JPG、PNG 图片或 PDF.
pub fn kinds_label(kinds: &[FileKind]) -> String {
    let pictures: Vec<&str> = kinds.iter().filter(|kind| **kind != FileKind::Pdf).map(|kind| kind.label()).collect();
    match (pictures.is_empty(), kinds.contains(&FileKind::Pdf)) {
        (true, _) => FileKind::Pdf.label().to_owned(),
        (false, true) => format!("{} 图片或 PDF", pictures.join("、")),
        (false, false) => format!("{} 图片", pictures.join("、")),
    }
}

/// Message for a file of a kind that is stored, but not taken here.
pub fn other_kind_message(found: FileKind, kinds: &[FileKind]) -> String {
    format!("这是 {} 文件，此处只能上传 {}", found.label(), kinds_label(kinds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::Rules;

    #[test]
    fn kinds_are_named_and_offered_as_a_field_takes_them() {
        for (kinds, label, accept) in [
            (FileKind::ALL, "JPG、PNG 图片或 PDF", "image/jpeg,image/png,application/pdf,.jpg,.jpeg,.jpe,.jfif,.png,.pdf"),
            (&[FileKind::Pdf][..], "PDF", "application/pdf,.pdf"),
            (&[FileKind::Jpeg, FileKind::Png][..], "JPG、PNG 图片", "image/jpeg,image/png,.jpg,.jpeg,.jpe,.jfif,.png"),
        ] {
            let files = AcceptedFiles { most: 1, kinds, megabytes: None };
            assert_eq!((kinds_label(kinds), files.accept()), (label.to_owned(), accept.to_owned()));
        }
        assert_eq!(other_kind_message(FileKind::Pdf, &[FileKind::Png]), "这是 PDF 文件，此处只能上传 PNG 图片");
    }

    #[test]
    fn a_field_may_take_smaller_files_but_no_larger_ones_than_the_rule_says() {
        let rules = Rules::default();
        let rules = rules.on("2026-11-23".parse().unwrap());
        for (own, most) in [(None, 5), (Some(1), 1), (Some(50), 5)] {
            assert_eq!(AcceptedFiles { most: 1, kinds: FileKind::ALL, megabytes: own }.max_megabytes(&rules), most);
        }
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let file = |name: &str, kind: FileKind| FileRef { file: uuid::Uuid::nil(), name: name.into(), size: 1, mime: kind.mime().into() };
        let files = AcceptedFiles { most: 2, kinds: &[FileKind::Pdf], megabytes: None };
        let text = |given: &[FileRef]| files.fault_of(given).map_or_else(String::new, |issue| issue.text);
        let (pdf, png) = (file("a.pdf", FileKind::Pdf), file("b.png", FileKind::Png));
        assert_eq!(text(std::slice::from_ref(&pdf)), "");
        assert_eq!(text(&[pdf.clone(), png]), "“b.png”不是 PDF，请移除后重新上传");
        assert_eq!(text(&[pdf.clone(), pdf.clone(), pdf]), "最多上传 2 个文件");
    }
}
