//! 帮助, 隐私 and 无障碍: what visitors read before they sign in.

use axum::extract::State;
use backend::AppState;
use domain::base::rule::key;
use leptos::prelude::*;

use crate::page::Page;
use crate::request::SiteOperator;
use crate::ui::*;

/// 帮助.
pub async fn help(State(app): State<AppState>, State(SiteOperator(operator)): State<SiteOperator>) -> Page {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let (megabytes, code_minutes) = (rules.int(key::UPLOAD_MAX_MB), rules.int(key::SMS_TTL_SECONDS) / 60);
    Page::new("帮助", move || {
        let contacts = operator.contacts();
        let contact = match contacts.is_empty() {
            true => view! { <p>"本站没有公布联系方式。业务问题请向执业机构或协会咨询。"</p> }.into_any(),
            false => view! { <DescriptionList items=contacts /> }.into_any(),
        };
        let question = |title: &'static str, text: String| view! {
            <Section title=title>
                <p>{text}</p>
            </Section>
        };
        view! {
            <PageHead title="帮助" lead="办理业务时常见的问题" />
            <section class="panel" id="contact-us">
                <div class="section-head">
                    <h2>"联系我们"</h2>
                </div>
                {contact}
            </section>
            {question(
                "怎样注册和登录",
                format!(
                    "在登录页点击“立即注册”，选择“个人注册”，填写本人信息并通过手机验证。短信验证码 {code_minutes} 分钟内有效。机构用户和协会工作人员的账号由协会开通。",
                ),
            )}
            {question(
                "忘记账号或密码",
                "在登录页点击“找回密码”，用注册时的手机号码重设密码，也可以找回登录账号。".to_owned(),
            )}
            {question(
                "怎样办理业务",
                "登录后在首页的“常用服务”或“在线申请”中选择业务。每项业务的办事指南说明条件、材料、收费、时限和流程。填写时可随时暂存草稿箱，以后在“我的事项”中继续。"
                    .to_owned(),
            )}
            {question(
                "上传文件有什么要求",
                format!(
                    "每个文件不超过 {megabytes} MB，可用的格式写在上传的位置。网络中断后可以继续上传。",
                ),
            )}
            {question(
                "怎样了解办理进度",
                "“我的事项”列出每件业务的当前办理人、期限和记录；需要您办理时，首页“待办”和消息会提醒。"
                    .to_owned(),
            )}
            {question(
                "被退回后怎么办",
                "在“我的事项”中点击“编辑”，按意见修改并逐项答复后重新提交。只能修改被指出的内容；没有具体指出的，可修改全部内容。"
                    .to_owned(),
            )}
            {question(
                "对决定有不同意见",
                "可在“在线申请”中办理申诉；对注册人员或机构的行为有意见的，可办理投诉。".to_owned(),
            )}
            {question(
                "没有网络时能填写吗",
                "登录时勾选“这是我自己的设备”后，打开过的草稿在没有网络时也可以继续填写，联网后自动保存到服务器。证件、地址、电话等敏感信息不在本机保存。"
                    .to_owned(),
            )}
            <Section title="怎样核验证书">
                <p>"在"<a href="/verify">"证书查询"</a>"中填写证书编号，或扫描证书上的二维码，无需登录。"</p>
            </Section>
        }
        .into_any()
    })
    .under("/help")
}

/// 隐私: what 用户服务协议和个人信息处理规则 says of personal data, and for how long it is kept.
pub async fn privacy(State(app): State<AppState>, State(SiteOperator(operator)): State<SiteOperator>) -> Page {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let days = |key| format!("{} 天", rules.int(key));
    let kept = vec![
        ("站内消息".to_owned(), days(key::RETAIN_MESSAGE_DAYS)),
        ("已发送的短信、邮件".to_owned(), days(key::RETAIN_OUTBOX_DAYS)),
        ("查阅记录".to_owned(), days(key::RETAIN_ACCESS_DAYS)),
        ("不再被引用的文件".to_owned(), format!("{} 小时", rules.int(key::RETAIN_FILE_HOURS))),
    ];
    Page::new("隐私", move || {
        let controller = operator.name.clone().map(|name| view! { <p>{format!("个人信息处理者：{name}。")}</p> });
        view! {
            <PageHead title="隐私" lead="平台怎样处理您的个人信息" />
            <Section title="收集和使用">
                <div class="text">
                    {controller}
                    <p>
                        "为办理认证人员注册与管理业务，平台收集您的姓名、证件类型和号码、性别、出生日期、手机号码、邮箱，以及您在申请中填写和上传的内容。信息只用于办理您提出的业务，由您选择的机构和协会经办人员依权限查看。"
                    </p> <p>"完整内容见"<a href="/terms">"用户服务协议和个人信息处理规则"</a>"。"</p>
                </div>
            </Section>
            <Section title="保护">
                <p>
                    "证件号码、手机号码、邮箱、申请内容和上传的文件加密保存，页面上只显示首尾部分。公开查询只显示证书所载内容，姓名部分隐去。专家评价时不显示申请人姓名和机构。"
                </p>
            </Section>
            <Section title="保存多久">
                <DescriptionList items=kept />
            </Section>
            <Section title="本机保存的内容">
                <p>
                    "平台只使用维持登录和识别常用设备所必需的 Cookie，不使用统计或广告脚本，不向其他网站发送信息。草稿只在您称为“自己的设备”的浏览器中加密保存，退出登录时清除。"
                </p>
            </Section>
            <Section title="您的权利">
                <p>
                    "登录后在“账号与安全”中可以查看和修改手机号码、邮箱和密码，导出本人的信息，查看和结束其他设备上的登录，注销账号；姓名和证件信息通过“信息变更申请”更正。"
                </p>
            </Section>
        }
        .into_any()
    })
}

/// 无障碍.
pub async fn accessibility(State(SiteOperator(operator)): State<SiteOperator>) -> Page {
    Page::new("无障碍", move || {
        let way =
            if operator.contacts().is_empty() { "向执业机构或协会反映" } else { "按页面底部的联系方式告诉我们" };
        view! {
            <PageHead title="无障碍" lead="平台怎样照顾不同的使用方式" />
            <Section title="已经做到的">
                <ul class="bullets">
                    <li>"所有页面都可以只用键盘操作，焦点清晰可见；每页第一个链接可跳到正文。"</li>
                    <li>
                        "标题、标签、错误提示和状态变化可由读屏软件读出；填写有误时，先列出全部错误，并链接到对应的位置。"
                    </li>
                    <li>"文字可放大到 200%，页面可缩放到 400%，窄屏幕上不需要左右滚动。"</li>
                    <li>"支持深色模式、系统高对比度和减少动态效果的设置；不只用颜色表示状态。"</li>
                    <li>"浏览器不运行脚本时，也能填写、保存和提交。"</li>
                </ul>
            </Section>
            <Section title="尚有不足的">
                <ul class="bullets">
                    <li>
                        "证书的 PDF 文件没有供读屏软件使用的结构标记；证书内容可在“我的证书”和“证书查询”页面上读取。"
                    </li>
                    <li>"用户上传的文件由上传者制作，平台不能保证其可读。"</li>
                    <li>"以上由自动检查和人工操作检验，没有经过第三方评测。"</li>
                </ul>
            </Section>
            <Section title="遇到困难">
                <p>{format!("页面无法使用或不便使用的，请{way}，说明所在页面和使用的设备。")}</p>
            </Section>
        }
        .into_any()
    })
}
