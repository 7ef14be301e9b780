//! What was typed, as an automaton that reads names: characters as they are, by the syllables of their pinyin, by the first letters, or with a slip.
//!
//! A bit a place in what was typed: bit *i* is set while the first *i* units are accounted for (Baeza-Yates and Gonnet 1992; with errors: Wu and
//! Manber 1992). One character of a name takes one unit, itself or its first letter, or as many as a syllable has.

use super::classes::{Class, Spelling, classes, take};
use super::fold::{is_chinese, is_digit, is_letter};

/// The most units that can be looked for: the bits of a word, but one.
pub(super) const MOST_UNITS: usize = 63;
/// What was typed, ready to be looked for.
pub(super) struct Pattern {
    units: Vec<u16>,
    goal: u64,
    /// By unit of a name, its class; 0: nothing is known of it.
    class_of: Box<[u16; 1 << 16]>,
    classes: Vec<Class>,
    digits: u64,
    chinese: u64,
    letters: u64,
    slips: usize,
}

/// Where in a name it may begin, and where it must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bounds {
    /// From the first unit to the last.
    Whole,
    /// From the first unit.
    Start,
    /// Anywhere, but not within a number.
    Anywhere,
}

impl Pattern {
    /// `units` are folded, 1 to [`MOST_UNITS`] of them.
    pub(super) fn new(units: &[u16]) -> Self {
        debug_assert!((1..=MOST_UNITS).contains(&units.len()));
        let places = |is: fn(u16) -> bool| -> u64 {
            units.iter().enumerate().filter(|(_, unit)| is(**unit)).fold(0, |all, (at, _)| all | 1 << at)
        };
        let (chinese, letters) = (places(is_chinese), places(is_letter));
        let counted = (chinese | letters).count_ones();
        let slips = match (chinese != 0, counted) {
            (true, 0..=2) | (false, 0..=3) => 0,
            (true, 3..=5) | (false, 4..=8) => 1,
            _ => 2,
        };
        let (class_of, classes) = classes(units, letters != 0);
        Self {
            goal: 1 << units.len(),
            units: units.to_vec(),
            class_of,
            classes,
            digits: places(is_digit),
            chinese,
            letters,
            slips,
        }
    }

    pub(super) fn units(&self) -> &[u16] {
        &self.units
    }

    pub(super) fn has_digit(&self) -> bool {
        self.digits != 0
    }

    /// Is it in a name, spelt so?
    pub(super) fn is_in(&self, name: &[u16], spelling: Spelling, bounds: Bounds) -> bool {
        let mut state = 0;
        for (at, unit) in name.iter().enumerate() {
            if at == 0 || (bounds == Bounds::Anywhere && begins(name, at)) {
                state |= 1;
            }
            state = self.step(state, *unit, spelling);
            if state & self.goal != 0 && bounds != Bounds::Whole {
                return true;
            }
            if state == 0 && bounds != Bounds::Anywhere {
                return false;
            }
        }
        state & self.goal != 0
    }

    /// Where it stands in a name that it is in: the first place from which it is read, and the first where it can end after that.
    pub(super) fn span_in(&self, name: &[u16], spelling: Spelling) -> Option<(usize, usize)> {
        let from = |start: usize| {
            let mut state = 1;
            let end = name[start..].iter().position(|unit| {
                state = self.step(state, *unit, spelling);
                state & self.goal != 0
            });
            Some((start, start + end? + 1))
        };
        (0..name.len()).filter(|start| begins(name, *start)).find_map(from)
    }

    fn step(&self, state: u64, unit: u16, spelling: Spelling) -> u64 {
        match self.class_of[usize::from(unit)] {
            0 => 0,
            class => {
                let class = &self.classes[usize::from(class)];
                let state = state & class.any[spelling as usize];
                if state == 0 { 0 } else { take(state, &class.exact[spelling as usize]) }
            }
        }
    }

    /// The places, of two units and more from the beginning, up to which a text holds it: bits of places that may be a break.
    pub(super) fn beginnings_in(&self, text: &[u16]) -> u64 {
        let (mut state, mut seen) = (0, 0);
        for (at, unit) in text.iter().enumerate() {
            state |= u64::from(begins(text, at));
            state = self.step(state, *unit, Spelling::Syllables);
            seen |= state;
        }
        seen & self.breaks()
    }

    /// Does a name hold the rest, from one of these places on? What was typed before them may stand in the name as well, further
    /// ahead.
    pub(super) fn is_rest_in(&self, name: &[u16], breaks: u64) -> bool {
        let (mut first, mut seen, mut rest) = (0, breaks, 0);
        for (at, unit) in name.iter().enumerate() {
            let begins = begins(name, at);
            rest = self.step(if begins { rest | seen } else { rest }, *unit, Spelling::Unfinished);
            if rest & self.goal != 0 {
                return true;
            }
            first = self.step(first | u64::from(begins), *unit, Spelling::Syllables);
            seen |= first & self.breaks();
        }
        false
    }

    /// Places with two units and more on either side, none within a number.
    pub(super) fn breaks(&self) -> u64 {
        let within_number = self.digits & (self.digits << 1);
        let inner = (self.goal >> 1).wrapping_sub(1) & !0b11;
        inner & !within_number
    }

    /// The fewest slips with which it is in a name: one character too many, too few or another one, or one letter of a syllable. A number
    /// has no slip: a wrong house number is another house. `None`: more than are forgiven for its length.
    pub(super) fn slips_in(&self, name: &[u16]) -> Option<usize> {
        // Each slip makes up for one unit that nothing in the name accounts for.
        let covered = name.iter().fold(0, |all, unit| all | self.class(*unit).covers);
        if (!covered & (self.goal - 1)).count_ones() as usize > self.slips {
            return None;
        }
        let mut states = [0_u64; 3];
        let mut fewest = None;
        for (at, unit) in name.iter().enumerate() {
            states[0] |= u64::from(begins(name, at));
            states = self.step_with_slips(states, *unit);
            let reached = (0..=self.slips).find(|slips| states[*slips] & self.goal != 0);
            fewest = [fewest, reached].into_iter().flatten().min();
        }
        fewest
    }

    fn step_with_slips(&self, before: [u64; 3], unit: u16) -> [u64; 3] {
        let mut before = before;
        // One that was typed is not in the name.
        for slips in 1..=self.slips {
            before[slips] |= (before[slips - 1] & !self.digits & !self.goal) << 1;
        }
        let class = self.class(unit);
        let mut after = [0; 3];
        for slips in 0..=self.slips {
            after[slips] = take(before[slips], &class.exact[Spelling::Syllables as usize]);
            if slips > 0 {
                let from = before[slips - 1];
                after[slips] |= take(from, &class.slip);
                after[slips] |= (from & self.alike(unit)) << 1;
                // One of the name was not typed.
                after[slips] |= if is_digit(unit) { 0 } else { from & !1 };
            }
        }
        for slips in 1..=self.slips {
            after[slips] |= (after[slips - 1] & !self.digits & !self.goal) << 1;
        }
        after
    }

    fn class(&self, unit: u16) -> &Class {
        &self.classes[usize::from(self.class_of[usize::from(unit)])]
    }

    /// The places at which another one of its kind may have been meant.
    fn alike(&self, unit: u16) -> u64 {
        match unit {
            _ if is_chinese(unit) => self.chinese,
            _ if is_letter(unit) => self.letters,
            _ => 0,
        }
    }
}

/// May something begin here? Not in the middle of a number.
fn begins(name: &[u16], at: usize) -> bool {
    at == 0 || !(is_digit(name[at]) && is_digit(name[at - 1]))
}
