//! Parts of the page of a matter: head with photo and stages, anchors, two columns, files in place.

use leptos::prelude::*;

use super::{Crumbs, StatusTag, Tone};

/// What the head of the page of a matter says.
#[derive(Default)]
pub struct CaseHeadFacts {
    /// Title.
    pub title: String,
    /// Breadcrumbs: label and address.
    pub crumbs: Vec<(String, String)>,
    /// Address of the applicant's photo.
    pub photo: Option<String>,
    /// Name of the applicant; none where it is hidden.
    pub person: Option<String>,
    /// Kind of the matter.
    pub kind: &'static str,
    /// 业务编号.
    pub number: Option<String>,
    /// Status and due day.
    pub badges: Vec<(Tone, String)>,
    /// Names of the stages, and the index of the present one.
    pub stages: Option<(Vec<String>, usize)>,
}

/// Head of the page of a matter: who, what, where it is and until when.
#[component]
pub fn CaseHead(facts: CaseHeadFacts, #[prop(optional)] children: Option<Children>) -> AnyView {
    let CaseHeadFacts { title, crumbs, photo, person, kind, number, badges, stages } = facts;
    let photo = photo.map(|src| view! { <img class="case-photo" src=src alt="证件照" width="96" height="134" /> });
    let badges = badges.into_iter().map(|(tone, text)| view! { <StatusTag tone=tone text=text /> }).collect_view();
    view! {
        <div class="page-head case-head">
            <Crumbs crumbs=crumbs here=title.clone() />
            <div class="case-id">
                {photo} <div class="case-text">
                    <h1>{title}</h1>
                    <p class="case-who">
                        {person.map(|name| view! { <strong>{name}</strong> })} <span>{kind}</span>
                        {number.map(|number| view! { <span class="number">{number}</span> })}
                    </p>
                    <p class="case-badges">{badges}</p>
                    {children.map(|children| children())}
                </div>
            </div>
            {stages.map(|(names, present)| view! { <StageBar names=names present=present /> })}
        </div>
    }
    .into_any()
}

/// The stages of a matter with their names: those that are over, the present one, those to come. A narrow screen shows the name of the
/// present one.
#[component]
pub fn StageBar(names: Vec<String>, present: usize) -> AnyView {
    let count = names.len();
    let stages = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let (class, state) = match index.cmp(&present) {
                std::cmp::Ordering::Less => (Some("is-past"), "，已完成"),
                std::cmp::Ordering::Equal => (Some("is-present"), ""),
                std::cmp::Ordering::Greater => (None, "，未开始"),
            };
            let here = (index == present).then_some("step");
            let place = (index == present).then(|| view! { <span class="stage-place">{format!("（{} / {count}）", index + 1)}</span> });
            view! {
                <li class=class aria-current=here>
                    <span class="stage-name">{name}<span class="sr-only">{state}</span></span>
                    {place}
                </li>
            }
        })
        .collect_view();
    view! {
        <ol class="stage-bar" aria-label="办理环节">
            {stages}
        </ol>
    }
    .into_any()
}

/// Links to the parts of a long page: label and id.
#[component]
pub fn Anchors(items: Vec<(&'static str, &'static str)>) -> AnyView {
    let links = items
        .into_iter()
        .map(|(label, id)| {
            view! {
                <li>
                    <a class="tab-link" href=format!("#{id}")>
                        {label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="case-tabs" aria-label="本页内容">
            <ul class="tab-row">{links}</ul>
        </nav>
    }
    .into_any()
}

/// The two columns of the page of a matter: what is read, and what is decided. On wide screens the second one stays in sight; on narrow ones
/// it follows the first, and a bar in reach of the thumb leads to it. `jump`: label of the bar and id that it leads to.
#[component]
pub fn CaseColumns(jump: Option<(String, String)>, side: AnyView, children: Children) -> AnyView {
    let jump = jump.map(|(label, id)| {
        view! {
            <p class="case-jump no-print">
                <a class="btn btn-primary" href=format!("#{id}")>
                    {label}
                </a>
            </p>
        }
    });
    view! {
        <div class="case">
            <div class="case-body">{children()}{jump}</div>
            <div class="case-side">{side}</div>
        </div>
    }
    .into_any()
}

/// A part of the page that an anchor leads to.
#[component]
pub fn Anchored(id: &'static str, children: Children) -> AnyView {
    view! {
        <div id=id class="case-part">
            {children()}
        </div>
    }
    .into_any()
}

/// The answers that were left empty, folded.
#[component]
pub fn EmptyAnswers(labels: Vec<&'static str>) -> AnyView {
    (!labels.is_empty())
        .then(|| {
            let count = labels.len();
            view! {
                <details class="unanswered no-print">
                    <summary>{format!("未填写 {count} 项")}</summary>
                    <p class="soft">{labels.join("、")}</p>
                </details>
            }
        })
        .into_any()
}

/// A file that a page shows in place.
pub struct ShownFile {
    /// Its id on the page.
    pub id: String,
    /// What it proves.
    pub label: String,
    /// Name and size.
    pub name: String,
    /// Media type, by which it is shown.
    pub mime: String,
    /// Whether the picture is small enough to be its own thumbnail.
    pub is_light: bool,
    /// Address to show it in place.
    pub view: String,
    /// Address to save it.
    pub download: String,
}

impl ShownFile {
    fn is_picture(&self) -> bool {
        self.mime.starts_with("image/")
    }

    /// The picture itself, scaled; a mark for documents and large pictures.
    fn thumbnail(&self) -> AnyView {
        if self.is_picture() && self.is_light {
            let src = self.view.clone();
            return view! { <img class="thumb" src=src alt="" loading="lazy" width="72" height="72" /> }.into_any();
        }
        let mark = if self.is_picture() { "图片" } else { "PDF" };
        view! {
            <span class="thumb thumb-mark" aria-hidden="true">
                {mark}
            </span>
        }
        .into_any()
    }
}

/// A frame with a document, loaded when it is opened.
fn document_view(src: String, title: String) -> AnyView {
    let frame = leptos::html::iframe().attr("loading", "lazy").attr("class", "shown shown-page");
    frame.attr("src", src).attr("title", title).into_any()
}

/// Files with their names; each opens in place, one at a time. Without scripts too; a browser that shows no PDF in a page offers the links.
#[component]
pub fn FilesInPlace(label: &'static str, files: Vec<ShownFile>) -> AnyView {
    let files = files
        .into_iter()
        .map(|file| {
            let thumbnail = file.thumbnail();
            let content = if file.is_picture() {
                view! { <img class="shown" src=file.view.clone() alt=file.label.clone() loading="lazy" /> }.into_any()
            } else {
                document_view(file.view.clone(), file.label.clone())
            };
            let ShownFile { id, name, view, download, .. } = file;
            let (shown_name, saved_name) = (name.clone(), format!("下载 {name}"));
            view! {
                <li>
                    <details class="in-place" name="in-place">
                        <summary>{thumbnail}<span class="in-place-name">{shown_name}</span></summary>
                        <div id=id class="in-place-view">
                            {content}
                            <p class="in-place-links">
                                <a href=view target="_blank">
                                    "在新页面打开"
                                </a>
                                <a href=download>{saved_name}</a>
                            </p>
                        </div>
                    </details>
                </li>
            }
        })
        .collect_view();
    let label = (!label.is_empty()).then(|| view! { <p class="proof-label">{label}</p> });
    view! { <div class="proof">{label}<ul class="in-place-list">{files}</ul></div> }.into_any()
}

/// Every file of a page as a small picture that leads to where the file is shown: what it proves, and the id there.
#[component]
pub fn Gallery(files: Vec<ShownFile>) -> AnyView {
    let files = files
        .into_iter()
        .map(|file| {
            let thumbnail = file.thumbnail();
            view! {
                <li>
                    <a href=format!("#{}", file.id)>{thumbnail}<span>{file.label}</span></a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="gallery">{files}</ul> }.into_any()
}

/// A line that can be flagged: a tick, the name, the value, and what is shown only while it is flagged.
#[component]
pub fn FlagLine(
    /// Name of the control.
    #[prop(into)]
    control: String,
    #[prop(into)] label: String,
    /// What an opinion calls it.
    #[prop(into)]
    part: String,
    flagged: bool,
    /// Its id on the page.
    #[prop(into)]
    id: String,
    value: AnyView,
    children: Children,
) -> AnyView {
    view! {
        <div class="flag flagged" id=id data-part=part>
            <label class="choice flag-tick">
                <input type="checkbox" name=control value="bad" checked=flagged />
                <span>{label}</span>
            </label>
            <div class="flag-value">{value}</div>
            <div class="flag-more">{children()}</div>
        </div>
    }
    .into_any()
}

/// A choice that looks like a chip.
#[component]
pub fn Chip(#[prop(into)] control: String, value: &'static str, text: &'static str, checked: bool) -> AnyView {
    view! {
        <label class="chip">
            <input type="checkbox" name=control value=value checked=checked data-text=text />
            <span>{text}</span>
        </label>
    }
    .into_any()
}

/// 常用意见: a phrase for the opinion in the text area with this id. A script puts it in; without scripts it is sent beside the opinion.
#[component]
pub fn PhraseField(#[prop(into)] target: String, phrases: &'static [&'static str]) -> AnyView {
    (!phrases.is_empty())
        .then(|| {
            let options = phrases.iter().map(|phrase| view! { <option value=*phrase>{*phrase}</option> }).collect_view();
            let label = "选择常用意见";
            view! {
                <div class="phrase">
                    <select class="input" name=PHRASE data-insert=target aria-label=label>
                        <option value="">{format!("{label}…")}</option>
                        {options}
                    </select>
                    <noscript>
                        <p class="field-hint">"所选意见在提交或暂存时加在意见后面。"</p>
                    </noscript>
                </div>
            }
        })
        .into_any()
}

/// Name of the control of a phrase.
pub const PHRASE: &str = "_phrase";

/// One of several decisions: only the chosen one shows its form.
#[component]
pub fn Move(#[prop(into)] label: String, open: bool, grave: bool, children: Children) -> AnyView {
    let class = if grave { "move move-grave" } else { "move" };
    view! {
        <details class=class name="move" open=open>
            <summary>{label}</summary>
            <div class="move-in">{children()}</div>
        </details>
    }
    .into_any()
}
