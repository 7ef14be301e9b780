//! Invented names and telephone numbers of people.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::random::pick;

/// Who owns what is invented here; part of every (`source`, `source_id`).
pub(super) const SOURCE: &str = "gewu-synth";

const SURNAMES: [&str; 60] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓",
    "许", "傅", "沈", "曾", "彭", "吕", "段", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎",
    "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "尹",
];
const GIVEN: [&str; 70] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "梅", "建", "国", "文", "春", "雪", "海", "云",
    "山", "志", "新", "红", "金", "凤", "永", "康", "福", "德", "晓", "燕", "琴", "松", "柏", "林", "月",
    "星", "晨", "阳", "雨", "嘉", "瑞", "宁", "慧", "思", "成", "立", "学", "品", "正", "清", "如", "家",
    "庆", "祥",
];

/// A name of two or three characters.
pub(super) fn person_name(rng: &mut ChaCha8Rng) -> String {
    let mut name = pick(rng, &SURNAMES).to_owned();
    name.push_str(pick(rng, &GIVEN));
    if rng.random_bool(0.78) {
        name.push_str(pick(rng, &GIVEN));
    }
    name
}

/// A number that shows that it is invented: 19900 and the running number.
pub(super) fn phone(number: usize) -> String {
    format!("19900{:06}", number % 1_000_000)
}
