//! The network of places, and shortest paths in it.
//!
//! A unit of an organisation's capacity goes from the root to the organisation, to a village and back to the root. An
//! organisation with an open wish reaches the villages that it wishes for through a node of their own, and the first unit that
//! goes there earns [`WISH`]. Each node has a potential: that of an organisation is the price of its places, that of a village is
//! its price below zero, that of the root is zero. No step that is possible costs less than nothing when the potentials of both
//! ends are counted, which is what makes Dijkstra's algorithm right, and an assignment the best one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::problem::{Pair, Problem};
use crate::rows::{Part, Row};
use crate::worth::WISH;

pub const ROOT: u32 = 0;
const FAR: i64 = i64::MAX;
/// How many villages of a row are looked at before something else.
const AT_ONCE: usize = 16;

/// A node that something leads to: the root; then the rows, which are the organisations and after them their wishes; then the
/// villages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Root,
    Row(usize),
    Village(usize),
}

#[derive(Clone, Debug)]
pub struct Network<'p> {
    problem: &'p Problem,
    rows: Vec<Row>,
    /// The row of an organisation's wish.
    wish: Vec<Option<usize>>,
    /// The organisation of each row.
    organisation: Vec<usize>,
    /// The villages that a row has.
    has: Vec<Vec<usize>>,
    /// The rows that a village has.
    had_by: Vec<Vec<usize>>,
    /// The places of each organisation that are taken.
    used: Vec<u32>,
    potential: Vec<i64>,
    distance: Vec<i64>,
    before: Vec<u32>,
    /// How many villages of each row the search has looked at.
    looked: Vec<usize>,
    touched: Vec<u32>,
    /// What is looked at next: rows to come back to, by their numbers, and after all of them the nodes.
    next: BinaryHeap<Reverse<(i64, u32)>>,
}

impl<'p> Network<'p> {
    /// A network in which nobody has anybody, with prices that fit: nobody would have anybody for less.
    pub fn new(problem: &'p Problem) -> Self {
        let organisations = problem.organisations().len();
        let mut rows = Vec::with_capacity(organisations);
        let mut wish = vec![None; organisations];
        let mut organisation: Vec<usize> = (0..organisations).collect();
        let mut wishes = Vec::new();
        for (number, wish) in wish.iter_mut().enumerate() {
            let has_wish = problem.has_open_wish(number);
            rows.push(Row::new(problem, number, if has_wish { Part::Others } else { Part::All }));
            if has_wish {
                let row = Row::new(problem, number, Part::Wished);
                if !row.listed.is_empty() {
                    *wish = Some(organisations + wishes.len());
                    organisation.push(number);
                    wishes.push(row);
                }
            }
        }
        rows.extend(wishes);
        let best = |row: &Row| row.listed.first().map_or(0, |&(_, score)| i64::from(score));
        let nodes = 1 + rows.len() + problem.villages().len();
        let mut potential = vec![0; nodes];
        for number in (0..rows.len()).rev() {
            let through_wish = wish.get(number).copied().flatten().map_or(0, |row: usize| potential[1 + row] + WISH);
            let own = best(&rows[number]);
            potential[1 + number] = if number < organisations { own.max(through_wish) } else { own };
        }
        Self {
            problem,
            has: vec![Vec::new(); rows.len()],
            looked: vec![0; rows.len()],
            rows,
            wish,
            organisation,
            had_by: vec![Vec::new(); problem.villages().len()],
            used: vec![0; organisations],
            potential,
            distance: vec![FAR; nodes],
            before: vec![ROOT; nodes],
            touched: Vec::new(),
            next: BinaryHeap::new(),
        }
    }

    /// The price of an organisation's places.
    pub fn organisation_price(&self, organisation: usize) -> i64 {
        self.potential[1 + organisation]
    }

    /// The price of an organisation's places for the villages that it wishes for, if they are apart.
    pub fn wish_price(&self, organisation: usize) -> Option<i64> {
        self.wish[organisation].map(|row| self.potential[1 + row])
    }

    /// The price of a village's places.
    pub fn village_price(&self, village: usize) -> i64 {
        -self.potential[1 + self.rows.len() + village]
    }

    pub fn free_places(&self, organisation: usize) -> u32 {
        self.problem.organisation_places(organisation) - self.used[organisation]
    }

    pub fn free_village_places(&self, village: usize) -> u32 {
        self.problem.village_places(village) - count(&self.had_by[village])
    }

    /// The pairs that are made, in no particular order.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.has
            .iter()
            .zip(&self.organisation)
            .flat_map(|(has, &organisation)| has.iter().map(move |&village| Pair { organisation, village }))
    }

    /// Gives one more place of an organisation away, for the most that it is worth, if it is worth anything.
    pub fn place(&mut self, organisation: usize) {
        if self.organisation_price(organisation) <= 0 {
            return;
        }
        self.used[organisation] += 1;
        let from = self.node(Node::Row(organisation));
        let distance = self.shortest(from, ROOT);
        for (from, to) in self.path(from, ROOT) {
            match (from, to) {
                (Node::Row(row), Node::Village(village)) => {
                    self.has[row].push(village);
                    self.had_by[village].push(row);
                }
                (Node::Village(village), Node::Row(row)) => {
                    self.has[row].retain(|&other| other != village);
                    self.had_by[village].retain(|&other| other != row);
                }
                (Node::Row(row), Node::Root) => self.used[row] -= 1,
                _ => {}
            }
        }
        for &node in &self.touched {
            let index = node as usize;
            self.potential[index] -= (distance - self.distance[index]).max(0);
        }
    }

    /// How much each side's price exceeds the score of a possible pair that is not made, by how much everything else gets worse
    /// when it is made in spite of that, and the steps by which everything else makes room.
    pub fn force(&mut self, pair: Pair) -> (i64, i64, Vec<(Node, Node)>) {
        let Pair { organisation, village } = pair;
        let row = self.wish[organisation].filter(|_| self.problem.is_wished(pair)).unwrap_or(organisation);
        let (row, village) = (self.node(Node::Row(row)), self.node(Node::Village(village)));
        let excess = self.potential[row as usize] - self.problem.score(pair) - self.potential[village as usize];
        let distance = self.shortest(village, row);
        (excess, distance, self.path(village, row))
    }

    /// The villages of an organisation, if those of a wish are not apart.
    pub fn row(&self, organisation: usize) -> Option<&Row> {
        Some(&self.rows[organisation]).filter(|_| self.wish[organisation].is_none())
    }

    /// The organisation of a row.
    pub fn organisation(&self, row: usize) -> usize {
        self.organisation[row]
    }

    /// Dijkstra's algorithm, until nothing nearer than the target is left. Among equally near ones the earlier is first.
    fn shortest(&mut self, from: u32, target: u32) -> i64 {
        for node in self.touched.drain(..) {
            self.distance[node as usize] = FAR;
            if let Some(looked) = self.looked.get_mut((node as usize).wrapping_sub(1)) {
                *looked = 0;
            }
        }
        self.next.clear();
        let rows = narrow(self.rows.len());
        self.touched.push(from);
        self.distance[from as usize] = 0;
        self.next.push(Reverse((0, rows + from)));
        while let Some(Reverse((distance, rank))) = self.next.pop() {
            if distance >= self.distance[target as usize] {
                break;
            }
            if rank < rows {
                self.look(rank as usize, distance, target);
            } else if distance == self.distance[(rank - rows) as usize] {
                self.leave(rank - rows, distance, target);
            }
        }
        self.distance[target as usize]
    }

    /// Goes from a node to all that it leads to.
    fn leave(&mut self, from: u32, now: i64, target: u32) {
        match self.kind(from) {
            Node::Root => {
                for organisation in 0..self.used.len() {
                    if self.free_places(organisation) > 0 {
                        self.reach(from, Node::Row(organisation), 0, target);
                    }
                }
                for village in 0..self.had_by.len() {
                    if !self.had_by[village].is_empty() {
                        self.reach(from, Node::Village(village), 0, target);
                    }
                }
            }
            Node::Row(row) => {
                if let Some(used) = self.used.get(row) {
                    if *used > 0 {
                        self.reach(from, Node::Root, 0, target);
                    }
                    if let Some(wish) = self.wish[row] {
                        let earned = if self.has[wish].is_empty() { WISH } else { 0 };
                        self.reach(from, Node::Row(wish), -earned, target);
                    }
                } else if !self.has[row].is_empty() {
                    let lost = if self.has[row].len() == 1 { WISH } else { 0 };
                    self.reach(from, Node::Row(self.organisation[row]), lost, target);
                }
                self.look(row, now, target);
            }
            Node::Village(village) => {
                if self.free_village_places(village) > 0 {
                    self.reach(from, Node::Root, 0, target);
                }
                for at in 0..self.had_by[village].len() {
                    let row = self.had_by[village][at];
                    let score = self.problem.score(Pair { organisation: self.organisation[row], village });
                    self.reach(from, Node::Row(row), score, target);
                }
            }
        }
    }

    /// Goes from a row to its next villages, and plans to come back where a later one might be near enough. As no price is below
    /// zero, a score alone says how near its village may be.
    fn look(&mut self, row: usize, now: i64, target: u32) {
        let from = self.node(Node::Row(row));
        let reached = self.distance[from as usize];
        let own = reached + self.potential[from as usize];
        let first = 1 + self.rows.len();
        let enough = self.looked[row] + AT_ONCE;
        loop {
            let at = self.looked[row];
            if at == self.rows[row].listed.len() {
                if self.rows[row].is_complete {
                    return;
                }
                let nearest = own - self.rows[row].ceiling();
                if at >= enough && nearest > now {
                    return self.come_back(row, nearest, target);
                }
                self.rows[row].extend(self.problem);
                continue;
            }
            let (village, score) = self.rows[row].listed[at];
            let nearest = own - i64::from(score);
            if at >= enough && nearest > now || nearest >= self.distance[target as usize] {
                return self.come_back(row, nearest, target);
            }
            self.looked[row] += 1;
            let village = village as usize;
            let distance = nearest - self.potential[first + village];
            // A pair that is made is not made again. It is never worth less than its prices.
            if distance <= reached && self.has[row].contains(&village) {
                continue;
            }
            if self.step(from, narrow(first + village), distance, target) && target == ROOT {
                // Looking for the root, we need not come back for it.
                if self.free_village_places(village) > 0 {
                    self.step(narrow(first + village), ROOT, distance + self.potential[first + village], target);
                }
            }
        }
    }

    fn come_back(&mut self, row: usize, distance: i64, target: u32) {
        if distance < self.distance[target as usize] {
            self.next.push(Reverse((distance, narrow(row))));
        }
    }

    fn reach(&mut self, from: u32, to: Node, cost: i64, target: u32) {
        let to = self.node(to);
        let distance = self.distance[from as usize] + cost + self.potential[from as usize] - self.potential[to as usize];
        self.step(from, to, distance, target);
    }

    /// Remembers a step if it is the nearest way to a node and may be part of one to the target.
    fn step(&mut self, from: u32, to: u32, distance: i64, target: u32) -> bool {
        let index = to as usize;
        let is_nearer = distance < self.distance[index] && distance < self.distance[target as usize];
        if is_nearer {
            if self.distance[index] == FAR {
                self.touched.push(to);
            }
            self.distance[index] = distance;
            self.before[index] = from;
            if to != target {
                self.next.push(Reverse((distance, narrow(self.rows.len()) + to)));
            }
        }
        is_nearer
    }

    /// The steps of the path that was found, the last one first.
    fn path(&self, from: u32, mut to: u32) -> Vec<(Node, Node)> {
        let mut steps = Vec::new();
        while to != from {
            let before = self.before[to as usize];
            steps.push((self.kind(before), self.kind(to)));
            to = before;
        }
        steps
    }

    fn node(&self, node: Node) -> u32 {
        narrow(match node {
            Node::Root => 0,
            Node::Row(row) => 1 + row,
            Node::Village(village) => 1 + self.rows.len() + village,
        })
    }

    fn kind(&self, node: u32) -> Node {
        match node as usize {
            0 => Node::Root,
            node if node <= self.rows.len() => Node::Row(node - 1),
            node => Node::Village(node - 1 - self.rows.len()),
        }
    }
}

fn count(list: &[usize]) -> u32 {
    narrow(list.len())
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("the limits of a problem are far below")
}
