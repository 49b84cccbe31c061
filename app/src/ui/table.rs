//! Tables, which are cards on narrow screens; links that filter them.

use leptos::prelude::*;

/// A column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    label: &'static str,
    class: &'static str,
    /// Whether its cells have its name on a card.
    has_label: bool,
    /// Whether only screen readers need its head.
    is_head_unseen: bool,
    /// Direction in which the rows are in its order, if they are.
    order: Option<&'static str>,
}

impl Column {
    /// A column. `class`: class of its cells, if any.
    pub const fn new(label: &'static str, class: &'static str) -> Self {
        Self { label, class, has_label: true, is_head_unseen: false, order: None }
    }

    /// The column that names the row: the head of its card.
    pub const fn title(label: &'static str) -> Self {
        Self { has_label: false, ..Self::new(label, "table-title") }
    }

    /// The column with what can be done: the end of the card.
    pub const fn actions(label: &'static str) -> Self {
        Self { has_label: false, ..Self::new(label, "table-actions") }
    }

    /// The column with the boxes that choose rows.
    pub const fn boxes(label: &'static str) -> Self {
        Self { has_label: false, is_head_unseen: true, ..Self::new(label, "table-pick") }
    }

    /// The same with the direction in which the rows are in its order: `ascending` or `descending`.
    pub const fn in_order(self, order: Option<&'static str>) -> Self {
        Self { order, ..self }
    }

    fn head(self) -> AnyView {
        let label = match self.is_head_unseen {
            true => view! { <span class="sr-only">{self.label}</span> }.into_any(),
            false => self.label.into_any(),
        };
        view! {
            <th scope="col" aria-sort=self.order>
                {label}
            </th>
        }
        .into_any()
    }
}

/// A table; each row is a card on narrow screens. A row has as many cells as there are columns.
#[component]
pub fn DataTable(
    caption: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<AnyView>>,
    /// Class of a table that scripts look for.
    #[prop(optional)]
    class: &'static str,
    /// Id of the text that describes it.
    #[prop(optional)]
    described_by: Option<&'static str>,
) -> AnyView {
    let heads = columns.iter().map(|column| column.head()).collect_view();
    let cell = |(cell, column): (AnyView, &Column)| match column.has_label {
        true => view! {
            <td class=column.class data-label=column.label>
                {cell}
            </td>
        }
        .into_any(),
        false => view! { <td class=column.class>{cell}</td> }.into_any(),
    };
    let rows = rows
        .into_iter()
        .map(|cells| {
            let cells = cells.into_iter().zip(&columns).map(cell).collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-frame">
            <table class=format!("table {class}") aria-describedby=described_by>
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A link that filters a list.
pub struct ChoiceLink {
    /// Its name.
    pub label: &'static str,
    /// How many rows it leaves.
    pub number: Option<i64>,
    /// Address of the filtered list.
    pub href: String,
    /// Whether the list is filtered by it.
    pub is_chosen: bool,
}

/// A line of links that filter a list.
#[component]
pub fn ChoiceLinks(label: &'static str, items: Vec<ChoiceLink>) -> AnyView {
    let items = items
        .into_iter()
        .map(|ChoiceLink { label, number, href, is_chosen }| {
            let number = number.map(|number| {
                view! {
                    " "
                    <span class="filter-count">{number}</span>
                }
            });
            view! {
                <li>
                    <a class="filter-choice" href=href aria-current=is_chosen.then_some("true")>
                        {label}
                        {number}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="filter">
            <p class="filter-label">{label}</p>
            <ul class="filter-choices">{items}</ul>
        </div>
    }
    .into_any()
}
