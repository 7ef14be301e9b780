//! Every word that the report says, in Chinese and in English, in one place.

use super::Defect;

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Language {
    /// Chinese first, English beside it.
    #[default]
    Zh,
    /// English only.
    En,
}

impl Language {
    /// The text of a pair in this language: both for [`Language::Zh`].
    pub fn choose(self, zh: &str, en: &str) -> String {
        match self {
            Self::Zh => format!("{zh} {en}"),
            Self::En => en.to_owned(),
        }
    }
}

/// A defect in words.
pub(crate) fn describe(defect: &Defect, language: Language) -> String {
    let (zh, en) = geometry_words(defect)
        .or_else(|| coordinate_words(defect))
        .or_else(|| code_words(defect))
        .or_else(|| attribute_words(defect))
        .or_else(|| parent_words(defect))
        .unwrap_or_else(|| resource_words(defect));
    match language {
        Language::Zh => format!("{zh} · {en}"),
        Language::En => en,
    }
}

type Words = (String, String);

fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    (zh.into(), en.into())
}

fn percent(share: f64) -> String {
    format!("{:.3} %", share * 100.0)
}

fn geometry_words(defect: &Defect) -> Option<Words> {
    Some(match defect {
        Defect::NullGeometry => words("几何为空值", "the geometry is null"),
        Defect::EmptyGeometry => words("几何不含面", "the geometry is empty"),
        Defect::NotPolygon { found } => {
            words(format!("几何不是面，而是{found}"), format!("not a polygon but {found}"))
        }
        Defect::NotPosition { found } => words(
            format!("几何应为一个点，实为{found}"),
            format!("the geometry should be one point but is {found}"),
        ),
        Defect::NotFinite => words("坐标不是有限数", "a coordinate is not a finite number"),
        Defect::SelfCrossing { area_change } => words(
            format!("边界自相交，已修复，面积变化 {}", percent(*area_change)),
            format!("the boundary crosses itself; repaired, area changed by {}", percent(*area_change)),
        ),
        Defect::Unrepairable { area_change } => words(
            format!("边界自相交，修复将使面积变化 {}（上限 1 %），请在源数据中修正", percent(*area_change)),
            format!(
                "the boundary crosses itself and a repair would change its area by {} (limit 1 %); correct it at the source",
                percent(*area_change)
            ),
        ),
        Defect::DuplicateVertices { count } => {
            words(format!("删除重复顶点 {count} 个"), format!("{count} repeated vertices removed"))
        }
        Defect::UnclosedRing { count } => {
            words(format!("闭合未闭合的环 {count} 个"), format!("{count} unclosed rings closed"))
        }
        Defect::DegenerateRing { count } => words(
            format!("删除不足三个顶点的环 {count} 个"),
            format!("{count} rings of fewer than three vertices removed"),
        ),
        Defect::ForeignParts { count } => words(
            format!("删除几何集合中的非面部分 {count} 个"),
            format!("{count} parts that are no polygons removed"),
        ),
        _ => return None,
    })
}

fn coordinate_words(defect: &Defect) -> Option<Words> {
    Some(match defect {
        Defect::OutOfRange { lon, lat } => words(
            format!("坐标 ({lon}, {lat}) 不是经纬度，请检查坐标系 (--crs)"),
            format!("({lon}, {lat}) is no longitude and latitude; check the coordinate system (--crs)"),
        ),
        Defect::OutsideChina { lon, lat } => words(
            format!("坐标 ({lon:.6}, {lat:.6}) 不在中国范围内，请检查坐标系 (--crs)"),
            format!("({lon:.6}, {lat:.6}) is outside China; check the coordinate system (--crs)"),
        ),
        Defect::Untransformable { reason } => words(
            format!("坐标无法转换到 EPSG:4490：{reason}"),
            format!("a coordinate cannot be brought to EPSG:4490: {reason}"),
        ),
        Defect::SwappedAxes => words("坐标轴颠倒，已对调", "the axes were swapped; put right"),
        Defect::ZonePrefix { zone } => words(
            format!("横坐标带有带号 {zone} 而坐标系不含带号，已去除"),
            format!("eastings carry zone {zone} but the coordinate system has none; prefix taken off"),
        ),
        Defect::ZonePrefixMissing { zone } => words(
            format!("坐标系含带号 {zone} 而横坐标没有，已补上"),
            format!("the coordinate system carries zone {zone} but eastings do not; prefix put on"),
        ),
        Defect::ZoneMismatch { prefix, zone } => words(
            format!("横坐标带号为 {prefix}，坐标系为 {zone} 带，请用 --crs 指明"),
            format!(
                "eastings carry zone {prefix} but the coordinate system is zone {zone}; say which with --crs"
            ),
        ),
        Defect::MetresAsDegrees { x, y } => words(
            format!("坐标 ({x}, {y}) 是米而坐标系以度为单位，请用 --crs 指明投影"),
            format!(
                "({x}, {y}) are metres but the coordinate system is in degrees; name the projection with --crs"
            ),
        ),
        Defect::OtherDatum { name } => words(
            format!("基准面 {name} 不是 CGCS2000，PROJ 的转换可能有数米至百米误差"),
            format!(
                "datum {name} is not CGCS2000; PROJ's transformation may be off by metres to a hundred metres"
            ),
        ),
        Defect::ShiftSuspected { read_as, matches_as, before, after, of } => words(
            format!(
                "疑似坐标系标注有误：按 {read_as} 读取有 {before}/{of} 个顶点落在已有边界上，按 {matches_as} 则有 {after} 个；若属实请用 --crs {matches_as}"
            ),
            format!(
                "the coordinates may be labelled wrongly: read as {read_as} {before} of {of} vertices meet stored borders, as {matches_as} {after} do; if so use --crs {matches_as}"
            ),
        ),
        Defect::UnsharedVertices { other_row, count, farthest_m } => words(
            format!("与第 {other_row} 行相邻但有 {count} 个顶点不共用，最远相距 {farthest_m:.3} 米"),
            format!(
                "borders row {other_row} without sharing {count} vertices; the farthest is {farthest_m:.3} m off"
            ),
        ),
        Defect::VerticesShared { snapped, noded } => words(
            format!("为与相邻网格共用顶点，吸附顶点 {snapped} 个，在边上补入相邻顶点 {noded} 个"),
            format!(
                "to share vertices with its neighbours, {snapped} were snapped to theirs and {noded} of theirs put into its edges"
            ),
        ),
        Defect::VerticesKept => words(
            "与相邻网格共用顶点将使边界自相交，保持原样",
            "to share vertices with its neighbours would make the boundary cross itself; kept as it was",
        ),
        Defect::InvalidText { field, encoding } => words(
            format!("字段 {field} 的文字不是有效的 {encoding}，请检查 --encoding"),
            format!("the text of field {field} is not valid {encoding}; check --encoding"),
        ),
        Defect::EncodingGuessed { encoding } => words(
            format!("文件未声明文字编码，内容符合 {encoding}，按此读取"),
            format!("the file does not declare its text encoding; its text is {encoding} and was read so"),
        ),
        _ => return None,
    })
}

fn code_words(defect: &Defect) -> Option<Words> {
    Some(match defect {
        Defect::NoCode => words("没有编码", "the code is missing"),
        Defect::BadCode { reason } => words("编码不合规则", reason),
        Defect::FloatCode { found } => words(
            format!("编码存为数字 {found}，已还原为文本"),
            format!("the code was stored as the number {found}; made text again"),
        ),
        Defect::LostDigits { found } => words(
            format!("编码 {found} 的数字已丢失，无法还原，请从源数据重新导出为文本"),
            format!("digits of the code {found} are lost; export it as text from the source"),
        ),
        Defect::WideCharacters { found } => words(
            format!("编码 {found:?} 含全角字符或空白，已规范"),
            format!("the code {found:?} had full-width characters or white space; normalised"),
        ),
        Defect::LostZero { found, parent } => words(
            format!("编码 {found} 丢失了首位 0，依上级 {parent} 补上"),
            format!("the code {found} had lost its leading zero; put back, as its parent {parent} shows"),
        ),
        Defect::LostZeroUnproven { found, length } => words(
            format!("编码 {found} 少一位（其余均为 {length} 位），可能丢失首位 0，但无上级可证"),
            format!(
                "the code {found} is one digit short (all others have {length}); a leading zero may be lost, but no parent proves it"
            ),
        ),
        Defect::DuplicateCode { first_row, first_file } => words(
            format!("编码与 {first_file} 第 {first_row} 行重复"),
            format!("the code is already that of row {first_row} of {first_file}"),
        ),
        _ => return None,
    })
}

fn attribute_words(defect: &Defect) -> Option<Words> {
    Some(match defect {
        Defect::LevelOutOfRange { found } => {
            words(format!("层级 {found} 不在 1 至 6 之间"), format!("the level {found} is not one of 1 to 6"))
        }
        Defect::UnknownKind { found } => words(
            format!("网格类型 {found:?} 未知，应为 基础网格、专属网格、微网格 之一"),
            format!("{found:?} is no kind of grid; kinds are base, dedicated, micro"),
        ),
        Defect::BadHouseholds { found } => words(
            format!("户数 {found} 不是零或正整数"),
            format!("{found} is no number of households (zero or a positive whole number)"),
        ),
        Defect::BadNumber { field, found } => words(
            format!("字段 {field} 的值 {found:?} 不是可用的数"),
            format!("{found:?} in field {field} is no usable number"),
        ),
        Defect::NoName => words("没有名称，以编码代替", "the name is missing; the code stands in"),
        Defect::BadValue { field, found, reason } => words(
            format!("字段 {field} 的值 {found:?} 不可用"),
            format!("{found:?} in field {field} cannot be used: {reason}"),
        ),
        _ => return None,
    })
}

fn parent_words(defect: &Defect) -> Option<Words> {
    Some(match defect {
        Defect::UnknownParent { parent } => words(
            format!("上级 {parent} 既不在文件中也不在库中"),
            format!("the parent {parent} is neither in the file nor stored"),
        ),
        Defect::NoParent => words("找不到上级网格", "no parent was found"),
        Defect::ParentRejected { parent } => {
            words(format!("上级 {parent} 未被接受"), format!("the parent {parent} was rejected"))
        }
        Defect::ParentNotAbove { parent } => words(
            format!("上级 {parent} 的层级不高于本网格"),
            format!("the parent {parent} is not on a higher level"),
        ),
        Defect::ParentCycle { codes } => words(
            format!("上级关系成环：{}", codes.join(" → ")),
            format!("the parents form a circle: {}", codes.join(" → ")),
        ),
        Defect::AmbiguousParent { parent, share } => words(
            format!("仅有 {:.1} % 的面积在上级 {parent} 之内", share * 100.0),
            format!("only {:.1} % of the area lies in the parent {parent}", share * 100.0),
        ),
        _ => return None,
    })
}

fn resource_words(defect: &Defect) -> Words {
    match defect {
        Defect::NoSourceId => words("没有来源编号 (source_id)", "the source_id is missing"),
        Defect::TellingSourceId => words(
            "来源编号是身份证号或手机号：请改用无含义的编号，因为它不加密",
            "the source_id is the number of an identity card or a mobile phone: give one that means nothing elsewhere, since it is not sealed",
        ),
        Defect::NoClass => words("没有类别 (class)", "the class is missing"),
        Defect::DuplicateSourceId { source_id, first_row, first_file } => words(
            format!("来源编号 {source_id} 与 {first_file} 第 {first_row} 行重复"),
            format!("the source_id {source_id} is already that of row {first_row} of {first_file}"),
        ),
        Defect::FieldNotKept { field } => words(
            format!("字段 {field} 不予保存（个人信息最少够用）"),
            format!("field {field} is not kept: no more about a person than the service needs"),
        ),
        Defect::UnknownTag { found } => words(
            format!("服务标签 {found:?} 不予保存"),
            format!("{found:?} is no service tag (lives_alone, mobility_impaired, meal_delivery); not kept"),
        ),
        Defect::Unassigned { count } => words(
            format!("库中共有 {count} 条资源不在任何网格内"),
            format!("{count} resources of the database lie in no grid"),
        ),
        Defect::UnknownGrid { grid } => words(format!("没有网格 {grid}"), format!("there is no grid {grid}")),
        Defect::AmbiguousGrid { grid } => words(
            format!("编码 {grid} 对应多个网格，请写作 体系:编码"),
            format!("several grids have the code {grid}; write scheme:code"),
        ),
        Defect::UnknownWorker { worker } => {
            words(format!("没有网格员 {worker}"), format!("there is no worker {worker}"))
        }
        Defect::UnknownRole { found } => words(
            format!("角色 {found:?} 未知"),
            format!("{found:?} is no role; roles are head, full_time, part_time, instructor, reporter"),
        ),
        Defect::ReporterAssigned => words("流动网格员不负责网格", "a reporter serves no grid"),
        Defect::BadDate { field, found } => words(
            format!("{field} 的值 {found:?} 不是日期（如 2026-03-01 或 RFC 3339）"),
            format!("{found:?} in {field} is no date (2026-03-01 or RFC 3339)"),
        ),
        Defect::EmptySpan => words("结束不晚于开始", "it ends no later than it begins"),
        Defect::Overlapping { first_row } => words(
            format!("与第 {first_row} 行的同一任职时间重叠"),
            format!("the same worker, grid and role overlap in time with row {first_row}"),
        ),
        Defect::BadRow { reason } => words("此行无法读取", reason),
        other => words(other.kind(), other.kind()),
    }
}
