//! The order in which a request is admitted: session, caller, permission, body, place in a pool.
//!
//! Before sign-in nothing is held without a bound, and a place is held only while a request is answered (docs/adr/0035).

use std::path::PathBuf;
use std::sync::Arc;

use app::error::{HttpStatus, PageError};
use app::limits::{BodyLimit, RequestTraits, ShareKey};
use app::multipart::{ReceiveError, ReceiveTarget, receive};
use app::post::{FormType, Post, ReceivedForm};
use app::request::{BodyRefused, Identified, Identity, identify};
use app::routes::{ErrorFormat, RouteRules};
use app::spool::Spool;
use app::typed_form::TypedForm;
use axum::body::{Body, HttpBody};
use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use backend::access::guard::check_access;
use backend::{AppState, DbError};
use bytes::Bytes;
use http::{Method, StatusCode};
use tower_sessions::Session;

use crate::body::{self, BodyError, LimitedBody, read_whole};
use crate::client::{ClientIp, share_keys};
use crate::connections::Activity;
use crate::error_pages::refuse_with_status;
use crate::limits::{Limits, PoolExhausted, busy, refuse_body};
use crate::route_limits::RouteTable;

/// What the layer needs.
pub struct Admission {
    app: AppState,
    table: RouteTable,
    limits: Limits,
    spool: Spool,
}

/// Who asks, as far as limits are concerned.
struct Requester {
    /// Account and network address, those that have a share.
    keys: Vec<ShareKey>,
    signed_in: bool,
    permitted: bool,
}

impl Requester {
    /// Whose memory and disk the body occupies.
    fn key(&self) -> ShareKey {
        self.keys.first().copied().unwrap_or(ShareKey::Account(uuid::Uuid::nil()))
    }
}

/// A request whose body has arrived.
struct ReceivedRequest {
    request: Request,
    /// Whether the body carries a file or a part of one.
    files: bool,
    /// The memory of the body, until the request is answered.
    _memory: Option<app::capacity::Reservation>,
}

impl Admission {
    /// Admits requests to the pages of `app`. Files of posted forms are collected in `folder`.
    pub fn new(app: AppState, limits: Limits, folder: PathBuf) -> Self {
        let spool = Spool::new(folder, limits.files());
        Self { app, table: RouteTable::default(), limits, spool }
    }

    async fn identify(&self, session: &Session, address: &[ShareKey]) -> Result<Identity, PageError> {
        if session.id().is_none() {
            return Ok(Identity::default());
        }
        match self.limits.lookup(address).await {
            Ok(_place) => identify(&self.app, session).await,
            Err(PoolExhausted) => Err(DbError::Unavailable.into()),
        }
    }

    fn requester(&self, identified: &Result<Identity, PageError>, rules: RouteRules, address: Vec<ShareKey>) -> Requester {
        let Ok(Identity { caller, .. }) = identified else {
            return Requester { keys: address, signed_in: false, permitted: false };
        };
        let account = caller.as_ref().map(|caller| ShareKey::Account(caller.account));
        Requester {
            keys: account.into_iter().chain(address).collect(),
            signed_in: caller.is_some(),
            permitted: check_access(&self.app, caller.as_ref(), rules.action).is_ok(),
        }
    }

    /// Receives the body, without a place in a pool.
    async fn receive(&self, requester: &Requester, rules: RouteRules, mut request: Request) -> Result<ReceivedRequest, Box<Response>> {
        if request.body().is_end_stream() {
            if FormType::of(&request) == FormType::UrlEncoded {
                request.extensions_mut().insert(ReceivedForm::UrlEncoded(Bytes::new()));
            }
            return Ok(ReceivedRequest { request, files: false, _memory: None });
        }
        if !requester.permitted {
            return Ok(self.receive_from_others(requester, rules, request).await);
        }
        let limit = if requester.signed_in { rules.limits.body } else { BodyLimit::Form };
        if request.body().size_hint().lower() > limit.max_bytes() as u64 {
            tokio::spawn(body::discard(request.into_body()));
            return Err(Box::new(refuse_body(BodyError::TooLarge, limit)));
        }
        if limit == BodyLimit::Files && FormType::of(&request) == FormType::Multipart {
            return self.receive_files(requester, request).await;
        }
        let files = limit == BodyLimit::Chunk;
        self.receive_whole(requester, limit, files, request).await.map_err(|error| Box::new(refuse_body(error, limit)))
    }

    /// The body of a caller without the permission of the address: small enough for the log-in page to carry, or not read.
    async fn receive_from_others(&self, requester: &Requester, rules: RouteRules, request: Request) -> ReceivedRequest {
        let carried = rules.format == ErrorFormat::Page && *request.method() == Method::POST;
        let small = request.body().size_hint().lower() <= BodyLimit::Form.max_bytes() as u64;
        let (head, body) = request.into_parts();
        let mut refused = Request::from_parts(head.clone(), Body::empty());
        refused.extensions_mut().insert(BodyRefused);
        let refused = ReceivedRequest { request: refused, files: false, _memory: None };
        if !carried || !small {
            tokio::spawn(body::discard(body));
            return refused;
        }
        self.receive_whole(requester, BodyLimit::Form, false, Request::from_parts(head, body)).await.unwrap_or(refused)
    }

    async fn receive_whole(
        &self,
        requester: &Requester,
        limit: BodyLimit,
        files: bool,
        request: Request,
    ) -> Result<ReceivedRequest, BodyError> {
        let form = FormType::of(&request);
        let (head, body) = request.into_parts();
        let mut memory = self.limits.memory(requester.key());
        let whole = read_whole(body, self.limits.body_rules(limit), &mut memory).await?;
        let mut request = Request::from_parts(head, Body::from(whole.clone()));
        if form == FormType::UrlEncoded {
            request.extensions_mut().insert(ReceivedForm::UrlEncoded(whole));
        }
        Ok(ReceivedRequest { request, files, _memory: Some(memory) })
    }

    /// Receives a form with files: its text into memory, its files onto disk.
    async fn receive_files(&self, requester: &Requester, request: Request) -> Result<ReceivedRequest, Box<Response>> {
        let limit = BodyLimit::Files;
        let (head, body) = request.into_parts();
        let mut answered = Request::from_parts(head.clone(), Body::empty());
        let (body, error) = LimitedBody::new(body, self.limits.body_rules(limit));
        let target = ReceiveTarget {
            file_limit: backend::workflow::files::upload_limit(&self.app),
            files: Some(self.spool.writer(requester.key())),
            memory: Some(self.limits.memory(requester.key())),
        };
        match receive(Request::from_parts(head, Body::new(body)), target).await {
            Ok((post, memory)) => {
                let files = !post.files.is_empty();
                answered.extensions_mut().insert(ReceivedForm::Multipart(Arc::new(post)));
                Ok(ReceivedRequest { request: answered, files, _memory: memory })
            }
            // The parser only sees that the body ended early.
            Err(_) if error.get().is_some() => Err(Box::new(refuse_body(*error.get().unwrap_or(&BodyError::Interrupted), limit))),
            Err(ReceiveError::TooLarge) => Err(Box::new(refuse_body(BodyError::TooLarge, limit))),
            Err(ReceiveError::Incomplete) => Err(Box::new(refuse_with_status(StatusCode::BAD_REQUEST))),
            Err(ReceiveError::NoRoom(mut error)) => {
                let form = ReceivedForm::Multipart(Arc::new(Post { pairs: std::mem::take(&mut error.pairs), files: Vec::new() }));
                let typed = TypedForm::of(answered.uri(), &form).map(|typed| TypedForm { files_lost: true, ..typed });
                let status = PageError::from(ReceiveError::NoRoom(error)).http_status();
                let refusal = if status == StatusCode::SERVICE_UNAVAILABLE { busy() } else { refuse_with_status(status) };
                Err(Box::new(keeping(refusal, typed)))
            }
        }
    }
}

/// A response of the server itself that keeps what was typed.
fn keeping(mut response: Response, typed: Option<TypedForm>) -> Response {
    if let Some(typed) = typed {
        response.extensions_mut().insert(typed);
    }
    response
}

/// Admits one request to the pages of `app`.
pub async fn admit(
    State(admission): State<Arc<Admission>>,
    Extension(client): Extension<ClientIp>,
    Extension(session): Extension<Session>,
    mut request: Request,
    next: Next,
) -> Response {
    let rules = admission.table.rules_of(&request);
    let address = share_keys(client.0);
    let identified = admission.identify(&session, &address).await;
    let requester = admission.requester(&identified, rules, address);
    request.extensions_mut().insert(Identified(identified));
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let uri = request.uri().clone();

    let activity = request.extensions().get::<Arc<Activity>>().cloned();
    let receiving = activity.map(|activity| activity.receive(requester.signed_in));
    let received = match admission.receive(&requester, rules, request).await {
        Ok(received) => received,
        Err(refusal) => return *refusal,
    };
    drop(receiving);
    let ReceivedRequest { request, files, _memory } = received;
    let form = request.extensions().get::<ReceivedForm>().cloned();
    let Requester { signed_in, permitted, .. } = requester;
    let pool = rules.limits.pool(RequestTraits { writes, signed_in, permitted, files });
    let limit = if files { rules.limits.body } else { BodyLimit::Form };
    let answered = admission.limits.answer(pool, &requester.keys, limit, next.run(request)).await;
    answered.unwrap_or_else(|PoolExhausted| keeping(busy(), form.and_then(|form| TypedForm::of(&uri, &form))))
}
