//! Line icons, all in one file. They stand beside words and are hidden from screen readers.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

/// The file: one `<symbol>` for each icon.
pub const ICONS: &str = include_str!("icons.svg");

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    /// A house: 首页.
    Home,
    /// A page with a plus sign: 在线申请.
    Apply,
    /// Lines: 我的事项.
    List,
    /// A bell: messages.
    Bell,
    /// A person.
    User,
    /// A shield: security, privacy.
    Shield,
    /// A certificate with a seal.
    Certificate,
    /// A magnifying glass.
    Search,
    /// A box of files: 基本信息库.
    Library,
    /// A pencil: exams.
    Exam,
    /// A page of text: drafts.
    Draft,
    /// A building: institutions.
    Building,
    /// A hall with columns: the association.
    Hall,
    /// A coin: payment.
    Coin,
    /// A clipboard with a tick: evaluation.
    Review,
    /// A clock: what is due.
    Clock,
    /// Two arrows in a circle: renewal.
    Renew,
    /// Two arrows: transfer.
    Transfer,
    /// A pair of scales: appeals and complaints.
    Scale,
    /// A question mark.
    Help,
    /// An arrow out of a door: signing out.
    Leave,
}

impl IconName {
    /// Id of its symbol in the file.
    const fn symbol(self) -> &'static str {
        match self {
            IconName::Home => "home",
            IconName::Apply => "apply",
            IconName::List => "list",
            IconName::Bell => "bell",
            IconName::User => "user",
            IconName::Shield => "shield",
            IconName::Certificate => "certificate",
            IconName::Search => "search",
            IconName::Library => "library",
            IconName::Exam => "exam",
            IconName::Draft => "draft",
            IconName::Building => "building",
            IconName::Hall => "hall",
            IconName::Coin => "coin",
            IconName::Review => "review",
            IconName::Clock => "clock",
            IconName::Renew => "renew",
            IconName::Transfer => "transfer",
            IconName::Scale => "scale",
            IconName::Help => "help",
            IconName::Leave => "leave",
        }
    }
}

/// Hash of the file, so that its address changes with its content (FNV-1a, 32 bits).
const HASH: u32 = {
    let bytes = ICONS.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
};

/// Address of the file. It is short, since pages repeat it for each icon.
pub fn icons_address() -> String {
    format!("/i.{HASH:08x}.svg")
}

/// An icon beside words.
#[component]
pub fn Icon(name: IconName) -> AnyView {
    let (file, symbol) = (icons_address(), name.symbol());
    let svg = format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{file}#{symbol}\"></use></svg>");
    InertElement::new(svg).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[IconName] = &[
        IconName::Home,
        IconName::Apply,
        IconName::List,
        IconName::Bell,
        IconName::User,
        IconName::Shield,
        IconName::Certificate,
        IconName::Search,
        IconName::Library,
        IconName::Exam,
        IconName::Draft,
        IconName::Building,
        IconName::Hall,
        IconName::Coin,
        IconName::Review,
        IconName::Clock,
        IconName::Renew,
        IconName::Transfer,
        IconName::Scale,
        IconName::Help,
        IconName::Leave,
    ];

    #[test]
    fn the_file_has_one_symbol_for_each_icon_and_no_other() {
        for icon in ALL {
            assert_eq!(ICONS.matches(&format!("<symbol id=\"{}\" ", icon.symbol())).count(), 1, "{icon:?}");
        }
        assert_eq!(ICONS.matches("<symbol").count(), ALL.len());
    }
}
