//! What is asked of every row.

use chrono::{DateTime, Utc};

use crate::access::Principal;
use crate::geom::Crs;
use crate::model::Role;

/// Which fields come back. Only what is asked for is worked out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields {
    /// The code of the grid.
    pub code: bool,
    /// The codes of the chain.
    pub codes: bool,
    /// Code, name and identity of each grid of the chain.
    pub chain: bool,
    /// Who is on duty.
    pub responsible: bool,
    /// Metres to the border of the grid.
    pub border_m: bool,
}

impl Fields {
    /// What comes back when nothing is said: the code and the codes of the chain.
    pub const DEFAULT: Self =
        Self { code: true, codes: true, chain: false, responsible: false, border_m: false };

    /// Reads names separated by commas; the error says what is no field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut fields = Self::default();
        for name in text.split(',').map(str::trim) {
            match name {
                "code" => fields.code = true,
                "codes" => fields.codes = true,
                "chain" => fields.chain = true,
                "responsible" => fields.responsible = true,
                "border_m" => fields.border_m = true,
                other => {
                    let other = super::error::quoted(other.as_bytes());
                    return Err(format!(
                        "{other} is no field; fields are code, codes, chain, responsible, border_m"
                    ));
                }
            }
        }
        Ok(fields)
    }
}

/// What holds for every row of a batch.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Reference system of all positions.
    pub crs: Crs,
    /// What comes back.
    pub fields: Fields,
    /// The instant that the answers hold for.
    pub at: DateTime<Utc>,
    /// Roles that count as responsible; empty: any.
    pub roles: Vec<Role>,
    /// Who asks.
    pub who: Principal,
}

impl Plan {
    /// Rows of a chunk: many, for a lookup that gains by order; fewer where the answer to a row is long.
    pub(super) fn chunk_rows(&self) -> usize {
        let long = self.fields.chain || self.fields.responsible || self.fields.border_m;
        if long { 4_096 } else { 32_768 }
    }
}
