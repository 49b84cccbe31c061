//! The applicant's document number on the page of a matter, masked or in full, and the form that asks for all of it.

use backend::access::account::Person;
use backend::matter::LoadedMatter;
use backend::workflow::identity_disclosure::{DisclosureRecord, RecordedDisclosure, may_disclose};
use domain::base::identity::DisclosureReason;
use leptos::prelude::*;

use crate::ui::*;
use crate::{format, links};

/// What the page of a matter shows of the applicant's document number.
#[derive(Default)]
pub(super) enum ShownIdentity {
    /// Its ends.
    #[default]
    Masked,
    /// Its ends, and why it was not shown.
    Refused(String),
    /// All of it, for the recorded reason.
    Full(RecordedDisclosure, DisclosureReason),
}

impl ShownIdentity {
    /// Whether it is shown in full on the page of this matter.
    pub fn is_full(&self, matter: &LoadedMatter) -> bool {
        matches!(self, Self::Full(proof, _) if proof.is_of(matter))
    }
}

/// Document and mobile number of the applicant below the head, with the form that shows them in full.
pub(super) fn identity_view(matter: &LoadedMatter, person: &Person, shown: &ShownIdentity) -> AnyView {
    let is_full = shown.is_full(matter);
    let (document, mobile) = match is_full {
        true => (person.document_number.clone(), person.mobile.clone()),
        false => (person.masked_document(), person.masked_mobile()),
    };
    let facts = vec![(person.document_label().to_owned(), document), ("手机号码".to_owned(), mobile)];
    let rest = match shown {
        ShownIdentity::Full(_, reason) if is_full => {
            let text = format!("本页显示完整号码，已记录（{}）。离开或刷新后恢复遮盖。", reason.label());
            view! {
                <p class="case-recorded" role="status">
                    {text}
                </p>
            }
            .into_any()
        }
        ShownIdentity::Refused(fault) => disclosure_form(matter, Some(fault.clone())),
        _ => disclosure_form(matter, None),
    };
    view! {
        <div class="case-identity">
            <DescriptionList items=facts />
            {rest}
        </div>
    }
    .into_any()
}

fn disclosure_form(matter: &LoadedMatter, fault: Option<String>) -> AnyView {
    let id = matter.id;
    may_disclose(matter)
        .then(|| {
            let choice = |reason: DisclosureReason| ChoiceItem {
                code: reason.code().to_owned(),
                label: reason.label().to_owned(),
                group: String::new(),
            };
            let picks = DisclosureReason::ALL.into_iter().map(choice).collect();
            let open = fault.is_some();
            let ask = FieldProps::new("reason", "查看事由").hint("每次查看都会记录查看人、时间和事由").fault(fault);
            view! {
                <details class="disclose" open=open>
                    <summary>"显示完整证件号"</summary>
                    <form method="post" action=links::identity(id) class="fields">
                        <SelectField ask=ask picks=picks value="" />
                        <div class="choices">
                            <Submit label="显示" weight=Weight::Quiet />
                        </div>
                    </form>
                </details>
            }
        })
        .into_any()
}

/// 证件号查看记录, for those who audit it.
pub(super) fn disclosures_view(records: Vec<DisclosureRecord>) -> Option<AnyView> {
    let entry = |record: DisclosureRecord| TimelineItem {
        when: format::time(record.at),
        who: record.reader,
        what: format!("查看了完整证件号（{}）", record.reason.map_or("其他事由", DisclosureReason::label)),
        note: String::new(),
        facts: Vec::new(),
    };
    (!records.is_empty()).then(|| {
        let items = records.into_iter().map(entry).collect();
        view! {
            <h3>"证件号查看记录"</h3>
            <Timeline items=items />
        }
        .into_any()
    })
}
