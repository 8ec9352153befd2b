//! Where an address lies: anywhere, on a private network, next door, or on this machine (IANA's special-purpose registries).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zone {
    /// The internet.
    Public,
    /// Networks that outsiders do not reach, and addresses that are nobody's.
    Private,
    /// The same wire, where clouds keep the secrets of their machines.
    LinkLocal,
    /// This machine.
    Loopback,
}

impl Zone {
    /// The zone of an address; one that stands for an IPv4 address has that one's.
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => embedded(address).map_or_else(|| Self::of_v6(address), Self::of_v4),
        }
    }

    /// In words, to follow "is".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Public => "on the internet",
            Self::Private => "on a private network",
            Self::LinkLocal => "a link-local address",
            Self::Loopback => "this machine",
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [0 | 127, ..] => Self::Loopback,
            // The second is where Azure keeps what others keep at the first.
            [169, 254, ..] | [168, 63, 129, 16] => Self::LinkLocal,
            // The first, after `|`, is for groups and reserved; the last three are shared by carriers, of protocols, for measuring.
            [10 | 224..=255, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [100, 64..=127, ..]
            | [192, 0, 0, _]
            | [198, 18..=19, ..] => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::Loopback,
            [0xfe80..=0xfebf, ..] => Self::LinkLocal,
            // Unique, site-local and of groups; translated inside one network; with an IPv4 address that is not written plainly.
            [0xfc00..=0xfdff | 0xfec0..=0xffff, ..] | [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] => Self::Private,
            _ => Self::Public,
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, translated (NAT64) or of 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_inner_address_is_seen() {
        let inner = [
            (
                Zone::Loopback,
                "127.0.0.1 127.255.0.9 0.0.0.0 ::1 :: ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::",
            ),
            (
                Zone::LinkLocal,
                "169.254.169.254 168.63.129.16 fe80::1 febf::1 ::ffff:a9fe:a9fe 64:ff9b::169.254.169.254",
            ),
            (
                Zone::Private,
                "10.0.0.1 172.16.0.1 172.31.9.9 192.168.1.1 100.100.100.200 192.0.0.192 198.18.0.1 224.0.0.1",
            ),
            (
                Zone::Private,
                "255.255.255.255 fc00::1 fd00:ec2::254 fec0::1 ff02::1 ::ffff:10.0.0.1 64:ff9b:1::1 2001:0:1::1",
            ),
            (Zone::Public, "8.8.8.8 172.32.0.1 192.169.0.1 100.128.0.1 2606:4700::1111 ::ffff:8.8.8.8 2002:808:808::"),
        ];
        for (zone, addresses) in inner {
            for address in addresses.split(' ') {
                assert_eq!(Zone::of(address.parse().expect("an address")), zone, "{address}");
            }
        }
    }
}
