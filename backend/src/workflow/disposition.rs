//! 处置: an officer proposes a measure on the page of a certificate. The proposal is a matter of the kind 证书处置, which another person
//! approves.

use domain::base::permission::Role;
use domain::engine::flow::{Command, Party};
use domain::engine::form::Answers;
use domain::engine::form_draft::DISPOSITION;
use domain::kind::disposition::{CERTIFICATE, EFFECTIVE_ON, KIND, MEASURE, REASON};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::{self, Tx};
use crate::matter::MatterError;
use crate::matter::answers::seal_answers;
use crate::matter::load::load_as_author;
use crate::record::certificate::seen::SeenCertificate;
use crate::record::form_draft::{self, DraftKey};
use crate::state::AppState;
use crate::workflow::draft::{draft_row, insert_draft_task};
use crate::workflow::execute::apply_with_follow_ups;
use crate::workflow::idempotency::{Encoding, SentRequest};

/// A proposed measure, as typed.
#[derive(Debug, Clone)]
pub struct ProposedMeasure {
    /// Idempotency key, generated with the page.
    pub key: Uuid,
    /// Number of the certificate.
    pub number: String,
    /// What the page showed of the certificate; none for a page that does not say it.
    pub seen: Option<SeenCertificate>,
    /// Code of the measure.
    pub measure: String,
    /// The day it takes effect, in its stored form.
    pub effective_on: String,
    /// The reason.
    pub reason: String,
}

impl ProposedMeasure {
    fn hash(&self) -> Vec<u8> {
        let mut encoding = Encoding::default();
        let seen = self.seen.map(|seen| seen.to_string()).unwrap_or_default();
        for part in ["disposition", &self.number, &seen, &self.measure, &self.effective_on, &self.reason] {
            encoding.bytes(part.as_bytes());
        }
        encoding.hash()
    }

    fn answers(&self) -> Answers {
        let pairs = [(CERTIFICATE, &self.number), (MEASURE, &self.measure), (EFFECTIVE_ON, &self.effective_on), (REASON, &self.reason)];
        let fields = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Answers { fields: fields.map(|(name, value)| (name.to_owned(), value.as_str().into())).collect(), ..Answers::default() }
    }
}

/// Proposes a measure and returns its matter. A repetition with the same key returns the first one and does nothing.
///
/// # Errors
/// [`MatterError::NotFound`] for an unknown certificate or a caller who is no officer; [`MatterError::Blocked`] for the caller's own
/// certificate; [`MatterError::CertificateChanged`] if the certificate is not as the page showed it; [`MatterError::InvalidAnswers`] for a
/// measure that does not apply, or a day or reason that is not accepted; [`MatterError::AlreadyOpen`] while another proposal is open.
pub async fn propose_measure(app: &AppState, who: &Allowed, proposed: ProposedMeasure) -> Result<Uuid, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let sent = SentRequest { account: caller.account, key: proposed.key, hash: proposed.hash() };
                if let Some(matter) = sent.claim(tx, owned.now()).await? {
                    return Ok(matter);
                }
                let matter = propose(tx, &owned, &caller, &proposed).await?;
                if let Some(certificate) = db::certificate::by_number(tx, &proposed.number).await? {
                    let key = DraftKey { form: &DISPOSITION, part: certificate.number, subject: certificate.id };
                    form_draft::end(tx, &owned, caller.account, &key, "").await?;
                }
                sent.answer(tx, &matter).await?;
                Ok(matter)
            })
        })
        .await
}

async fn propose(tx: &mut Tx, app: &AppState, caller: &Caller, proposed: &ProposedMeasure) -> Result<Uuid, MatterError> {
    if !caller.roles.contains(&Role::Officer) {
        return Err(MatterError::NotFound);
    }
    let certificate = db::certificate::by_number(tx, &proposed.number).await?.ok_or(MatterError::NotFound)?;
    if certificate.account_id == caller.account {
        return Err(MatterError::Blocked("不能处置本人的证书，请由其他经办人办理".to_owned()));
    }
    require_seen(tx, app, &certificate, proposed.seen).await?;
    let id = Uuid::now_v7();
    insert_proposal(tx, app, &certificate, id, &proposed.answers()).await?;
    let matter = load_as_author(tx, app, caller, Party::Association(Role::Officer), id).await?;
    let command = Command { name: "submit".to_owned(), revision: Some(matter.revision), ..Command::default() };
    apply_with_follow_ups(tx, app, matter, command).await?;
    Ok(id)
}

/// Refuses a proposal that was made on a page of an earlier state of the certificate.
async fn require_seen(tx: &mut Tx, app: &AppState, row: &CertificateRow, seen: Option<SeenCertificate>) -> Result<(), MatterError> {
    let now = SeenCertificate::of(tx, row, app.today()).await?;
    let changes = seen.map_or_else(|| vec!["页面没有说明您看到的情况".to_owned()], |seen| seen.changes(&now));
    if changes.is_empty() { Ok(()) } else { Err(MatterError::CertificateChanged(changes)) }
}

/// Inserts the matter of a proposal: about the holder, for the practice institution, with its answers.
async fn insert_proposal(
    tx: &mut Tx,
    app: &AppState,
    certificate: &CertificateRow,
    id: Uuid,
    answers: &Answers,
) -> Result<(), MatterError> {
    let (kind, now) = (&KIND, app.now());
    let stage = kind.flow.draft().ok_or_else(|| MatterError::misconfigured(kind.code, "draft"))?;
    let draft = draft_row(kind, stage, id, certificate.account_id, now);
    let row = db::matter::MatterRow { revision: 1, institution_id: certificate.institution_id, ..draft };
    db::matter::insert(tx, &row).await?;
    db::matter::insert_answers(tx, id, 1, &seal_answers(&app.keys, id, 1, answers), now).await?;
    insert_draft_task(tx, &row, now).await?;
    Ok(())
}
