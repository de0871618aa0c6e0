package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"
)

// ThisMachine returns what is known of the machine that this runs on.
func ThisMachine() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
}

// limit is something that the machine allows.
type limit struct {
	name, over string
	measure    func() (*Result, error)
}

// Limits measures what the machine allows, whatever the endpoint does: how often 4 KiB can be appended to a file of a directory and
// be durable, one after the other, and how many messages of the size of a thing go to and fro between as many sessions as
// are to be used and a program that sends back what it receives: one at a time in each session, and as many as are to be under way;
// and how many of these if each is durable before it is sent back.
//
// If operations are to be asked at a rate, what matters is how long a message takes that comes at that rate and is durable before it is
// sent back, for as long as operations are measured: disks stand still now and then, which an average does not show.
func (b *Bench) Limits(ctx context.Context, dir string) (limits []Record, err error) {
	durable := limit{"durable-echo", WebSocket, func() (*Result, error) { return b.durableEcho(ctx, dir) }}
	all := []limit{
		{"fsync", "disk", func() (*Result, error) { return b.fsync(ctx, dir) }},
		{"echo-single", WebSocket, func() (*Result, error) { return b.echo(ctx, 1, atOnce) }},
		{"echo", WebSocket, func() (*Result, error) { return b.echo(ctx, b.Parameters.Window, atOnce) }},
		durable,
	}
	if b.Parameters.Rate > 0 {
		all = []limit{durable}
	}
	for repetition := range b.Parameters.Repeat {
		for _, limit := range all {
			r, err := limit.measure()
			if err != nil {
				return limits, fmt.Errorf("measure %s: %w", limit.name, err)
			}
			limits = append(limits, newRecord(limit.name, limit.over, repetition+1, r))
		}
	}
	return limits, nil
}

// limitDuration is for how long each limit is measured, unless it is at a rate.
const limitDuration = 3 * time.Second

func (b *Bench) limitDuration() time.Duration {
	if d := time.Duration(b.Parameters.Duration); d < limitDuration || b.Parameters.Rate > 0 {
		return d
	}
	return limitDuration
}

// fsync appends to a file.
func (b *Bench) fsync(ctx context.Context, dir string) (*Result, error) {
	file, remove, err := temporary(dir)
	if err != nil {
		return nil, err
	}
	defer remove()
	l := Load{Lanes: 1, Window: 1, Duration: b.limitDuration()}
	m, err := Run(ctx, func(context.Context, int) (Lane, error) { return &appender{file: file}, nil }, l, b.progress("fsync"))
	if err != nil {
		return nil, err
	}
	return &Result{Measured: m, Load: l, Unit: operations}, nil
}

// temporary makes a file of a directory.
func temporary(dir string) (file *os.File, remove func(), err error) {
	file, err = os.CreateTemp(dir, "twinway-bench-*")
	return file, func() {
		_ = file.Close() // what is in it does not matter
		_ = os.Remove(file.Name())
	}, err
}

// appender is a lane whose operations are appended to a file.
type appender struct {
	file  *os.File
	block [4 << 10]byte
	op    Op
}

// Send implements Lane.
func (a *appender) Send(op Op) error {
	a.op = op
	if _, err := a.file.Write(a.block[:]); err != nil {
		return err
	}
	return syncData(a.file)
}

// Receive implements Lane: what was sent is done.
func (a *appender) Receive() (Outcome, error) { return Outcome{Op: a.op.Number}, nil }

// Close implements Lane.
func (a *appender) Close() error { return nil }

// echo lets messages go to and fro.
func (b *Bench) echo(ctx context.Context, window int, answer answering) (*Result, error) {
	e, stop, err := startEcho(answer)
	if err != nil {
		return nil, err
	}
	defer stop()
	l := b.Parameters.load(WebSocket)
	l.Window, l.Warmup, l.Duration = window, min(l.Warmup, time.Second), b.limitDuration()
	m, err := Run(ctx, e.sessions(b.stock, inOrder(echoed, 0, l.Lanes)), l, b.progress("echo"))
	if err != nil {
		return nil, err
	}
	return &Result{Measured: m, Load: l, Unit: operations}, nil
}

// durableEcho lets messages go to and fro that are kept.
func (b *Bench) durableEcho(ctx context.Context, dir string) (*Result, error) {
	file, remove, err := temporary(dir)
	if err != nil {
		return nil, err
	}
	defer remove()
	log, stop := startLog(file)
	defer stop()
	return b.echo(ctx, b.Parameters.Window, log.answer)
}
