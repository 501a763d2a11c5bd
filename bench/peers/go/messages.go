package main

import (
	"math/rand"
	"time"
)

// pingpong: one operation is a round trip.
func pingpong(n int) {
	right, left := make(chan int), make(chan int)
	go func() {
		for ball := range right {
			left <- ball
		}
	}()
	began := time.Now()
	for i := n; i > 0; i-- {
		right <- i
		check(<-left == i, "the ball is not the one that was hit")
	}
	report("pingpong", n, time.Since(began), "")
}

// threadring: one operation is one hop of a token round 503 goroutines.
func threadring(n int) {
	const nodes = 503
	done := make(chan int)
	var ring [nodes]chan int
	for i := range ring {
		ring[i] = make(chan int)
	}
	for i := range ring {
		go func(index int, in <-chan int, next chan<- int) {
			for left := range in {
				if left == 0 {
					done <- index
					return
				}
				next <- left - 1
			}
		}(i, ring[i], ring[(i+1)%nodes])
	}
	began := time.Now()
	ring[0] <- n
	check(<-done == n%nodes, "the token ends elsewhere")
	report("threadring", n, time.Since(began), "")
}

// counting: one operation is one number from the producer to the counter.
func counting(n int) {
	type total struct{ count, sum int }
	numbers := make(chan int, mailbox)
	totals := make(chan total)
	go func() {
		var t total
		for number := range numbers {
			t.count++
			t.sum += number
		}
		totals <- t
	}()
	began := time.Now()
	for i := 1; i <= n; i++ {
		numbers <- i
	}
	close(numbers)
	t := <-totals
	check(t.count == n && t.sum == n*(n+1)/2, "a wrong sum")
	report("counting", n, time.Since(began), "")
}

// fanin: one operation is one message of one of 64 sources to the sink.
func fanin(n int) {
	const sources = 64
	type item struct{ from, number int }
	each := n / sources
	items := make(chan item, mailbox)
	began := time.Now()
	for i := 0; i < sources; i++ {
		go func(from int) {
			for number := 0; number < each; number++ {
				items <- item{from, number}
			}
		}(i)
	}
	var next [sources]int
	for i := 0; i < each*sources; i++ {
		item := <-items
		check(item.number == next[item.from], "a message is out of order")
		next[item.from]++
	}
	report("fanin", each*sources, time.Since(began), "")
}

// big: one operation is one message, a ping or a pong between 512 peers. No
// peer has more than one ping under way, so that no inbox overflows.
func big(n int) {
	const peers = 512
	type note struct {
		pong bool
		from int
	}
	each := n / (2 * peers)
	var inbox [peers]chan note
	for i := range inbox {
		inbox[i] = make(chan note, peers+1)
	}
	done := make(chan bool, peers)
	counts := make(chan [2]int, peers)
	began := time.Now()
	for i := range inbox {
		go func(index int) {
			dice := rand.New(rand.NewSource(int64(index)))
			left, pings, pongs := each, 0, 0
			inbox[dice.Intn(peers)] <- note{false, index}
			for m := range inbox[index] {
				if !m.pong {
					pings++
					inbox[m.from] <- note{true, index}
					continue
				}
				pongs++
				if left--; left > 0 {
					inbox[dice.Intn(peers)] <- note{false, index}
				} else {
					done <- true
				}
			}
			counts <- [2]int{pings, pongs}
		}(i)
	}
	for range inbox {
		<-done
	}
	took := time.Since(began)
	var sum [2]int
	for _, in := range inbox {
		close(in)
	}
	for range inbox {
		c := <-counts
		sum[0] += c[0]
		sum[1] += c[1]
	}
	check(sum == [2]int{each * peers, each * peers}, "messages are missing")
	report("big", sum[0]+sum[1], took, "")
}

// fjthroughput: one operation is one message to one of 60 workers.
func fjthroughput(n int) {
	const workers = 60
	type result struct{ count, sum int }
	n = n / workers * workers
	var inbox [workers]chan int
	results := make(chan result)
	for i := range inbox {
		inbox[i] = make(chan int, mailbox)
		go func(in <-chan int) {
			var r result
			for number := range in {
				r.count++
				r.sum += number
			}
			results <- r
		}(inbox[i])
	}
	began := time.Now()
	for i := 0; i < n; i++ {
		inbox[i%workers] <- i + 1
	}
	for _, in := range inbox {
		close(in)
	}
	sum := 0
	for range inbox {
		r := <-results
		check(r.count == n/workers, "a share of the wrong size")
		sum += r.sum
	}
	check(sum == n*(n+1)/2, "a wrong sum")
	report("fjthroughput", n, time.Since(began), "")
}

// ask: one operation is one question and its answer. The client has one
// channel for all its answers.
func ask(n int) {
	type question struct{ answer chan<- int }
	server := make(chan question)
	go func() {
		number := 0
		for q := range server {
			number++
			q.answer <- number
		}
	}()
	answer := make(chan int, 1)
	began := time.Now()
	for i := 1; i <= n; i++ {
		server <- question{answer}
		check(<-answer == i, "an answer to another question")
	}
	report("ask", n, time.Since(began), "")
}

// broadcast: one operation is one delivery to one of 100 listeners.
func broadcast(n int) {
	const listeners = 100
	type result struct{ count, sum int }
	casts := n / listeners
	results := make(chan result)
	var inbox [listeners]chan int
	for i := range inbox {
		inbox[i] = make(chan int, mailbox)
		go func(in <-chan int) {
			var r result
			for number := range in {
				r.count++
				r.sum += number
			}
			results <- r
		}(inbox[i])
	}
	began := time.Now()
	for i := 1; i <= casts; i++ {
		for _, in := range inbox {
			in <- i
		}
	}
	for _, in := range inbox {
		close(in)
	}
	for range inbox {
		r := <-results
		check(r.count == casts && r.sum == casts*(casts+1)/2,
			"a listener has missed something")
	}
	report("broadcast", casts*listeners, time.Since(began), "")
}
