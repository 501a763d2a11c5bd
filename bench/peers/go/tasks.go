package main

import (
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// fjcreate: one operation is a goroutine that is made, gets one message and
// ends.
func fjcreate(n int) {
	var sum int64
	var group sync.WaitGroup
	group.Add(n)
	began := time.Now()
	for i := 1; i <= n; i++ {
		inbox := make(chan int, 1)
		go func() {
			atomic.AddInt64(&sum, int64(<-inbox))
			group.Done()
		}()
		inbox <- i
	}
	group.Wait()
	check(sum == int64(n)*int64(n+1)/2, "a wrong sum")
	report("fjcreate", n, time.Since(began), "")
}

func skynetNode(parent chan<- int, number, size int) {
	if size == 1 {
		parent <- number
		return
	}
	children := make(chan int)
	sum := 0
	for i := 0; i < 10; i++ {
		go skynetNode(children, number+i*(size/10), size/10)
	}
	for i := 0; i < 10; i++ {
		sum += <-children
	}
	parent <- sum
}

// skynet: a tree of goroutines with ten children each; n is the number of
// leaves, a power of ten, and one operation is one goroutine.
func skynet(n int) {
	actors := 0
	for size := n; size > 0; size /= 10 {
		actors += n / size
	}
	result := make(chan int)
	began := time.Now()
	go skynetNode(result, 0, n)
	check(<-result == n*(n-1)/2, "a wrong sum")
	report("skynet", actors, time.Since(began), "")
}

// spawn: one operation is a task that is started and joined.
func spawn(n int) {
	var group sync.WaitGroup
	results := make([]int32, n)
	group.Add(n)
	began := time.Now()
	for i := 0; i < n; i++ {
		go func(i int) {
			results[i] = int32(i)
			group.Done()
		}(i)
	}
	group.Wait()
	took := time.Since(began)
	for i, r := range results {
		check(int(r) == i, "a task has not run")
	}
	report("spawn", n, took, "")
}

// yield: one operation is one yield of one of 1000 goroutines, which keep
// their stacks.
func yield(n int) {
	const tasks = 1000
	var group sync.WaitGroup
	var yields int64
	each := n / tasks
	group.Add(tasks)
	began := time.Now()
	for i := 0; i < tasks; i++ {
		go func() {
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
			atomic.AddInt64(&yields, int64(each))
			group.Done()
		}()
	}
	group.Wait()
	check(yields == int64(each*tasks), "yields are missing")
	report("yield_stacks", each*tasks, time.Since(began), "")
}

// blocking: one operation is a call that blocks its thread for 1 ms; 512
// threads at most.
func blocking(n int) {
	var group sync.WaitGroup
	var slept int64
	places := make(chan bool, 512)
	group.Add(n)
	began := time.Now()
	for i := 0; i < n; i++ {
		go func() {
			places <- true
			t := syscall.NsecToTimespec(1000000)
			syscall.Nanosleep(&t, nil)
			atomic.AddInt64(&slept, 1)
			<-places
			group.Done()
		}()
	}
	group.Wait()
	check(slept == int64(n), "a sleep is missing")
	report("blocking", n, time.Since(began), "")
}

// supervise restarts `life` n times, by hand: a life is a goroutine that gets
// one message, fails and leaves a note. The supervisor keeps a window of the
// last restarts, as one must to give up some time.
func supervise(name string, n int, life func(inbox <-chan int) error) {
	var window [6]time.Time
	notes := make(chan error)
	began := time.Now()
	failures := 0
	for i := 0; i < n; i++ {
		inbox := make(chan int, 1)
		inbox <- i
		go func() {
			var err error
			defer func() {
				if r := recover(); r != nil {
					err = r.(error)
				}
				notes <- err
			}()
			err = life(inbox)
		}()
		if err := <-notes; err != nil {
			failures++
		}
		window[i%len(window)] = time.Now()
	}
	check(failures == n, "a failure was not seen")
	report(name, n, time.Since(began), "")
}

var errFail = errors.New("fail")

// restart: one operation is a failure by an error, and the restart.
func restart(n int) {
	supervise("restart", n, func(inbox <-chan int) error {
		<-inbox
		return errFail
	})
}

// restartFault: the same by a nil pointer, which is a panic in Go.
func restartFault(n int) {
	var nowhere *int
	supervise("restart_fault", n, func(inbox <-chan int) error {
		*nowhere = <-inbox
		return nil
	})
}

// idle: n goroutines wait, each for a message in a channel of its own. One
// operation is the start of one.
func idle(n int) {
	done := make(chan int, mailbox)
	inbox := make([]chan int, n)
	var up sync.WaitGroup
	up.Add(n)
	runtime.GC()
	before := status("VmRSS:")
	began := time.Now()
	for i := range inbox {
		inbox[i] = make(chan int)
		go func(in <-chan int) {
			up.Done()
			done <- <-in
		}(inbox[i])
	}
	up.Wait()
	took := time.Since(began)
	bytes := float64(status("VmRSS:")-before) * 1024 / float64(n)
	go func() {
		for i, in := range inbox {
			in <- i
		}
	}()
	sum := 0
	for range inbox {
		sum += <-done
	}
	check(sum == n*(n-1)/2, "a goroutine is missing")
	report("idle", n, took, fmt.Sprintf(" bytes_each=%.0f", bytes))
}

// timers: n tickers of one second, started over a second in 1000 steps, then
// watched for 6 seconds.
func timers(n int) {
	const steps, period, watch = 1000, time.Second, 6 * time.Second
	var stop int32
	late := make([][]time.Duration, n)
	var group sync.WaitGroup
	group.Add(n)
	for i := 0; i < n; i++ {
		if i%(n/steps) == 0 {
			time.Sleep(period / steps)
		}
		go func(i int) {
			ticker := time.NewTicker(period)
			due := time.Now()
			for range ticker.C {
				due = due.Add(period)
				late[i] = append(late[i], time.Since(due))
				if atomic.LoadInt32(&stop) != 0 {
					break
				}
			}
			ticker.Stop()
			group.Done()
		}(i)
	}
	began, used := time.Now(), cpu()
	time.Sleep(watch)
	used = cpu() - used
	took := time.Since(began) + period
	atomic.StoreInt32(&stop, 1)
	group.Wait()
	var all []time.Duration
	for _, l := range late {
		check(len(l) >= 5, "ticks were lost")
		all = append(all, l[:len(l)-1]...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	at := func(part float64) int64 {
		return all[int(part*float64(len(all)-1))].Microseconds()
	}
	report("timers", len(all), took, fmt.Sprintf(
		" late_p50_us=%d late_p99_us=%d late_max_us=%d cpu_s=%.3f",
		at(0.5), at(0.99), at(1), used.Seconds()))
}
