//! 通知设置: what an account has chosen, and what is sent all the same.

use domain::engine::notification::{CHANNEL_SETTINGS, ChannelChoices, MessageCategory};

use crate::service::message::setting::{notification_settings, set_notification_choices};
use crate::service::message::tests::*;

/// Channels of the deliveries about a matter to an account, beside those before.
async fn sent(server: &OutboxFixture, matter: Uuid, account: Uuid) -> Vec<Channel> {
    let rows = server.rows(matter).await;
    let mut channels: Vec<Channel> = rows.iter().filter(|row| row.account_id == Some(account)).map(|row| row.channel).collect();
    channels.sort();
    channels
}

async fn choose(server: &OutboxFixture, who: &Allowed, of: impl Fn(MessageCategory, Channel) -> bool) {
    let choices = ChannelChoices::new(CHANNEL_SETTINGS.iter().map(|s| (s.category, s.channel, of(s.category, s.channel))));
    set_notification_choices(&server.app, who, choices).await.unwrap();
}

demo_test!(a_choice_is_kept_and_can_be_changed, |demo| async move {
    let server = fixture(demo).await;
    let who = server.sign_in("applicant").await;
    let is_on = async |category, channel| notification_settings(&server.app, &who).await.unwrap().choices.is_on(category, channel);
    assert!(is_on(MessageCategory::Progress, Channel::Mail).await && !is_on(MessageCategory::Progress, Channel::Sms).await);
    for on in [false, true] {
        choose(&server, &who, |_, _| on).await;
        for setting in CHANNEL_SETTINGS {
            assert_eq!(is_on(setting.category, setting.channel).await, on);
        }
    }
    let other = notification_settings(&server.app, &server.sign_in("certified").await).await.unwrap();
    assert_eq!(other.choices, ChannelChoices::default());
});

demo_test!(what_was_switched_off_is_not_sent_and_what_must_be_sent_is, |demo| async move {
    let server = fixture(demo).await;
    let (applicant, inst) = (server.sign_in("applicant").await, server.sign_in("inst-a").await);
    let id = server.matter(&applicant, "质量管理体系").await;
    choose(&server, &applicant, |_, _| false).await;
    server.act(&inst, id, "pass", Uuid::now_v7()).await.unwrap();
    assert_eq!(sent(&server, id, applicant.account()).await, [Channel::Sms, Channel::Mail], "a fee with a time limit");
    crate::demo::actions::pay(&server.app, &applicant, id).await.unwrap();
    crate::demo::actions::accept_voucher(&server.app, &server.sign_in("finance").await, id).await.unwrap();
    assert_eq!(sent(&server, id, applicant.account()).await.len(), 2, "progress stays on the site");
    let officer = server.sign_in("officer").await;
    server.act(&officer, id, "return", Uuid::now_v7()).await.unwrap();
    assert_eq!(sent(&server, id, applicant.account()).await.len(), 4, "a return with a time limit");
});

demo_test!(what_was_switched_on_is_sent_through_both_channels, |demo| async move {
    let server = fixture(demo).await;
    let (applicant, finance) = (server.sign_in("applicant").await, server.sign_in("finance").await);
    let id = server.matter(&applicant, "质量管理体系").await;
    choose(&server, &finance, |category, channel| category == MessageCategory::Task && channel == Channel::Sms).await;
    server.act(&server.sign_in("inst-a").await, id, "pass", Uuid::now_v7()).await.unwrap();
    crate::demo::actions::pay(&server.app, &applicant, id).await.unwrap();
    assert_eq!(sent(&server, id, finance.account()).await, [Channel::Sms]);
});
