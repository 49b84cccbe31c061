//! 用户服务协议和个人信息处理规则.

use leptos::prelude::*;

use crate::page::Page;
use crate::ui::*;

/// Shows the page.
pub async fn show() -> Page {
    Page::new("用户服务协议和个人信息处理规则", || {
        view! {
            <PageHead title="用户服务协议和个人信息处理规则"/>
            <Section title="账号">
                <p>"账号由本人注册和使用。登录密码请妥善保管，不得转借他人。同一证件号码、手机号码和邮箱只能注册一个账号。"</p>
            </Section>
            <Section title="收集哪些信息">
                <p>"为办理认证人员注册与管理业务，平台收集您的姓名、证件类型和号码、性别、出生日期、手机号码、邮箱，以及您在申请中填写和上传的教育、工作、审核、培训经历及其证明材料。"</p>
            </Section>
            <Section title="怎样使用和保护">
                <p>"信息仅用于办理您提出的业务，由您选择的认证机构和协会经办人员依权限查看。证件号码、手机号码、邮箱和申请内容加密保存，页面上只显示首尾部分。公开查询只显示证书所载内容。"</p>
            </Section>
            <Section title="您的权利">
                <p>"您可以在个人中心查看本人信息和办理记录，在提交前修改或删除草稿，在受理前撤回申请。"</p>
            </Section>
        }
        .into_any()
    })
    .standalone()
}
