//! The array operators: lists of values as sets.

use super::CqlError;
use super::check::{Checker, describe};
use super::error::quoted;
use super::expression::{Condition, Kind, Literal, Property, Scalar, Set, SetRelation};
use super::syntax::Node;

impl Checker<'_> {
    /// Of two lists, each a property or written down.
    pub(super) fn sets(
        &self,
        left: &Node,
        relation: SetRelation,
        right: &Node,
    ) -> Result<Condition, CqlError> {
        let (property, relation, other) = match (self.set(left, relation)?, self.set(right, relation)?) {
            (Set::Literals(one), Set::Literals(other)) => {
                return Ok(Condition::Always(relation.says(&one, &other)));
            }
            (Set::Literals(literals), Set::Property(property)) => {
                (property, relation.turned(), Set::Literals(literals))
            }
            (Set::Property(property), other) => (property, relation, other),
        };
        fits(&property, &other)?;
        Ok(Condition::Sets(property, relation, other))
    }

    fn set(&self, node: &Node, relation: SetRelation) -> Result<Set, CqlError> {
        match node {
            Node::Property(name) => {
                let property = self.property(name)?;
                match property.kind {
                    Kind::Texts | Kind::Numbers => Ok(Set::Property(property)),
                    other => Err(CqlError::Type(format!(
                        "{} takes lists, and {} is {}",
                        relation.as_str(),
                        quoted(name),
                        other.as_str()
                    ))),
                }
            }
            Node::List(list) => {
                list.iter().map(|node| self.element(node)).collect::<Result<_, _>>().map(Set::Literals)
            }
            // In text, a list of one is written like a value in parentheses.
            single => Ok(Set::Literals(vec![self.element(single)?])),
        }
    }

    fn element(&self, node: &Node) -> Result<Literal, CqlError> {
        match self.scalar(node)? {
            Scalar::Literal(literal) => Ok(literal),
            _ => Err(CqlError::Type(format!("a list holds values, not {}", describe(node)))),
        }
    }
}

/// Are the values of the set such as the property holds?
fn fits(property: &Property, set: &Set) -> Result<(), CqlError> {
    let of_one = if property.kind == Kind::Texts { Kind::Text } else { Kind::Number };
    let strange = match set {
        Set::Property(other) if other.kind != property.kind => Some(other.kind),
        Set::Property(_) => None,
        Set::Literals(literals) => literals.iter().map(Literal::kind).find(|kind| *kind != of_one),
    };
    match strange {
        None => Ok(()),
        Some(kind) => Err(CqlError::Type(format!(
            "{} is {}, which cannot be held against {}",
            quoted(&property.name),
            property.kind.as_str(),
            kind.as_str()
        ))),
    }
}
