//! CQL2 text into the tree. A parser by recursive descent, one function a step of precedence: OR, AND, NOT, predicates, `+ -`,
//! `* / % div`, `^`, sign; geometries in `well_known_text.rs`.

use super::CqlError;
use super::error::quoted;
use super::shape;
use super::syntax::{Budget, Node};
use super::token::{self, Token, tokens};

/// Words that mean something by themselves; a property of such a name is written in double quotes.
const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"];

pub(super) fn read(text: &str) -> Result<Node, CqlError> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, budget: Budget::default() };
    let node = parser.any()?;
    if *parser.peek() == Token::End { Ok(node) } else { Err(parser.error("an operator or the end")) }
}

pub(super) struct Parser<'a> {
    text: &'a str,
    /// The last one is `End` and is never passed.
    tokens: Vec<(usize, Token<'a>)>,
    pub(super) at: usize,
    pub(super) budget: Budget,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Node, CqlError> {
        self.joined("or", Self::all)
    }

    fn all(&mut self) -> Result<Node, CqlError> {
        self.joined("and", Self::inverse)
    }

    /// Parts with a word between them; one alone is itself.
    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Node, CqlError>,
    ) -> Result<Node, CqlError> {
        let mut parts = vec![part(self)?];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 {
            return Ok(parts.swap_remove(0));
        }
        self.budget.node()?;
        Ok(Node::Call(word.to_owned(), parts))
    }

    fn inverse(&mut self) -> Result<Node, CqlError> {
        if !self.take_word("not") {
            return self.predicate();
        }
        self.budget.enter()?;
        let inner = self.inverse()?;
        self.budget.leave(1);
        self.call("not", [inner])
    }

    fn predicate(&mut self) -> Result<Node, CqlError> {
        let left = self.sum()?;
        for comparison in ["=", "<>", "<=", ">=", "<", ">"] {
            if self.take_sign(comparison) {
                let right = self.sum()?;
                return self.call(comparison, [left, right]);
            }
        }
        if self.take_word("is") {
            let is_not = self.take_word("not");
            if !self.take_word("null") {
                return Err(self.error("NULL"));
            }
            let test = self.call("isNull", [left])?;
            return self.inverted(is_not, test);
        }
        let is_not = self.take_word("not");
        let test = if self.take_word("like") {
            let pattern = self.sum()?;
            self.call("like", [left, pattern])?
        } else if self.take_word("between") {
            let low = self.sum()?;
            if !self.take_word("and") {
                return Err(self.error("AND with the upper bound"));
            }
            let high = self.sum()?;
            self.call("between", [left, low, high])?
        } else if self.take_word("in") {
            self.expect("(")?;
            let list = self.list()?;
            self.call("in", [left, Node::List(list)])?
        } else if is_not {
            return Err(self.error("LIKE, BETWEEN or IN"));
        } else {
            return Ok(left);
        };
        self.inverted(is_not, test)
    }

    fn sum(&mut self) -> Result<Node, CqlError> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result<Node, CqlError> {
        self.chain(&["*", "/", "%", "div"], Self::power)
    }

    fn power(&mut self) -> Result<Node, CqlError> {
        self.chain(&["^"], Self::operand)
    }

    /// Operands with operators between them, put together from the left.
    fn chain(
        &mut self,
        operators: &[&str],
        operand: fn(&mut Self) -> Result<Node, CqlError>,
    ) -> Result<Node, CqlError> {
        let mut whole = operand(self)?;
        let mut depth = 0;
        while let Some(operator) = operators.iter().find(|op| self.take_sign(op) || self.take_word(op)) {
            self.budget.enter()?;
            depth += 1;
            let right = operand(self)?;
            whole = self.call(operator, [whole, right])?;
        }
        self.budget.leave(depth);
        Ok(whole)
    }

    fn operand(&mut self) -> Result<Node, CqlError> {
        if self.take_sign("-") {
            self.budget.enter()?;
            let negated = self.operand()?;
            self.budget.leave(1);
            return match negated {
                Node::Number(number) => Ok(Node::Number(-number)),
                other => {
                    self.budget.node()?;
                    self.call("*", [Node::Number(-1.0), other])
                }
            };
        }
        if self.take_sign("+") {
            let Token::Number(number) = *self.peek() else { return Err(self.error("a number")) };
            self.at += 1;
            return self.leaf(Node::Number(number));
        }
        let at = self.at;
        match self.advance() {
            Token::Number(number) => self.leaf(Node::Number(number)),
            Token::Text(text) => self.leaf(Node::Text(text)),
            Token::Name(name) => self.leaf(Node::Property(name)),
            Token::Word(word) => self.word(at, word),
            Token::Sign("(") if self.take_sign(")") => self.leaf(Node::List(Vec::new())),
            Token::Sign("(") => {
                let mut list = self.list()?;
                if list.len() == 1 { Ok(list.swap_remove(0)) } else { self.leaf(Node::List(list)) }
            }
            _ => Err(self.error_at(at, "a value")),
        }
    }

    /// A word where a value may stand: a truth, a geometry, a function, or a property.
    fn word(&mut self, at: usize, word: &'a str) -> Result<Node, CqlError> {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "true" | "false" => return self.leaf(Node::Truth(lower == "true")),
            keyword if KEYWORDS.contains(&keyword) => {
                return Err(
                    self.error_at(at, "a value (a name that is a word of CQL2 stands in double quotes)")
                );
            }
            _ => {}
        }
        if shape::is_type(&lower) && self.begins_geometry() {
            self.budget.geometry()?;
            let geometry = self.geometry(&lower)?;
            return self.leaf(Node::Geometry(geometry));
        }
        if !self.take_sign("(") {
            return self.leaf(Node::Property(word.to_owned()));
        }
        let args = if self.take_sign(")") { Vec::new() } else { self.list()? };
        self.function(word, lower, args)
    }

    fn function(&mut self, word: &str, lower: String, args: Vec<Node>) -> Result<Node, CqlError> {
        self.budget.node()?;
        match (lower.as_str(), args.as_slice()) {
            ("date", [Node::Text(text)]) => Node::date(text),
            ("timestamp", [Node::Text(text)]) => Node::timestamp(text),
            ("bbox", _) => {
                self.budget.geometry()?;
                let number = |node: &Node| match node {
                    Node::Number(number) => Ok(*number),
                    _ => Err(CqlError::Geometry("BBOX takes numbers".to_owned())),
                };
                let numbers = args.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                shape::bbox(&numbers)
            }
            ("date" | "timestamp", _) => {
                Err(CqlError::Type(format!("{} takes one text, such as '2026-12-31'", quoted(word))))
            }
            ("casei" | "accenti" | "interval", _) => Ok(Node::Call(lower, args)),
            _ if ["s_", "t_", "a_"].iter().any(|kind| lower.starts_with(kind)) => Ok(Node::Call(lower, args)),
            _ => Ok(Node::Call(word.to_owned(), args)),
        }
    }

    /// Expressions up to the closing parenthesis of one that was just passed.
    fn list(&mut self) -> Result<Vec<Node>, CqlError> {
        self.budget.enter()?;
        let mut list = vec![self.any()?];
        while self.take_sign(",") {
            list.push(self.any()?);
        }
        self.expect(")")?;
        self.budget.leave(1);
        Ok(list)
    }

    fn leaf(&mut self, node: Node) -> Result<Node, CqlError> {
        self.budget.node()?;
        Ok(node)
    }

    fn call<const N: usize>(&mut self, name: &str, args: [Node; N]) -> Result<Node, CqlError> {
        self.leaf(Node::call(name, args))
    }

    fn inverted(&mut self, is_not: bool, test: Node) -> Result<Node, CqlError> {
        if is_not { self.call("not", [test]) } else { Ok(test) }
    }

    pub(super) fn peek(&self) -> &Token<'a> {
        &self.tokens[self.at].1
    }

    pub(super) fn advance(&mut self) -> Token<'a> {
        let token = self.peek().clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), CqlError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.error(&format!("{sign:?}"))) }
    }

    /// The token that comes next does not fit.
    pub(super) fn error(&self, expected: &str) -> CqlError {
        self.error_at(self.at, expected)
    }

    pub(super) fn error_at(&self, at: usize, expected: &str) -> CqlError {
        let (place, token) = &self.tokens[at];
        token::error(self.text, *place, expected, token.describe())
    }
}
