//! 统计: figures of a workbench, a chart of twelve weeks, and figures by kind.

use axum::extract::State;
use backend::AppState;
use backend::service::figures::{Figures, FiguresOf, KindFigures, Week, figures};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use uuid::Uuid;

use super::request::{ASSOCIATION, INSTITUTION};
use crate::error::PageError;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;

/// Width and height of the chart, in its own units, and the edges of its plot.
const WIDTH: i64 = 360;
const HEIGHT: i64 = 180;
const LEFT: i64 = 30;
const TOP: i64 = 10;
const BOTTOM: i64 = 150;
/// Width of a week, and of one of its bars.
const STEP: i64 = 27;
const BAR: i64 = 10;

/// 统计 of 机构工作台: a part for each institution of the caller.
pub async fn institution(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let institutions: Vec<(Uuid, String)> = who.caller().institutions.clone();
    let is_one = institutions.len() == 1;
    let mut parts = Vec::new();
    for (id, name) in institutions {
        let heading = if is_one { String::new() } else { name };
        parts.push((heading, figures(&app, &who, FiguresOf::Institution(id)).await?));
    }
    Ok(page(INSTITUTION, "机构工作台", parts))
}

/// 统计 of 协会工作台.
pub async fn association(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let figures = figures(&app, &who, FiguresOf::Association).await?;
    Ok(page(ASSOCIATION, "协会工作台", vec![(String::new(), figures)]))
}

fn page(address: &'static str, crumb: &'static str, parts: Vec<(String, Figures)>) -> Page {
    let body = move || {
        let parts = parts.into_iter().enumerate().map(|(i, (name, figures))| part_view(i, &name, figures)).collect_view();
        view! {
            <PageHead
                title="统计"
                lead="最近 12 周收到和办结的业务，以及目前办理中的业务"
                crumbs=vec![(crumb.to_owned(), address.to_owned())]
            />
            {parts}
        }
        .into_any()
    };
    Page::new("统计", body).under(address)
}

fn part_view(number: usize, name: &str, figures: Figures) -> AnyView {
    let Figures { weeks, kinds } = figures;
    let sum = |of: fn(&KindFigures) -> i64| kinds.iter().map(of).sum::<i64>();
    let this = weeks.last().copied();
    let totals = [
        ("办理中", sum(|kind| kind.open), false),
        ("已逾期", sum(|kind| kind.overdue), true),
        ("本周收到", this.map_or(0, |week| week.received), false),
        ("本周办结", this.map_or(0, |week| week.finished), false),
    ];
    let totals = totals
        .map(|(label, count, is_late)| {
            let class = if is_late && count > 0 { "total is-late" } else { "total" };
            view! {
                <div class=class>
                    <dt>{label}</dt>
                    <dd>{count}</dd>
                </div>
            }
        })
        .collect_view();
    let heading = if name.is_empty() { "每周收到和办结".to_owned() } else { format!("{name}：每周收到和办结") };
    let (chart, table) = (chart(number, &weeks), weeks_table(&weeks));
    view! {
        <Section title=heading>
            <dl class="totals">{totals}</dl>
            {chart}
            <Fold label="以表格显示每周数字">{table}</Fold>
        </Section>
        <Section title=if name.is_empty() {
            "按业务类型".to_owned()
        } else {
            format!("{name}：按业务类型")
        }>{kinds_table(kinds)}</Section>
    }
    .into_any()
}

/// The end of the scale: a round number of which there are four parts, none of them a fraction.
fn scale(most: i64) -> i64 {
    let mut unit = 1;
    loop {
        for parts in [4, 8, 20] {
            if most <= parts * unit {
                return parts * unit;
            }
        }
        unit *= 10;
    }
}

/// Height of a bar. Even one matter is seen.
fn height(count: i64, scale: i64) -> i64 {
    let height = count * (BOTTOM - TOP) / scale.max(1);
    if count > 0 { height.max(1) } else { 0 }
}

/// Two bars for each week. The table says the same in numbers.
fn chart(number: usize, weeks: &[Week]) -> AnyView {
    let (received, finished) = (weeks.iter().map(|week| week.received).sum::<i64>(), weeks.iter().map(|week| week.finished).sum::<i64>());
    let title = format!("最近 {} 周共收到 {received} 件，办结 {finished} 件；每周的数字见下方的表格", weeks.len());
    let (id, drawing) = (format!("chart-{number}"), drawing(weeks));
    let svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}\"><title id=\"{id}\">{title}</title>{drawing}</svg>"
    );
    view! {
        <figure class="chart">
            {InertElement::new(svg)} <figcaption class="chart-key">
                <span class="chart-name is-received">"收到"</span>
                <span class="chart-name is-finished">"办结"</span>
                <span>"横轴为每周的星期一；最后一周尚未结束"</span>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The lines of the scale, the bars, and the Mondays below them.
fn drawing(weeks: &[Week]) -> String {
    let scale = scale(weeks.iter().map(|week| week.received.max(week.finished)).max().unwrap_or_default());
    let mut svg = String::new();
    for part in 0..=4 {
        let (value, y, end) = (scale * part / 4, BOTTOM - (BOTTOM - TOP) * part / 4, LEFT - 4);
        let base = y + 4;
        svg.push_str(&format!("<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\" class=\"chart-line\"></line>"));
        svg.push_str(&format!("<text x=\"{end}\" y=\"{base}\" text-anchor=\"end\" class=\"chart-text\">{value}</text>"));
    }
    let mut x = LEFT + 4;
    for (i, week) in weeks.iter().enumerate() {
        svg.push_str(&bar(x, week.received, scale, "chart-received"));
        svg.push_str(&bar(x + BAR, week.finished, scale, "chart-finished"));
        // Every second label, so that they do not touch; the present week has one.
        if (weeks.len() - i) % 2 == 1 {
            let (middle, base, day) = (x + BAR, BOTTOM + 16, week.monday.format("%-m/%-d"));
            svg.push_str(&format!("<text x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\" class=\"chart-text\">{day}</text>"));
        }
        x += STEP;
    }
    svg
}

fn bar(x: i64, count: i64, scale: i64, class: &str) -> String {
    let height = height(count, scale);
    let y = BOTTOM - height;
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{height}\" class=\"{class}\"></rect>")
}

fn weeks_table(weeks: &[Week]) -> AnyView {
    let rows = weeks
        .iter()
        .rev()
        .map(|week| {
            view! {
                <tr>
                    <th scope="row">{week.monday.to_string()}</th>
                    <td>{week.received}</td>
                    <td>{week.finished}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="numbers">
            <caption class="sr-only">"每周收到和办结的业务"</caption>
            <thead>
                <tr>
                    <th scope="col">"星期一"</th>
                    <th scope="col">"收到"</th>
                    <th scope="col">"办结"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn kinds_table(kinds: Vec<KindFigures>) -> AnyView {
    if kinds.is_empty() {
        return view! { <Empty text="暂无业务" /> }.into_any();
    }
    let rows = kinds
        .into_iter()
        .map(|KindFigures { kind, received, finished, open, overdue, duration }| {
            let duration = duration.map_or_else(|| "—".to_owned(), |duration| duration.span().trim().to_owned());
            view! {
                <tr>
                    <th scope="row">{kind.label}</th>
                    <td>{open}</td>
                    <td>{overdue}</td>
                    <td>{received}</td>
                    <td>{finished}</td>
                    <td>{duration}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="numbers-frame" role="region" aria-label="按业务类型" tabindex="0">
            <table class="numbers">
                <caption class="sr-only">"各类业务的数量和用时"</caption>
                <thead>
                    <tr>
                        <th scope="col">"业务类型"</th>
                        <th scope="col">"办理中"</th>
                        <th scope="col">"已逾期"</th>
                        <th scope="col">"12 周收到"</th>
                        <th scope="col">"12 周办结"</th>
                        <th scope="col">"用时中位数"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="table-soft">"用时从提交申请到作出决定，按最近 100 件计算；不足 5 件的不显示。"</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_above_all_bars_in_four_whole_parts() {
        for (most, end) in [(0, 4), (1, 4), (4, 4), (5, 8), (9, 20), (20, 20), (21, 40), (41, 80), (120, 200), (401, 800)] {
            assert_eq!(scale(most), end, "{most}");
            assert!(scale(most) % 4 == 0 && height(most, scale(most)) <= BOTTOM - TOP);
        }
        assert_eq!((height(0, 800), height(1, 800)), (0, 1));
    }
}
