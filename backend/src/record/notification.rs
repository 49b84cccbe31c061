//! News for a person: into 消息 of their account, and out of the app by the ways its moment has.

use chrono::{DateTime, Utc};
use domain::engine::message::{Channel, GIVE_UP, Moment};
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::service::message::outbox::Parcel;
use crate::state::AppState;

/// Something a person is told about a matter.
pub(crate) struct News<'a> {
    /// Whom.
    pub account: Uuid,
    /// About which matter.
    pub matter: Uuid,
    /// Name of the matter's kind.
    pub kind: &'a str,
    /// What happened.
    pub moment: Moment,
    /// What of it, within the matter: the number of the event, or the day of a reminder. One occasion is sent once.
    pub occasion: String,
    /// Title inside the app.
    pub title: &'a str,
    /// Text inside the app.
    pub body: &'a str,
    /// Page it leads to inside the app.
    pub link: String,
}

/// Tells someone inside the app, and puts into the outbox what leaves it: all in the transaction of what happened.
pub(crate) async fn tell(tx: &mut Tx, app: &AppState, news: &News<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let message = db::message::Message {
        id: Uuid::now_v7(),
        account_id: news.account,
        title: news.title.to_owned(),
        body: news.body.to_owned(),
        link: news.link.clone(),
        created_at: now,
        read_at: None,
    };
    db::message::insert(tx, &message).await?;
    let Some(person) = reachable(tx, app, news.account).await? else {
        return Ok(());
    };
    for channel in news.moment.plan().channels {
        let row = parcel(news, &person, *channel, now, app);
        db::outbox::enqueue(tx, &row).await?;
    }
    Ok(())
}

/// The person of an account that is in use.
async fn reachable(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Option<Person>, DbError> {
    let row = db::account::by_id(tx, account).await?.filter(|row| row.status == "active");
    Ok(row.and_then(|row| crate::matter::unseal_person(app, account, &row.person_sealed)))
}

fn parcel(news: &News<'_>, person: &Person, channel: Channel, now: DateTime<Utc>, app: &AppState) -> db::outbox::Row {
    let plan = news.moment.plan();
    let (target, (subject, body)) = match channel {
        Channel::Sms => (&person.mobile, (String::new(), plan.sms(&person.name, news.kind))),
        Channel::Mail => (&person.email, plan.mail(&person.name, news.kind)),
    };
    let parcel = Parcel {
        id: Uuid::now_v7(),
        channel,
        moment: news.moment,
        target,
        subject,
        body: &body,
        dedupe_key: format!("{}:{}:{}:{}:{}", channel.code(), news.matter, news.occasion, plan.code, news.account),
        about: Some((news.matter, news.account)),
        not_after: now + GIVE_UP,
        now,
    };
    parcel.row(&app.keys)
}
