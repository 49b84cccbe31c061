//! The form of a transfer (docs/domain.md §7.1, §7.2).

use uuid::Uuid;

use crate::engine::flow::InstitutionRelation;
use crate::engine::form::{Answers, Choice, DayRange, Display, FIELD, Field, Form, Options, Part, Statement, Step, When, Widget};
use crate::matter::RelatedInstitution;

/// 转换理由: the five grounds of the 2011 rules, articles 15 and 16.
pub const GROUNDS: &[Choice] = &[
    Choice::new("contract", "与转出机构的合同已到期，或一个月内到期"),
    Choice::new("agreed", "转出机构同意转换"),
    Choice::new("terminated", "与转出机构协商一致，提前解除合同"),
    Choice::new("closed", "转出机构解散、破产或无法继续经营"),
    Choice::new("idle", "转出机构连续六个月未安排认证工作"),
];

const DECLARATION: Statement = Statement {
    version: "2026-11",
    text: "本人与转出机构之间没有未了结的合同争议，没有尚未履行的培训费用、保密、竞业限制等特别义务；本人不在协会的处罚期内，一年内未被执业机构辞退。以上内容真实，如有不实，本人承担相应责任。",
};

/// The application is on one of these grounds.
const fn on_ground(grounds: &'static [&'static str]) -> When {
    When::Is("ground", grounds)
}

/// The form.
pub static FORM: Form = Form { version: 2, upgrade: |_| (), steps: &[TRANSFER, PAPERS] };

const TRANSFER: Step = Step {
    code: "transfer",
    title: "转换信息",
    intro: "",
    shown: When::Always,
    parts: &[
        Part::Fields(
            "机构",
            &[
                Field {
                    name: "from_institution",
                    label: "转出机构",
                    hint: "您目前的执业机构",
                    widget: Widget::One(Options::Listed("practices")),
                    prefilled: true,
                    ..FIELD
                },
                Field {
                    name: "to_institution", label: "转入机构", widget: Widget::One(Options::Listed("certification_bodies")), ..FIELD
                },
            ],
        ),
        Part::Fields(
            "理由",
            &[
                Field {
                    name: "ground",
                    label: "转换理由",
                    hint: "机构仅变更名称的，不属于无法继续经营",
                    widget: Widget::One(Options::Fixed(GROUNDS)),
                    ..FIELD
                },
                Field {
                    name: "contract_end",
                    label: "合同到期日",
                    widget: Widget::Day(DayRange::Any),
                    required: on_ground(&["contract"]),
                    shown: on_ground(&["contract"]),
                    ..FIELD
                },
                Field {
                    name: "terminated_on",
                    label: "合同解除日",
                    widget: Widget::Day(DayRange::Past),
                    required: on_ground(&["terminated"]),
                    shown: on_ground(&["terminated"]),
                    ..FIELD
                },
                Field {
                    name: "last_work_on",
                    label: "最近一次认证工作结束日",
                    hint: "转出机构最近一次安排您参加的审核、检查或审查的结束日期",
                    widget: Widget::Day(DayRange::Past),
                    required: on_ground(&["idle"]),
                    shown: on_ground(&["idle"]),
                    ..FIELD
                },
                Field { name: "note", label: "情况说明", widget: Widget::Lines(500), required: When::Never, ..FIELD },
            ],
        ),
        Part::Display(&Display { name: "certificates", label: "随同变更的证书", empty: "名下没有有效的注册证书" }),
    ],
};

const PAPERS: Step = Step {
    code: "papers",
    title: "材料与声明",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "release",
                label: "离职证明",
                hint: "转出机构盖章的离职证明或解除合同证明；合同已到期或已提前解除的必须上传",
                widget: Widget::files(3),
                required: on_ground(&["terminated"]),
                ..FIELD
            },
            Field {
                name: "contract",
                label: "劳动合同（到期页）",
                hint: "合同尚未到期的必须上传，离职证明可在到期后补交给转入机构",
                widget: Widget::files(3),
                required: When::Never,
                shown: on_ground(&["contract"]),
                ..FIELD
            },
            Field {
                name: "proof",
                label: "机构解散、破产或停止经营的证明",
                hint: "公告、裁定书或登记机关的查询结果等",
                widget: Widget::files(5),
                required: on_ground(&["closed"]),
                shown: on_ground(&["closed"]),
                ..FIELD
            },
            Field { name: "other", label: "其他材料", widget: Widget::files(5), required: When::Never, ..FIELD },
            Field { name: "declared", label: "声明", widget: Widget::Agree(&DECLARATION), single_use: true, ..FIELD },
        ],
    )],
};

/// The institutions left and joined, from validated answers.
pub(super) fn related_institutions(answers: &Answers) -> Vec<RelatedInstitution> {
    let of = |link, name| Uuid::parse_str(answers.text(name)).ok().map(|id| (link, id));
    [of(InstitutionRelation::Leaving, "from_institution"), of(InstitutionRelation::Joining, "to_institution")]
        .into_iter()
        .flatten()
        .collect()
}

/// The title in lists: 转换执业机构（合同到期）. None while no ground is chosen.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let ground = match answers.text("ground") {
        "contract" => "合同到期",
        "agreed" => "转出机构同意",
        "terminated" => "提前解除合同",
        "closed" => "转出机构无法经营",
        "idle" => "未安排认证工作",
        _ => return None,
    };
    Some(format!("转换执业机构（{ground}）"))
}
