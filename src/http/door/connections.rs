//! How many connections there are, and of whom.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::rate::of_one;
use crate::config::DoorRules;

/// The connections of a server, counted. Nobody is remembered who has none.
pub(super) struct Connections {
    rules: DoorRules,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    of_one: HashMap<IpAddr, u32>,
}

/// The place of one connection; free again when this is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    of: Option<IpAddr>,
}

impl Connections {
    pub(super) fn new(rules: DoorRules) -> Arc<Self> {
        Arc::new(Self { rules, open: Mutex::default() })
    }

    /// A place for a connection from an address, while there is one.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        // Behind a proxy are many.
        let most = self.rules.connections_per_address.of(address).filter(|_| !self.rules.trusts(address));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= self.rules.connections {
            return None;
        }
        let of = most.map(|_| of_one(address));
        if let Some((one, most)) = of.zip(most) {
            let own = open.of_one.entry(one).or_default();
            if *own >= most {
                return None;
            }
            *own += 1;
        }
        open.all += 1;
        Some(Place { connections: Arc::clone(self), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(one) = self.of
            && let Some(own) = open.of_one.get_mut(&one)
        {
            *own -= 1;
            if *own == 0 {
                open.of_one.remove(&one);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CommonSettings, Config, DoorSettings, ServerSettings};

    fn connections(door: DoorSettings) -> Arc<Connections> {
        let server = ServerSettings { door, ..ServerSettings::default() };
        let file = tempfile::NamedTempFile::new().unwrap();
        let config = Config::load(Some(file.path()), CommonSettings::default(), server).unwrap();
        Connections::new(config.door)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_takes_no_more_than_its_share_and_gives_it_back() {
        let door = DoorSettings {
            max_connections_per_address: Some(2),
            trusted_proxies: Some("192.0.2.9".into()),
            ..Default::default()
        };
        let connections = connections(door);
        let held = [(); 2].map(|()| connections.admit(ip("192.0.2.1")).unwrap());
        assert!(connections.admit(ip("192.0.2.1")).is_none());
        let _other = connections.admit(ip("192.0.2.2")).unwrap();
        let _proxied = [(); 5].map(|()| connections.admit(ip("192.0.2.9")).unwrap());
        // Whoever has an address of the sixth version has a whole network of them.
        let _six = ["2001:db8::1", "2001:db8::2"].map(|one| connections.admit(ip(one)).unwrap());
        assert!(connections.admit(ip("2001:db8::3")).is_none());
        drop(held);
        assert!(connections.admit(ip("192.0.2.1")).is_some());
        assert!(!connections.open.lock().unwrap().of_one.contains_key(&ip("192.0.2.1")));
    }

    #[test]
    fn there_are_no_more_than_all_together_may_be() {
        let connections = connections(DoorSettings { max_connections: Some(3), ..Default::default() });
        let held: Vec<_> =
            (1..=3).map(|last| connections.admit(IpAddr::from([192, 0, 2, last])).unwrap()).collect();
        assert!(
            connections.admit(ip("192.0.2.200")).is_none() && connections.admit(ip("127.0.0.1")).is_none()
        );
        drop(held);
        assert!(connections.admit(ip("127.0.0.1")).is_some());
    }
}
