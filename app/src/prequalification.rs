//! 申请前核对: what a person would apply for, checked against the requirements of the kind before there is an application.

use backend::matter::MatterError;
use backend::matter::context::OwnedMatterContext;
use domain::engine::form::{Answers, Field, Fields, Scope, Value, check_field, check_size, read_fields};
use domain::matter::{Kind, RequirementFinding, Requirements};
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::PageError;
use crate::matter::requirement::requirement_view;
use crate::ui::*;
use crate::wizard::{FieldSheet, control_as};

/// A prospective application and the findings.
pub struct Prequalification {
    kind: &'static Kind,
    fields: Vec<GoalField>,
    sheet: FieldSheet,
    context: OwnedMatterContext,
    findings: Vec<RequirementFinding>,
}

/// A field that says what a person would apply for.
struct GoalField {
    field: &'static Field,
    required: bool,
}

fn goal_fields(kind: &'static Kind, requirements: &Requirements) -> Vec<GoalField> {
    let goal_field = |name: &str, required: bool| {
        let field = kind.form.fields().map(|(_, f)| f).find(|f| f.name == name)?;
        Some(GoalField { field, required })
    };
    let required = requirements.goal_fields.iter().filter_map(|name| goal_field(name, true));
    required.chain(requirements.optional_fields.iter().filter_map(|name| goal_field(name, false))).collect()
}

/// Reads the fields that the address of 在线办理 may fill from a form, for a new draft.
///
/// # Errors
/// A name that is not one of these fields, or a value that is too long.
pub fn read_preset(kind: &'static Kind, pairs: &[(String, String)]) -> Result<Fields, PageError> {
    let preset: Vec<&Field> = kind.form.fields().map(|(_, field)| field).filter(|field| kind.preset.contains(&field.name)).collect();
    let mut answers = Answers::default();
    read_fields(preset.iter().copied(), pairs, &mut answers.fields)?;
    check_size(kind.form, &[], &Answers::default(), &answers).map_err(MatterError::Oversized)?;
    Ok(answers.fields)
}

/// These fields of an address; other names in it are ignored.
///
/// # Errors
/// A value that is too long.
pub fn preset_of_address(kind: &'static Kind, query: &[(String, String)]) -> Result<Fields, PageError> {
    let named: Vec<(String, String)> = query.iter().filter(|(name, _)| kind.preset.contains(&name.as_str())).cloned().collect();
    read_preset(kind, &named)
}

/// Fields as hidden controls, to be carried into the draft.
pub fn preset_controls(kind: &'static Kind, fields: &Fields) -> AnyView {
    let codes = |name: &'static str| fields.get(name).map(Value::codes).unwrap_or_default().into_iter().map(move |code| (name, code));
    let controls = kind.preset.iter().flat_map(|name| codes(name)).map(|(name, code)| view! { <Hidden name=name value=code.to_owned() /> });
    controls.collect_view().into_any()
}

impl Prequalification {
    /// Reads the goal fields from a query and checks the requirements with what is known of the person. `answers`: their library.
    ///
    /// # Errors
    /// A value is not one of the field.
    pub fn read(
        kind: &'static Kind,
        requirements: &'static Requirements,
        query: &[(String, String)],
        context: OwnedMatterContext,
        mut answers: Answers,
    ) -> Result<Self, PageError> {
        let fields = goal_fields(kind, requirements);
        let pairs: Vec<(String, String)> = query.iter().filter(|(n, _)| fields.iter().any(|g| g.field.name == n)).cloned().collect();
        read_fields(fields.iter().map(|g| g.field), &pairs, &mut answers.fields)?;
        let faults = if pairs.is_empty() { Vec::new() } else { faults(&fields, &answers, &context) };
        let findings = if faults.is_empty() { kind.requirements_of(&answers, &context.as_context()) } else { Vec::new() };
        let sheet = FieldSheet { id: Uuid::nil(), answers, record: None, faults, warnings: Vec::new() };
        Ok(Self { kind, fields, sheet, context, findings })
    }

    /// The valid choices as hidden controls, to be carried into the draft.
    pub fn hidden(&self) -> AnyView {
        let codes = |name| match self.sheet.answers.fields.get(name) {
            Some(Value::Many(codes)) => codes.clone(),
            value => vec![value.map_or_else(String::new, |v| v.text().to_owned())],
        };
        let chosen = self.fields.iter().flat_map(|g| codes(g.field.name).into_iter().map(|code| (g.field.name, code)));
        let valid = chosen.filter(|(name, text)| !text.is_empty() && self.sheet.faults.iter().all(|(n, _)| n != name));
        valid.map(|(name, text)| view! { <Hidden name=name value=text /> }).collect_view().into_any()
    }

    /// The form of the goal fields, and the findings.
    pub fn view(&self) -> AnyView {
        let context = self.context.as_context();
        let controls = self.fields.iter().map(|g| control_as(g.field, &self.sheet, &context, g.required)).collect_view();
        let action = format!("/apply/{}", self.kind.code);
        let findings = self.findings.clone();
        let findings = (!findings.is_empty()).then(move || {
            view! {
                <Section title="核对结果" aside=("补充基本信息库", "/me/library".to_owned())>
                    <p>
                        "按您的基本信息库、考试成绩和注册证书核对。“待确认”为平台暂未掌握的信息，填写申请后将再次核对。"
                    </p>
                    {requirement_view(findings, true)}
                </Section>
            }
        });
        view! {
            <Section title="申请前核对">
                <p>"请先选择申请事项，核对是否符合要求后再填写。"</p>
                <form method="get" action=action class="fields">
                    {controls}
                    <Actions>
                        <Submit label="核对注册要求" weight=Weight::Quiet />
                    </Actions>
                </form>
            </Section>
            {findings}
        }
        .into_any()
    }
}

fn faults(fields: &[GoalField], answers: &Answers, context: &OwnedMatterContext) -> Vec<(String, String)> {
    let (scope, context) = (Scope::form(answers), context.as_context());
    let fault = |GoalField { field, required }: &GoalField| {
        let value = answers.fields.get(field.name);
        let issue = check_field(field, value, &scope, &context).filter(|_| *required || value.is_some())?;
        Some((field.name.to_owned(), issue.text))
    };
    fields.iter().filter_map(fault).collect()
}
