//! A form draft on a device: an expert's sheet with the material that it is filled in from, opened and filled in without a network.
//!
//! The device is to the server what a page is: it has an id, numbers its saves, and names the revision that it grew from. Saves that the
//! server may or may not have received are repeated under the same id, and what another device saved since is merged or asked about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merge::{Pairs, Since};

/// A sheet on a device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalSheet {
    /// The matter.
    pub subject: Uuid,
    /// Code of the form.
    pub form: String,
    /// Part of the form; may be empty.
    pub part: String,
    /// The state of the matter in which it was opened.
    pub state: String,
    /// Address of its page.
    pub address: String,
    /// Title of its page.
    pub title: String,
    /// The material and the form as the server drew them for this reader.
    pub content: String,
    /// What was typed.
    #[serde(flatten)]
    pub typed: TypedText,
    /// Whether its author asked to submit it.
    #[serde(default)]
    pub is_submission_requested: bool,
}

/// What is typed into a form, and what the server has of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedText {
    /// Names and values.
    pub pairs: Pairs,
    /// The revision that they grew from; 0 for an empty form.
    pub base: i64,
    /// Names and values of that revision.
    pub before: Pairs,
    /// Id of the device, or of the page that typed last.
    pub page: Uuid,
    /// Number of the last save under this id.
    pub seq: i64,
    /// Whether the server has everything.
    #[serde(rename = "settled")]
    pub is_saved: bool,
    /// Whether the form is not open any more: what the server does not have stays on the device.
    #[serde(rename = "over", default)]
    pub is_over: bool,
    /// Idempotency key of the post that carries exactly this text, if the form was posted with it.
    #[serde(default)]
    pub posted: Option<Uuid>,
}

/// What the server says of a form on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// Whether the form is open to its author in the state in which it was typed.
    pub is_open: bool,
    /// Whether the server has carried out the post of the text.
    pub is_sent: bool,
}

/// What a device does with a sheet that is not open on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetAction {
    /// Nothing of it is needed any more.
    Delete,
    /// It has text that the server may still take.
    Send,
    /// It has text, or a wish, that the server does not take any more; its author decides.
    Close,
    /// It stays as it is.
    Keep,
}

impl std::fmt::Debug for LocalSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalSheet({})", self.subject)
    }
}

impl std::fmt::Debug for TypedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TypedText({} of {})", self.seq, self.base)
    }
}

/// A save, as a page or a device sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSave {
    /// Code of the form.
    pub form: String,
    /// Part of the form.
    pub part: String,
    /// The matter.
    pub subject: Uuid,
    /// The state of the matter in which it was typed.
    pub state: String,
    /// The revision that it grew from.
    pub base: i64,
    /// Id of the device.
    pub page: Uuid,
    /// Number of the save.
    pub seq: i64,
    /// The account that typed it.
    pub account: Uuid,
    /// Names and values.
    pub pairs: Pairs,
    /// What was changed since `base`.
    pub since: Since,
}

impl TypedText {
    /// What was changed since the base revision.
    pub fn since(&self) -> Since {
        let values = |pairs: &Pairs, name: &str| -> Vec<String> {
            pairs.iter().filter(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.clone()).collect()
        };
        let mut changed: Vec<String> = self.pairs.iter().chain(&self.before).map(|(name, _)| name.clone()).collect();
        changed.sort_unstable();
        changed.dedup();
        changed.retain(|name| values(&self.pairs, name) != values(&self.before, name));
        let before = self.before.iter().filter(|(name, _)| changed.contains(name)).cloned().collect();
        Since { changed, before }
    }

    /// Whether it has text that the server does not have.
    pub fn is_unsent(&self) -> bool {
        !self.is_saved
    }
}

impl LocalSheet {
    /// The save that sends what the server does not have, under the next number.
    pub fn next_save(&mut self, account: Uuid) -> SheetSave {
        self.typed.seq += 1;
        SheetSave {
            form: self.form.clone(),
            part: self.part.clone(),
            subject: self.subject,
            state: self.state.clone(),
            base: self.typed.base,
            page: self.typed.page,
            seq: self.typed.seq,
            account,
            pairs: self.typed.pairs.clone(),
            since: self.typed.since(),
        }
    }

    /// Records that the server has stored it as this revision; `merged`: with what other devices had saved.
    pub fn accept(&mut self, revision: i64, merged: Option<Pairs>) {
        if let Some(merged) = merged {
            self.typed.pairs = merged;
        }
        self.typed.before = self.typed.pairs.clone();
        self.typed.base = revision;
        self.typed.is_saved = true;
    }

    /// What the device does with it, by what the server says of its form.
    pub fn action(&self, state: FormState) -> SheetAction {
        let has_more = self.typed.is_unsent() || self.is_submission_requested;
        match state {
            FormState { is_sent: true, .. } => SheetAction::Delete,
            FormState { is_open: false, .. } if has_more => SheetAction::Close,
            FormState { is_open: false, .. } => SheetAction::Delete,
            FormState { is_open: true, .. } if self.typed.is_unsent() && !self.typed.is_over => SheetAction::Send,
            FormState { is_open: true, .. } => SheetAction::Keep,
        }
    }

    /// Records that the form is not open any more.
    pub fn close(&mut self) {
        self.typed.is_over = true;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::super::{SaveOutcome, Stored, judge, merge_pairs};
    use super::*;

    /// The server's draft.
    #[derive(Default)]
    struct Server {
        stored: Option<Stored>,
        pairs: Pairs,
    }

    /// The answer to a save: the revision and a merged text, or the other text with the controls that differ.
    type Answer = Result<(i64, Option<Pairs>), (i64, Pairs, Vec<String>)>;

    impl Server {
        fn receive(&mut self, sent: &SheetSave) -> Answer {
            let save = super::super::Save { base: sent.base, page: sent.page, seq: sent.seq, state: &sent.state };
            let revision = self.stored.as_ref().map_or(0, |stored| stored.revision);
            match judge(self.stored.as_ref(), &save, Some("3"), self.pairs == sent.pairs) {
                SaveOutcome::Store(revision) => Ok((self.store((sent.page, sent.seq), revision, sent.pairs.clone()), None)),
                SaveOutcome::Superseded(revision) => Ok((revision, None)),
                SaveOutcome::Older => {
                    let merged = merge_pairs(&sent.since, &sent.pairs, &self.pairs);
                    match merged.questions.is_empty() {
                        true => Ok((self.store((Uuid::nil(), 0), revision + 1, merged.pairs.clone()), Some(merged.pairs))),
                        false => Err((revision, self.pairs.clone(), merged.questions)),
                    }
                }
                SaveOutcome::MovedOn => panic!("the form is open"),
            }
        }

        fn store(&mut self, (page, seq): (Uuid, i64), revision: i64, pairs: Pairs) -> i64 {
            self.stored = Some(Stored { revision, page, seq, is_ended: false });
            self.pairs = pairs;
            revision
        }
    }

    fn device(id: u128) -> LocalSheet {
        let typed = TypedText { page: Uuid::from_u128(id), is_saved: true, ..TypedText::default() };
        LocalSheet {
            subject: Uuid::nil(),
            form: "evaluation".into(),
            part: String::new(),
            state: "3".into(),
            address: String::new(),
            title: String::new(),
            content: String::new(),
            typed,
            is_submission_requested: false,
        }
    }

    #[test]
    fn a_sheet_is_deleted_once_it_was_sent_or_ended_with_nothing_to_lose_and_stays_otherwise() {
        let sheet = |is_saved, is_submission_requested| {
            let mut sheet = device(1);
            (sheet.typed.is_saved, sheet.is_submission_requested) = (is_saved, is_submission_requested);
            sheet
        };
        let state = |is_open, is_sent| FormState { is_open, is_sent };
        for (about, sheet, state, action) in [
            ("sent, as its post says", sheet(false, true), state(false, true), SheetAction::Delete),
            ("sent, and open again to its author", sheet(false, false), state(true, true), SheetAction::Delete),
            ("ended and saved", sheet(true, false), state(false, false), SheetAction::Delete),
            ("ended with unsent text", sheet(false, false), state(false, false), SheetAction::Close),
            ("ended before the wish was carried out", sheet(true, true), state(false, false), SheetAction::Close),
            ("open with unsent text", sheet(false, false), state(true, false), SheetAction::Send),
            ("open and saved", sheet(true, true), state(true, false), SheetAction::Keep),
        ] {
            assert_eq!(sheet.action(state), action, "{about}");
        }
        let mut over = sheet(false, false);
        over.close();
        assert_eq!(over.action(state(true, false)), SheetAction::Keep, "closed once, it is not sent into a later state");
    }

    /// What happens to one of two devices.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// A control gets a text that occurs nowhere else.
        Type(usize, u8),
        /// The sheet is opened anew on the device.
        Reopen(usize),
        /// A save reaches the server; its answer reaches the device, or is lost.
        Send(usize, bool),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let typing = (0..2_usize, 0..3_u8).prop_map(|(device, control)| Step::Type(device, control));
        let sending = (0..2_usize, any::<bool>()).prop_map(|(device, answered)| Step::Send(device, answered));
        let opening = (0..2_usize).prop_map(Step::Reopen);
        prop::collection::vec(prop_oneof![3 => typing, 3 => sending, 1 => opening], 0..24)
    }

    /// The devices, the server, and by which texts each text was replaced before the eyes of their author.
    struct Fixture {
        server: Server,
        devices: [LocalSheet; 2],
        replaced: BTreeMap<String, BTreeSet<String>>,
        questions: usize,
    }

    impl Fixture {
        fn new() -> Self {
            Self { server: Server::default(), devices: [device(1), device(2)], replaced: BTreeMap::new(), questions: 0 }
        }

        fn type_text(&mut self, of: usize, control: u8, text: String) {
            let (name, typed) = (format!("t:{control}"), &mut self.devices[of].typed);
            let before = typed.pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
            typed.pairs.retain(|(n, _)| *n != name);
            typed.pairs.push((name, text.clone()));
            typed.pairs.sort();
            typed.is_saved = false;
            if let Some(before) = before {
                self.replaced.entry(before).or_default().insert(text);
            }
        }

        /// The text and all that its authors put in its place, one after the other.
        fn successors<'a>(&'a self, text: &'a String) -> BTreeSet<&'a String> {
            let (mut seen, mut next) = (BTreeSet::new(), vec![text]);
            while let Some(text) = next.pop() {
                if seen.insert(text) {
                    next.extend(self.replaced.get(text).into_iter().flatten());
                }
            }
            seen
        }

        /// Sends what is unsent. A question is answered with the device's own text, whose author has seen the other.
        fn send(&mut self, of: usize, is_answered: bool) {
            if !self.devices[of].typed.is_unsent() {
                return;
            }
            let sent = self.devices[of].next_save(Uuid::nil());
            let answer = self.server.receive(&sent);
            if !is_answered {
                return;
            }
            let device = &mut self.devices[of];
            match answer {
                Ok((revision, merged)) => device.accept(revision, merged),
                Err((revision, theirs, questions)) => {
                    self.questions += 1;
                    let merged = merge_pairs(&sent.since, &sent.pairs, &theirs);
                    let value = |pairs: &Pairs, name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
                    let mut pairs = merged.pairs;
                    for name in &questions {
                        if let (Some(theirs), Some(mine)) = (value(&theirs, name), value(&sent.pairs, name)) {
                            self.replaced.entry(theirs).or_default().insert(mine);
                        }
                        pairs.retain(|(n, _)| n != name);
                        pairs.extend(value(&sent.pairs, name).map(|mine| (name.clone(), mine)));
                    }
                    pairs.sort();
                    (device.typed.pairs, device.typed.before, device.typed.base) = (pairs, theirs, revision);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn of_two_devices_with_saves_in_any_order_and_answers_lost_no_text_goes_unseen(steps in steps()) {
            let mut fixture = Fixture::new();
            let mut typed = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Type(of, control) => {
                        let text = format!("第{number}稿");
                        typed.push(text.clone());
                        fixture.type_text(of, control, text);
                    }
                    Step::Send(of, is_answered) => fixture.send(of, is_answered),
                    Step::Reopen(of) => (fixture.devices[of].typed.page, fixture.devices[of].typed.seq) = (Uuid::from_u128(100 + number as u128), 0),
                }
            }
            for _ in 0..3 {
                fixture.send(0, true);
                fixture.send(1, true);
            }
            prop_assert!(fixture.devices.iter().all(|device| !device.typed.is_unsent()), "everything reaches the server");
            let there: Vec<&String> = fixture.server.pairs.iter().map(|(_, value)| value).collect();
            for text in &typed {
                let seen = fixture.successors(text);
                prop_assert!(seen.iter().any(|text| there.contains(text)), "{seen:?} are not among {there:?}");
            }
        }

        #[test]
        fn devices_that_fill_in_different_parts_are_never_asked(order in prop::collection::vec((0..2_usize, any::<bool>()), 1..8)) {
            let mut fixture = Fixture::new();
            fixture.type_text(0, 0, "甲".into());
            fixture.type_text(1, 1, "乙".into());
            for (of, is_answered) in order {
                fixture.send(of, is_answered);
            }
            fixture.send(0, true);
            fixture.send(1, true);
            let expected = [("t:0".to_owned(), "甲".to_owned()), ("t:1".to_owned(), "乙".to_owned())];
            prop_assert_eq!(&fixture.server.pairs[..], &expected[..]);
            prop_assert_eq!(fixture.questions, 0);
        }
    }

    #[test]
    fn two_devices_with_different_texts_in_one_control_are_asked_and_nothing_is_stored_before_the_answer() {
        let mut fixture = Fixture::new();
        fixture.type_text(0, 0, "甲".into());
        fixture.type_text(1, 0, "乙".into());
        fixture.send(0, true);
        fixture.send(1, true);
        assert_eq!((fixture.questions, fixture.server.pairs[0].1.as_str()), (1, "甲"));
        fixture.send(1, true);
        assert_eq!(fixture.server.pairs[0].1, "乙", "its author has seen both");
    }

    #[test]
    fn a_sheet_is_stored_and_read_as_it_is() {
        let mut sheet = device(1);
        sheet.typed.pairs = vec![("note".into(), "意见".into())];
        let stored = serde_json::to_string(&sheet).unwrap();
        assert_eq!(serde_json::from_str::<LocalSheet>(&stored).unwrap(), sheet);
        assert!(!format!("{sheet:?} {:?}", sheet.typed).contains("意见"));
    }
}
