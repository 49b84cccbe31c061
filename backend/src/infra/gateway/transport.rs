//! Transport to a payment gateway: one signed request, one signed response.

use std::time::Duration;

use async_trait::async_trait;

use crate::infra::gateway::rsa2::Params;

/// The gateway was not reached or did not respond.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the payment gateway did not answer: {0}")]
pub struct GatewayUnavailable(pub String);

/// Sends requests to a gateway.
#[async_trait]
pub trait GatewayTransport: Send + Sync {
    /// Sends a signed request; returns the raw response.
    async fn send(&self, question: Params) -> Result<String, GatewayUnavailable>;
}

/// Transport over HTTPS.
pub struct HttpsTransport {
    agent: ureq::Agent,
    address: String,
}

/// Time limit of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum size of a response, in bytes.
const MOST: u64 = 256 * 1024;

impl HttpsTransport {
    /// Creates a transport to this URL.
    pub fn new(address: &str) -> Self {
        let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build();
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).tls_config(tls).build().into();
        Self { agent, address: address.to_owned() }
    }
}

#[async_trait]
impl GatewayTransport for HttpsTransport {
    async fn send(&self, question: Params) -> Result<String, GatewayUnavailable> {
        let (agent, address) = (self.agent.clone(), self.address.clone());
        let response = tokio::task::spawn_blocking(move || {
            let mut answer = agent.post(&address).send_form(question)?;
            answer.body_mut().with_config().limit(MOST).read_to_string()
        });
        // The error text of ureq contains at most the host, never the request.
        response.await.map_err(|e| GatewayUnavailable(e.to_string()))?.map_err(|e| GatewayUnavailable(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_question_arrives_as_a_form_and_the_answer_comes_back() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/gateway.do", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut seen = String::new();
            while !seen.ends_with("out_trade_no=R1") {
                let mut bytes = [0; 1024];
                let count = socket.read(&mut bytes).await.unwrap();
                seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await.unwrap();
            seen
        });
        let question = vec![("method".to_owned(), "a.b".to_owned()), ("out_trade_no".to_owned(), "R1".to_owned())];
        assert_eq!(HttpsTransport::new(&address).send(question).await.unwrap(), "{}");
        assert!(served.await.unwrap().starts_with("POST /gateway.do "));
    }

    #[tokio::test]
    async fn a_gateway_that_is_not_there_is_silent() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert!(HttpsTransport::new(&address).send(Vec::new()).await.is_err());
    }
}
