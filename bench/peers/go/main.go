// The benchmarks in Go: goroutines and channels.
//
// Channels that stream have 256 places, as a mailbox of Bastion has.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const mailbox = 256

type workload struct {
	name string
	n    int // what `--n` is by default
	run  func(n int)
}

var workloads = []workload{
	{"agg", 200000000, agg},
	{"ask", 1000000, ask},
	{"big", 2000000, big},
	{"blocking", 10000, blocking},
	{"broadcast", 5000000, broadcast},
	{"counting", 5000000, counting},
	{"fanin", 5000000, fanin},
	{"fjcreate", 1000000, fjcreate},
	{"fjthroughput", 5000000, fjthroughput},
	{"idle", 1000000, idle},
	{"parallel", 1000000, parallel},
	{"pingpong", 1000000, pingpong},
	{"restart", 1000000, restart},
	{"restart_fault", 300000, restartFault},
	{"skynet", 1000000, skynet},
	{"spawn", 1000000, spawn},
	{"threadring", 2000000, threadring},
	{"timers", 100000, timers},
	{"yield", 1000000, yield},
}

// check ends the program unless ok.
func check(ok bool, sentence string) {
	if !ok {
		fmt.Fprintln(os.Stderr, "benchmark:", sentence)
		os.Exit(1)
	}
}

// status returns a line of /proc/self/status that is in kB.
func status(key string) int {
	text, err := os.ReadFile("/proc/self/status")
	check(err == nil, "the memory in use is unknown")
	for _, line := range strings.Split(string(text), "\n") {
		var kb int
		if strings.HasPrefix(line, key) {
			fmt.Sscanf(line[len(key):], "%d", &kb)
			return kb
		}
	}
	return 0
}

func cpu() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func report(name string, ops int, took time.Duration, more string) {
	fmt.Printf("name=%s impl=go n=%d seconds=%.6f ops_per_s=%.0f rss_kb=%d%s\n",
		name, ops, took.Seconds(), float64(ops)/took.Seconds(),
		status("VmHWM:"), more)
}

func main() {
	check(len(os.Args) > 1, "usage: go WORKLOAD [--n N] [--threads N]")
	for _, w := range workloads {
		if w.name != os.Args[1] {
			continue
		}
		flags := flag.NewFlagSet(w.name, flag.ExitOnError)
		n := flags.Int("n", w.n, "operations")
		threads := flags.Int("threads", 0, "0: one for each CPU")
		flags.Parse(os.Args[2:])
		if *threads > 0 {
			runtime.GOMAXPROCS(*threads)
		}
		w.run(*n)
		return
	}
	fmt.Fprintln(os.Stderr, "no such workload:", os.Args[1])
	os.Exit(3)
}
