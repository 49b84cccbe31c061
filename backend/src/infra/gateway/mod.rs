//! Payment gateways: Alipay, and a sandbox that speaks its protocol.

pub mod alipay;
pub mod rsa2;
pub mod sandbox;
pub mod transport;

pub use alipay::{AlipayGateway, GatewayError, PaymentRequest};
