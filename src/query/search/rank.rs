//! How well a thing fits what was typed.

use super::classes::Spelling;
use super::index::Called;
use super::pattern::{Bounds, Pattern};

/// What was typed: as one, and word by word.
pub(super) struct Typed {
    pub(super) phrase: Pattern,
    /// Two and more, else none.
    pub(super) words: Vec<Pattern>,
}

/// In which way a thing fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is the code.
    Code,
    /// It is the name.
    Name,
    /// The code begins with it.
    CodeStart,
    /// The name begins with it.
    NameStart,
    /// The name contains it.
    NamePart,
    /// The address begins with it.
    AddressStart,
    /// The address contains it.
    AddressPart,
    /// Each word is in the name, in the address or in the name of a grid around.
    Words,
    /// A place and what is there: its beginning is in the name, the address or the name of a grid around, the rest in the name.
    Apart,
    /// The name contains it, but for a slip or two.
    Slips,
}

/// How well: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) fit: Fit,
    pub(super) slips: u8,
    pub(super) spelling: Spelling,
    /// Of the text that fits: the less there is beside, the better.
    pub(super) length: u32,
}

impl Rank {
    fn new(fit: Fit, spelling: Spelling, text: &[u16]) -> Self {
        Self { fit, slips: 0, spelling, length: text.len() as u32 }
    }

    /// From 1 down to 0, in the order of ranks; the length does not count.
    pub(super) fn score(&self) -> f64 {
        let best = match self.fit {
            Fit::Code => 1.0,
            Fit::Name => 0.95,
            Fit::CodeStart => 0.9,
            Fit::NameStart => 0.8,
            Fit::NamePart => 0.7,
            Fit::AddressStart => 0.6,
            Fit::AddressPart => 0.5,
            Fit::Words => 0.4,
            Fit::Apart => 0.3,
            Fit::Slips => 0.2,
        };
        let less = f64::from(self.slips) * 0.05 + f64::from(self.spelling as u8) * 0.01;
        ((best - less) * 100.0_f64).round() / 100.0
    }
}

/// How well a thing fits as it is written, if it does. `around`: does the name of a grid around hold the word of this place?
pub(super) fn rank(typed: &Typed, called: &Called, around: impl Fn(usize) -> bool) -> Option<Rank> {
    let of_code = of_code(&typed.phrase, called.code);
    if let Some(Rank { fit: Fit::Code, .. }) = of_code {
        return of_code;
    }
    let others = || {
        let of_name = of_text(&typed.phrase, called.name, Spelling::Initials);
        of_name.or_else(|| {
            // First letters fit too many addresses to say anything.
            let mut of_address = of_text(&typed.phrase, called.address, Spelling::Unfinished)?;
            of_address.fit =
                if of_address.fit == Fit::NamePart { Fit::AddressPart } else { Fit::AddressStart };
            Some(of_address)
        })
    };
    let best = [of_code, others()].into_iter().flatten().min();
    best.or_else(|| of_words(&typed.words, called, around))
}

fn of_code(phrase: &Pattern, code: &[u16]) -> Option<Rank> {
    let fit = match phrase.units() {
        all if all == code => Fit::Code,
        // Letters alone begin too many codes to say anything.
        start if phrase.has_digit() && code.starts_with(start) => Fit::CodeStart,
        _ => return None,
    };
    Some(Rank::new(fit, Spelling::Literal, code))
}

/// How a text fits, as if it were a name.
fn of_text(phrase: &Pattern, text: &[u16], widest: Spelling) -> Option<Rank> {
    if !phrase.is_in(text, widest, Bounds::Anywhere) {
        return None;
    }
    let within = |fit: Fit, bounds: Bounds| {
        let spellings = Spelling::ALL.into_iter().filter(|spelling| *spelling <= widest);
        // An unfinished syllable is a beginning, not the whole.
        let mut spellings = spellings.filter(|one| bounds != Bounds::Whole || *one != Spelling::Unfinished);
        let spelling = spellings.find(|spelling| phrase.is_in(text, *spelling, bounds));
        spelling.map(|spelling| Rank::new(fit, spelling, text))
    };
    within(Fit::Name, Bounds::Whole)
        .or_else(|| within(Fit::NameStart, Bounds::Start))
        .or_else(|| within(Fit::NamePart, Bounds::Anywhere))
}

fn of_words(words: &[Pattern], called: &Called, around: impl Fn(usize) -> bool) -> Option<Rank> {
    if words.is_empty() {
        return None;
    }
    let is_in = |word: &Pattern, text: &[u16]| word.is_in(text, Spelling::Unfinished, Bounds::Anywhere);
    // One of them at least is in the name: a place alone names nothing in it.
    let own = words.iter().any(|word| is_in(word, called.name));
    let fits = |(place, word): (usize, &Pattern)| {
        is_in(word, called.name) || is_in(word, called.address) || around(place)
    };
    (own && words.iter().enumerate().all(fits))
        .then(|| Rank::new(Fit::Words, Spelling::Unfinished, called.name))
}

/// How well a thing fits when its place was typed before it. `around`: the places up to which a grid around holds what was typed.
pub(super) fn rank_apart(phrase: &Pattern, called: &Called, around: impl Fn() -> u64) -> Option<Rank> {
    let any = phrase.breaks();
    if any == 0 || !phrase.is_rest_in(called.name, any) {
        return None;
    }
    let breaks = phrase.beginnings_in(called.address) | around();
    phrase.is_rest_in(called.name, breaks).then(|| Rank::new(Fit::Apart, Spelling::Unfinished, called.name))
}

/// How well a name fits but for a slip or two.
pub(super) fn rank_slips(phrase: &Pattern, called: &Called) -> Option<Rank> {
    let slips = phrase.slips_in(called.name)?;
    let rank = Rank::new(Fit::Slips, Spelling::Syllables, called.name);
    Some(Rank { slips: slips as u8, ..rank })
}
