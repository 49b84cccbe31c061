//! What people of the demo do: signing in, filling in, deciding, paying.

use std::collections::BTreeMap;

use domain::base::permission::Action;
use domain::engine::flow::Command;
use domain::engine::form::{Path, Value, Widget};
use domain::matter::Kind;
use domain::record::payment::{PaymentChoice, PaymentMethod, Voucher, VoucherFile};
use uuid::Uuid;

use crate::access::guard::{Allowed, authorize, load_caller};
use crate::demo::error::DemoError;
use crate::infra::db::account::AccountRow;
use crate::matter::{MatterError, load};
use crate::service::payment::PaymentError;
use crate::service::payment::finance::{VoucherDecision, decide_voucher};
use crate::service::payment::order::start_payment;
use crate::service::payment::view::{charge_of_matter, vouchers_to_check};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, edit_draft};
use crate::workflow::execute::{CommandRequest, execute};
use crate::workflow::files::store_file;

/// Names of fields with their answers.
pub(crate) type FieldPairs<'a> = &'a [(&'a str, &'a str)];

/// Signs in a demo account.
pub(super) async fn sign_in(app: &AppState, accounts: &[AccountRow], name: &str) -> Result<Allowed, DemoError> {
    let id = accounts.iter().find(|row| row.name == name).map_or(Uuid::nil(), |row| row.id);
    let caller = load_caller(app, id).await?;
    Ok(authorize(app, caller.as_ref(), Action::Matter)?)
}

/// Answers from pairs.
pub(crate) fn fields(pairs: FieldPairs<'_>) -> BTreeMap<String, Value> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect()
}

/// Saves one step of a draft.
pub(crate) async fn fill_step(app: &AppState, who: &Allowed, id: Uuid, step: &str, pairs: FieldPairs<'_>) -> Result<(), MatterError> {
    let base = load(app, who, id).await?.revision;
    let edit = DraftEdit::Fields { step: step.into(), base, fields: fields(pairs) };
    edit_draft(app, who, id, edit).await?;
    Ok(())
}

/// The version of the declaration of a kind.
pub(crate) fn declaration(kind: &Kind) -> &'static str {
    match kind.form.field_at(&Path::field("declared")).map(|field| &field.widget) {
        Some(Widget::Agree(statement)) => statement.version,
        _ => "",
    }
}

/// Executes one transition.
pub(crate) async fn decide(app: &AppState, who: &Allowed, matter: Uuid, name: &str, note: &str) -> Result<(), MatterError> {
    let revision = load(app, who, matter).await?.revision;
    let command =
        Command { name: name.to_owned(), note: note.to_owned(), revision: (name == "submit").then_some(revision), ..Command::default() };
    execute(app, who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await?;
    Ok(())
}

/// Pays the fee of a matter by voucher.
pub(crate) async fn pay(app: &AppState, who: &Allowed, matter: Uuid) -> Result<(), PaymentError> {
    let matter = load(app, who, matter).await?;
    let Some(charge) = charge_of_matter(app, &matter).await?.map(|c| c.charge) else {
        return Ok(());
    };
    let slip = store_file(app, who, "汇款回单.jpg", slip(charge.id)).await?;
    let voucher = Voucher {
        remitter: who.caller().person.name.clone(),
        remitted_on: app.today(),
        amount: charge.amount,
        remittance_no: String::new(),
        files: vec![VoucherFile { file: slip.file, name: slip.name }],
    };
    let choice = PaymentChoice { method: PaymentMethod::Offline, voucher: Some(voucher), invoice: None };
    start_payment(app, who, &[charge.id], choice, "").await.map(|_| ())
}

/// Accepts the voucher of a matter as finance.
pub(crate) async fn accept_voucher(app: &AppState, finance: &Allowed, matter: Uuid) -> Result<(), PaymentError> {
    for order in vouchers_to_check(app, finance).await? {
        if order.charges.iter().any(|c| c.matter == matter) {
            decide_voucher(app, finance, order.id, None, VoucherDecision::Accept).await?;
        }
    }
    Ok(())
}

/// A plain image in the size of a 证件照.
pub(crate) fn picture() -> Vec<u8> {
    jpeg(&image::RgbImage::from_pixel(295, 413, image::Rgb([236, 240, 244])))
}

/// The image of a bank slip: a pattern of the bits of an id, since no slip may be used twice.
fn slip(id: Uuid) -> Vec<u8> {
    jpeg(&image::RgbImage::from_fn(256, 128, |x, y| {
        let bit = y / 16 * 16 + x / 16;
        let shade = if id.as_u128() >> bit & 1 == 1 { 64 } else { 236 };
        image::Rgb([shade, shade, shade])
    }))
}

fn jpeg(image: &image::RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    // An empty file would be refused with a clear error.
    if image.write_with_encoder(encoder).is_err() {
        bytes.clear();
    }
    bytes
}
