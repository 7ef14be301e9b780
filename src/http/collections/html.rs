//! The same for people: pages in Chinese first, a map on each, without scripts.

use std::fmt::Write;

use axum::response::Response;
use geo::{BoundingRect, Coord, Geometry, LineString, Polygon, Rect};
use serde_json::Value;

use super::super::plain_page::plain_page;
use super::asked::Asked;
use super::format::Format;
use super::items::Links;
use super::opened::Opened;
use crate::features::format::Shown;
use crate::model::{Feature, FieldValue};
use crate::store::Page;

const STYLE: &str = "body{font:16px/1.6 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;\
    color:#1d2733;background:#fbfcfd}a{color:#0b5fa5}nav{color:#5a6b7b;margin-bottom:1rem}h1{margin:.2rem 0}h1 small{font-weight:400;color:#5a6b7b}\
    table{border-collapse:collapse;width:100%;font-size:14px}td,th{text-align:left;padding:.35rem .8rem .35rem 0;vertical-align:top;border-bottom:1px solid #e3e9ef}\
    .wide{overflow-x:auto}svg{width:100%;height:26rem;background:#eef3f7;border-radius:8px;margin:1rem 0}svg a:hover *{fill:#f0a32d;fill-opacity:.6}\
    .n{fill:#2c7fb8;fill-opacity:.25;stroke:#17557f;stroke-width:1.2;vector-effect:non-scaling-stroke}.l{fill:none;stroke:#17557f;stroke-width:2;vector-effect:non-scaling-stroke}\
    .more{margin:1rem 0;font-weight:600}@media(prefers-color-scheme:dark){body{color:#dbe4ee;background:#12181f}a{color:#7cc0f5}svg{background:#1b2530}\
    td,th{border-color:#2a3846}.n{fill:#5fb3e6;stroke:#9fd3f3}.l{stroke:#9fd3f3}nav,h1 small{color:#93a4b5}}";
/// The width and height of the map in its own units.
const MAP: (f64, f64) = (1_000.0, 420.0);

/// A page with a way back.
fn page(title: &str, trail: &[(&str, String)], content: &str) -> Response {
    let mut way = String::from("<a href=\"/\">格物 Gewu</a>");
    for (name, address) in trail {
        let _ = write!(way, " › <a href=\"{}\">{}</a>", escape(address), escape(name));
    }
    let html = format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"icon\" href=\"/icon.svg\"><title>{0} · 格物 Gewu</title><style>{STYLE}</style><nav>{way}</nav><h1>{0}</h1>{content}</html>",
        escape(title)
    );
    plain_page(html, STYLE)
}

const COLLECTIONS: (&str, &str) = ("数据集 Collections", "/collections?f=html");

fn trail(opened: &Opened) -> [(&str, String); 2] {
    let own = format!("/collections/{}?f=html", opened.collection.id);
    [(COLLECTIONS.0, COLLECTIONS.1.to_owned()), (&opened.collection.title, own)]
}

fn title(opened: &Opened) -> String {
    format!("{} {}", opened.collection.title, opened.collection.title_en)
}

/// The conformance classes.
pub(super) fn conformance(classes: &[&str]) -> Response {
    let list: String = classes.iter().map(|class| format!("<li><code>{}</code>", escape(class))).collect();
    page("遵循的标准 Conformance", &[], &format!("<ul>{list}</ul>"))
}

/// All collections, as their documents say.
pub(super) fn collections(documents: &[Value]) -> Response {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let mut rows = String::from("<table><tr><th>名称 Name<th>说明 Description<th>");
    for document in documents {
        let id = text(&document["id"]);
        let _ = write!(
            rows,
            "<tr><td><a href=\"/collections/{id}?f=html\">{}</a><td>{}<td><a href=\"/collections/{id}/items?f=html\">浏览 Browse</a>",
            text(&document["title"]),
            text(&document["description"])
        );
    }
    page(COLLECTIONS.0, &[], &format!("{rows}</table>"))
}

/// One collection, as its document says, on a map of where it reaches.
pub(super) fn collection(document: &Value, opened: &Opened) -> Response {
    let mut content = format!("<p>{}", escape(&opened.collection.description));
    let side = |at: usize| document["extent"]["spatial"]["bbox"][0][at].as_f64();
    if let (Some(west), Some(south), Some(east), Some(north)) = (side(0), side(1), side(2), side(3)) {
        let area = Geometry::Polygon(Rect::new((west, south), (east, north)).to_polygon());
        content += &map(std::iter::once((&area, String::new(), String::new())));
        let _ = write!(content, "<p>范围 Extent: {west:.5}, {south:.5} – {east:.5}, {north:.5}");
    }
    content += "<table><tr><th>关系 Relation<th>格式 Format<th>地址 Address";
    for link in document["links"].as_array().into_iter().flatten() {
        let text = |key: &str| escape(link[key].as_str().unwrap_or_default());
        let _ = write!(
            content,
            "<tr><td>{}<td>{}<td><a href=\"{2}\">{2}</a>",
            text("rel"),
            text("type"),
            text("href")
        );
    }
    content += "</table>";
    page(&title(opened), &trail(opened)[..1], &content)
}

/// What the features of a collection have.
pub(super) fn schema(opened: &Opened, document: &Value) -> Response {
    let mut rows = String::from("<table><tr><th>字段 Field<th>类型 Type<th>说明 Meaning");
    for (name, property) in document["properties"].as_object().into_iter().flatten() {
        let kind = property["type"].as_str().or(property["format"].as_str()).unwrap_or_default();
        let _ = write!(
            rows,
            "<tr><td><code>{}</code><td>{}<td>{}",
            escape(name),
            escape(kind),
            escape(property["title"].as_str().unwrap_or_default())
        );
    }
    page(&title(opened), &trail(opened), &format!("{rows}</table>"))
}

/// A page of features: a map, and a row each.
pub(super) fn items(opened: &Opened, asked: &Asked, list: &Page, links: &Links) -> Response {
    let id = &opened.collection.id;
    let own = |feature: &Feature| format!("/collections/{id}/items/{}?f=html", feature.id);
    let shown = asked.shown(opened);
    let mut content = match list.matched {
        Some(matched) => {
            format!("<p>共 {matched} 个，本页 {} 个 (of {matched}, here are {0})", list.features.len())
        }
        None => format!("<p>本页 {} 个 (here are {0})", list.features.len()),
    };
    let formats = Format::OF_ITEMS.into_iter().filter(|format| *format != Format::Html);
    for format in formats {
        let _ = write!(content, " · <a href=\"{}\">{}</a>", escape(&links.format(format)), format.title());
    }
    let named = list
        .features
        .iter()
        .filter_map(|feature| Some((feature.geometry.as_ref()?, own(feature), label(feature))));
    content += &map(named);
    content += "<div class=\"wide\"><table><tr><th>标识 Id";
    for (_, field) in shown.chosen_fields() {
        let (about, name) = (escape(&field.about), escape(&field.name));
        let _ = write!(
            content,
            "<th title=\"{about}\">{}<br><code>{name}</code>",
            escape(in_chinese(&field.about))
        );
    }
    for feature in &list.features {
        let _ = write!(
            content,
            "<tr><td><a href=\"{}\">{}</a>",
            escape(&own(feature)),
            first(&feature.id.to_string())
        );
        for (at, _) in shown.chosen_fields() {
            let value = feature.values.get(at).and_then(Option::as_ref);
            let _ = write!(content, "<td>{}", value.map(cell).unwrap_or_default());
        }
    }
    content += "</table></div>";
    if let Some(next) = links.next(list) {
        let _ = write!(
            content,
            "<p class=\"more\"><a rel=\"next\" href=\"{}\">下一页 Next page →</a>",
            escape(&next)
        );
    }
    page(&title(opened), &trail(opened), &content)
}

/// One feature.
pub(super) fn item(opened: &Opened, shown: &Shown, feature: &Feature, own: &str) -> Response {
    let mut content = format!("<p><a href=\"{}?f=json\">GeoJSON</a>", escape(own));
    content += &map(feature.geometry.iter().map(|geometry| (geometry, String::new(), label(feature))));
    let _ = write!(content, "<table><tr><th>标识 Identity<td><code>{}</code>", feature.id);
    for (at, field) in shown.chosen_fields() {
        let value = feature.values.get(at).and_then(Option::as_ref);
        let _ =
            write!(content, "<tr><th>{}<td>{}", escape(&field.about), value.map(cell).unwrap_or_default());
    }
    content += "</table>";
    page(&label(feature), &trail(opened), &content)
}

/// What a feature is called: its first two texts, or its identity.
fn label(feature: &Feature) -> String {
    let texts = feature.values.iter().flatten().filter_map(|value| match value {
        FieldValue::Text(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    });
    match texts.take(2).collect::<Vec<_>>().join(" ") {
        none if none.is_empty() => feature.id.to_string(),
        some => some,
    }
}

/// What a field is called in Chinese: what comes before the first Latin letter.
fn in_chinese(about: &str) -> &str {
    let end = about.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(about.len());
    about[..end].split(['，', '：', '；']).next().unwrap_or_default().trim()
}

/// The first part of an identity.
fn first(id: &str) -> &str {
    id.split('-').next().filter(|part| !part.is_empty()).unwrap_or(id)
}

fn cell(value: &FieldValue) -> String {
    escape(&short(&value.to_string()))
}

fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A drawing of geometries in degrees, each with where it leads to and what it is called.
fn map<'a>(things: impl Iterator<Item = (&'a Geometry<f64>, String, String)>) -> String {
    let things: Vec<_> = things.collect();
    let bounds = things.iter().filter_map(|(geometry, ..)| geometry.bounding_rect());
    let bounds = bounds.reduce(|a, b| {
        let (min, max) = (
            (a.min().x.min(b.min().x), a.min().y.min(b.min().y)),
            (a.max().x.max(b.max().x), a.max().y.max(b.max().y)),
        );
        Rect::new(min, max)
    });
    let Some(bounds) = bounds else { return String::new() };
    let plane = Plane::new(bounds);
    let mut svg = format!("<svg viewBox=\"0 0 {} {}\" role=\"img\">", MAP.0, MAP.1);
    for (geometry, address, name) in &things {
        if !address.is_empty() {
            let _ = write!(svg, "<a href=\"{}\">", escape(address));
        }
        let _ = write!(svg, "<g><title>{}</title>", escape(name));
        plane.draw(&mut svg, geometry);
        svg += if address.is_empty() { "</g>" } else { "</g></a>" };
    }
    svg += "</svg>";
    svg
}

/// Degrees to the units of the drawing, true to shape in the middle.
struct Plane {
    middle: Coord<f64>,
    scale: (f64, f64),
}

impl Plane {
    fn new(bounds: Rect<f64>) -> Self {
        const MARGIN: f64 = 0.9;
        let middle = bounds.center();
        let narrow = middle.y.to_radians().cos().max(0.01);
        let least = 1e-4;
        let (width, height) = ((bounds.width() * narrow).max(least), bounds.height().max(least));
        let scale = MARGIN * (MAP.0 / width).min(MAP.1 / height);
        Self { middle, scale: (scale * narrow, scale) }
    }

    fn place(&self, at: Coord<f64>) -> (f64, f64) {
        let x = (at.x - self.middle.x) * self.scale.0 + MAP.0 / 2.0;
        let y = (self.middle.y - at.y) * self.scale.1 + MAP.1 / 2.0;
        (x, y)
    }

    fn draw(&self, svg: &mut String, geometry: &Geometry<f64>) {
        match geometry {
            Geometry::Point(point) => self.dot(svg, point.0),
            Geometry::MultiPoint(points) => points.iter().for_each(|point| self.dot(svg, point.0)),
            Geometry::LineString(line) => self.path(svg, "l", [line]),
            Geometry::MultiLineString(lines) => self.path(svg, "l", lines),
            Geometry::Polygon(polygon) => self.path(svg, "n", rings(polygon)),
            Geometry::MultiPolygon(polygons) => self.path(svg, "n", polygons.iter().flat_map(rings)),
            Geometry::GeometryCollection(members) => members.iter().for_each(|member| self.draw(svg, member)),
            _ => {}
        }
    }

    fn dot(&self, svg: &mut String, at: Coord<f64>) {
        let (x, y) = self.place(at);
        let _ = write!(svg, "<circle class=\"n\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>");
    }

    /// What falls on the same tenth of a unit as the vertex before is left out.
    fn path<'a>(&self, svg: &mut String, class: &str, lines: impl IntoIterator<Item = &'a LineString<f64>>) {
        let _ = write!(svg, "<path class=\"{class}\" fill-rule=\"evenodd\" d=\"");
        for line in lines {
            let mut last = None;
            for (number, at) in line.coords().enumerate() {
                let (x, y) = self.place(*at);
                let rounded = ((x * 10.0).round(), (y * 10.0).round());
                if last != Some(rounded) {
                    let _ = write!(svg, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
                    last = Some(rounded);
                }
            }
        }
        *svg += "\"/>";
    }
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
