//! Who is asked for by name or phone: by exactly one, of those who may see it. Whatever else a filter could ask would tell names piece by piece, and what is sealed has no order.

use super::params::cut;
use crate::access::PersonalField;
use crate::cql::{self, Comparison, Condition, Kind, Language, Literal, Queryable, Scalar};

const KNOWN: [Queryable; 2] = [
    Queryable { name: "name", kind: Kind::Text, key: 0 },
    Queryable { name: "phone", kind: Kind::Text, key: 1 },
];
/// Characters of a name or phone at most.
const LONGEST: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exactly {
    pub(super) name: Option<String>,
    pub(super) phone: Option<String>,
}

impl Exactly {
    /// Reads a filter in CQL2.
    pub(super) fn read(text: &str, language: Language) -> Result<Self, String> {
        let condition = cql::parse(text, language, &KNOWN).map_err(|error| error.to_string())?;
        let mut asked = Self::default();
        asked.take(&condition)?;
        Ok(asked)
    }

    /// The fields that it tells of.
    pub(super) fn fields(&self) -> impl Iterator<Item = PersonalField> {
        let name = self.name.as_ref().map(|_| PersonalField::PersonName);
        name.into_iter().chain(self.phone.as_ref().map(|_| PersonalField::PersonPhone))
    }

    fn take(&mut self, condition: &Condition) -> Result<(), String> {
        match condition {
            Condition::All(all) => all.iter().try_for_each(|one| self.take(one)),
            Condition::Compare(Scalar::Property(property), Comparison::Equal, Scalar::Literal(Literal::Text(text)))
            | Condition::Compare(Scalar::Literal(Literal::Text(text)), Comparison::Equal, Scalar::Property(property)) => {
                self.set(&property.name, text)
            }
            _ => Err("residents are found by name = '...' and phone = '...' only, joined by AND: names and phones are sealed, so that nothing but equals is found, \
                      and patterns, ranges, lists or their opposites would tell of others"
                .to_owned()),
        }
    }

    fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        if text.trim().is_empty() || text.chars().count() > LONGEST {
            return Err(format!("{name} = {:?}: give 1 to {LONGEST} characters", cut(text)));
        }
        let place = if name == "name" { &mut self.name } else { &mut self.phone };
        if place.replace(text.to_owned()).is_some() {
            return Err(format!("{name} is asked for twice, and nobody has two"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Exactly, String> {
        Exactly::read(text, Language::Text)
    }

    #[test]
    fn equals_are_read_in_both_languages_and_both_directions() {
        let asked = read("phone = '13812345678' AND '张三' = name").unwrap();
        assert_eq!((asked.name.as_deref(), asked.phone.as_deref()), (Some("张三"), Some("13812345678")));
        assert_eq!(asked.fields().count(), 2);
        let json = r#"{"op": "=", "args": [{"property": "name"}, "李四"]}"#;
        assert_eq!(Exactly::read(json, Language::Json).unwrap().name.as_deref(), Some("李四"));
    }

    #[test]
    fn whatever_asks_for_more_than_one_is_refused() {
        for filter in [
            "name LIKE '张%'",
            "phone > '138'",
            "phone BETWEEN '138' AND '139'",
            "name <> '张三'",
            "NOT name = '张三'",
            "name = '张三' OR name = '李四'",
            "name IN ('张三', '李四')",
            "name IS NULL",
            "CASEI(name) = CASEI('a')",
            "name = phone",
            "true",
        ] {
            let error = read(filter).unwrap_err();
            assert!(error.contains("residents are found by name"), "{filter}: {error}");
        }
        assert!(read("tags = 'x'").unwrap_err().contains("there are: name, phone"));
        assert!(read("name = '张三' AND name = '李四'").unwrap_err().contains("twice"));
        assert!(read("name = ' '").is_err());
        assert!(read(&format!("name = '{}'", "长".repeat(101))).is_err());
    }
}
