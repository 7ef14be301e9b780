//! Break-glass: a commander opens an area for a time, for a reason that auditors read, and gives it back when the incident is over; auditors end what should
//! not be open.

mod end;
mod open;

use super::endpoint::Endpoint;

pub(super) static ENDPOINTS: [&Endpoint; 3] = [&open::ENDPOINT, &end::OWN, &end::ONE];
