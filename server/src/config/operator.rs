//! Settings of who runs the platform and how to reach them. Each may be left out.

use app::operator::Operator;

use super::environment::StartupError;
use super::values::Values;

/// Longest text of one of them, in characters.
const MAX: usize = 60;

/// Reads the settings.
pub(super) fn read(values: &Values) -> Result<Operator, StartupError> {
    let text = |setting: &str| values.get(setting, "a line of 1 to 60 characters", read_line);
    Ok(Operator {
        name: text("operator_name")?,
        phone: text("contact_phone")?,
        hours: text("contact_hours")?,
        email: text("contact_email")?,
        address: text("contact_address")?,
        filing_number: text("filing_number")?,
    })
}

fn read_line(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.chars().count() <= MAX && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}
