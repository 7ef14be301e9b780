//! The temporal operators: instants and intervals, as comparisons of their ends.
//!
//! An instant is an interval that ends as it begins. What each operator asks of the ends is table 7 of CQL2 (21-065r2), which follows Allen's intervals.

use super::CqlError;
use super::check::{Checker, describe, operands, unsupported};
use super::expression::{Comparison, Condition, Kind};
use super::syntax::Node;

/// An end of an interval.
#[derive(Debug, Clone, PartialEq)]
enum End {
    /// Before everything.
    Open,
    /// After everything.
    OpenLate,
    At(Node),
}

/// Where something begins and ends.
struct Stretch {
    begin: End,
    end: End,
    is_instant: bool,
}

/// Which ends of the two are compared: those of the first, then those of the second.
#[derive(Clone, Copy)]
enum Of {
    Begin,
    End,
}

use Comparison::{AtLeast, AtMost, Equal, Greater, Less};
use Of::{Begin, End as Last};

/// What an operator asks: all of these.
type Asks = &'static [(Of, Comparison, Of)];

/// The operators but `t_disjoint`, which is the opposite of `t_intersects`.
const OPERATORS: [(&str, Asks); 14] = [
    ("t_after", &[(Begin, Greater, Last)]),
    ("t_before", &[(Last, Less, Begin)]),
    ("t_contains", &[(Begin, Less, Begin), (Last, Greater, Last)]),
    ("t_during", &[(Begin, Greater, Begin), (Last, Less, Last)]),
    ("t_equals", &[(Begin, Equal, Begin), (Last, Equal, Last)]),
    ("t_finishedBy", &[(Begin, Less, Begin), (Last, Equal, Last)]),
    ("t_finishes", &[(Begin, Greater, Begin), (Last, Equal, Last)]),
    ("t_intersects", &[(Begin, AtMost, Last), (Last, AtLeast, Begin)]),
    ("t_meets", &[(Last, Equal, Begin)]),
    ("t_metBy", &[(Begin, Equal, Last)]),
    ("t_overlappedBy", &[(Begin, Greater, Begin), (Begin, Less, Last), (Last, Greater, Last)]),
    ("t_overlaps", &[(Begin, Less, Begin), (Last, Greater, Begin), (Last, Less, Last)]),
    ("t_startedBy", &[(Begin, Equal, Begin), (Last, Greater, Last)]),
    ("t_starts", &[(Begin, Equal, Begin), (Last, Less, Last)]),
];

impl Checker<'_> {
    /// Of two instants or intervals.
    pub(super) fn temporal(&self, name: &str, args: &[Node]) -> Result<Condition, CqlError> {
        if name.eq_ignore_ascii_case("t_disjoint") {
            let met = self.temporal("t_intersects", args)?;
            return Ok(Condition::Not(Box::new(met)));
        }
        let operator = OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (name, asks) = operator.ok_or_else(|| unsupported(name))?;
        let [left, right] = operands(name, args)?;
        let (left, right) = (self.stretch(name, left)?, self.stretch(name, right)?);
        // Two instants meet where they are the same.
        if let (true, End::At(one), End::At(other)) =
            (left.is_instant && right.is_instant, &left.begin, &right.begin)
            && matches!(*name, "t_intersects" | "t_equals")
        {
            return self.compare(one, Equal, other);
        }
        let parts = asks
            .iter()
            .map(|(mine, comparison, theirs)| self.of_ends(left.of(*mine), *comparison, right.of(*theirs)));
        let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Condition::All(parts) })
    }

    fn stretch(&self, operator: &str, node: &Node) -> Result<Stretch, CqlError> {
        match node {
            Node::Call(name, ends) if name == "interval" => {
                let [begin, end] = operands("interval", ends)?;
                let (begin, end) =
                    (self.end(operator, begin, End::Open)?, self.end(operator, end, End::OpenLate)?);
                if let (End::At(begin), End::At(end)) = (&begin, &end) {
                    // Both are days, or both are instants of one.
                    self.compare(begin, AtMost, end)?;
                }
                Ok(Stretch { begin, end, is_instant: false })
            }
            instant => {
                let at = self.end(operator, instant, End::Open)?;
                match at {
                    End::At(_) => Ok(Stretch { begin: at.clone(), end: at, is_instant: true }),
                    _ => Err(not_in_time(operator, node)),
                }
            }
        }
    }

    /// An end: an instant, or a text that is one, or `..`.
    fn end(&self, operator: &str, node: &Node, open: End) -> Result<End, CqlError> {
        let node = match node {
            Node::Text(text) if text == ".." => return Ok(open),
            Node::Text(text) if text.contains('T') => Node::timestamp(text)?,
            Node::Text(text) => Node::date(text)?,
            other => other.clone(),
        };
        match self.scalar(&node)?.kind() {
            Kind::Date | Kind::Timestamp => Ok(End::At(node)),
            _ => Err(not_in_time(operator, &node)),
        }
    }

    /// Compares two ends; an open one is before or after everything else, and like another of its kind.
    fn of_ends(&self, left: &End, comparison: Comparison, right: &End) -> Result<Condition, CqlError> {
        if let (End::At(left), End::At(right)) = (left, right) {
            return self.compare(left, comparison, right);
        }
        let place = |end: &End| match end {
            End::Open => -1,
            End::At(_) => 0,
            End::OpenLate => 1,
        };
        Ok(Condition::Always(comparison.says(place(left).cmp(&place(right)))))
    }
}

impl Stretch {
    fn of(&self, which: Of) -> &End {
        match which {
            Begin => &self.begin,
            Last => &self.end,
        }
    }
}

fn not_in_time(operator: &str, node: &Node) -> CqlError {
    CqlError::Type(format!("{operator} takes instants and intervals, not {}", describe(node)))
}
