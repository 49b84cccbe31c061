//! Export of a list of a workbench: every row of a query, read in one snapshot and written in pieces while it is sent.

use std::collections::BTreeMap;
use std::io;

use domain::base::calendar::day_of;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

use super::filter::{QueueFilter, QueueOf};
use super::tasks::{count_tasks_found, is_readable, list_rows, open_matters};
use crate::access::access_log::{Access, record_access};
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::matter::MatterRow;
use crate::infra::db::search::{SearchScope, count_matters, list_matters};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::export_places::ExportPlace;
use crate::infra::sheet::SheetWriter;
use crate::matter::MatterError;
use crate::matter::load::load_in_tx;
use crate::service::matters::names_of;
use crate::service::search::{MatterSearch, prepare_search, scopes_of};
use crate::state::AppState;

pub use crate::infra::sheet::SheetFormat;

/// Most rows of an export.
pub const MAX_EXPORTED: i64 = 20_000;
/// Rows read at once.
const READ: usize = 500;
/// Pieces that wait for the receiver: those of the longest export, so that a slow receiver never holds the snapshot.
const PIECES: usize = 64;
/// Heads of the columns.
const HEADS: [&str; 10] = ["业务编号", "业务类型", "业务", "申请人", "机构", "环节", "承办人", "提交日", "期限", "状态"];

/// Which list is exported.
#[derive(Clone)]
pub enum ExportedList {
    /// The tasks that a filter of the queue leaves.
    Queue(QueueFilter),
    /// Submitted matters.
    Matters,
}

/// What is exported.
#[derive(Clone)]
pub struct ExportRequest {
    /// Whose matters.
    pub of: QueueOf,
    /// Which list.
    pub list: ExportedList,
    /// What is searched for in it.
    pub search: MatterSearch,
    /// Format of the file.
    pub format: SheetFormat,
    /// The query as the record of accesses names it, without personal data.
    pub query: String,
}

/// Why nothing is exported.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExportError {
    /// The account exports already, or others do.
    #[error("too many exports at once")]
    Busy,
    /// More rows than [`MAX_EXPORTED`].
    #[error("too many rows")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ExportError {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            ExportError::Busy => "上一次导出尚未完成，或同时导出的人较多，请稍后再试".to_owned(),
            ExportError::TooMany => format!("查询结果超过 {MAX_EXPORTED} 件，请增加查询条件后分次导出"),
            ExportError::Db(error) => error.text().to_owned(),
        }
    }
}

/// A file under way.
pub struct Export {
    /// Its name, without personal data.
    pub name: String,
    /// Media type.
    pub mime: &'static str,
    pieces: Receiver<io::Result<Vec<u8>>>,
    _place: ExportPlace,
}

impl Export {
    /// The next piece. An error ends the file, which is not complete then.
    pub async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.pieces.recv().await
    }
}

/// Begins an export; it is recorded with the number of its rows.
///
/// # Errors
/// Too many exports or rows, or the database. Later errors end the file.
pub async fn begin_export(app: &AppState, who: &Allowed, request: ExportRequest) -> Result<Export, ExportError> {
    let place = app.exports.begin(who.account()).ok_or(ExportError::Busy)?;
    let mut request = request;
    let mut tx = app.db.snapshot().await?;
    request.search = match request.list {
        ExportedList::Queue(_) => open_matters(&mut tx, app, &request.search).await?,
        ExportedList::Matters => prepare_search(&mut tx, app, &request.search).await?,
    };
    let found = count(&mut tx, app, who.caller(), &request).await?;
    if found > MAX_EXPORTED {
        tx.finish().await?;
        return Err(ExportError::TooMany);
    }
    let (sender, pieces) = channel(PIECES);
    let list = if matches!(request.list, ExportedList::Queue(_)) { "待办" } else { "业务" };
    let (name, mime) = (format!("{list}-{}.{}", app.today(), request.format.code()), request.format.mime());
    let (app, who) = (app.clone(), who.clone());
    tokio::spawn(async move {
        let mut rows = 0;
        let written = write(&mut tx, &app, who.caller(), &request, &sender, &mut rows).await;
        let target = format!("{} {} rows={rows}", request.query, request.format.code());
        record_access(&app, Some(who.account()), Access::ListExported, None, &target);
        let last = match written {
            Ok(last) => Ok(last),
            Err(error) => {
                tracing::error!(%error, "an export ended early");
                Err(error)
            }
        };
        let _receiver_left = sender.send(last).await;
        if let Err(error) = tx.finish().await {
            tracing::warn!(%error, "the snapshot of an export was not ended");
        }
    });
    Ok(Export { name, mime, pieces, _place: place })
}

async fn count(tx: &mut Tx, app: &AppState, caller: &Caller, request: &ExportRequest) -> Result<i64, DbError> {
    let ExportRequest { of, search, .. } = request;
    match &request.list {
        ExportedList::Queue(filter) => count_tasks_found(tx, app, caller, *of, (search, filter), MAX_EXPORTED).await,
        ExportedList::Matters => {
            let mut found = 0;
            for scope in matter_scopes(caller, *of) {
                found += count_matters(tx, &scope, &search.filter, &search.conditions, MAX_EXPORTED + 1).await?;
            }
            Ok(found)
        }
    }
}

fn matter_scopes(caller: &Caller, of: QueueOf) -> Vec<SearchScope> {
    scopes_of(caller, of == QueueOf::Association)
}

/// Writes all rows but the last piece, which it returns.
async fn write(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    request: &ExportRequest,
    sender: &Sender<io::Result<Vec<u8>>>,
    rows: &mut usize,
) -> io::Result<Vec<u8>> {
    let mut sheet = SheetWriter::new(request.format, &HEADS)?;
    let mut reader = RowReader { app, caller, request, institutions: BTreeMap::new() };
    let mut place = NextRows::default();
    loop {
        let (page, next) = reader.page(tx, place).await.map_err(io::Error::other)?;
        for cells in &page {
            sheet.row(cells)?;
        }
        *rows += page.len();
        if sender.send(Ok(sheet.take())).await.is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        match next {
            Some(next) => place = next,
            None => return sheet.finish(),
        }
    }
}

/// Where the next rows begin.
#[derive(Clone, Copy, Default)]
struct NextRows {
    task: Option<(i64, Uuid)>,
    matter: db::list::Cursor,
}

/// A matter with what its task adds.
struct FoundRow {
    matter: MatterRow,
    assignee: Option<Uuid>,
    is_readable: bool,
}

/// Reads rows as their cells.
struct RowReader<'a> {
    app: &'a AppState,
    caller: &'a Caller,
    request: &'a ExportRequest,
    institutions: BTreeMap<Uuid, String>,
}

impl RowReader<'_> {
    /// The rows after a place, and the place of the next ones; none after the last.
    async fn page(&mut self, tx: &mut Tx, place: NextRows) -> Result<(Vec<[String; HEADS.len()]>, Option<NextRows>), DbError> {
        let (rows, next) = match &self.request.list {
            ExportedList::Queue(filter) => self.tasks(tx, filter, place).await?,
            ExportedList::Matters => self.matters(tx, place).await?,
        };
        let people = rows.iter().filter(|row| row.is_readable).map(|row| row.matter.owner_id);
        let names = names_of(tx, self.app, people.chain(rows.iter().filter_map(|row| row.assignee))).await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            if self.is_hidden(tx, &row.matter).await? {
                continue;
            }
            let institution = self.institution(tx, &row.matter).await?;
            page.push(self.cells(row, institution, &names));
        }
        Ok((page, next))
    }

    async fn tasks(&self, tx: &mut Tx, filter: &QueueFilter, place: NextRows) -> Result<(Vec<FoundRow>, Option<NextRows>), DbError> {
        let of = self.request.of;
        let rows = list_rows(tx, self.app, self.caller, of, (&self.request.search, filter), place.task, READ).await?;
        let next = rows.last().filter(|_| rows.len() == READ).map(|row| NextRows { task: Some(filter.order.place_of(row)), ..place });
        let found = |row: db::queue::QueueRow| {
            let (is_readable, assignee) = (is_readable(self.caller, of, &row), row.assignee_id);
            FoundRow { matter: MatterRow { due_on: row.task_due_on, ..row.matter }, assignee, is_readable }
        };
        Ok((rows.into_iter().map(found).collect(), next))
    }

    async fn matters(&self, tx: &mut Tx, place: NextRows) -> Result<(Vec<FoundRow>, Option<NextRows>), DbError> {
        let ExportRequest { of, search, .. } = self.request;
        let mut rows = Vec::new();
        for scope in matter_scopes(self.caller, *of) {
            let limit = i64::try_from(READ).unwrap_or(i64::MAX);
            rows.extend(list_matters(tx, &scope, &search.filter, &search.conditions, place.matter, limit).await?);
        }
        rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id)));
        rows.dedup_by_key(|row| row.id);
        rows.truncate(READ);
        let next = rows.last().filter(|_| rows.len() == READ).map(|row| NextRows { matter: Some((row.updated_at, row.id)), ..place });
        let mut found = Vec::with_capacity(rows.len());
        for matter in rows {
            let assignee = match of {
                QueueOf::Association => db::task::assignee(tx, matter.id).await?.flatten(),
                QueueOf::Institutions => None,
            };
            found.push(FoundRow { matter, assignee, is_readable: true });
        }
        Ok((found, next))
    }

    /// Whether the caller is excluded by name, which only matters say that exclude people.
    async fn is_hidden(&self, tx: &mut Tx, matter: &MatterRow) -> Result<bool, DbError> {
        let may_exclude = domain::kind::by_code(&matter.kind).is_none_or(domain::matter::Kind::excludes_people);
        if !may_exclude {
            return Ok(false);
        }
        match load_in_tx(tx, self.app, self.caller, matter.id).await {
            Err(MatterError::Db(error)) => Err(error),
            Err(MatterError::NotFound) => Ok(is_seen_in_lists(self.caller, &matter.kind)),
            _ => Ok(false),
        }
    }

    async fn institution(&mut self, tx: &mut Tx, matter: &MatterRow) -> Result<String, DbError> {
        let Some(id) = matter.institution_id.or(matter.owner_institution_id) else { return Ok(String::new()) };
        if let Some(name) = self.institutions.get(&id) {
            return Ok(name.clone());
        }
        let name = db::institution::by_id(tx, id).await?.map(|row| row.name).unwrap_or_default();
        self.institutions.insert(id, name.clone());
        Ok(name)
    }

    fn cells(&self, row: FoundRow, institution: String, names: &BTreeMap<Uuid, String>) -> [String; HEADS.len()] {
        let FoundRow { matter, assignee, is_readable } = row;
        let kind = domain::kind::by_code(&matter.kind);
        let stage = kind.and_then(|kind| kind.stage(&matter.stage)).map_or("", |stage| stage.label);
        let name = |account: Option<Uuid>| account.and_then(|account| names.get(&account)).cloned().unwrap_or_default();
        let due = matter.due_on.filter(|_| matter.closed_at.is_none());
        let status = match (matter.closed_at, due) {
            (Some(_), _) => "已办结",
            (None, Some(due)) if due < self.app.today() => "已逾期",
            (None, _) => "办理中",
        };
        [
            matter.number.unwrap_or_default(),
            kind.map_or("", |kind| kind.label).to_owned(),
            matter.title,
            name(is_readable.then_some(matter.owner_id)),
            institution,
            stage.to_owned(),
            name(assignee),
            matter.submitted_at.map(|at| day_of(at).to_string()).unwrap_or_default(),
            due.map(|day| day.to_string()).unwrap_or_default(),
            status.to_owned(),
        ]
    }
}

/// Whether the caller reads matters of a kind, so that one that is not found excludes the caller by name.
fn is_seen_in_lists(caller: &Caller, kind: &str) -> bool {
    !caller.institutions.is_empty() || crate::service::matters::is_visible(caller, kind)
}
