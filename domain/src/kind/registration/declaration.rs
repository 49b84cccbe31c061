//! 个人声明 and its versions. A text is never changed; a new one has a new version, and who agreed to the old one is asked again.

use crate::engine::form::Statement;

/// The first text, which was also agreed to before versions were kept.
pub(super) const FIRST: &str = "2026.1";

/// The present text.
pub static TEXT: Statement = Statement {
    version: FIRST,
    text: "本人声明：所填写的信息和提交的材料真实、完整、有效，并愿意承担由此产生的责任；本人承诺遵守认证人员行为规范，接受协会和执业机构的监督；本人同意协会为注册与管理之目的核实和使用上述信息。",
};
