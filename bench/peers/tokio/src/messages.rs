//! Workloads that are made of messages.

use crate::{check, report, MAILBOX};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// One operation is a round trip.
pub async fn pingpong(n: u64) {
    let (to_right, mut right) = mpsc::channel::<u64>(MAILBOX);
    let (to_left, mut left) = mpsc::channel::<u64>(MAILBOX);
    tokio::spawn(async move {
        while let Some(ball) = right.recv().await {
            if to_left.send(ball).await.is_err() {
                break;
            }
        }
    });
    let began = Instant::now();
    for i in (1..=n).rev() {
        to_right.send(i).await.unwrap();
        check(left.recv().await == Some(i), "not the ball that was hit");
    }
    report("pingpong", n, began.elapsed(), "");
}

/// One operation is one hop of a token round 503 tasks.
pub async fn threadring(n: u64) {
    const NODES: usize = 503;
    let (done, mut ended) = mpsc::channel::<u64>(1);
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..NODES).map(|_| mpsc::channel::<u64>(MAILBOX)).unzip();
    for (index, mut inbox) in receivers.into_iter().enumerate() {
        let next = senders[(index + 1) % NODES].clone();
        let done = done.clone();
        tokio::spawn(async move {
            while let Some(left) = inbox.recv().await {
                if left == 0 {
                    done.send(index as u64).await.unwrap();
                } else {
                    next.send(left - 1).await.unwrap();
                }
            }
        });
    }
    let began = Instant::now();
    senders[0].send(n).await.unwrap();
    let last = ended.recv().await;
    check(last == Some(n % NODES as u64), "the token ends elsewhere");
    report("threadring", n, began.elapsed(), "");
}

/// Adds up what arrives until all senders are gone.
async fn counter(mut inbox: mpsc::Receiver<u64>) -> (u64, u64) {
    let (mut count, mut sum) = (0, 0);
    while let Some(number) = inbox.recv().await {
        count += 1;
        sum += number;
    }
    (count, sum)
}

/// One operation is one number from the producer to the counter.
pub async fn counting(n: u64) {
    let (to, inbox) = mpsc::channel::<u64>(MAILBOX);
    let total = tokio::spawn(counter(inbox));
    let began = Instant::now();
    for i in 1..=n {
        to.send(i).await.unwrap();
    }
    drop(to);
    check(total.await.unwrap() == (n, n * (n + 1) / 2), "a wrong sum");
    report("counting", n, began.elapsed(), "");
}

/// One operation is one message of one of 64 sources to the sink.
pub async fn fanin(n: u64) {
    const SOURCES: u64 = 64;
    let each = n / SOURCES;
    let (to, mut inbox) = mpsc::channel::<(u64, u64)>(MAILBOX);
    let began = Instant::now();
    for from in 0..SOURCES {
        let to = to.clone();
        tokio::spawn(async move {
            for number in 0..each {
                to.send((from, number)).await.unwrap();
            }
        });
    }
    drop(to);
    let mut next = [0u64; SOURCES as usize];
    while let Some((from, number)) = inbox.recv().await {
        check(next[from as usize] == number, "a message is out of order");
        next[from as usize] += 1;
    }
    check(next.iter().all(|&count| count == each), "messages are missing");
    report("fanin", each * SOURCES, began.elapsed(), "");
}

enum Note {
    Ping(usize),
    Pong,
    Report,
}

/// One operation is one message, a ping or a pong between 512 peers. No peer
/// has more than one ping under way, so that no inbox overflows.
pub async fn big(n: u64) {
    const PEERS: usize = 512;
    let each = n / (2 * PEERS as u64);
    let (done, mut ended) = mpsc::channel::<()>(PEERS);
    let (peers, inboxes): (Vec<_>, Vec<_>) =
        (0..PEERS).map(|_| mpsc::channel::<Note>(PEERS + 2)).unzip();
    let mut handles = Vec::new();
    let began = Instant::now();
    for (index, mut inbox) in inboxes.into_iter().enumerate() {
        let (peers, done) = (peers.clone(), done.clone());
        handles.push(tokio::spawn(async move {
            let mut dice = index as u64 + 1;
            let mut other = move || {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                dice as usize % PEERS
            };
            let (mut left, mut pings, mut pongs) = (each, 0u64, 0u64);
            peers[other()].send(Note::Ping(index)).await.ok();
            while let Some(note) = inbox.recv().await {
                match note {
                    Note::Ping(from) => {
                        pings += 1;
                        peers[from].send(Note::Pong).await.ok();
                    }
                    Note::Pong => {
                        pongs += 1;
                        left -= 1;
                        if left > 0 {
                            peers[other()].send(Note::Ping(index)).await.ok();
                        } else {
                            done.send(()).await.ok();
                        }
                    }
                    Note::Report => break,
                }
            }
            (pings, pongs)
        }));
    }
    for _ in 0..PEERS {
        ended.recv().await;
    }
    let took = began.elapsed();
    let mut sum = (0, 0);
    for (peer, handle) in peers.iter().zip(handles) {
        peer.send(Note::Report).await.ok();
        let (pings, pongs) = handle.await.unwrap();
        sum = (sum.0 + pings, sum.1 + pongs);
    }
    let expected = each * PEERS as u64;
    check(sum == (expected, expected), "messages are missing");
    report("big", sum.0 + sum.1, took, "");
}

/// One operation is one message to one of 60 workers.
pub async fn fjthroughput(n: u64) {
    const WORKERS: usize = 60;
    let each = n / WORKERS as u64;
    let n = each * WORKERS as u64;
    let mut workers = Vec::new();
    let mut totals = Vec::new();
    for _ in 0..WORKERS {
        let (to, inbox) = mpsc::channel::<u64>(MAILBOX);
        workers.push(to);
        totals.push(tokio::spawn(counter(inbox)));
    }
    let began = Instant::now();
    for i in 0..n {
        workers[i as usize % WORKERS].send(i + 1).await.unwrap();
    }
    drop(workers);
    let mut sum = 0;
    for total in totals {
        let (count, part) = total.await.unwrap();
        check(count == each, "a share of the wrong size");
        sum += part;
    }
    check(sum == n * (n + 1) / 2, "a wrong sum");
    report("fjthroughput", n, began.elapsed(), "");
}

/// One operation is one question and its answer.
pub async fn ask(n: u64) {
    let (server, mut questions) =
        mpsc::channel::<oneshot::Sender<u64>>(MAILBOX);
    tokio::spawn(async move {
        let mut number = 0;
        while let Some(question) = questions.recv().await {
            number += 1;
            question.send(number).ok();
        }
    });
    let began = Instant::now();
    for i in 1..=n {
        let (question, answer) = oneshot::channel();
        server.send(question).await.unwrap();
        check(answer.await == Ok(i), "an answer to another question");
    }
    report("ask", n, began.elapsed(), "");
}

/// One operation is one delivery to one of 100 listeners.
pub async fn broadcast(n: u64) {
    const LISTENERS: u64 = 100;
    let casts = n / LISTENERS;
    let mut listeners = Vec::new();
    let mut totals = Vec::new();
    for _ in 0..LISTENERS {
        let (to, inbox) = mpsc::channel::<u64>(MAILBOX);
        listeners.push(to);
        totals.push(tokio::spawn(counter(inbox)));
    }
    let began = Instant::now();
    for i in 1..=casts {
        for listener in &listeners {
            listener.send(i).await.unwrap();
        }
    }
    drop(listeners);
    for total in totals {
        let expected = (casts, casts * (casts + 1) / 2);
        check(total.await.unwrap() == expected, "a listener missed something");
    }
    report("broadcast", casts * LISTENERS, began.elapsed(), "");
}
