//! Renewal of certificates: 年度确认 in each year but the last, 再注册 at the end of the term, and the consequences of a missing one
//! (docs/domain.md §6).

use chrono::{Days, Months, NaiveDate};

use super::held::HeldCertificate;
use super::measure::Standing;
use super::status::CertificateStatus;
use crate::base::calendar::add_months;
use crate::base::rule::{RuleKey, Rules, RulesOn, key};

/// Kind of renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// 年度确认.
    AnnualConfirmation,
    /// 再注册.
    Reregistration,
}

/// Whether a certificate can be renewed on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    /// Not yet; from this day on.
    NotYet(NaiveDate),
    /// Yes, in time until this day.
    Open(NaiveDate),
    /// Yes, but late: the window ended after this day.
    Late(NaiveDate),
    /// No.
    Closed(Ineligible),
}

/// Why a certificate cannot be renewed in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ineligible {
    /// Its status excludes it: revoked, cancelled, superseded, suspended by a disposition, or expired.
    Status(CertificateStatus),
    /// In its last year: 再注册 instead of 年度确认.
    LastYear,
    /// A confirmation is missing and comes first.
    Unconfirmed,
    /// The window ended after this day.
    Over(NaiveDate),
}

/// Terms of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Due day of the next 年度确认.
    pub confirm_due_on: NaiveDate,
}

/// Consequence of a missing renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// Suspended until confirmed.
    Suspend,
    /// Expired.
    Expire,
}

impl Lapse {
    /// The certificate after it.
    pub fn of(self, certificate: &HeldCertificate) -> HeldCertificate {
        let status = match self {
            Lapse::Suspend => CertificateStatus::Suspended,
            Lapse::Expire => CertificateStatus::Expired,
        };
        HeldCertificate { status, overdue: true, ..certificate.clone() }
    }
}

impl Renewal {
    /// All kinds.
    pub const ALL: [Renewal; 2] = [Renewal::AnnualConfirmation, Renewal::Reregistration];

    /// Stable code. That of 再注册 is "renewal": rows contain it, and a check in a released migration, which is never edited, accepts only
    /// "confirmation" and "renewal". So it does not follow the name of the variant.
    pub fn code(self) -> &'static str {
        match self {
            Renewal::AnnualConfirmation => "confirmation",
            Renewal::Reregistration => "renewal",
        }
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Renewal::AnnualConfirmation => "年度确认",
            Renewal::Reregistration => "再注册",
        }
    }

    /// Name of the option list of certificates that can be renewed in this way.
    pub const fn option_list(self) -> &'static str {
        match self {
            Renewal::AnnualConfirmation => "confirmable",
            Renewal::Reregistration => "renewable",
        }
    }

    /// What is due next for a certificate: 再注册 in the last year of its term, or else 年度确认.
    pub fn next_of(certificate: &HeldCertificate) -> Self {
        if certificate.confirm_due_on < certificate.valid_until { Renewal::AnnualConfirmation } else { Renewal::Reregistration }
    }

    /// Due day of the renewal.
    pub fn due_on(self, certificate: &HeldCertificate) -> NaiveDate {
        match self {
            Renewal::AnnualConfirmation => certificate.confirm_due_on,
            Renewal::Reregistration => certificate.valid_until,
        }
    }

    /// Rule keys of the months before and after the due day.
    fn window(self) -> (RuleKey, RuleKey) {
        match self {
            Renewal::AnnualConfirmation => (key::AC_WINDOW_BEFORE, key::AC_WINDOW_AFTER),
            Renewal::Reregistration => (key::REREG_WINDOW_BEFORE, key::REREG_WINDOW_AFTER),
        }
    }

    /// First day of the window.
    pub fn opens_on(self, certificate: &HeldCertificate, rules: RulesOn<'_>) -> NaiveDate {
        let due = self.due_on(certificate);
        due.checked_sub_months(rules.months(self.window().0)).unwrap_or(due)
    }

    /// Last day of the window.
    pub fn closes_on(self, certificate: &HeldCertificate, rules: RulesOn<'_>) -> NaiveDate {
        add_months(self.due_on(certificate), rules.months(self.window().1))
    }

    /// Whether a certificate can be renewed in this way on a day.
    pub fn eligibility(self, certificate: &HeldCertificate, day: NaiveDate, rules: RulesOn<'_>) -> Eligibility {
        if let Some(reason) = self.ineligible(certificate, day) {
            return Eligibility::Closed(reason);
        }
        let (opens, closes) = (self.opens_on(certificate, rules), self.closes_on(certificate, rules));
        if day < opens {
            Eligibility::NotYet(opens)
        } else if self == Renewal::Reregistration && certificate.confirm_due_on < certificate.valid_until {
            Eligibility::Closed(Ineligible::Unconfirmed)
        } else if day <= closes {
            Eligibility::Open(closes)
        } else if self == Renewal::AnnualConfirmation && day <= missed_twice(certificate, rules) && rules.yes(key::AC_LATE) {
            Eligibility::Late(closes)
        } else {
            Eligibility::Closed(Ineligible::Over(closes))
        }
    }

    fn ineligible(self, certificate: &HeldCertificate, day: NaiveDate) -> Option<Ineligible> {
        // The end of its term does not end a suspension.
        if certificate.is_under_suspension_on(day) {
            return Some(Ineligible::Status(CertificateStatus::Suspended));
        }
        match (self, certificate.standing_on(day)) {
            (_, Some(Standing::Valid | Standing::Unconfirmed)) | (Renewal::Reregistration, Some(Standing::Expired)) => {}
            _ => return Some(Ineligible::Status(certificate.status_on(day))),
        }
        (self == Renewal::AnnualConfirmation && certificate.confirm_due_on >= certificate.valid_until).then_some(Ineligible::LastYear)
    }

    /// Whether it can be filed on a day, in time or late.
    pub fn is_open(self, certificate: &HeldCertificate, day: NaiveDate, rules: RulesOn<'_>) -> bool {
        self.eligibility(certificate, day, rules).is_open()
    }

    /// The terms after a renewal decided on a day, without a gap if it was decided before the end.
    pub fn extended_terms(self, certificate: &HeldCertificate, decided_on: NaiveDate, rules: RulesOn<'_>) -> Terms {
        let (year, term) = (key::CERT_CONFIRM_MONTHS, key::CERT_VALIDITY_MONTHS);
        match self {
            Renewal::AnnualConfirmation => {
                let next = last_day(next_day(certificate.confirm_due_on), rules.months(year));
                Terms { valid_until: certificate.valid_until, confirm_due_on: next.min(certificate.valid_until) }
            }
            Renewal::Reregistration => {
                let first = if decided_on > certificate.valid_until { decided_on } else { next_day(certificate.valid_until) };
                let valid_until = last_day(first, rules.months(term));
                Terms { valid_until, confirm_due_on: last_day(first, rules.months(year)).min(valid_until) }
            }
        }
    }
}

impl Eligibility {
    /// Whether it can be filed, in time or late.
    pub fn is_open(self) -> bool {
        matches!(self, Eligibility::Open(_) | Eligibility::Late(_))
    }
}

impl Ineligible {
    /// The renewal that is due in place of this one.
    pub fn instead(self) -> Option<Renewal> {
        match self {
            Ineligible::LastYear => Some(Renewal::Reregistration),
            Ineligible::Unconfirmed => Some(Renewal::AnnualConfirmation),
            Ineligible::Status(_) | Ineligible::Over(_) => None,
        }
    }

    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            Ineligible::Status(CertificateStatus::Suspended) => "处于暂停期，暂停期内不能办理".to_owned(),
            Ineligible::Status(status) => format!("{}，不能办理", status.label()),
            Ineligible::LastYear => "处于有效期最后一年，请在到期前办理再注册，无需年度确认".to_owned(),
            Ineligible::Unconfirmed => "尚未完成年度确认，请先办理年度确认".to_owned(),
            Ineligible::Over(day) => format!("办理期限已于 {day} 届满"),
        }
    }
}

/// The terms of a certificate issued on a day: valid until the day before the same day after the months of validity.
pub fn initial_terms(rules: &Rules, day: NaiveDate) -> Terms {
    let rules = rules.on(day);
    let valid_until = last_day(day, rules.months(key::CERT_VALIDITY_MONTHS));
    Terms { valid_until, confirm_due_on: last_day(day, rules.months(key::CERT_CONFIRM_MONTHS)).min(valid_until) }
}

/// Upcoming renewals of a certificate, nearest first. In its last year only 再注册.
pub fn upcoming(certificate: &HeldCertificate) -> Vec<(Renewal, NaiveDate)> {
    let confirmation = (certificate.confirm_due_on < certificate.valid_until).then_some(Renewal::AnnualConfirmation);
    confirmation.into_iter().chain([Renewal::Reregistration]).map(|u| (u, u.due_on(certificate))).collect()
}

/// Whether the expiry job applies: not to certificates that ended or are suspended by a disposition.
fn is_active(certificate: &HeldCertificate) -> bool {
    certificate.status == CertificateStatus::Valid || (certificate.status == CertificateStatus::Suspended && certificate.overdue)
}

/// The last day for a late confirmation, after which the next one is missed, too.
fn missed_twice(certificate: &HeldCertificate, rules: RulesOn<'_>) -> NaiveDate {
    let second = last_day(next_day(certificate.confirm_due_on), rules.months(key::CERT_CONFIRM_MONTHS));
    add_months(second, rules.months(key::AC_WINDOW_AFTER)).min(certificate.valid_until)
}

/// The consequence on a day without a renewal; `None` if nothing changes.
pub fn lapse(certificate: &HeldCertificate, day: NaiveDate, rules: RulesOn<'_>) -> Option<Lapse> {
    if !is_active(certificate) {
        None
    } else if day > certificate.valid_until
        || (Renewal::next_of(certificate) == Renewal::AnnualConfirmation && day > missed_twice(certificate, rules))
    {
        Some(Lapse::Expire)
    } else if certificate.status == CertificateStatus::Valid
        && Renewal::next_of(certificate) == Renewal::AnnualConfirmation
        && day > Renewal::AnnualConfirmation.closes_on(certificate, rules)
    {
        Some(Lapse::Suspend)
    } else {
        None
    }
}

/// Days of reminders, relative to the due day (negative: before).
fn steps(rules: RulesOn<'_>) -> Vec<i64> {
    let text = rules.text(key::AC_REMINDERS);
    text.split(',').filter_map(|d| d.trim().parse().ok()).filter(|d| (-365..=365).contains(d)).collect()
}

/// The reminder due between `since` and `today`: the renewal, and its days relative to the due day (negative: before). Of several the
/// nearest, so that only one follows a missed run.
pub fn reminder(certificate: &HeldCertificate, since: NaiveDate, today: NaiveDate, rules: RulesOn<'_>) -> Option<(Renewal, i64)> {
    if !is_active(certificate) || today > certificate.valid_until {
        return None;
    }
    let renewal = Renewal::next_of(certificate);
    let falls = |step: &i64| shifted(renewal.due_on(certificate), *step).is_some_and(|day| (since..=today).contains(&day));
    steps(rules).into_iter().filter(falls).max().map(|step| (renewal, step))
}

/// The next day after `today` with a reminder, a suspension, the end of the certificate, or a scheduled measure.
pub fn next_check_on(certificate: &HeldCertificate, today: NaiveDate, rules: RulesOn<'_>) -> Option<NaiveDate> {
    let scheduled = certificate.scheduled.map(|scheduled| scheduled.on);
    if !is_active(certificate) {
        return scheduled;
    }
    let renewal = Renewal::next_of(certificate);
    let reminders = steps(rules)
        .into_iter()
        .filter_map(|step| shifted(renewal.due_on(certificate), step))
        .filter(|day| *day <= certificate.valid_until);
    let ends = match renewal {
        Renewal::AnnualConfirmation => {
            vec![renewal.closes_on(certificate, rules), missed_twice(certificate, rules), certificate.valid_until]
        }
        Renewal::Reregistration => vec![certificate.valid_until],
    };
    reminders.chain(ends.into_iter().map(next_day)).chain(scheduled).filter(|day| *day > today).min()
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// The last day of a number of months starting on a day.
fn last_day(first: NaiveDate, months: Months) -> NaiveDate {
    add_months(first, months).pred_opt().unwrap_or(first)
}

fn shifted(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days = Days::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
}

#[cfg(test)]
mod tests;
