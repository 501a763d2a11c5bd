//! Workloads that compute.

use crate::{check, report, MAILBOX, WORKERS};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

const FACTOR: u64 = 6364136223846793005;
const SUMMAND: u64 = 1442695040888963407;

fn compute(mut value: u64, rounds: u64) -> u64 {
    for _ in 0..rounds {
        value = value.wrapping_mul(FACTOR).wrapping_add(SUMMAND);
    }
    value
}

/// The same by squaring.
fn expected(mut value: u64, mut rounds: u64) -> u64 {
    let (mut a, mut b) = (FACTOR, SUMMAND);
    while rounds > 0 {
        if rounds & 1 != 0 {
            value = value.wrapping_mul(a).wrapping_add(b);
        }
        b = b.wrapping_mul(a.wrapping_add(1));
        a = a.wrapping_mul(a);
        rounds >>= 1;
    }
    value
}

/// The time of one round on one thread.
fn round_ns() -> f64 {
    const ROUNDS: u64 = 2_000_000;
    // Stored where others could see it, so that it must be computed.
    static VALUE: AtomicU64 = AtomicU64::new(1);
    (0..10)
        .map(|_| {
            let began = Instant::now();
            let value = VALUE.load(Ordering::Relaxed);
            VALUE.store(compute(value, ROUNDS), Ordering::Relaxed);
            began.elapsed().as_nanos() as f64 / ROUNDS as f64
        })
        .fold(f64::MAX, f64::min)
}

async fn spinners(name: &str, n: u64, actors: u64, ns: f64) {
    let rounds = (ns / round_ns()) as u64;
    let each = n / actors;
    let mut tasks = Vec::new();
    let began = Instant::now();
    for index in 0..actors {
        tasks.push(tokio::spawn(async move {
            let (to_self, mut inbox) = mpsc::channel::<()>(1);
            let mut value = index;
            for _ in 0..each {
                to_self.send(()).await.unwrap();
                inbox.recv().await.unwrap();
                value = compute(value, rounds);
            }
            value == expected(index, each * rounds)
        }));
    }
    for task in tasks {
        check(task.await.unwrap(), "a wrong result");
    }
    let took = began.elapsed();
    let busy = (each * actors) as f64 * ns / took.as_nanos() as f64;
    report(name, each * actors, took, &format!(" busy_cores={busy:.3}"));
}

/// Tasks that compute in each message, and do not talk to each other.
pub async fn parallel(n: u64) {
    spinners("parallel_64x2us", n, 64, 2000.0).await;
    spinners("parallel_512x500ns", n, 512, 500.0).await;
}

const ROWS: usize = 10_000_000;
const CHUNK: usize = 65_536;
const GROUPS: usize = 1024;

fn count(rows: &[u16], tables: &mut [[u32; GROUPS]; 4]) {
    let fours = rows.chunks_exact(4);
    for row in fours.remainder() {
        tables[0][*row as usize % GROUPS] += 1;
    }
    for four in fours {
        tables[0][four[0] as usize % GROUPS] += 1;
        tables[1][four[1] as usize % GROUPS] += 1;
        tables[2][four[2] as usize % GROUPS] += 1;
        tables[3][four[3] as usize % GROUPS] += 1;
    }
}

/// A count for each of 1024 groups of a table of 10 million rows, which is
/// read again until there were n rows; one operation is one row. Each worker
/// has one task, which gets ranges of rows.
pub async fn agg(n: u64) {
    let passes = n as usize / ROWS;
    check(passes > 0, "--n is below 10000000");
    let mut x = 1;
    let rows: Arc<Vec<u16>> = Arc::new(
        (0..ROWS)
            .map(|_| {
                x = compute(x, 1);
                (x >> 54) as u16
            })
            .collect(),
    );
    let workers = WORKERS.load(Ordering::Relaxed);
    let mut inboxes = Vec::new();
    let mut tasks = Vec::new();
    let began = Instant::now();
    for _ in 0..workers {
        let (to, mut inbox) = mpsc::channel::<(usize, usize)>(MAILBOX);
        let rows = rows.clone();
        inboxes.push(to);
        tasks.push(tokio::spawn(async move {
            let mut tables = Box::new([[0u32; GROUPS]; 4]);
            while let Some((from, to)) = inbox.recv().await {
                count(&rows[from..to], &mut tables);
            }
            tables.iter().flatten().map(|&c| c as u64).sum::<u64>()
        }));
    }
    let mut next = 0;
    for _ in 0..passes {
        for from in (0..ROWS).step_by(CHUNK) {
            let range = (from, (from + CHUNK).min(ROWS));
            inboxes[next % workers].send(range).await.unwrap();
            next += 1;
        }
    }
    drop(inboxes);
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    check(sum == (passes * ROWS) as u64, "rows are missing");
    report("agg", sum, began.elapsed(), "");
}
