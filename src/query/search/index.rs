//! The names, addresses and codes of an atlas, folded and in one piece a part, so that they are read one after the other.

use std::collections::HashMap;
use std::sync::Arc;

use super::fold::fold_into;
use crate::atlas::{Atlas, Named, NamedKey, Part, PartKind};

/// Everything that can be looked for. Two bytes a character, and some forty a thing.
#[derive(Debug, Default)]
pub struct SearchIndex {
    parts: Vec<Indexed>,
}

#[derive(Debug, Clone)]
struct Indexed {
    /// Held, so that no other part comes to have its identity.
    part: Part,
    texts: Arc<Texts>,
}

impl SearchIndex {
    /// The index of an atlas; what is the same as in an earlier one is taken over. O(what was touched since).
    pub fn of(atlas: &Atlas, earlier: &Self) -> Self {
        let earlier: HashMap<usize, &Arc<Texts>> =
            earlier.parts.iter().map(|indexed| (indexed.part.identity(), &indexed.texts)).collect();
        let index = |part: Part| {
            let texts = earlier.get(&part.identity()).map(|texts| Arc::clone(texts));
            let texts = texts.unwrap_or_else(|| Arc::new(Texts::of(&part.named())));
            Indexed { part, texts }
        };
        Self { parts: atlas.parts().into_iter().map(index).collect() }
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|indexed| indexed.texts.entries.len()).sum()
    }

    /// Is there nothing to look for?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the texts take.
    pub fn bytes(&self) -> usize {
        let of =
            |texts: &Texts| texts.units.len() * size_of::<u16>() + texts.entries.len() * size_of::<Entry>();
        self.parts.iter().map(|indexed| of(&indexed.texts)).sum()
    }

    /// The texts, with what they are of.
    pub(super) fn texts(&self) -> impl Iterator<Item = (PartKind, &Texts)> {
        self.parts.iter().map(|indexed| (indexed.part.kind(), &*indexed.texts))
    }
}

/// The texts of a part.
#[derive(Debug)]
pub(super) struct Texts {
    units: Vec<u16>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    key: NamedKey,
    /// Where code, name and address begin; the address ends where the next code begins.
    code: u32,
    name: u32,
    address: u32,
}

/// What a thing is called, folded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called<'a> {
    pub(super) key: NamedKey,
    pub(super) code: &'a [u16],
    /// Empty: it has none.
    pub(super) name: &'a [u16],
    /// Empty: it has none.
    pub(super) address: &'a [u16],
}

impl Texts {
    fn of(named: &[Named]) -> Self {
        let mut texts = Self { units: Vec::new(), entries: Vec::with_capacity(named.len()) };
        for one in named {
            let mut put = |text: &str| {
                let at = texts.units.len() as u32;
                fold_into(text, &mut texts.units);
                at
            };
            let (code, name) = (put(one.code), put(one.name.unwrap_or_default()));
            let address = put(one.address.unwrap_or_default());
            texts.entries.push(Entry { key: one.key, code, name, address });
        }
        texts.units.shrink_to_fit();
        texts
    }

    pub(super) fn each(&self) -> impl Iterator<Item = Called<'_>> {
        (0..self.entries.len()).map(|at| {
            let Entry { key, code, name, address } = self.entries[at];
            let end = self.entries.get(at + 1).map_or(self.units.len(), |next| next.code as usize);
            let units = |from: u32, to: usize| &self.units[from as usize..to];
            Called {
                key,
                code: units(code, name as usize),
                name: units(name, address as usize),
                address: units(address, end),
            }
        })
    }
}
