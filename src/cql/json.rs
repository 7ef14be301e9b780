//! CQL2 JSON into the tree.

use serde_json::{Map, Value};

use super::CqlError;
use super::error::quoted;
use super::shape::{self, Coordinates};
use super::syntax::{Budget, Node};

pub(super) fn read(text: &str) -> Result<Node, CqlError> {
    let value: Value = serde_json::from_str(text).map_err(|error| CqlError::Json(error.to_string()))?;
    node(&value, &mut Budget::default())
}

fn node(value: &Value, budget: &mut Budget) -> Result<Node, CqlError> {
    budget.node()?;
    match value {
        Value::Bool(truth) => Ok(Node::Truth(*truth)),
        Value::String(text) => Ok(Node::Text(text.clone())),
        Value::Number(_) => Ok(Node::Number(number(value)?)),
        Value::Array(list) => nodes(list, budget).map(Node::List),
        Value::Object(object) => of_object(object, budget),
        Value::Null => Err(wrong("null is no value; ask with isNull")),
    }
}

fn nodes(list: &[Value], budget: &mut Budget) -> Result<Vec<Node>, CqlError> {
    budget.enter()?;
    let nodes = list.iter().map(|value| node(value, budget)).collect::<Result<Vec<_>, _>>()?;
    budget.leave(1);
    Ok(nodes)
}

fn of_object(object: &Map<String, Value>, budget: &mut Budget) -> Result<Node, CqlError> {
    if let Some(kind) = object.get("type") {
        budget.geometry()?;
        return geometry(kind, object, budget).map(Node::Geometry);
    }
    if let Some(name) = object.get("op") {
        let args = object.get("args").ok_or_else(|| wrong("an operator has args"))?;
        return Ok(Node::Call(text(name)?.to_owned(), nodes(array(args)?, budget)?));
    }
    let mut members = object.iter();
    let (Some((key, value)), None) = (members.next(), members.next()) else {
        return Err(wrong(
            "an object has op and args, or one of property, date, timestamp, interval, bbox, or is a geometry",
        ));
    };
    match key.as_str() {
        "property" => Ok(Node::Property(text(value)?.to_owned())),
        "date" => Node::date(text(value)?),
        "timestamp" => Node::timestamp(text(value)?),
        "interval" => Ok(Node::Call("interval".to_owned(), nodes(array(value)?, budget)?)),
        "bbox" => {
            budget.geometry()?;
            let numbers = array(value)?.iter().map(number).collect::<Result<Vec<_>, _>>()?;
            shape::bbox(&numbers)
        }
        other => Err(wrong(&format!("{} is not known", quoted(other)))),
    }
}

fn geometry(
    kind: &Value,
    object: &Map<String, Value>,
    budget: &mut Budget,
) -> Result<geo::Geometry<f64>, CqlError> {
    let kind = text(kind)?.to_ascii_lowercase();
    if kind != "geometrycollection" {
        let coordinates = object.get("coordinates").ok_or_else(|| wrong("a geometry has coordinates"))?;
        return shape::geometry(&kind, &read_coordinates(coordinates, budget)?);
    }
    let members = array(object.get("geometries").ok_or_else(|| wrong("a collection has geometries"))?)?;
    let mut member =
        |value: &Value| match value.as_object().and_then(|object| Some((object.get("type")?, object))) {
            Some((kind, object)) if shape::is_single(&text(kind)?.to_ascii_lowercase()) => {
                budget.geometry()?;
                geometry(kind, object, budget)
            }
            _ => Err(wrong("a collection has geometries that are no collections")),
        };
    shape::collection(members.iter().map(&mut member).collect::<Result<_, _>>()?)
}

/// What stands behind longitude and latitude is left out.
fn read_coordinates(value: &Value, budget: &mut Budget) -> Result<Coordinates, CqlError> {
    let list = array(value)?;
    if let [Value::Number(_), ..] = list.as_slice() {
        budget.vertex()?;
        return match list.iter().map(number).collect::<Result<Vec<_>, _>>()?[..] {
            [lon, lat] | [lon, lat, _] | [lon, lat, _, _] => Ok(Coordinates::Position([lon, lat])),
            _ => Err(wrong("a position has longitude and latitude")),
        };
    }
    budget.enter()?;
    let nested = list.iter().map(|value| read_coordinates(value, budget)).collect::<Result<Vec<_>, _>>()?;
    budget.leave(1);
    Ok(Coordinates::List(nested))
}

fn text(value: &Value) -> Result<&str, CqlError> {
    value.as_str().ok_or_else(|| wrong(&format!("{} should be a text", quoted(&value.to_string()))))
}

fn array(value: &Value) -> Result<&Vec<Value>, CqlError> {
    value.as_array().ok_or_else(|| wrong(&format!("{} should be an array", quoted(&value.to_string()))))
}

fn number(value: &Value) -> Result<f64, CqlError> {
    let number = value.as_f64().filter(|number| number.is_finite());
    number.ok_or_else(|| wrong(&format!("{} should be a number", quoted(&value.to_string()))))
}

fn wrong(why: &str) -> CqlError {
    CqlError::Json(why.to_owned())
}
