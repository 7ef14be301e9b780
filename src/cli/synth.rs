//! `gewu synth`: divides any polygons into invented grids.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use geojson::{Feature, FeatureCollection, GeoJson, Geometry};
use serde_json::json;

use crate::geom::from_geojson;
use crate::synth::{Child, Parent, SynthError, divide_parents};

/// What `gewu synth` is told.
#[derive(Debug, Clone, Args)]
pub struct SynthArgs {
    /// 要划分的面：GeoJSON（经纬度，度）。GeoJSON file of the polygons to divide, in degrees
    #[arg(long, value_name = "FILE")]
    pub parents: PathBuf,
    /// 网格总数，按面积分配。How many grids in all, shared out by area
    #[arg(long, value_name = "N")]
    pub grids: usize,
    /// 随机种子；种子相同则结果相同。The same seed gives the same grids
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// 输出文件；缺省为标准输出。Where to write; standard output when absent
    #[arg(long, value_name = "FILE.geojson")]
    pub out: Option<PathBuf>,
}

/// Reads the polygons, divides them, writes the grids. Nothing is written when anything is wrong.
pub fn run(args: &SynthArgs) -> Result<(), SynthError> {
    let parents = read_parents(&args.parents)?;
    let children = divide_parents(&parents, args.grids, args.seed)?;
    let features = children.iter().map(|child| feature(&parents, child)).collect();
    let text = GeoJson::from(FeatureCollection { bbox: None, features, foreign_members: None }).to_string();
    match &args.out {
        Some(path) => fs::write(path, text).map_err(|source| SynthError::Io { path: path.clone(), source }),
        None => writeln!(std::io::stdout().lock(), "{text}")
            .map_err(|source| SynthError::Io { path: "standard output".into(), source }),
    }
}

/// The polygons of a GeoJSON file. A parent is called by its `code`, else its `name`, else its place in the file.
fn read_parents(path: &Path) -> Result<Vec<Parent>, SynthError> {
    let text = fs::read_to_string(path).map_err(|source| SynthError::Io { path: path.to_owned(), source })?;
    let wrong = |why: String| SynthError::Input { file: path.display().to_string(), why };
    let features = match text.parse::<GeoJson>().map_err(|error| wrong(error.to_string()))? {
        GeoJson::FeatureCollection(collection) => collection.features,
        GeoJson::Feature(feature) => vec![feature],
        GeoJson::Geometry(geometry) => vec![Feature { geometry: Some(geometry), ..Feature::default() }],
    };
    let parent = |(place, feature): (usize, Feature)| {
        let property = |key: &str| feature.property(key).and_then(|v| v.as_str()).map(str::to_owned);
        let name = property("code").or_else(|| property("name")).unwrap_or_else(|| (place + 1).to_string());
        let geometry = feature.geometry.ok_or_else(|| wrong(format!("feature {name} has no geometry")))?;
        let territory = match from_geojson(geometry) {
            Ok(geo::Geometry::Polygon(polygon)) => geo::MultiPolygon(vec![polygon]),
            Ok(geo::Geometry::MultiPolygon(polygons)) => polygons,
            _ => return Err(wrong(format!("feature {name} is neither Polygon nor MultiPolygon"))),
        };
        Ok(Parent { name, territory })
    };
    features.into_iter().enumerate().map(parent).collect()
}

fn feature(parents: &[Parent], child: &Child) -> Feature {
    let parent = &parents[child.parent].name;
    let mut feature = Feature { geometry: Some(Geometry::from(&child.territory)), ..Feature::default() };
    feature.set_property("code", json!(format!("{parent}{:03}", child.number)));
    feature.set_property("parent", json!(parent));
    feature.set_property("name", json!(format!("{parent}第{}网格", child.number)));
    feature.set_property("invented", json!(true));
    feature
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_squares_become_ten_grids_in_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let (parents, out) = (directory.path().join("in.geojson"), directory.path().join("out.geojson"));
        let square = |x: f64| json!([[[x, 25.0], [x + 0.1, 25.0], [x + 0.1, 25.1], [x, 25.1], [x, 25.0]]]);
        let features: Vec<_> = [("A", 100.0), ("B", 100.1)]
            .map(|(code, x)| {
                let geometry = json!({"type": "Polygon", "coordinates": square(x)});
                json!({"type": "Feature", "properties": {"code": code}, "geometry": geometry})
            })
            .to_vec();
        fs::write(&parents, json!({"type": "FeatureCollection", "features": features}).to_string()).unwrap();
        run(&SynthArgs { parents, grids: 10, seed: 3, out: Some(out.clone()) }).unwrap();
        let text = fs::read_to_string(out).unwrap();
        let written = FeatureCollection::try_from(text.parse::<GeoJson>().unwrap()).unwrap();
        assert_eq!(written.features.len(), 10);
        let of_a = written.features.iter().filter(|f| f.property("parent") == Some(&json!("A"))).count();
        assert_eq!(of_a, 5);
    }

    #[test]
    fn a_file_of_points_is_refused_and_nothing_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let (parents, out) = (directory.path().join("in.geojson"), directory.path().join("out.geojson"));
        fs::write(&parents, json!({"type": "Point", "coordinates": [100.0, 25.0]}).to_string()).unwrap();
        let error = run(&SynthArgs { parents, grids: 10, seed: 3, out: Some(out.clone()) }).unwrap_err();
        assert!(error.to_string().contains("neither Polygon nor MultiPolygon"), "{error}");
        assert!(!out.exists());
    }
}
