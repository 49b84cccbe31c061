//! Settings of the payment gateway: all of them, or none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backend::infra::gateway::Gateway;
use backend::infra::gateway::rsa2::{Signer, Verifier};
use backend::infra::gateway::wire::Https;
use domain::record::payment::Merchant;

use super::values::Values;
use super::{Config, PublicUrl, Refused};

/// The address of Alipay, for the app and for browsers.
const GATEWAY: &str = "https://openapi.alipay.com/gateway.do";
/// Its origin, to which the form of the payment page leads.
pub const ORIGIN: &str = "https://openapi.alipay.com";

/// Who the app is to Alipay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alipay {
    app: String,
    seller: String,
    key: PathBuf,
    public_key: PathBuf,
}

impl Alipay {
    /// Reads the four settings; none of them is set, or all of them are.
    pub(super) fn read(values: &Values, folder: &Path) -> Result<Option<Self>, Refused> {
        let text = |name: &str| values.get(name, "a number", |s| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.to_owned()));
        let file = |name: &str| values.get(name, "a file", |s| Some(folder.join(s)));
        match (text("alipay_app_id")?, text("alipay_seller_id")?, file("alipay_key_file")?, file("alipay_public_key_file")?) {
            (None, None, None, None) => Ok(None),
            (Some(app), Some(seller), Some(key), Some(public_key)) => Ok(Some(Self { app, seller, key, public_key })),
            _ => Err(Refused(
                "ALIPAY_APP_ID, ALIPAY_SELLER_ID, ALIPAY_KEY_FILE and ALIPAY_PUBLIC_KEY_FILE belong together: set all of them, or none."
                    .into(),
            )),
        }
    }
}

impl Config {
    /// The gateway people pay through; none if none is set up.
    pub fn gateway(&self) -> Result<Option<Gateway>, Refused> {
        let Some(alipay) = &self.alipay else {
            return Ok(None);
        };
        let site = self
            .public_url
            .as_ref()
            .map(PublicUrl::origin)
            .ok_or_else(|| Refused("ALIPAY_APP_ID needs PUBLIC_URL: payers come back to it.".into()))?;
        let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| Refused(format!("{} cannot be read: {e}.", path.display())));
        let own = Signer::read(&read(&alipay.key)?).map_err(|e| Refused(format!("ALIPAY_KEY_FILE: {e}.")))?;
        let theirs = Verifier::read(&read(&alipay.public_key)?).map_err(|e| Refused(format!("ALIPAY_PUBLIC_KEY_FILE: {e}.")))?;
        Ok(Some(Gateway {
            code: "alipay",
            label: "支付宝",
            merchant: Merchant { app: alipay.app.clone(), seller: alipay.seller.clone() },
            cashier: GATEWAY.into(),
            site: site.to_owned(),
            own,
            theirs,
            wire: Arc::new(Https::new(GATEWAY)),
        }))
    }
}
