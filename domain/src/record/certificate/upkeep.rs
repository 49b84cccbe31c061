//! What keeps a certificate alive: 年度确认 in each year but the last, 再注册 at the end of its term; and what time does to one that is not
//! kept (domain facts §6).

use chrono::{Days, Months, NaiveDate};

use super::{Held, Status};
use crate::base::rule::{Key, RulesOn, key};

/// What keeps a certificate alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upkeep {
    /// 年度确认.
    Confirmation,
    /// 再注册.
    Renewal,
}

/// Whether a certificate can be kept alive on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not yet; from this day on.
    Early(NaiveDate),
    /// Now, in time until this day.
    Open(NaiveDate),
    /// Now, though its time was over after this day.
    Late(NaiveDate),
    /// Not any more, or not this way.
    Closed(Bar),
}

/// Why a certificate cannot be kept alive this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// It is not worth keeping: revoked, cancelled, given way to another, suspended as a disposition, or expired.
    Status(Status),
    /// It is in its last year: it is renewed, not confirmed.
    LastYear,
    /// A confirmation is missing: it is confirmed before it is renewed.
    Unconfirmed,
    /// Its time was over after this day.
    Over(NaiveDate),
}

/// What a certificate is worth once it was kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Next 年度确认.
    pub confirm_due_on: NaiveDate,
}

/// What becomes of a certificate nobody kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// It is suspended until it is confirmed.
    Suspend,
    /// It expires.
    Expire,
}

impl Upkeep {
    /// Both.
    pub const ALL: [Upkeep; 2] = [Upkeep::Confirmation, Upkeep::Renewal];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Upkeep::Confirmation => "confirmation",
            Upkeep::Renewal => "renewal",
        }
    }

    /// Name, as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Upkeep::Confirmation => "年度确认",
            Upkeep::Renewal => "再注册",
        }
    }

    /// The list of certificates that can be kept alive this way, as forms name it.
    pub const fn list(self) -> &'static str {
        match self {
            Upkeep::Confirmation => "confirmable",
            Upkeep::Renewal => "renewable",
        }
    }

    /// The day by which a certificate is kept alive this way.
    pub fn due(self, held: &Held) -> NaiveDate {
        match self {
            Upkeep::Confirmation => held.confirm_due_on,
            Upkeep::Renewal => held.valid_until,
        }
    }

    /// Months before and after that day.
    fn window(self) -> (Key, Key) {
        match self {
            Upkeep::Confirmation => (key::AC_WINDOW_BEFORE, key::AC_WINDOW_AFTER),
            Upkeep::Renewal => (key::REREG_WINDOW_BEFORE, key::REREG_WINDOW_AFTER),
        }
    }

    /// The first day of its window.
    pub fn opens(self, held: &Held, rules: RulesOn<'_>) -> NaiveDate {
        let due = self.due(held);
        due.checked_sub_months(months(rules, self.window().0)).unwrap_or(due)
    }

    /// The last day of its window.
    pub fn closes(self, held: &Held, rules: RulesOn<'_>) -> NaiveDate {
        after(self.due(held), months(rules, self.window().1))
    }

    /// Whether a certificate can be kept alive this way on a day.
    pub fn standing(self, held: &Held, day: NaiveDate, rules: RulesOn<'_>) -> Standing {
        if let Some(bar) = self.bar(held, day) {
            return Standing::Closed(bar);
        }
        let (opens, closes) = (self.opens(held, rules), self.closes(held, rules));
        if day < opens {
            Standing::Early(opens)
        } else if self == Upkeep::Renewal && held.confirm_due_on < held.valid_until {
            Standing::Closed(Bar::Unconfirmed)
        } else if day <= closes {
            Standing::Open(closes)
        } else if self == Upkeep::Confirmation && day <= missed_twice(held, rules) && rules.yes(key::AC_LATE) {
            Standing::Late(closes)
        } else {
            Standing::Closed(Bar::Over(closes))
        }
    }

    fn bar(self, held: &Held, day: NaiveDate) -> Option<Bar> {
        let status = held.status_on(day);
        match (self, status) {
            (Upkeep::Confirmation, Status::Valid) | (Upkeep::Renewal, Status::Valid | Status::Expired) => {}
            (_, Status::Suspended) if held.overdue => {}
            (_, other) => return Some(Bar::Status(other)),
        }
        (self == Upkeep::Confirmation && held.confirm_due_on >= held.valid_until).then_some(Bar::LastYear)
    }

    /// Whether it can be asked for on a day, in time or late.
    pub fn open(self, held: &Held, day: NaiveDate, rules: RulesOn<'_>) -> bool {
        self.standing(held, day, rules).is_open()
    }

    /// The terms of a certificate that is kept alive by a decision of a day. Without a gap where it is renewed before its end.
    pub fn extended(self, held: &Held, decided_on: NaiveDate, rules: RulesOn<'_>) -> Terms {
        let (year, term) = (key::CERT_CONFIRM_MONTHS, key::CERT_VALIDITY_MONTHS);
        match self {
            Upkeep::Confirmation => {
                let next = last_day(next_day(held.confirm_due_on), months(rules, year));
                Terms { valid_until: held.valid_until, confirm_due_on: next.min(held.valid_until) }
            }
            Upkeep::Renewal => {
                let first = if decided_on > held.valid_until { decided_on } else { next_day(held.valid_until) };
                let valid_until = last_day(first, months(rules, term));
                Terms { valid_until, confirm_due_on: last_day(first, months(rules, year)).min(valid_until) }
            }
        }
    }
}

impl Standing {
    /// Whether it can be asked for, in time or late.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::Open(_) | Standing::Late(_))
    }
}

impl Bar {
    /// What the person is told, of a certificate.
    pub fn text(self) -> String {
        match self {
            Bar::Status(Status::Suspended) => "处于暂停期，暂停期内不能办理".to_owned(),
            Bar::Status(status) => format!("{}，不能办理", status.label()),
            Bar::LastYear => "处于有效期最后一年，请在到期前办理再注册，无需年度确认".to_owned(),
            Bar::Unconfirmed => "尚未完成年度确认，请先办理年度确认".to_owned(),
            Bar::Over(day) => format!("办理期限已于 {day} 届满"),
        }
    }
}

/// What comes next for a certificate, nearest first. In its last year there is no confirmation, only the renewal.
pub fn dues(held: &Held) -> Vec<(Upkeep, NaiveDate)> {
    let confirmation = (held.confirm_due_on < held.valid_until).then_some(Upkeep::Confirmation);
    confirmation.into_iter().chain([Upkeep::Renewal]).map(|u| (u, u.due(held))).collect()
}

/// What keeps a certificate alive next.
fn next(held: &Held) -> Upkeep {
    if held.confirm_due_on < held.valid_until { Upkeep::Confirmation } else { Upkeep::Renewal }
}

/// Whether time acts on a certificate at all: not on one that ended, nor on one suspended as a disposition.
fn lives(held: &Held) -> bool {
    held.status == Status::Valid || (held.status == Status::Suspended && held.overdue)
}

/// The last day on which a confirmation that was missed can be made up for: then the next one is missed too.
fn missed_twice(held: &Held, rules: RulesOn<'_>) -> NaiveDate {
    let second = last_day(next_day(held.confirm_due_on), months(rules, key::CERT_CONFIRM_MONTHS));
    after(second, months(rules, key::AC_WINDOW_AFTER)).min(held.valid_until)
}

/// What becomes of a certificate by a day on which nobody has kept it alive. None where nothing becomes of it that did not before.
pub fn lapse(held: &Held, day: NaiveDate, rules: RulesOn<'_>) -> Option<Lapse> {
    if !lives(held) {
        None
    } else if day > held.valid_until || (next(held) == Upkeep::Confirmation && day > missed_twice(held, rules)) {
        Some(Lapse::Expire)
    } else if held.status == Status::Valid && next(held) == Upkeep::Confirmation && day > Upkeep::Confirmation.closes(held, rules) {
        Some(Lapse::Suspend)
    } else {
        None
    }
}

/// The days before (negative) and after a due day on which its holder is reminded.
fn steps(rules: RulesOn<'_>) -> Vec<i64> {
    let text = rules.text(key::AC_REMINDERS);
    text.split(',').filter_map(|d| d.trim().parse().ok()).filter(|d| (-365..=365).contains(d)).collect()
}

/// The reminder that falls on one of the days from `since` to `today`: what is due, and how many days after its due day (before it:
/// negative) the reminder stands. Of several the nearest, so that a run that was missed is made up for once.
pub fn reminder(held: &Held, since: NaiveDate, today: NaiveDate, rules: RulesOn<'_>) -> Option<(Upkeep, i64)> {
    if !lives(held) || today > held.valid_until {
        return None;
    }
    let upkeep = next(held);
    let falls = |step: &i64| shifted(upkeep.due(held), *step).is_some_and(|day| (since..=today).contains(&day));
    steps(rules).into_iter().filter(falls).max().map(|step| (upkeep, step))
}

/// The next day after one on which time does something to a certificate: a reminder, a suspension, or its end.
pub fn next_look(held: &Held, today: NaiveDate, rules: RulesOn<'_>) -> Option<NaiveDate> {
    if !lives(held) {
        return None;
    }
    let upkeep = next(held);
    let reminders = steps(rules).into_iter().filter_map(|step| shifted(upkeep.due(held), step)).filter(|day| *day <= held.valid_until);
    let ends = match upkeep {
        Upkeep::Confirmation => vec![upkeep.closes(held, rules), missed_twice(held, rules), held.valid_until],
        Upkeep::Renewal => vec![held.valid_until],
    };
    reminders.chain(ends.into_iter().map(next_day)).filter(|day| *day > today).min()
}

fn months(rules: RulesOn<'_>, key: Key) -> Months {
    Months::new(u32::try_from(rules.int(key)).unwrap_or(u32::MAX))
}

fn after(day: NaiveDate, months: Months) -> NaiveDate {
    day.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// The last day of so many months that begin with a day.
pub(super) fn last_day(first: NaiveDate, months: Months) -> NaiveDate {
    after(first, months).pred_opt().unwrap_or(first)
}

fn shifted(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

#[cfg(test)]
mod tests;
