//! Islands of the account pages.

use domain::base::identity::{Document, DocumentType};
use leptos::prelude::*;

use crate::ui::{ChoiceField, ChoiceItem, DayField, FieldProps, SelectField, TextField};

/// 证件类型 and 证件号码. Sex and birth date are derived from the number while it is typed, or asked where it does not contain them.
#[island(lazy)]
pub fn DocumentFields(
    /// Today's date in Shanghai, from the server.
    today: String,
    kind: String,
    number: String,
    sex: String,
    birth_date: String,
    /// Error messages by field name.
    faults: Vec<(String, String)>,
) -> impl IntoView {
    let fault = |name: &str| faults.iter().find(|(n, _)| n == name).map(|(_, t)| t.clone());
    let (kind_now, set_kind) = signal(if kind.is_empty() { "resident_id".to_owned() } else { kind.clone() });
    let (number_now, set_number) = signal(number.clone());
    let parsed = move || {
        let today = today.parse().ok()?;
        let kind = DocumentType::from_code(&kind_now.get())?;
        let text = number_now.get();
        (!text.trim().is_empty()).then(|| Document::parse(kind, &text, today))
    };
    let told = Memo::new(move |_| match parsed() {
        Some(Ok(document)) => match (document.sex(), document.birth_date()) {
            (Some(sex), Some(birth)) => Some((true, format!("性别：{} 出生日期：{birth}", sex.label()))),
            _ => Some((true, "证件号码格式正确".to_owned())),
        },
        // An incomplete number is not an error yet.
        Some(Err(error)) if number_now.get().chars().count() >= 18 => Some((false, error.text())),
        _ => None,
    });
    // Without scripts the fields cannot be hidden, so they are always shown with a hint when they apply.
    let asks = move || {
        DocumentType::from_code(&kind_now.get()).is_none_or(|k| k != DocumentType::ResidentId && k != DocumentType::HkmotwResidence)
    };
    let (awake, wake) = signal(false);
    Effect::new(move |_| wake.set(true));
    let class = move || if awake.get() && !asks() { "fields hidden" } else { "fields" };
    let picks =
        DocumentType::ALL.iter().map(|t| ChoiceItem { code: t.code().into(), label: t.label().into(), group: String::new() }).collect();
    let sexes =
        [("male", "男"), ("female", "女")].map(|(c, l)| ChoiceItem { code: c.into(), label: l.into(), group: String::new() }).to_vec();
    view! {
        <div class="fields">
            <div on:change=move |e| set_kind.set(event_target_value(&e))>
                <SelectField
                    ask=FieldProps::new("document_type", "证件类型").fault(fault("document_type"))
                    picks=picks
                    value=if kind.is_empty() { "resident_id".to_owned() } else { kind }
                />
            </div>
            <div on:input=move |e| set_number.set(event_target_value(&e))>
                <TextField
                    ask=FieldProps::new("document_number", "证件号码")
                        .hint("性别和出生日期从居民身份证号码中自动获取")
                        .fault(fault("document_number"))
                    value=number
                />
                <p
                    class=move || if told.get().is_some_and(|(good, _)| good) { "field-good" } else { "field-fault" }
                    role="status"
                    data-testid="derived"
                    hidden=move || told.get().is_none()
                >
                    {move || told.get().map(|(_, text)| text)}
                </p>
            </div>
            <div class=class>
                <ChoiceField
                    ask=FieldProps::new("sex", "性别").hint("居民身份证、港澳台居民居住证无需填写").fault(fault("sex"))
                    picks=sexes
                    values=vec![sex]
                />
                <DayField
                    ask=FieldProps::new("birth_date", "出生日期")
                        .hint("如 1990-03-07 或 19900307；居民身份证、港澳台居民居住证无需填写")
                        .fault(fault("birth_date"))
                    value=birth_date
                />
            </div>
        </div>
    }
}

/// Countdown until another code may be sent.
#[island(lazy)]
pub fn Countdown(seconds: i64) -> impl IntoView {
    let (left, set_left) = signal(seconds);
    Effect::new(move |_| {
        let tick = set_interval_with_handle(move || set_left.update(|l| *l = (*l - 1).max(0)), std::time::Duration::from_secs(1));
        on_cleanup(move || {
            if let Ok(tick) = tick {
                tick.clear();
            }
        });
    });
    view! {
        <span class="field-hint" role="timer" data-testid="countdown">
            {move || match left.get() {
                0 => "现在可以重新发送".to_owned(),
                n => format!("{n} 秒后可重新发送"),
            }}
        </span>
    }
}
