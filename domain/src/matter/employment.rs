//! Fields of an employment in a form, in the lists 工作经历 and 专业工作经历.

use crate::base::catalogue::YES_NO;
use crate::engine::form::{DayRange, FIELD, Field, Options, TextFormat, When, Widget};

/// 开始日期.
pub const START: Field = Field { name: "start", label: "开始日期", widget: Widget::Day(DayRange::Past), ..FIELD };
/// 结束日期.
pub const END: Field = Field {
    name: "end",
    label: "结束日期",
    hint: "仍在职的不填",
    widget: Widget::Day(DayRange::PastFrom("start")),
    required: When::Never,
    ..FIELD
};
/// 工作单位.
pub const EMPLOYER: Field =
    Field { name: "employer", identifies_institution: true, label: "工作单位", widget: Widget::Line(60, TextFormat::Any), ..FIELD };
/// 部门.
pub const DEPARTMENT: Field = Field {
    name: "department",
    identifies_institution: true,
    label: "部门",
    widget: Widget::Line(40, TextFormat::Any),
    required: When::Never,
    ..FIELD
};
/// 职务.
pub const POSITION: Field = Field { name: "position", label: "职务", widget: Widget::Line(40, TextFormat::Any), ..FIELD };
/// 是否全职.
pub const IS_FULL_TIME: Field = Field { name: "is_full_time", label: "是否全职", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD };
/// 工作描述.
pub const DUTIES: Field = Field { name: "duties", label: "工作描述", widget: Widget::Lines(500), ..FIELD };
