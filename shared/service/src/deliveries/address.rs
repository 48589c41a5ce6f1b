//! Where a webhook may be sent: to the public internet over https, and nowhere else unless the operator says so.
//!
//! Sources: RFC 6890 and the IANA special-purpose registries for addresses; RFC 6761, RFC 6762 and RFC 8375 for names; WHATWG URL
//! for the forms of IPv4 addresses that a browser's parser (and so `fetch`) takes. Names are not resolved here: a name that leads
//! to a private address is the platform's to refuse (see `docs/operate.md`).

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use ports::{Platform, Setting};

/// Which addresses beside public ones the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowed {
    /// None.
    Public,
    /// This computer's: for local runs.
    Loopback,
    /// Private networks too.
    Private,
}

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read, or holds a user's name.
    Unreadable,
    /// It is not https.
    NotHttps,
    /// It is in a private, link-local, loopback or otherwise special network.
    Private,
}

impl Fault {
    /// The code and the text that a caller reads.
    #[must_use]
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable => ("not-a-url", "must be a URL without a user's name"),
            Self::NotHttps => ("not-https", "must be https"),
            Self::Private => (
                "private-address",
                "must not be in a private, link-local or loopback network (the operator may allow it: PRIVATE_ENDPOINTS)",
            ),
        }
    }
}

impl Allowed {
    /// What the operator has set: `loopback`, `all`, or nothing.
    pub async fn read<P: Platform>(platform: &P) -> Self {
        match platform.setting(Setting::PrivateEndpoints).await.as_deref() {
            Some("loopback") => Self::Loopback,
            Some("all") => Self::Private,
            _ => Self::Public,
        }
    }
}

/// How far a host is from the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    Loopback,
    Private,
    Unreadable,
}

/// Whether webhooks may be sent to `url`. Plain http is for this computer and for private networks, where they are allowed.
///
/// # Errors
/// Why not.
pub fn check(url: &str, allowed: Allowed) -> Result<(), Fault> {
    let uri: Uri = url.parse().map_err(|_| Fault::Unreadable)?;
    let authority = uri.authority().ok_or(Fault::Unreadable)?;
    if authority.as_str().contains('@') {
        return Err(Fault::Unreadable);
    }
    let reach = reach(authority.host());
    let may = match reach {
        Reach::Unreadable => return Err(Fault::Unreadable),
        Reach::Public => true,
        Reach::Loopback => allowed >= Allowed::Loopback,
        Reach::Private => allowed >= Allowed::Private,
    };
    match uri.scheme_str() {
        Some("https") if may => Ok(()),
        Some("http") if may && reach != Reach::Public => Ok(()),
        Some("http" | "https") if !may => Err(Fault::Private),
        _ => Err(Fault::NotHttps),
    }
}

/// The same for what holds a patient's data: without https it goes nowhere but to this computer, where that is allowed.
///
/// # Errors
/// Why not.
pub fn check_confidential(url: &str, allowed: Allowed) -> Result<(), Fault> {
    check(url, allowed)?;
    let uri: Uri = url.parse().map_err(|_| Fault::Unreadable)?;
    let is_here = uri
        .authority()
        .is_some_and(|authority| reach(authority.host()) == Reach::Loopback);
    if uri.scheme_str() == Some("https") || is_here {
        Ok(())
    } else {
        Err(Fault::NotHttps)
    }
}

fn reach(host: &str) -> Reach {
    if let Some(inside) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inside.parse().map_or(Reach::Unreadable, of_v6);
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return of_v4(address);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // `127.1`, `0x7f000001` and `2130706433` are addresses to a browser's parser, and names to nobody.
    if last.is_empty() || last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Reach::Unreadable;
    }
    if last == "localhost" {
        return Reach::Loopback;
    }
    let is_local = matches!(
        last,
        "local" | "internal" | "lan" | "intranet" | "home" | "corp"
    ) || host.ends_with(".home.arpa")
        || !host.contains('.');
    if is_local {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    if a == 127 {
        return Reach::Loopback;
    }
    let is_special = matches!(
        (a, b, c),
        (0 | 10 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    if is_special {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Loopback;
    }
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        of_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 in IPv6: mapped, compatible, translated (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            v4(high, low)
        }
        [0x2002, high, low, ..] => v4(high, low),
        // Global unicast, without documentation (RFC 3849) and Teredo (RFC 4380).
        [0x2001, 0xdb8 | 0, ..] => Reach::Private,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Private,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(urls: &[&str], allowed: Allowed, want: Result<(), Fault>) {
        for url in urls {
            assert_eq!(check(url, allowed), want, "{url}");
        }
    }

    #[test]
    fn webhooks_go_over_https_to_the_public_internet() {
        all(
            &[
                "https://a.example/x",
                "https://8.8.8.8/",
                "https://[2606:4700::1111]:8443/hooks?x=1",
                "https://A.Example.:443/",
                "https://172.15.0.1/",
                "https://172.32.0.1/",
                "https://100.128.0.1/",
            ],
            Allowed::Public,
            Ok(()),
        );
        all(
            &["http://a.example/x", "http://8.8.8.8/", "ftp://a.example/"],
            Allowed::Private,
            Err(Fault::NotHttps),
        );
    }

    #[test]
    fn private_link_local_and_loopback_addresses_are_refused() {
        all(
            &[
                "https://127.0.0.1/",
                "https://localhost/",
                "http://x.localhost:3000/",
                "https://[::1]/",
                "https://[::ffff:127.0.0.1]/",
                "http://10.1.2.3/",
                "https://10.1.2.3/",
                "https://172.16.0.1/",
                "https://172.31.255.255/",
                "https://192.168.1.1/",
                "https://169.254.169.254/latest/meta-data",
                "https://100.64.0.1/",
                "https://0.0.0.0/",
                "https://224.0.0.1/",
                "https://255.255.255.255/",
                "https://[fe80::1]/",
                "https://[fd00::1]/",
                "https://[::]/",
                "https://[::ffff:10.0.0.1]/",
                "https://[64:ff9b::a00:1]/",
                "https://[2002:a00:1::]/",
                "https://[2001:db8::1]/",
                "https://printer.local/",
                "https://metadata.google.internal/",
                "https://intranet/",
            ],
            Allowed::Public,
            Err(Fault::Private),
        );
    }

    #[test]
    fn an_address_in_another_form_is_none() {
        all(
            &[
                "https://2130706433/",
                "https://0x7f000001/",
                "https://127.1/",
                "https://0177.0.0.1/",
                "https://10.0.0.0x1/",
                "https://user@a.example/",
                "https://a.example@127.0.0.1/",
                "https:///x",
                "https://[::1/",
                "not a url",
                "/relative",
            ],
            Allowed::Private,
            Err(Fault::Unreadable),
        );
    }

    #[test]
    fn what_holds_a_patients_data_goes_over_https_alone() {
        for (url, want) in [
            ("https://a.example/x", Ok(())),
            ("https://10.0.0.5/x", Ok(())),
            ("http://127.0.0.1:9000/x", Ok(())),
            ("http://10.0.0.5/x", Err(Fault::NotHttps)),
            ("http://printer.local/", Err(Fault::NotHttps)),
            ("http://a.example/x", Err(Fault::NotHttps)),
        ] {
            assert_eq!(check_confidential(url, Allowed::Private), want, "{url}");
        }
        assert_eq!(
            check_confidential("http://127.0.0.1:9000/x", Allowed::Public),
            Err(Fault::Private)
        );
    }

    #[test]
    fn the_operator_may_allow_this_computer_or_private_networks() {
        all(
            &["http://127.0.0.1:9000/x", "https://localhost/"],
            Allowed::Loopback,
            Ok(()),
        );
        all(
            &["http://10.0.0.5/x", "https://printer.local/"],
            Allowed::Loopback,
            Err(Fault::Private),
        );
        all(
            &[
                "http://10.0.0.5/x",
                "http://127.0.0.1/",
                "https://[fd00::1]/",
            ],
            Allowed::Private,
            Ok(()),
        );
    }
}
