//! What the characters of names take of what was typed.

use super::fold::{NUMERALS, numeral};
use super::readings::readings;

/// The letters of the longest syllable.
pub(super) const LONGEST: usize = 6;

/// How the letters that were typed stand for characters, from the surest to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// Every unit is itself.
    Literal,
    /// Or a syllable.
    Syllables,
    /// Or a syllable, the last one not yet finished.
    Unfinished,
    /// Or first letters.
    Initials,
}

impl Spelling {
    pub(super) const ALL: [Self; 4] = [Self::Literal, Self::Syllables, Self::Unfinished, Self::Initials];
}

/// By how many units are taken: at which places that is possible.
pub(super) type Steps = [u64; LONGEST + 2];

/// What a class of characters takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    /// By [`Spelling`].
    pub(super) exact: [Steps; 4],
    /// The places where anything can be taken, by [`Spelling`].
    pub(super) any: [u64; 4],
    /// With one slip in the syllable.
    pub(super) slip: Steps,
    /// What it may account for, slips in syllables included.
    pub(super) covers: u64,
}

impl Class {
    fn add(&mut self, other: &Self) {
        let steps = self.exact.iter_mut().flatten().chain(&mut self.slip);
        steps.zip(other.exact.iter().flatten().chain(&other.slip)).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// To be called when all steps are known.
    fn settle(&mut self) {
        for (any, steps) in self.any.iter_mut().zip(&self.exact) {
            *any = steps.iter().fold(0, |all, places| all | places);
        }
        let syllables = self.exact[Spelling::Syllables as usize].iter().zip(&self.slip).enumerate();
        self.covers = syllables.fold(0, |all, (count, (exact, slip))| {
            (0..count).fold(all, |all, unit| all | (exact | slip) << unit)
        });
    }
}

/// The places after some units were taken.
pub(super) fn take(state: u64, steps: &Steps) -> u64 {
    steps.iter().enumerate().fold(0, |next, (count, places)| next | (state & places) << count)
}

/// The class of every unit, and what each class takes. Class 0 takes nothing.
pub(super) fn classes(units: &[u16], has_letters: bool) -> (Box<[u16; 1 << 16]>, Vec<Class>) {
    let (mut class_of, mut classes) = match has_letters {
        true => {
            let readings = readings();
            let syllables: Vec<_> =
                readings.syllables.iter().map(|letters| read_as(units, letters)).collect();
            let together = |set: &Vec<u16>| {
                let mut class = Class::default();
                set.iter().for_each(|place| class.add(&syllables[usize::from(*place)]));
                class
            };
            (readings.set_of.clone(), readings.sets.iter().map(together).collect::<Vec<_>>())
        }
        false => (Box::new([0; 1 << 16]), vec![Class::default()]),
    };
    let of_digits =
        NUMERALS.into_iter().filter(|one| numeral(*one).is_some_and(|digit| units.contains(&digit)));
    let digits = units.iter().filter_map(|unit| numeral(*unit));
    let mut own: Vec<u16> = units.iter().copied().chain(digits).chain(of_digits).collect();
    own.sort_unstable();
    own.dedup();
    for unit in own {
        let mut class: Class = classes[usize::from(class_of[usize::from(unit)])].clone();
        let same = |other: u16| other == unit || numeral(other) == Some(unit) || numeral(unit) == Some(other);
        for (at, _) in units.iter().enumerate().filter(|(_, typed)| same(**typed)) {
            class.exact.iter_mut().for_each(|steps| steps[1] |= 1 << at);
        }
        class_of[usize::from(unit)] = classes.len() as u16;
        classes.push(class);
    }
    classes.iter_mut().for_each(Class::settle);
    (class_of, classes)
}

/// What characters with this reading take.
fn read_as(units: &[u16], letters: &[u16]) -> Class {
    let mut class = Class::default();
    (0..units.len()).for_each(|at| read_at(&mut class, units, at, letters));
    class
}

fn read_at(class: &mut Class, units: &[u16], at: usize, letters: &[u16]) {
    use Spelling::{Initials, Syllables, Unfinished};
    let (rest, bit) = (&units[at..], 1 << at);
    let [.., syllables, unfinished, initials] = &mut class.exact;
    debug_assert_eq!((Syllables as usize, Unfinished as usize, Initials as usize), (1, 2, 3));
    if rest.starts_with(letters) {
        for steps in [&mut *syllables, &mut *unfinished, &mut *initials] {
            steps[letters.len()] |= bit;
        }
    } else if letters.starts_with(rest) {
        for steps in [&mut *unfinished, &mut *initials] {
            steps[rest.len()] |= bit;
        }
    }
    if rest[0] == letters[0] {
        initials[1] |= bit;
        let both = letters.len() > 2 && letters[1] == u16::from(b'h') && rest.get(1) == Some(&letters[1]);
        initials[2] |= if both { bit } else { 0 };
    }
    for count in letters.len().saturating_sub(1).max(2)..=(letters.len() + 1).min(rest.len()) {
        if letters.len() > 1 && is_one_slip(&rest[..count], letters) {
            class.slip[count] |= bit;
        }
    }
}

/// Do two differ by one letter: another one, one more or one fewer?
fn is_one_slip(typed: &[u16], letters: &[u16]) -> bool {
    let same = typed.iter().zip(letters).take_while(|(a, b)| a == b).count();
    let (typed, letters) = (&typed[same..], &letters[same..]);
    match (typed, letters) {
        ([], []) => false,
        ([_, a @ ..], [_, b @ ..]) if typed.len() == letters.len() => a == b,
        _ if typed.len() > letters.len() => typed[1..] == *letters,
        _ => letters[1..] == *typed,
    }
}
