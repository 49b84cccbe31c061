//! The versions of 个人声明. A published text never changes: a new text gets a new version, and applicants must agree again.

use crate::engine::form::Statement;

/// Version of the first text, also assumed for answers stored without a version.
pub(super) const FIRST: &str = "2026.1";

/// The current text.
pub static TEXT: Statement = Statement {
    version: FIRST,
    text: "本人声明：所填写的信息和提交的材料真实、完整、有效，并愿意承担由此产生的责任；本人承诺遵守认证人员行为规范，接受协会和执业机构的监督；本人同意协会为注册与管理之目的核实和使用上述信息。",
};
