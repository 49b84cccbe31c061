//! The step 附件.

use super::condition::{ABOVE_TRAINEE, FULL};
use crate::engine::form::{FIELD, Field, Part, Step, When, Widget};
use crate::matter::DOCUMENT_TYPE_FACT;

pub(super) const ATTACHMENTS: Step = Step {
    code: "attachments",
    title: "附件",
    intro: "支持 JPG、PNG、PDF 格式。图片须清晰、完整、为原件彩色扫描件或照片。",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "photo",
                label: "证件照",
                hint: "近 6 个月内白底免冠正面照，JPG 格式，宽高比例约 5 比 7，不小于 240×320 像素",
                widget: Widget::files(1),
                sensitive: true,
                portrait: true,
                ..FIELD
            },
            Field { name: "id_card_front", label: "身份证件人像面", widget: Widget::files(1), sensitive: true, ..FIELD },
            Field {
                name: "id_card_back",
                label: "身份证件反面（国徽面）",
                hint: "居民身份证、港澳台居民居住证、外国人永久居留身份证须上传；其他证件没有此面，不需要上传",
                widget: Widget::files(1),
                required: TWO_SIDED,
                sensitive: true,
                ..FIELD
            },
            Field {
                name: "title_certificate",
                label: "职称证书",
                widget: Widget::files(2),
                required: TITLE_NEEDED,
                shown: When::Not("title_level", &["none"]),
                ..FIELD
            },
            Field {
                name: "experience_summary",
                label: "认证经历汇总表",
                hint: "审核、检查或审查经历的汇总，由推荐机构盖章",
                widget: Widget::files(5),
                required: ABOVE_TRAINEE,
                shown: ABOVE_TRAINEE,
                ..FIELD
            },
            Field { name: "witness_report", label: "见证评价报告", widget: Widget::files(3), required: FULL, shown: FULL, ..FIELD },
            Field {
                name: "declaration_scan",
                label: "个人声明（签字扫描件）",
                widget: Widget::files(2),
                required: When::Never,
                sensitive: true,
                single_use: true,
                ..FIELD
            },
            Field {
                name: "other", label: "其他证明材料", hint: "如更名证明", widget: Widget::files(5), required: When::Never, ..FIELD
            },
        ],
    )],
};

/// The registered document has a side with the national emblem.
const TWO_SIDED: When = When::Is(DOCUMENT_TYPE_FACT, &["resident_id", "hkmotw_residence", "foreigner_pr"]);
const TITLE_NEEDED: When = When::All(&[FULL, When::Is("highest_education", &["junior_college"])]);
