//! The settings of the door as checked.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::{ByAddress, DoorSettings, Rate};
use crate::config::ConfigError;
use crate::config::printed::{optional, quoted};
use crate::config::values::{list, text, within, wrong};

/// Requests a second of an address that is not of this machine, and connections of one, where nothing is set.
const RATE: u64 = 100;
const CONNECTIONS_PER_ADDRESS: u64 = 256;
/// Seconds of its rate that a caller may use at once, where nothing is set: a map that opens asks for some dozens of tiles.
const BURST_S: u64 = 10;

/// Who comes in, how, and how often: checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorRules {
    /// The certificate; `None`: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Seconds for which browsers shall come by HTTPS only; 0: they are not told.
    pub hsts_s: u64,
    /// Networks whose word is believed.
    pub proxies: Vec<IpNet>,
    /// How they give it.
    pub proxy_headers: ProxyHeaders,
    /// How often an address may ask.
    pub rate: ByAddress<Rate>,
    /// How often may be asked with one key.
    pub key_rate: Option<Rate>,
    /// Connections at the same time.
    pub connections: usize,
    /// Those of one address.
    pub connections_per_address: ByAddress<u32>,
    /// Longest path and query.
    pub url_bytes: usize,
    /// Largest head of a request.
    pub header_bytes: usize,
    /// How long the head of the next request may take.
    pub header_timeout: Duration,
    /// How long a sender may pause within a body.
    pub body_timeout: Duration,
    /// How long a reader may take nothing.
    pub send_timeout: Duration,
}

/// A certificate and its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, that of the server first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The headers by which proxies name the caller. Those of the other kind are never read: a proxy hands on what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyHeaders {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    XForwarded,
    /// `Forwarded` of RFC 7239.
    Forwarded,
}

impl DoorRules {
    pub(in crate::config) fn check(typed: DoorSettings) -> Result<Self, ConfigError> {
        let seconds = |setting, value: Option<u64>, default| {
            within(setting, value.unwrap_or(default), 1, 3_600).map(Duration::from_secs)
        };
        let count = |setting, value: Option<u64>| {
            value.map(|value| within(setting, value, 0, 1_000_000).map(|value| value as u32)).transpose()
        };
        let rate = count("rate_limit", typed.rate_limit)?;
        let burst = match typed.rate_burst {
            Some(burst) => within("rate_burst", burst, 1, 10_000_000)?,
            None => BURST_S * u64::from(rate.filter(|rate| *rate > 0).unwrap_or(RATE as u32)),
        };
        let rated = |per_second: u32, burst: u64| {
            let per_second = NonZeroU32::new(per_second)?;
            Some(Rate { per_second, burst: NonZeroU32::new(burst as u32).unwrap_or(NonZeroU32::MIN) })
        };
        let of_address = ByAddress::new(rate, RATE as u32, |rate| rate == 0);
        let of_key = count("key_rate_limit", typed.key_rate_limit)?.unwrap_or(0);
        Ok(Self {
            tls: tls(typed.tls_cert, typed.tls_key)?,
            hsts_s: within("hsts", typed.hsts.unwrap_or(31_536_000), 0, 63_072_000)?,
            proxies: list(typed.trusted_proxies)
                .iter()
                .map(|text| network(text))
                .collect::<Result<_, _>>()?,
            proxy_headers: proxy_headers(text(typed.proxy_headers).as_deref())?,
            rate: ByAddress {
                others: of_address.others.and_then(|rate| rated(rate, burst)),
                loopback: of_address.loopback.and_then(|rate| rated(rate, burst)),
            },
            key_rate: rated(of_key, BURST_S * u64::from(of_key)),
            connections: within("max_connections", typed.max_connections.unwrap_or(4_096), 1, 1_000_000)?
                as usize,
            connections_per_address: ByAddress::new(
                count("max_connections_per_address", typed.max_connections_per_address)?,
                CONNECTIONS_PER_ADDRESS as u32,
                |most| most == 0,
            ),
            url_bytes: within("max_url_bytes", typed.max_url_bytes.unwrap_or(50 << 10), 256, 65_534)?
                as usize,
            header_bytes: within(
                "max_header_bytes",
                typed.max_header_bytes.unwrap_or(64 << 10),
                1_024,
                1 << 20,
            )? as usize,
            header_timeout: seconds("header_timeout", typed.header_timeout, 30)?,
            body_timeout: seconds("body_timeout", typed.body_timeout, 15)?,
            send_timeout: seconds("send_timeout", typed.send_timeout, 60)?,
        })
    }

    /// Is this the address of a proxy whose word is believed?
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(&address))
    }

    pub(in crate::config) fn printed(&self) -> String {
        let path = |of: fn(&TlsFiles) -> &PathBuf| {
            self.tls.as_ref().map(|files| quoted(&of(files).to_string_lossy()))
        };
        let proxies: Vec<_> = self.proxies.iter().map(IpNet::to_string).collect();
        let burst = self.rate.others.map(|rate| rate.burst);
        let proxy_headers = match self.proxy_headers {
            ProxyHeaders::XForwarded => "x-forwarded",
            ProxyHeaders::Forwarded => "forwarded",
        };
        let lines = [
            optional("tls_cert", path(|files| &files.cert)),
            optional("tls_key", path(|files| &files.key)),
            format!("hsts = {}\n", self.hsts_s),
            format!("trusted_proxies = {}\n", quoted(&proxies.join(","))),
            format!("proxy_headers = {}\n", quoted(proxy_headers)),
            self.rate.printed("rate_limit", |rate| rate.per_second.get()),
            optional("rate_burst", burst),
            format!("key_rate_limit = {}\n", self.key_rate.map_or(0, |rate| rate.per_second.get())),
            format!("max_connections = {}\n", self.connections),
            self.connections_per_address.printed("max_connections_per_address", |most| most),
            format!("max_url_bytes = {}\n", self.url_bytes),
            format!("max_header_bytes = {}\n", self.header_bytes),
            format!("header_timeout = {}\n", self.header_timeout.as_secs()),
            format!("body_timeout = {}\n", self.body_timeout.as_secs()),
            format!("send_timeout = {}\n", self.send_timeout.as_secs()),
        ];
        lines.concat()
    }
}

fn tls(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, ConfigError> {
    let given = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
    match (given(cert), given(key)) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(wrong("tls_key", "", "tls_cert is set; give the file of its private key too")),
        (None, Some(_)) => Err(wrong("tls_cert", "", "tls_key is set; give the file of its certificate too")),
    }
}

fn network(text: &str) -> Result<IpNet, ConfigError> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let network = network
        .map_err(|_| wrong("trusted_proxies", text, "give addresses or networks such as 10.1.0.0/16, ::1"))?;
    match network.prefix_len() {
        0 => {
            Err(wrong("trusted_proxies", text, "every caller could say that it is another; name the proxies"))
        }
        _ => Ok(network.trunc()),
    }
}

fn proxy_headers(text: Option<&str>) -> Result<ProxyHeaders, ConfigError> {
    match text {
        None | Some("x-forwarded") => Ok(ProxyHeaders::XForwarded),
        Some("forwarded") => Ok(ProxyHeaders::Forwarded),
        Some(other) => Err(wrong("proxy_headers", other, "give x-forwarded or forwarded")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(file: &str) -> Result<DoorRules, ConfigError> {
        DoorRules::check(toml::from_str(file).unwrap())
    }

    #[test]
    fn other_machines_are_held_to_a_rate_and_this_one_only_where_it_is_set() {
        let [here, there] = ["127.0.0.1", "192.0.2.7"].map(|text| text.parse::<IpAddr>().unwrap());
        let rate = |file: &str, address| {
            let rate = checked(file).unwrap().rate.of(address);
            rate.map(|rate| (rate.per_second.get(), rate.burst.get()))
        };
        assert_eq!((rate("", here), rate("", there)), (None, Some((100, 1_000))));
        assert_eq!((rate("rate_limit = 0", here), rate("rate_limit = 0", there)), (None, None));
        let set = "rate_limit = 5\nrate_burst = 7";
        assert_eq!((rate(set, here), rate(set, there)), (Some((5, 7)), Some((5, 7))));
        assert_eq!(rate("rate_limit = 5", there), Some((5, 50)));
    }

    #[test]
    fn a_certificate_needs_its_key_and_a_key_its_certificate() {
        assert!(checked("tls_cert = \"\"\ntls_key = \"\"").unwrap().tls.is_none());
        let message = checked("tls_cert = \"a.pem\"").unwrap_err().to_string();
        assert!(message.contains("tls_key") && message.contains("private key"), "{message}");
        let message = checked("tls_key = \"a.pem\"").unwrap_err().to_string();
        assert!(message.contains("tls_cert"), "{message}");
        let files = checked("tls_cert = \"a.pem\"\ntls_key = \"b.pem\"").unwrap().tls.unwrap();
        assert_eq!((files.cert, files.key), ("a.pem".into(), "b.pem".into()));
    }

    #[test]
    fn proxies_are_addresses_and_networks_but_never_everybody() {
        let rules = checked("trusted_proxies = \"10.1.2.3/16, ::1,192.0.2.7\"").unwrap();
        for (address, trusted) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("::1", true),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
        ] {
            assert_eq!(rules.trusts(address.parse().unwrap()), trusted, "{address}");
        }
        for wrong in ["0.0.0.0/0", "::/0", "10.0.0.0/33", "proxy.example"] {
            let message = checked(&format!("trusted_proxies = {wrong:?}")).unwrap_err().to_string();
            assert!(message.contains("trusted_proxies") && message.contains(wrong), "{message}");
        }
        assert!(checked("proxy_headers = \"x-real-ip\"").is_err());
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_rules() {
        for file in [
            "",
            "rate_limit = 0\nmax_connections_per_address = 0\nkey_rate_limit = 9",
            "tls_cert = \"a\"\ntls_key = \"b\"\ntrusted_proxies = \"10.0.0.0/8\"\nproxy_headers = \"forwarded\"\nrate_limit = 3\nrate_burst = 4",
        ] {
            let rules = checked(file).unwrap();
            assert_eq!(checked(&rules.printed()).unwrap(), rules, "{}", rules.printed());
        }
    }
}
