//! Which characters a certificate cannot show, told before it is issued.

use domain::base::identity::read_person_name;
use domain::base::text::quoted;
use domain::engine::flow::Effect;
use domain::matter::Kind;

use crate::state::AppState;

/// The characters of texts of a certificate that its fonts lack, in quotation marks; empty if there are none, or no fonts.
pub async fn missing_letters(app: &AppState, texts: &[&str]) -> String {
    let text: String = texts.iter().map(|text| printed_name(text)).collect();
    app.pdf_renderer.missing_in(&text).await.into_iter().map(quoted).collect()
}

/// A name as a certificate shows it: in the stored form of names, which accounts of earlier versions may not have.
pub(crate) fn printed_name(name: &str) -> String {
    read_person_name(name, usize::MAX).unwrap_or_else(|_| name.to_owned())
}

/// Whether matters of this kind issue certificates.
pub(crate) fn issues_certificates(kind: &Kind) -> bool {
    let transitions = kind.flow.stages.iter().flat_map(|stage| stage.transitions);
    transitions.flat_map(|transition| transition.effects).any(|effect| *effect == Effect::IssueCertificate)
}
