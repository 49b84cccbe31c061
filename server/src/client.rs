//! The network address of a client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use app::limits::ShareKey;
use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;

use crate::network::Network;

/// The address a request comes from: the last hop that is not a trusted proxy. A request extension, for rate limits; never logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Takes it from the socket and, behind trusted proxies, from `X-Forwarded-For`, read from the right.
    pub fn of(request: &Request, proxies: &[Network]) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip());
        Self(rightmost_untrusted(peer, request.headers(), proxies))
    }
}

/// Whose share of a limit a network address uses: IPv4 its own, IPv6 that of its /64 and of its /48, since one customer has a whole network.
pub fn share_keys(address: IpAddr) -> Vec<ShareKey> {
    match address.to_canonical() {
        IpAddr::V4(address) => vec![ShareKey::Address(address.into())],
        IpAddr::V6(address) => {
            let first = |bits: u32| IpAddr::V6(Ipv6Addr::from(u128::from(address) & (u128::MAX << (128 - bits))));
            vec![ShareKey::Address(first(64)), ShareKey::Block(first(48))]
        }
    }
}

fn rightmost_untrusted(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|p| p.contains(address));
    let mut nearest = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted(nearest) {
            break;
        }
        // An entry that cannot be parsed was not written by a trusted proxy.
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = address.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, lines: &[&str]) -> String {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        rightmost_untrusted(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn the_client_is_the_rightmost_hop_that_is_not_a_trusted_proxy() {
        for (peer, lines, client) in [
            ("203.0.113.1", &[][..], "203.0.113.1"),
            ("203.0.113.1", &["198.51.100.1"], "203.0.113.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("::ffff:10.0.0.1", &["2001:db8::5"], "2001:db8::5"),
        ] {
            assert_eq!(seen(peer, lines), client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_addresses_of_one_customer_have_one_share() {
        let keys = |address: &str| share_keys(address.parse().unwrap());
        assert_eq!(keys("192.0.2.1"), keys("::ffff:192.0.2.1"));
        assert_ne!(keys("192.0.2.1"), keys("192.0.2.2"));
        let [customer, neighbour, site] = ["2001:db8:1:2::3", "2001:db8:1:4::3", "2001:db8:9:2::3"].map(keys);
        assert_eq!(customer, keys("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(customer[0] != neighbour[0] && customer[1] == neighbour[1]);
        assert!(customer[1] != site[1]);
    }
}
