//! Workloads that make tasks, and those that let them wait.

use crate::{check, cpu, report, status_kb};
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// One operation is a task that is made, gets one message and ends.
pub async fn fjcreate(n: u64) {
    let (done, mut ended) = mpsc::unbounded_channel::<u64>();
    let began = Instant::now();
    for i in 1..=n {
        let (to, inbox) = oneshot::channel::<u64>();
        let done = done.clone();
        tokio::spawn(async move {
            done.send(inbox.await.unwrap()).unwrap();
        });
        to.send(i).unwrap();
    }
    let mut sum = 0;
    for _ in 0..n {
        sum += ended.recv().await.unwrap();
    }
    check(sum == n * (n + 1) / 2, "a wrong sum");
    report("fjcreate", n, began.elapsed(), "");
}

fn skynet_node(
    number: u64,
    size: u64,
    parent: mpsc::Sender<u64>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        if size == 1 {
            parent.send(number).await.unwrap();
            return;
        }
        let (to, mut sums) = mpsc::channel(10);
        for i in 0..10 {
            let part = size / 10;
            tokio::spawn(skynet_node(number + i * part, part, to.clone()));
        }
        let mut sum = 0;
        for _ in 0..10 {
            sum += sums.recv().await.unwrap();
        }
        parent.send(sum).await.unwrap();
    })
}

/// A tree of tasks with ten children each; n is the number of leaves.
pub async fn skynet(n: u64) {
    let mut actors = 0;
    let mut size = n;
    while size > 0 {
        actors += n / size;
        size /= 10;
    }
    let (to, mut sum) = mpsc::channel(1);
    let began = Instant::now();
    tokio::spawn(skynet_node(0, n, to));
    check(sum.recv().await == Some(n * (n - 1) / 2), "a wrong sum");
    report("skynet", actors, began.elapsed(), "");
}

/// One operation is a task that is started and joined.
pub async fn spawn_join(n: u64) {
    let began = Instant::now();
    let mut handles = Vec::with_capacity(n as usize);
    for i in 0..n {
        handles.push(tokio::spawn(async move { i }));
    }
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.unwrap();
    }
    check(sum == n * (n - 1) / 2, "a wrong sum");
    report("spawn", n, began.elapsed(), "");
}

/// One operation is one yield of one of 1000 tasks.
pub async fn yields(n: u64) {
    let each = n / 1000;
    let began = Instant::now();
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            tokio::spawn(async move {
                for _ in 0..each {
                    tokio::task::yield_now().await;
                }
                each
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap();
    }
    check(count == each * 1000, "yields are missing");
    report("yield", count, began.elapsed(), "");
}

/// One operation is a call that blocks its thread for 1 ms.
pub async fn blocking(n: u64) {
    let began = Instant::now();
    let calls: Vec<_> = (0..n)
        .map(|i| {
            tokio::task::spawn_blocking(move || {
                std::thread::sleep(Duration::from_millis(1));
                i
            })
        })
        .collect();
    let mut sum = 0;
    for call in calls {
        sum += call.await.unwrap();
    }
    check(sum == n * (n - 1) / 2, "a wrong sum");
    report("blocking", n, began.elapsed(), "");
}

/// By hand, as Tokio has no supervisors: one operation is a task that gets
/// one message and fails, and its restart. The supervisor keeps a window of
/// the last restarts, as one must to give up some time.
pub async fn restart(n: u64) {
    let mut window = [Instant::now(); 6];
    let mut failures = 0;
    let began = Instant::now();
    for i in 0..n {
        let (to, mut inbox) = mpsc::channel::<u64>(1);
        to.send(i).await.unwrap();
        let life: Result<(), &str> = tokio::spawn(async move {
            inbox.recv().await;
            Err("fail")
        })
        .await
        .unwrap();
        failures += life.is_err() as u64;
        window[i as usize % window.len()] = Instant::now();
    }
    check(failures == n, "a failure was not seen");
    report("restart", n, began.elapsed(), "");
}

/// n tasks wait, each for a message in a channel of its own. One operation is
/// the start of one.
pub async fn idle(n: u64) {
    let (done, mut ended) = mpsc::channel::<u64>(256);
    let mut inboxes = Vec::with_capacity(n as usize);
    let before = status_kb("VmRSS:");
    let began = Instant::now();
    for _ in 0..n {
        let (to, mut inbox) = mpsc::channel::<u64>(1);
        let done = done.clone();
        inboxes.push(to);
        tokio::spawn(async move {
            done.send(inbox.recv().await.unwrap()).await.unwrap();
        });
    }
    let took = began.elapsed();
    // Until all of them have come to wait.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let bytes = (status_kb("VmRSS:") - before) * 1024 / n;
    tokio::spawn(async move {
        for (i, inbox) in inboxes.iter().enumerate() {
            inbox.send(i as u64).await.unwrap();
        }
    });
    let mut sum = 0;
    for _ in 0..n {
        sum += ended.recv().await.unwrap();
    }
    check(sum == n * (n - 1) / 2, "a task is missing");
    report("idle", n, took, &format!(" bytes_each={bytes}"));
}

/// n intervals of one second, started over a second in 1000 steps, then
/// watched for 6 seconds.
pub async fn timers(n: u64) {
    const PERIOD: Duration = Duration::from_secs(1);
    let (stop, _) = tokio::sync::watch::channel(());
    let mut tickers = Vec::new();
    for i in 0..n {
        if i % (n / 1000).max(1) == 0 {
            std::thread::sleep(PERIOD / 1000);
        }
        let mut stopped = stop.subscribe();
        tickers.push(tokio::spawn(async move {
            let mut due = tokio::time::Instant::now() + PERIOD;
            let mut interval = tokio::time::interval_at(due, PERIOD);
            let mut late = Vec::new();
            while !stopped.has_changed().unwrap_or(true) {
                interval.tick().await;
                let now = tokio::time::Instant::now();
                check(now >= due, "a timer was early");
                late.push(now - due);
                due += PERIOD;
            }
            late.pop();
            stopped.borrow_and_update();
            late
        }));
    }
    let (began, used) = (Instant::now(), cpu());
    tokio::time::sleep(6 * PERIOD).await;
    let used = cpu() - used;
    let took = began.elapsed() + PERIOD;
    drop(stop);
    let mut all = Vec::new();
    for ticker in tickers {
        all.extend(ticker.await.unwrap());
    }
    check(all.len() as u64 >= 5 * n, "ticks were lost");
    all.sort();
    let at = |part: f64| {
        all[(part * (all.len() - 1) as f64) as usize].as_micros()
    };
    report(
        "timers",
        all.len() as u64,
        took,
        &format!(
            " late_p50_us={} late_p99_us={} late_max_us={} cpu_s={:.3}",
            at(0.5),
            at(0.99),
            at(1.0),
            used.as_secs_f64()
        ),
    );
}
