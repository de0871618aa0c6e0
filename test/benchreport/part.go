package main

import (
	"context"
	"strconv"

	"github.com/twinway/twinway/internal/bench"
)

// part is something that can be measured alone.
type part struct {
	name, description string
	measure           func(ctx context.Context, l *lab) error
}

// parts are all of them, in the order in which they are done.
var parts = []part{
	{"small", "every kind of operation, as fast as possible, on few things; what the machine allows", measureSmall},
	{"large", "the same on many things, a tenth of which is used", measureLarge},
	{"rates", "times at fixed rates, up to nine tenths of the most that small has found", measureRates},
	{"growth", "what operations cost the server with more and more things", measureGrowth},
	{"fanout", "events of one thing to many sessions", measureFanOut},
	{"idle", "memory of sessions that do nothing", measureIdle},
	{"storm", "sessions that are opened at once", measureStorm},
	{"start", "start to ready: empty, full, and after a kill under modifications", measureStart},
}

func partNames() (names []string) {
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// step is one run of the benchmark, whose report is a file of the results.
type step struct {
	// name is that of the file, without its ending.
	name string
	// scenarios are what is run, over is over what.
	scenarios []string
	over      string
	// flags are those of "twinway bench" that are not the same for all.
	flags []string
}

// Names of files of the results, and directories of such.
const (
	smallFile, largeFile, stormFile, startFile                  = "small", "large", "storm", "start"
	ratesFiles, growthFiles, fanOutFiles, idleFiles, storeFiles = "rates", "growth", "fanout", "idle", "stores"
)

// Scenarios of the benchmark, and everything that they are run over.
const (
	read, modify, live, mixed             = "read", "modify", "live", "mixed"
	durableEcho                           = "durable-echo" // a limit of the machine
	searchID, searchAttribute, searchPage = "search-id", "search-attribute", "search-page"
	fanOut, idle, storm                   = "fanout", "idle", "storm"
	everything                            = bench.WebSocket + "," + bench.HTTP
)

// operating are the scenarios of clients that do things with things.
var operating = []string{read, modify, live, mixed, searchID, searchAttribute, searchPage}

func measureSmall(ctx context.Context, l *lab) error {
	return l.on(ctx, l.small(), step{smallFile, operating, everything, l.flags(l.small(), "--machine", l.data)})
}

func measureLarge(ctx context.Context, l *lab) error {
	return l.on(ctx, l.Things, step{largeFile, operating, everything, l.flags(l.Things, "--warm", strconv.Itoa(l.warm()))})
}

// flags are those of a run on a store with a number of things.
func (s Settings) flags(things int, others ...string) []string {
	return append([]string{
		"--things", strconv.Itoa(things), "--warmup", s.Warmup.String(), "--duration", s.Duration.String(), "--repeat", strconv.Itoa(s.Repeat),
	}, others...)
}

// growing are the scenarios whose cost may depend on how many things there are.
var growing = []string{read, modify, searchID, searchAttribute, searchPage}

func measureGrowth(ctx context.Context, l *lab) error {
	for _, things := range sizes(l.Things) {
		s := step{growthFiles + "/" + strconv.Itoa(things), growing, bench.WebSocket, l.flags(things)}
		if err := l.on(ctx, things, s); err != nil {
			return err
		}
	}
	return nil
}

// sizes are how many things there are, one time after another, up to a number of them.
func sizes(upto int) (sizes []int) {
	for n := 1000; n < upto; n *= 10 {
		sizes = append(sizes, n)
	}
	return append(sizes, upto)
}

// manyViews is how many different filters subscribers have at most.
const manyViews = 100

func measureFanOut(ctx context.Context, l *lab) error {
	var steps []step
	for _, views := range []int{1, 10, manyViews} {
		flags := l.flags(1, "--subscribers", strconv.Itoa(l.Subscribers), "--views", strconv.Itoa(views))
		steps = append(steps, step{fanOutFiles + "/" + strconv.Itoa(views), []string{fanOut}, bench.WebSocket, flags})
	}
	return l.on(ctx, 0, steps...)
}

// measureIdle takes another gateway each time: one that has had sessions keeps some of their memory.
func measureIdle(ctx context.Context, l *lab) error {
	once := l.Settings
	once.Repeat = 1
	for repetition := range l.Repeat {
		flags := once.flags(1, "--connections", strconv.Itoa(l.Sessions))
		s := step{idleFiles + "/" + strconv.Itoa(repetition+1), []string{idle}, bench.WebSocket, flags}
		if err := l.on(ctx, 0, s); err != nil {
			return err
		}
	}
	return nil
}

func measureStorm(ctx context.Context, l *lab) error {
	return l.on(ctx, 0, step{stormFile, []string{storm}, bench.WebSocket, l.flags(1, "--connections", strconv.Itoa(l.Sessions))})
}
