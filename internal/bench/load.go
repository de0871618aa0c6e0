package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Load is how much is asked of an endpoint.
type Load struct {
	// Lanes is how many connections there are.
	Lanes int
	// Window is how many operations may be under way on each lane.
	Window int
	// Rate is how many operations are begun in a second on all lanes together; 0: as many as are answered.
	Rate float64
	// Operations is how many there are on all lanes together; 0: as many as there is time for. With it there is no end of time if
	// Duration is 0.
	Operations int
	// Warmup is for how long operations are done that do not count, and Duration for how long they do.
	Warmup, Duration time.Duration
	// meter reads what the server uses for what counts; it may be nil.
	meter *meter
}

// Times of a run.
const (
	// lateness is how long outcomes are waited for that have not come when time is over.
	lateness = 10 * time.Second
	// dialling is how many lanes are opened at once.
	dialling = 64
	// standstill is after how long without any outcome a run ends that would end with its operations: more than opening a session takes.
	standstill = 2*patience + 15*time.Second
	// endless is how long a run takes at most whose end is not one of time.
	endless = 24 * time.Hour
)

// Run applies a load to lanes that it opens, and closes. When the context ends, so does the run, with what there is by then. Progress
// is told every second; it may be nil.
func Run(ctx context.Context, open Opener, l Load, progress func(Progress)) (*Measured, error) {
	lanes, err := openAll(ctx, open, l.Lanes)
	defer closeAll(lanes)
	if err != nil {
		return nil, err
	}
	return drive(ctx, lanes, l, progress), nil
}

// openAll opens the lanes, some at a time, and none after an error. With an error it returns those that it has opened.
func openAll(ctx context.Context, open Opener, n int) ([]Lane, error) {
	lanes := make([]Lane, n)
	err := several(ctx, n, func(ctx context.Context, i int) (err error) {
		lanes[i], err = open(ctx, i)
		return err
	})
	var opened []Lane
	for _, lane := range lanes {
		if lane != nil {
			opened = append(opened, lane)
		}
	}
	return opened, err
}

// several does something n times, some at a time, and returns the first error, after which nothing new is begun.
func several(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var failed error
	stop := make(chan struct{})
	fail := func(err error) {
		once.Do(func() {
			failed = err
			close(stop)
		})
	}
	places := make(chan struct{}, dialling)
begin:
	for i := range n {
		select {
		case places <- struct{}{}:
		case <-stop:
			break begin
		case <-ctx.Done():
			fail(ctx.Err())
			break begin
		}
		all.Go(func() {
			defer func() { <-places }()
			if err := do(ctx, i); err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	return failed
}

func closeAll(lanes []Lane) {
	for _, lane := range lanes {
		_ = lane.Close() // nothing is lost by it
	}
}

// drive lets operations flow over lanes until time is over, or all are done.
func drive(ctx context.Context, lanes []Lane, l Load, progress func(Progress)) *Measured {
	readOut := l.meter.watch(ctx, l.Warmup)
	run := newRun(lanes, l)
	ctx, stop := context.WithDeadlineCause(ctx, run.end, errOver)
	defer stop()
	ctx, run.abandon = context.WithCancelCause(ctx)
	defer run.abandon(nil)
	stopTelling := run.tell(progress)
	defer stopTelling()
	var driving sync.WaitGroup
	for _, d := range run.drivers {
		driving.Go(func() { d.drive(ctx) })
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		driving.Wait()
	}()
	run.stop(run.wait(ctx, ended))
	run.settle(ended)
	readOut()
	run.over.Store(true)
	closeAll(lanes)
	<-ended
	run.receiving.Wait()
	return run.measured()
}

// Why a run ends.
var (
	errOver  = errors.New("time is over")
	errStill = errors.New("nothing comes any more")
	errAlone = errors.New("no connection is left")
)
