//! Workers and who serves where.

use chrono::Duration;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::error::SynthError;
use super::grids::{Leaf, identity, short_name};
use super::names::{SOURCE, person_name, phone};
use super::plan::Plan;
use super::random::stream;
use crate::model::{Assignment, Grid, GridKind, Role, Span, Worker, WorkerId};

/// The share of leaves with nobody: asking for them leads to their parent.
const UNMANNED: f64 = 0.01;

/// A place to be filled.
#[derive(Debug, Clone, Copy)]
struct Post {
    grid: usize,
    role: Role,
    rank: u8,
}

/// Workers and their assignments: one each, reporters none. Workers stand in the order of their grids.
pub(super) fn invent_staff(
    grids: &[Grid],
    leaves: &[Leaf],
    plan: &Plan,
) -> Result<(Vec<Worker>, Vec<Assignment>), SynthError> {
    let mut rng = stream(plan.seed, "staff");
    let mut is_leaf = vec![false; grids.len()];
    leaves.iter().for_each(|leaf| is_leaf[leaf.grid] = true);
    let mut posts: Vec<Post> = Vec::new();
    let mut open_to_deputies = Vec::new();
    for (index, grid) in grids.iter().enumerate() {
        if is_leaf[index] && rng.random_bool(UNMANNED) {
            continue;
        }
        let first = posts.len();
        posts.extend((1..).zip(roles(grid, &mut rng)).map(|(rank, role)| Post { grid: index, role, rank }));
        if grid.kind.is_some() {
            open_to_deputies.push((index, (posts.len() - first) as u8));
        }
    }
    let assigned = plan.workers.saturating_sub(plan.reporters);
    add_deputies(&mut posts, open_to_deputies, assigned, &mut rng)?;
    posts.sort_by_key(|post| (post.grid, post.rank));
    let places = organisations(grids);
    let mut workers = Vec::with_capacity(plan.workers);
    let mut assignments = Vec::with_capacity(posts.len());
    for post in posts {
        let worker = invent_worker(workers.len(), post.role, places[post.grid].clone(), &mut rng);
        assignments.push(assign(&worker, &grids[post.grid], post, plan, &mut rng));
        workers.push(worker);
    }
    while workers.len() < plan.workers {
        let couriers = ["云路速运", "同城快递", "邻里外卖", "便民家政"];
        let employer = couriers[rng.random_range(0..couriers.len())].to_owned();
        workers.push(invent_worker(workers.len(), Role::Reporter, employer, &mut rng));
    }
    Ok((workers, assignments))
}

/// Who must be there, by rank: every base grid has one full-time worker at least.
fn roles(grid: &Grid, rng: &mut ChaCha8Rng) -> Vec<Role> {
    match grid.kind {
        None if grid.level.number() == 1 => vec![Role::Head],
        None => vec![Role::Head, Role::Instructor],
        Some(GridKind::Base) if rng.random_bool(0.6) => vec![Role::Head, Role::FullTime],
        Some(GridKind::Base) => vec![Role::FullTime, Role::PartTime],
        Some(GridKind::Dedicated) => vec![Role::FullTime],
        Some(GridKind::Micro) if rng.random_bool(0.06) => vec![Role::FullTime],
        Some(GridKind::Micro) => vec![Role::PartTime],
    }
}

/// Gives further deputies to grids drawn by lot, one each a round, until everybody has a post.
fn add_deputies(
    posts: &mut Vec<Post>,
    mut open: Vec<(usize, u8)>,
    total: usize,
    rng: &mut ChaCha8Rng,
) -> Result<(), SynthError> {
    if posts.len() > total || open.is_empty() {
        return Err(SynthError::Plan(format!(
            "{} posts need more workers than the {total} with a grid",
            posts.len()
        )));
    }
    while posts.len() < total {
        let want = (total - posts.len()).min(open.len());
        for place in 0..want {
            let chosen = rng.random_range(place..open.len());
            open.swap(place, chosen);
            let (grid, rank) = &mut open[place];
            *rank = rank.saturating_add(1);
            posts.push(Post { grid: *grid, role: Role::PartTime, rank: *rank });
        }
    }
    Ok(())
}

/// The office or committee that employs those who serve each grid. Parents come before children.
fn organisations(grids: &[Grid]) -> Vec<String> {
    let mut last = String::new();
    grids
        .iter()
        .map(|grid| {
            match grid.level.number() {
                1..=3 => last = format!("{}网格化服务管理中心", grid.name),
                4 => last = format!("{}网格站", short_name(&grid.name)),
                _ => {}
            }
            last.clone()
        })
        .collect()
}

fn invent_worker(number: usize, role: Role, organisation: String, rng: &mut ChaCha8Rng) -> Worker {
    let source_id = format!("W{:06}", number + 1);
    Worker {
        id: WorkerId(identity("worker", &source_id)),
        source: SOURCE.to_owned(),
        source_id,
        name: person_name(rng),
        phone: Some(phone(number)),
        organisation: Some(organisation),
        role,
        invented: true,
    }
}

fn assign(worker: &Worker, grid: &Grid, post: Post, plan: &Plan, rng: &mut ChaCha8Rng) -> Assignment {
    Assignment {
        id: identity("assignment", &worker.source_id),
        worker: worker.id,
        grid: grid.id,
        county: grid.county.clone(),
        role: post.role,
        rank: post.rank,
        span: Span { from: Some(plan.today - Duration::days(rng.random_range(40..1_000))), until: None },
    }
}
