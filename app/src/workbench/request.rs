//! What is asked of a workbench: list, search conditions, part and order of the queue.

use backend::AppState;
use backend::infra::secret::SealContext;
use backend::service::matters::{Cursor, ListFilter};
use backend::service::queue::{Holder, QueueCursor, QueueFilter, QueueOrder};
use backend::service::search::MatterSearch;
use domain::engine::flow::Stage;
use domain::matter::Kind;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::pagination::{read_cursor, read_queue_cursor};
use crate::search::{SearchForm, SearchedList};
use crate::ui::{Hidden, Pager, Submit, Weight};

/// Address of 机构工作台.
pub(super) const INSTITUTION: &str = "/institution";
/// Address of 协会工作台.
pub(super) const ASSOCIATION: &str = "/association";
/// Code of 待办.
pub(super) const TASKS: &str = "tasks";
/// The lists of a workbench: label and code.
pub(super) const STATES: &[(&str, &str)] = &[("待办", TASKS), ("办理中", "open"), ("已办结", "closed"), ("全部", "all")];
/// Name of the parameter with sealed conditions.
const SEALED: &str = "sealed";
/// 承办: label, code.
pub(super) const HOLDERS: &[(&str, &str, Holder)] =
    &[("全部", "", Holder::Any), ("我承办", "own", Holder::Own), ("未分配", "nobody", Holder::Nobody)];
/// 排序: label, code.
pub(super) const ORDERS: &[(&str, &str, QueueOrder)] =
    &[("期限", "", QueueOrder::Due), ("提交时间", "submitted", QueueOrder::Submitted), ("到达时间", "opened", QueueOrder::Opened)];

/// Which page of which list is asked for.
pub(super) struct ListRequest {
    /// Code of the list.
    pub state: &'static str,
    /// 查询条件.
    pub form: SearchForm,
    /// Part and order of the queue.
    pub queue: QueueFilter,
    /// Page of a list of matters.
    pub after: Cursor,
    /// Page of the queue.
    pub queue_after: QueueCursor,
    /// Whether it was posted, since its conditions must not stand in an address.
    is_posted: bool,
    /// Messages at the conditions.
    pub faults: Vec<(String, String)>,
}

impl ListRequest {
    /// Reads it from the pairs of a query of an account. Sealed conditions count as posted; those that cannot be opened restrict nothing.
    pub(super) fn of_query(app: &AppState, account: Uuid, pairs: &[(String, String)]) -> Self {
        let sealed = pairs.iter().find(|(name, _)| name == SEALED).map(|(_, value)| value.as_str());
        let opened = sealed.and_then(|sealed| app.keys.unseal_text::<Vec<(String, String)>>(sealed_for(account), sealed).ok());
        match opened {
            Some(conditions) => Self::read(&[conditions.as_slice(), pairs].concat(), true),
            None => Self::read(pairs, false),
        }
    }

    /// Reads it from the pairs of a query or of a posted form.
    pub(super) fn read(pairs: &[(String, String)], is_posted: bool) -> Self {
        let sent = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
        let mut form = SearchForm::read(pairs, SearchedList::Workbench);
        if !is_posted {
            form.applicant.clear();
        }
        let state = STATES.iter().find(|(_, s)| *s == sent("state")).map_or(TASKS, |(_, s)| *s);
        let is_queue = state == TASKS;
        // Another 业务类型 chosen in the form takes the place of the stage.
        let stage = read_stage(sent("stage")).filter(|(kind, _)| is_queue && (form.kind.is_empty() || form.kind == kind.code));
        if let Some((kind, _)) = stage {
            kind.code.clone_into(&mut form.kind);
        }
        let holder = HOLDERS.iter().find(|(_, code, _)| is_queue && *code == sent("holder")).map_or(Holder::Any, |(.., holder)| *holder);
        let order = ORDERS.iter().find(|(_, code, _)| is_queue && *code == sent("order")).map_or(QueueOrder::Due, |(.., order)| *order);
        let faults = form.faults();
        Self {
            state,
            form,
            queue: QueueFilter { stage, holder, order },
            after: read_cursor(sent("after")),
            queue_after: read_queue_cursor(sent("after")),
            is_posted,
            faults,
        }
    }

    /// The list and its conditions, as a record may hold them.
    pub(super) fn query_without_names(&self, base: &str) -> String {
        let conditions = if self.is_private() { format!("{base}?state={}", self.state) } else { self.address(base, &[]) };
        if self.form.applicant.is_empty() { conditions } else { format!("{conditions}&applicant") }
    }

    pub(super) fn filter(&self) -> ListFilter {
        ListFilter { state: self.state.to_owned(), text: self.form.words.clone() }
    }

    /// What is searched for; none where the list is only restricted by its tab, or a condition is wrong.
    pub(super) fn search(&self, app: &AppState) -> Option<MatterSearch> {
        let asked = !self.form.is_empty() && self.faults.is_empty();
        asked.then(|| MatterSearch {
            filter: self.filter(),
            conditions: self.form.conditions(app.today()),
            applicant: self.form.applicant.clone(),
        })
    }

    pub(super) fn status(&self) -> StatusCode {
        if self.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// Whether its conditions must not stand in an address.
    pub(super) fn is_private(&self) -> bool {
        self.is_posted && self.form.is_private()
    }

    /// Whether anything restricts the queue.
    pub(super) fn restricts_queue(&self) -> bool {
        !self.form.is_empty() || self.queue.stage.is_some() || self.queue.holder != Holder::Any
    }

    /// The address of a posted search whose conditions may stand in one.
    pub(super) fn public_address(&self, base: &str) -> Option<String> {
        let plain = self.faults.is_empty() && !self.form.is_private();
        plain.then(|| self.address(base, &[]))
    }

    /// Names and values of what restricts the queue and orders it.
    fn queue_pairs(&self) -> Vec<(&'static str, String)> {
        let holder = HOLDERS.iter().find(|(.., holder)| *holder == self.queue.holder).map_or("", |(_, code, _)| *code);
        let order = ORDERS.iter().find(|(.., order)| *order == self.queue.order).map_or("", |(_, code, _)| *code);
        vec![("stage", self.queue.stage.map(stage_code).unwrap_or_default()), ("holder", holder.to_owned()), ("order", order.to_owned())]
    }

    /// Everything but the page and the name of a person.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let of_form = self.form.harmless().map(|(name, value)| (name, value.to_owned()));
        [("state", self.state.to_owned())].into_iter().chain(of_form).chain(self.queue_pairs()).collect()
    }

    /// The address of the first page of a list with these conditions and some changes.
    pub(super) fn address(&self, base: &str, changes: &[(&'static str, &str)]) -> String {
        let escape = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut pairs = self.pairs();
        for (name, value) in changes {
            match pairs.iter_mut().find(|(n, _)| n == name) {
                Some(pair) => (*value).clone_into(&mut pair.1),
                None => pairs.push((name, (*value).to_owned())),
            }
        }
        let queue_only = ["stage", "holder", "order"];
        let is_queue = pairs.iter().any(|pair| *pair == ("state", TASKS.to_owned()));
        let kept = pairs
            .iter()
            .filter(|(name, value)| matches!(*name, "state" | "words") || !value.is_empty() && (is_queue || !queue_only.contains(name)));
        let kept: Vec<String> = kept.map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("{base}?{}", kept.join("&"))
    }

    /// The address of the first page of the list for one account. Conditions that must not stand in an address are sealed in it.
    pub(super) fn own_address(&self, app: &AppState, account: Uuid, base: &str) -> String {
        if !self.is_private() {
            return self.address(base, &[]);
        }
        let sealed = app.keys.seal_text(sealed_for(account), &self.all_pairs());
        let sealed: String = form_urlencoded::byte_serialize(sealed.as_bytes()).collect();
        format!("{base}?{SEALED}={sealed}")
    }

    /// Everything but the page.
    fn all_pairs(&self) -> Vec<(&'static str, String)> {
        self.pairs().into_iter().chain([("applicant", self.form.applicant.clone())]).collect()
    }

    /// The conditions as a saved view keeps them.
    pub(super) fn conditions(&self) -> Vec<(String, String)> {
        self.all_pairs().into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The conditions as hidden fields, without some of them, for a form that shows another page of a private search.
    pub(super) fn hidden(&self, without: &[&str]) -> AnyView {
        let kept = self.all_pairs().into_iter().filter(|(name, _)| !without.contains(name));
        kept.map(|(name, value)| view! { <Hidden name=name value=value /> }).collect_view().into_any()
    }

    /// What the form of 查询条件 carries of the list and of the queue.
    pub(super) fn hidden_of_form(&self) -> Vec<(&'static str, String)> {
        let queue = self.queue_pairs().into_iter().filter(|(_, value)| !value.is_empty());
        [("state", self.state.to_owned())].into_iter().chain(queue).collect()
    }
}

/// Conditions in an address open for the account alone that searched.
fn sealed_for(account: Uuid) -> SealContext {
    SealContext::new("address.queue", account)
}

/// The way to the next page and back to the first one.
pub(super) fn pager_view(address: &'static str, request: &ListRequest, next: Option<String>, is_later: bool) -> AnyView {
    if !request.is_private() {
        let next = next.map(|after| request.address(address, &[("after", &after)]));
        let first = is_later.then(|| request.address(address, &[]));
        return view! { <Pager next=next first=first /> }.into_any();
    }
    let page = |label: &'static str, after: String| {
        let form = request.hidden(&[]);
        view! {
            <form method="post" action=address>
                {form}
                <Hidden name="after" value=after />
                <Submit label=label weight=Weight::Quiet />
            </form>
        }
    };
    let first = is_later.then(|| page("第一页", String::new()));
    let next = next.map(|after| page("下一页", after));
    view! {
        <nav class="pager" aria-label="翻页">
            {first}
            {next}
        </nav>
    }
    .into_any()
}

/// The code of a stage in an address: `registration.acceptance`.
pub(super) fn stage_code((kind, stage): (&Kind, &Stage)) -> String {
    format!("{}.{}", kind.code, stage.code)
}

fn read_stage(code: &str) -> Option<(&'static Kind, &'static Stage)> {
    let (kind, stage) = code.split_once('.')?;
    let kind = domain::kind::by_code(kind)?;
    Some((kind, kind.flow.stage(stage)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(pairs: &[(&str, &str)]) -> ListRequest {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        ListRequest::read(&pairs, false)
    }

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let address =
            request(&[("stage", "registration.acceptance"), ("holder", "own"), ("order", "opened"), ("due", "overdue")]).address("/x", &[]);
        assert_eq!(address, "/x?state=tasks&words=&kind=registration&due=overdue&stage=registration.acceptance&holder=own&order=opened");
        let pairs: Vec<(String, String)> = form_urlencoded::parse(address.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
        assert_eq!(ListRequest::read(&pairs, false).address("/x", &[]), address);
    }

    #[test]
    fn the_queue_is_the_first_list_and_its_filters_are_its_own() {
        let first = request(&[("stage", "registration.acceptance"), ("holder", "nobody")]);
        assert_eq!(first.state, TASKS);
        assert_eq!(first.address("/x", &[("state", "all"), ("kind", "")]), "/x?state=all&words=");
        let all = request(&[("state", "all"), ("stage", "registration.acceptance"), ("holder", "nobody")]);
        assert_eq!((all.queue.stage.is_none(), all.queue.holder), (true, Holder::Any));
    }

    #[test]
    fn unknown_codes_restrict_nothing_and_another_kind_takes_the_place_of_a_stage() {
        let unknown = request(&[("state", "x"), ("stage", "registration.x"), ("holder", "x"), ("order", "x")]);
        let QueueFilter { stage, holder, order } = unknown.queue;
        assert_eq!((unknown.state, stage.is_none(), holder, order), (TASKS, true, Holder::Any, QueueOrder::Due));
        let other = request(&[("stage", "registration.acceptance"), ("kind", "transfer")]);
        assert_eq!((other.queue.stage.is_none(), other.form.kind.as_str()), (true, "transfer"));
    }
}
