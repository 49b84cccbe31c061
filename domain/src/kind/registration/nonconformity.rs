//! 不符合项 of a registration (docs/domain.md §4.2; a draft until the association supplies its catalogue).

use crate::engine::assessment::Nonconformity;

const fn nonconformity(code: &'static str, on: &'static [&'static str], text: &'static str) -> Nonconformity {
    Nonconformity { code, applies_to: on, text }
}

const WORKS: &[&str] = &["work", "professional"];

/// The catalogue of nonconformities that reviewers choose from.
pub static NONCONFORMITIES: &[Nonconformity] = &[
    nonconformity("identity_differs", &["id_card_front", "id_card_back", "name_pinyin"], "身份信息与证件不一致"),
    nonconformity("id_card_unclear", &["id_card_front", "id_card_back"], "身份证件扫描件不清晰或不完整"),
    nonconformity("photo_unfit", &["photo"], "证件照不符合要求，请上传近 6 个月内白底免冠正面照"),
    nonconformity("diploma_unclear", &["education"], "学历证书扫描件不清晰或不是原件"),
    nonconformity("diploma_differs", &["education"], "学历信息与证书记载不一致"),
    nonconformity("overseas_uncertified", &["education"], "境外学历缺少国（境）外学历学位认证书"),
    nonconformity("education_too_low", &["education", "highest_education"], "学历不符合所申请领域的要求"),
    nonconformity("title_missing", &["title_certificate", "professional_title", "title_level"], "缺少职称证书，或证书不清晰"),
    nonconformity("title_unrelated", &["title_certificate", "professional_title", "title_level"], "职称专业与所申请领域不相关"),
    nonconformity("work_years", WORKS, "工作年限不足"),
    nonconformity("work_differs", WORKS, "工作经历与证明材料或社会保险记录不一致"),
    nonconformity("work_overlap", WORKS, "工作经历时间重叠，请说明"),
    nonconformity("work_unproven", WORKS, "工作经历缺少证明材料"),
    nonconformity("work_unsealed", WORKS, "工作经历证明未加盖单位公章"),
    nonconformity("work_duties", WORKS, "工作描述过于简单，不能说明岗位职责"),
    nonconformity("audit_count", &["audit"], "完整审核次数不足"),
    nonconformity("audit_days", &["audit"], "现场审核天数不足"),
    nonconformity("audit_clauses", &["audit"], "审核经历未覆盖标准的全部条款"),
    nonconformity("audit_combined", &["audit"], "结合审核的天数折算有误"),
    nonconformity("audit_overlap", &["audit"], "审核经历时间重叠"),
    nonconformity("audit_foreign", &["audit"], "审核经历与申请人身份或组内角色不符"),
    nonconformity("audit_approval", &["audit"], "认证机构当时未取得该领域的认证资质"),
    nonconformity("audit_unproven", &["audit"], "缺少审核计划、认证证书或统一上报平台截图"),
    nonconformity("audit_unrelated", &["audit"], "审核经历与所申请领域不符"),
    nonconformity("witness_missing", &["witness_report"], "缺少见证评价报告"),
    nonconformity("witness_unfit", &["witness_report"], "见证评价报告内容不完整，或见证人不符合要求"),
    nonconformity("training_unproven", &["training"], "培训经历缺少证书或证明"),
    nonconformity("declaration_unsigned", &["declared", "signed_name"], "个人声明未签署，或签署姓名不一致"),
    nonconformity("proof_unclear", &[], "证明材料不清晰，请重新上传"),
    nonconformity("proof_missing", &[], "缺少证明材料，请补充"),
];
