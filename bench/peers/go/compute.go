package main

import (
	"fmt"
	"runtime"
	"time"
)

const factor, summand = 6364136223846793005, 1442695040888963407

func compute(value, rounds uint64) uint64 {
	for ; rounds > 0; rounds-- {
		value = value*factor + summand
	}
	return value
}

// expected is compute by squaring.
func expected(value, rounds uint64) uint64 {
	var a, b uint64 = factor, summand
	for ; rounds > 0; rounds >>= 1 {
		if rounds&1 != 0 {
			value = value*a + b
		}
		b *= a + 1
		a *= a
	}
	return value
}

var calibrated uint64

// roundNs returns the time of one round on one thread.
func roundNs() float64 {
	const rounds = 2000000
	best := 0.0
	for i := 0; i < 10; i++ {
		began := time.Now()
		calibrated = compute(calibrated, rounds)
		ns := float64(time.Since(began)) / rounds
		if i == 0 || ns < best {
			best = ns
		}
	}
	return best
}

func spinners(name string, n, actors int, ns float64) {
	rounds := uint64(ns / roundNs())
	each := n / actors
	type result struct {
		index int
		value uint64
	}
	results := make(chan result, actors)
	began := time.Now()
	for i := 0; i < actors; i++ {
		go func(index int) {
			step := make(chan bool, 1)
			value := uint64(index)
			for j := 0; j < each; j++ {
				step <- true
				<-step
				value = compute(value, rounds)
			}
			results <- result{index, value}
		}(i)
	}
	for i := 0; i < actors; i++ {
		r := <-results
		check(r.value == expected(uint64(r.index), uint64(each)*rounds),
			"a wrong result")
	}
	took := time.Since(began)
	report(name, each*actors, took, fmt.Sprintf(" busy_cores=%.3f",
		float64(each*actors)*ns/float64(took)))
}

// parallel: goroutines that compute in each message, and do not talk to each
// other.
func parallel(n int) {
	spinners("parallel_64x2us", n, 64, 2000)
	spinners("parallel_512x500ns", n, 512, 500)
}

const (
	rowsInTable = 10000000
	rowsInChunk = 65536
	groups      = 1024
)

// agg: a count for each of 1024 groups of a table of 10 million rows, which
// is read again until there were n rows; one operation is one row. Tasks of
// 65,536 rows are dealt to one goroutine for each CPU.
func agg(n int) {
	rows := make([]uint16, rowsInTable)
	x := uint64(1)
	for i := range rows {
		x = compute(x, 1)
		rows[i] = uint16(x >> 54)
	}
	passes := n / rowsInTable
	check(passes > 0, "--n is below 10000000")
	type counts [groups]uint64
	chunks := make(chan []uint16, mailbox)
	results := make(chan *counts)
	workers := runtime.GOMAXPROCS(0)
	began := time.Now()
	for i := 0; i < workers; i++ {
		go func() {
			var tables [4][groups]uint32
			sum := new(counts)
			for chunk := range chunks {
				for ; len(chunk) >= 4; chunk = chunk[4:] {
					tables[0][chunk[0]%groups]++
					tables[1][chunk[1]%groups]++
					tables[2][chunk[2]%groups]++
					tables[3][chunk[3]%groups]++
				}
				for _, row := range chunk {
					tables[0][row%groups]++
				}
			}
			for i := range sum {
				for _, t := range tables {
					sum[i] += uint64(t[i])
				}
			}
			results <- sum
		}()
	}
	for p := 0; p < passes; p++ {
		for at := 0; at < len(rows); at += rowsInChunk {
			end := at + rowsInChunk
			if end > len(rows) {
				end = len(rows)
			}
			chunks <- rows[at:end]
		}
	}
	close(chunks)
	var total uint64
	for i := 0; i < workers; i++ {
		for _, c := range *<-results {
			total += c
		}
	}
	check(total == uint64(passes*rowsInTable), "rows are missing")
	report("agg", passes*rowsInTable, time.Since(began), "")
}
