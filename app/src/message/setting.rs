//! 通知设置: through which channels an account is notified beside 站内消息.

use axum::extract::State;
use backend::AppState;
use backend::service::message::setting::{NotificationSettings, notification_settings, set_notification_choices};
use domain::engine::notification::{
    CHANNEL_SETTINGS, Channel, ChannelChoices, ChannelSetting, MessageCategory, NOTIFICATION_PLANS, NotificationPlan,
};
use leptos::prelude::*;

use super::SETTINGS;
use crate::error::PageError;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const ALWAYS: &[Column] = &[Column::title("通知"), Column::new("渠道", ""), Column::new("原因", "")];

/// The settings of the caller.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let NotificationSettings { choices, mail_confirmed } = notification_settings(&app, &who).await?;
    let page = Page::new("通知设置", move || {
        let crumbs = vec![("个人中心".into(), "/me".into()), ("消息中心".into(), MESSAGES.into())];
        let fields = MessageCategory::ALL.into_iter().map(|category| field(category, &choices)).collect_view();
        let rows = NOTIFICATION_PLANS.iter().filter(|plan| !plan.always.is_empty()).map(always).collect();
        let unconfirmed = (!mail_confirmed).then(|| {
            view! {
                <Notice tone=Tone::Warn>
                    "电子邮箱尚未验证，验证后才能收到邮件："<a href="/me/security/email">"验证电子邮箱"</a>
                </Notice>
            }
        });
        view! {
            <PageHead
                title="通知设置"
                lead="站内消息始终保存在消息中心。可以选择哪些消息同时以短信、邮件发送"
                crumbs=crumbs
            />
            {unconfirmed}
            <Section title="可以选择的通知">
                <form method="post" action=SETTINGS class="fields">
                    {fields}
                    <Actions>
                        <Submit label="保存" />
                    </Actions>
                </form>
            </Section>
            <Section title="始终发送的通知">
                <p class="field-hint">"下列通知关系办理期限和权益，不能关闭。"</p>
                <DataTable caption="始终发送的通知" columns=ALWAYS.to_vec() rows=rows />
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// Stores the settings.
pub async fn save(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let choice = |setting: &ChannelSetting| {
        let ChannelSetting { category, channel, .. } = *setting;
        (category, channel, post.values(category.code()).any(|code| code == channel.code()))
    };
    set_notification_choices(&app, &who, ChannelChoices::new(CHANNEL_SETTINGS.iter().map(choice))).await?;
    Ok(done(SETTINGS, ActOutcome::NotificationsSet))
}

/// The channels of a category.
fn field(category: MessageCategory, choices: &ChannelChoices) -> AnyView {
    let settings = || CHANNEL_SETTINGS.iter().filter(move |setting| setting.category == category);
    let option = |channel: Channel| ChoiceItem { code: channel.code().into(), label: channel.label().into(), group: String::new() };
    let picks = settings().map(|setting| option(setting.channel)).collect();
    let chosen = settings().filter(|setting| choices.is_on(category, setting.channel));
    let values = chosen.map(|setting| setting.channel.code().to_owned()).collect();
    let chooses = |plan: &&NotificationPlan| !plan.optional.is_empty();
    let plans = category.plans().filter(chooses).map(|plan| plan.label).collect::<Vec<_>>().join("、");
    let ask = FieldProps::new(category.code(), category.label()).hint(&plans);
    view! { <ChoiceField ask=ask picks=picks values=values many=true /> }.into_any()
}

/// The cells of a notification that is always sent, in the order of [`ALWAYS`].
fn always(plan: &NotificationPlan) -> Vec<AnyView> {
    let channels = plan.always.iter().map(|channel| channel.label()).collect::<Vec<_>>().join("、");
    vec![plan.label.into_any(), channels.into_any(), plan.why_always.into_any()]
}
