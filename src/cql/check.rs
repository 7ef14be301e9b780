//! From the tree to a condition: every name known, every operator given what it takes.

use geo::{Coord, Geometry, MapCoords};

use super::error::quoted;
use super::expression::{
    Arithmetic, Comparison, Condition, Kind, Literal, Property, Queryable, Relation, Scalar, SetRelation,
};
use super::like::fold;
use super::shape::of_box;
use super::spatial::relates;
use super::syntax::Node;
use super::{CqlError, Shape};

/// The condition that a tree says, of what is known.
pub(super) fn condition(node: &Node, known: &[Queryable], degrees: Degrees) -> Result<Condition, CqlError> {
    Checker { known, degrees }.condition(node)
}

/// Gives the longitude and latitude of a position.
type Degrees<'a> = &'a dyn Fn(Coord<f64>) -> Result<Coord<f64>, String>;

pub(super) struct Checker<'a> {
    known: &'a [Queryable<'a>],
    degrees: Degrees<'a>,
}

impl Checker<'_> {
    fn condition(&self, node: &Node) -> Result<Condition, CqlError> {
        match node {
            Node::Truth(truth) => Ok(Condition::Always(*truth)),
            Node::Property(name) => self.truth(name),
            Node::Call(name, args) => self.call(name, args),
            _ => Err(CqlError::Type(format!("{} is no condition", describe(node)))),
        }
    }

    /// A property that is true or false may stand by itself.
    fn truth(&self, name: &str) -> Result<Condition, CqlError> {
        let property = self.property(name)?;
        if property.kind != Kind::Truth {
            return Err(CqlError::Type(format!(
                "{} is {}, and no condition by itself",
                quoted(name),
                property.kind.as_str()
            )));
        }
        let truth = Scalar::Literal(Literal::Truth(true));
        Ok(Condition::Compare(Scalar::Property(property), Comparison::Equal, truth))
    }

    fn call(&self, name: &str, args: &[Node]) -> Result<Condition, CqlError> {
        if let Some(comparison) = Comparison::named(name) {
            let [left, right] = operands(name, args)?;
            return self.compare(left, comparison, right);
        }
        if let Some(relation) = Relation::named(name) {
            let [left, right] = operands(name, args)?;
            return self.spatial(left, relation, right);
        }
        if let Some(relation) = SetRelation::named(name) {
            let [left, right] = operands(relation.as_str(), args)?;
            return self.sets(left, relation, right);
        }
        match name {
            "and" => self.joined(args, Condition::All),
            "or" => self.joined(args, Condition::Any),
            "not" => {
                let [inner] = operands(name, args)?;
                Ok(Condition::Not(Box::new(self.condition(inner)?)))
            }
            "between" => {
                let [value, low, high] = operands(name, args)?;
                let least = self.compare(value, Comparison::AtLeast, low)?;
                Ok(Condition::All(vec![least, self.compare(value, Comparison::AtMost, high)?]))
            }
            "in" => self.one_of(args),
            "like" => self.like(args),
            "isNull" => self.is_null(args),
            _ if name.starts_with("t_") => self.temporal(name, args),
            _ => Err(unsupported(name)),
        }
    }

    /// Parts of a condition, put together; those of the same kind inside become parts themselves.
    fn joined(&self, args: &[Node], join: fn(Vec<Condition>) -> Condition) -> Result<Condition, CqlError> {
        let mut parts = Vec::new();
        let same = std::mem::discriminant(&join(Vec::new()));
        for arg in args {
            match self.condition(arg)? {
                part if std::mem::discriminant(&part) != same => parts.push(part),
                Condition::All(inner) | Condition::Any(inner) => parts.extend(inner),
                part => parts.push(part),
            }
        }
        match parts.len() {
            0 => Err(CqlError::Type("and and or take conditions".to_owned())),
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(join(parts)),
        }
    }

    pub(super) fn compare(
        &self,
        left: &Node,
        comparison: Comparison,
        right: &Node,
    ) -> Result<Condition, CqlError> {
        let (left, right) = (self.scalar(left)?, self.scalar(right)?);
        let left = self.beside(left, right.kind())?;
        let right = self.beside(right, left.kind())?;
        same_kind(&left, &right)?;
        let is_ordered = left.kind() != Kind::Truth;
        if !is_ordered && !matches!(comparison, Comparison::Equal | Comparison::Unequal) {
            return Err(CqlError::Type(format!("true and false have no order for {}", comparison.as_str())));
        }
        Ok(Condition::Compare(left, comparison, right))
    }

    fn one_of(&self, args: &[Node]) -> Result<Condition, CqlError> {
        let [value, list] = operands("in", args)?;
        let Node::List(list) = list else {
            return Err(CqlError::Type("in takes a list".to_owned()));
        };
        if list.is_empty() {
            return Err(CqlError::Type("the list of in is empty".to_owned()));
        }
        let value = self.scalar(value)?;
        let one = |node| self.beside(self.scalar(node)?, value.kind());
        let list = list.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        list.iter().try_for_each(|one| same_kind(&value, one))?;
        Ok(Condition::In(value, list))
    }

    fn like(&self, args: &[Node]) -> Result<Condition, CqlError> {
        let [value, pattern] = operands("like", args)?;
        let value = self.of_kind(value, Kind::Text, "like")?;
        match self.scalar(pattern)? {
            Scalar::Literal(Literal::Text(pattern)) => Ok(Condition::Like(value, pattern)),
            _ => Err(CqlError::Type("the pattern of like is a text, or CASEI of one".to_owned())),
        }
    }

    fn is_null(&self, args: &[Node]) -> Result<Condition, CqlError> {
        let [value] = operands("isNull", args)?;
        Ok(Condition::IsNull(match value {
            Node::Property(name) => Scalar::Property(self.property(name)?),
            other => self.scalar(other)?,
        }))
    }

    /// Of two geometries, each a property or written down.
    fn spatial(&self, left: &Node, relation: Relation, right: &Node) -> Result<Condition, CqlError> {
        match (self.place(left, relation)?, self.place(right, relation)?) {
            (Place::Property(one), Place::Property(other)) => Ok(Condition::Related(one, relation, other)),
            (Place::Property(property), Place::Shapes(shapes)) => held(&property, relation, shapes),
            (Place::Shapes(shapes), Place::Property(property)) => held(&property, relation.turned(), shapes),
            (Place::Shapes(left), Place::Shapes(right)) => {
                let one_by_one = decided_one_by_one(relation, left.len().max(right.len()))?;
                let mut pairs = left.iter().flat_map(|one| right.iter().map(move |other| (one, other)));
                let found = pairs.any(|(one, other)| relates(one.geometry(), one_by_one, other.geometry()));
                Ok(Condition::Always(found != (relation != one_by_one)))
            }
        }
    }

    fn place(&self, node: &Node, relation: Relation) -> Result<Place, CqlError> {
        let geometry = match node {
            Node::Property(name) => {
                let property = self.property(name)?;
                if property.kind != Kind::Geometry {
                    let found = property.kind.as_str();
                    return Err(CqlError::Type(format!("{} is {found}, not a geometry", quoted(name))));
                }
                return Ok(Place::Property(property));
            }
            Node::Geometry(geometry) => geometry.try_map_coords(self.degrees).map_err(CqlError::Geometry)?,
            Node::Box(low, high) => of_box(*low, *high, self.degrees)?,
            Node::Call(name, _) => return Err(unsupported(name)),
            other => {
                let (takes, found) = (relation.as_str(), describe(other));
                return Err(CqlError::Type(format!("{takes} takes two geometries, not {found}")));
            }
        };
        Shape::all(geometry).map(Place::Shapes)
    }

    pub(super) fn scalar(&self, node: &Node) -> Result<Scalar, CqlError> {
        match node {
            Node::Property(name) => {
                let property = self.property(name)?;
                let asked_by = match property.kind {
                    Kind::Geometry => "s_intersects",
                    Kind::Texts | Kind::Numbers => "a_contains",
                    _ => return Ok(Scalar::Property(property)),
                };
                let (name, kind) = (quoted(name), property.kind.as_str());
                Err(CqlError::Type(format!("{name} is {kind}; ask of it with {asked_by} and the like")))
            }
            Node::Text(text) => Ok(Scalar::Literal(Literal::Text(text.clone()))),
            Node::Number(number) => Ok(Scalar::Literal(Literal::Number(*number))),
            Node::Truth(truth) => Ok(Scalar::Literal(Literal::Truth(*truth))),
            Node::Date(date) => Ok(Scalar::Literal(Literal::Date(*date))),
            Node::Timestamp(instant) => Ok(Scalar::Literal(Literal::Timestamp(*instant))),
            Node::Call(name, args) if name == "casei" => self.folded(args),
            Node::Call(name, args) => match Arithmetic::named(name) {
                Some(arithmetic) => {
                    let [left, right] = operands(name, args)?;
                    let left = self.of_kind(left, Kind::Number, name)?;
                    let right = self.of_kind(right, Kind::Number, name)?;
                    Ok(Scalar::Arithmetic(Box::new(left), arithmetic, Box::new(right)))
                }
                None if is_condition(name) => Err(CqlError::Type(format!("{} is no value", describe(node)))),
                None => Err(unsupported(name)),
            },
            Node::Geometry(_) | Node::Box(..) | Node::List(_) => {
                Err(CqlError::Type(format!("{} is no single value", describe(node))))
            }
        }
    }

    /// A value as it stands beside one of another kind: a text beside an instant is one, as the tests of the standard have it.
    fn beside(&self, scalar: Scalar, other: Kind) -> Result<Scalar, CqlError> {
        match (&scalar, other) {
            (Scalar::Literal(Literal::Text(text)), Kind::Date) => self.scalar(&Node::date(text)?),
            (Scalar::Literal(Literal::Text(text)), Kind::Timestamp) => self.scalar(&Node::timestamp(text)?),
            _ => Ok(scalar),
        }
    }

    fn folded(&self, args: &[Node]) -> Result<Scalar, CqlError> {
        let [text] = operands("casei", args)?;
        Ok(match self.of_kind(text, Kind::Text, "casei")? {
            Scalar::Literal(Literal::Text(text)) => Scalar::Literal(Literal::Text(fold(&text))),
            folded @ Scalar::Folded(_) => folded,
            other => Scalar::Folded(Box::new(other)),
        })
    }

    fn of_kind(&self, node: &Node, kind: Kind, operator: &str) -> Result<Scalar, CqlError> {
        let scalar = self.scalar(node)?;
        if scalar.kind() == kind {
            return Ok(scalar);
        }
        let (wanted, found) = (kind.as_str(), scalar.kind().as_str());
        Err(CqlError::Type(format!("{operator} takes {wanted}, and {} is {found}", describe(node))))
    }

    pub(super) fn property(&self, name: &str) -> Result<Property, CqlError> {
        let found = self.known.iter().find(|queryable| queryable.name == name);
        let property =
            found.map(|found| Property { name: name.to_owned(), kind: found.kind, key: found.key });
        property.ok_or_else(|| CqlError::UnknownProperty {
            name: quoted(name),
            known: self.known.iter().map(|queryable| queryable.name).collect::<Vec<_>>().join(", "),
        })
    }
}

/// One side of a spatial operator.
enum Place {
    Property(Property),
    /// Several are the members of a collection.
    Shapes(Vec<Shape>),
}

/// How a property lies to a geometry, or to a collection of them.
fn held(property: &Property, relation: Relation, shapes: Vec<Shape>) -> Result<Condition, CqlError> {
    let one_by_one = decided_one_by_one(relation, shapes.len())?;
    let mut parts: Vec<_> =
        shapes.into_iter().map(|shape| Condition::Spatial(property.clone(), one_by_one, shape)).collect();
    let any = if parts.len() == 1 { parts.swap_remove(0) } else { Condition::Any(parts) };
    Ok(if relation == one_by_one { any } else { Condition::Not(Box::new(any)) })
}

/// The relation that is asked of each geometry by itself. A collection is met where any member is; how else it may lie to something, Simple
/// Features (OGC 06-103r4) does not say.
fn decided_one_by_one(relation: Relation, geometries: usize) -> Result<Relation, CqlError> {
    match relation {
        _ if geometries == 1 => Ok(relation),
        Relation::Intersects | Relation::Disjoint => Ok(Relation::Intersects),
        _ => Err(CqlError::Geometry(format!(
            "a collection can be asked for with s_intersects and s_disjoint only; give {} its members one by one",
            relation.as_str()
        ))),
    }
}

pub(super) fn operands<'a, const N: usize>(name: &str, args: &'a [Node]) -> Result<[&'a Node; N], CqlError> {
    let all: Vec<&Node> = args.iter().collect();
    let given = all.len();
    all.try_into().map_err(|_| CqlError::Type(format!("{} takes {N} operands, not {given}", quoted(name))))
}

fn same_kind(left: &Scalar, right: &Scalar) -> Result<(), CqlError> {
    let (left, right) = (left.kind(), right.kind());
    if left == right {
        return Ok(());
    }
    let mut message = format!("{} cannot be compared with {}", left.as_str(), right.as_str());
    if matches!((left, right), (Kind::Date, Kind::Timestamp) | (Kind::Timestamp, Kind::Date)) {
        message += "; write both as DATE or both as TIMESTAMP";
    }
    Err(CqlError::Type(message))
}

fn is_condition(name: &str) -> bool {
    matches!(name, "and" | "or" | "not" | "between" | "in" | "like" | "isNull")
        || Comparison::named(name).is_some()
        || Relation::named(name).is_some()
}

pub(super) fn unsupported(name: &str) -> CqlError {
    CqlError::Unsupported { name: quoted(name) }
}

/// What stands somewhere, in words.
pub(super) fn describe(node: &Node) -> String {
    match node {
        Node::Property(name) => quoted(name),
        Node::Text(text) => format!("the text {}", quoted(text)),
        Node::Number(number) => format!("the number {number:?}"),
        Node::Truth(truth) => truth.to_string(),
        Node::Date(date) => format!("the date {date}"),
        Node::Timestamp(instant) => format!("the timestamp {instant:?}"),
        Node::Geometry(Geometry::GeometryCollection(_)) => "a collection of geometries".to_owned(),
        Node::Geometry(_) => "a geometry".to_owned(),
        Node::Box(..) => "a box".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Call(name, _) => format!("the result of {}", quoted(name)),
    }
}
