//! Settings of the payment gateway: all of them, or none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backend::infra::gateway::AlipayGateway;
use backend::infra::gateway::rsa2::{RsaSigner, RsaVerifier};
use backend::infra::gateway::transport::HttpsTransport;
use domain::record::payment::Merchant;

use super::environment::StartupError;
use super::url::PublicUrl;
use super::values::Values;

/// The address of Alipay, for the server and for browsers.
const GATEWAY: &str = "https://openapi.alipay.com/gateway.do";
/// The origin of Alipay, which the form of the payment page leads to.
pub const ORIGIN: &str = "https://openapi.alipay.com";

/// Our account with Alipay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alipay {
    app: String,
    seller: String,
    key: PathBuf,
    public_key: PathBuf,
}

impl Alipay {
    /// Reads the four settings: none is set, or all are.
    pub(super) fn read(values: &Values, folder: &Path) -> Result<Option<Self>, StartupError> {
        let text = |name: &str| values.get(name, "a number", |s| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.to_owned()));
        let file = |name: &str| values.get(name, "a file", |s| Some(folder.join(s)));
        match (text("alipay_app_id")?, text("alipay_seller_id")?, file("alipay_key_file")?, file("alipay_public_key_file")?) {
            (None, None, None, None) => Ok(None),
            (Some(app), Some(seller), Some(key), Some(public_key)) => Ok(Some(Self { app, seller, key, public_key })),
            _ => Err(StartupError(
                "ALIPAY_APP_ID, ALIPAY_SELLER_ID, ALIPAY_KEY_FILE and ALIPAY_PUBLIC_KEY_FILE belong together: set all of them, or none."
                    .into(),
            )),
        }
    }

    /// The gateway with its keys.
    ///
    /// # Errors
    /// Key files that cannot be read, or a missing public address.
    pub(super) fn gateway(&self, public_url: Option<&PublicUrl>) -> Result<AlipayGateway, StartupError> {
        let site = public_url
            .map(PublicUrl::origin)
            .ok_or_else(|| StartupError("ALIPAY_APP_ID needs PUBLIC_URL: payers come back to it.".into()))?;
        let read =
            |path: &Path| std::fs::read_to_string(path).map_err(|e| StartupError(format!("{} cannot be read: {e}.", path.display())));
        let signing_key = RsaSigner::read(&read(&self.key)?).map_err(|e| StartupError(format!("ALIPAY_KEY_FILE: {e}.")))?;
        let gateway_key = RsaVerifier::read(&read(&self.public_key)?).map_err(|e| StartupError(format!("ALIPAY_PUBLIC_KEY_FILE: {e}.")))?;
        Ok(AlipayGateway {
            code: "alipay",
            label: "支付宝",
            merchant: Merchant { app: self.app.clone(), seller: self.seller.clone() },
            checkout_url: GATEWAY.into(),
            site: site.to_owned(),
            signing_key,
            gateway_key,
            transport: Arc::new(HttpsTransport::new(GATEWAY)),
        })
    }
}
