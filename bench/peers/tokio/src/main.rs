//! The benchmarks in Tokio: tasks of the multi-thread runtime and channels.
//!
//! Channels that stream have 256 places, as a mailbox of Bastion has.

mod compute;
mod messages;
mod tasks;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub const MAILBOX: usize = 256;

/// How many threads the runtime has.
pub static WORKERS: AtomicUsize = AtomicUsize::new(0);

type Run = fn(u64) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Name, what `--n` is by default, and what to run.
const WORKLOADS: &[(&str, u64, Run)] = &[
    ("agg", 200_000_000, |n| Box::pin(compute::agg(n))),
    ("ask", 1_000_000, |n| Box::pin(messages::ask(n))),
    ("big", 2_000_000, |n| Box::pin(messages::big(n))),
    ("blocking", 10_000, |n| Box::pin(tasks::blocking(n))),
    ("broadcast", 5_000_000, |n| Box::pin(messages::broadcast(n))),
    ("counting", 5_000_000, |n| Box::pin(messages::counting(n))),
    ("fanin", 5_000_000, |n| Box::pin(messages::fanin(n))),
    ("fjcreate", 1_000_000, |n| Box::pin(tasks::fjcreate(n))),
    ("fjthroughput", 5_000_000, |n| Box::pin(messages::fjthroughput(n))),
    ("idle", 1_000_000, |n| Box::pin(tasks::idle(n))),
    ("parallel", 1_000_000, |n| Box::pin(compute::parallel(n))),
    ("pingpong", 1_000_000, |n| Box::pin(messages::pingpong(n))),
    ("restart", 300_000, |n| Box::pin(tasks::restart(n))),
    ("skynet", 1_000_000, |n| Box::pin(tasks::skynet(n))),
    ("spawn", 1_000_000, |n| Box::pin(tasks::spawn_join(n))),
    ("threadring", 2_000_000, |n| Box::pin(messages::threadring(n))),
    ("timers", 100_000, |n| Box::pin(tasks::timers(n))),
    ("yield", 1_000_000, |n| Box::pin(tasks::yields(n))),
];

/// Ends the program unless `ok`.
pub fn check(ok: bool, sentence: &str) {
    if !ok {
        eprintln!("benchmark: {sentence}");
        std::process::exit(1);
    }
}

/// A line of /proc/self/status that is in kB.
pub fn status_kb(key: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// CPU time of all threads.
pub fn cpu() -> Duration {
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let of = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec as u64)
            + Duration::from_micros(t.tv_usec as u64)
    };
    of(usage.ru_utime) + of(usage.ru_stime)
}

pub fn report(name: &str, ops: u64, took: Duration, more: &str) {
    let seconds = took.as_secs_f64();
    println!(
        "name={name} impl=tokio n={ops} seconds={seconds:.6} \
         ops_per_s={:.0} rss_kb={}{more}",
        ops as f64 / seconds,
        status_kb("VmHWM:")
    );
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    check(args.len() > 1, "usage: tokio WORKLOAD [--n N] [--threads N]");
    let chosen = WORKLOADS.iter().find(|(name, _, _)| *name == args[1]);
    let (_, default, run) = chosen.unwrap_or_else(|| {
        eprintln!("no such workload: {}", args[1]);
        std::process::exit(3);
    });
    let mut n = *default;
    let mut threads = 0;
    for pair in args[2..].chunks(2) {
        check(pair.len() == 2, "a value is missing");
        match pair[0].as_str() {
            "--n" => n = pair[1].parse().unwrap(),
            "--threads" => threads = pair[1].parse().unwrap(),
            _ => check(false, "unknown option"),
        }
    }
    if threads == 0 {
        threads = std::thread::available_parallelism().unwrap().get();
    }
    WORKERS.store(threads, Ordering::Relaxed);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_time()
        .build()
        .unwrap();
    // As a task, so that it runs on a worker and not on this thread.
    let task = runtime.spawn(run(n));
    runtime.block_on(task).unwrap();
    std::process::exit(0);
}
