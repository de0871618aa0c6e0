package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Starts is what came of the part start.
type Starts struct {
	// Things is how many the full store has.
	Things int     `json:"things"`
	Runs   []Start `json:"runs"`
}

// Start is one start of a gateway.
type Start struct {
	// After is what was before: one of those below.
	After      string `json:"after"`
	Repetition int    `json:"repetition"`
	// ReadySeconds is the time from the start of the process until it takes clients, MemoryBytes what it has resident by then.
	ReadySeconds float64 `json:"readySeconds"`
	MemoryBytes  int64   `json:"memoryBytes"`
}

// What may have been before a start.
const (
	nothingBefore = "nothing" // there is no store
	cleanEnd      = "clean end"
	killed        = "kill"
)

// measureStart starts gateways, in turn after each of what may have been before.
func measureStart(ctx context.Context, l *lab) error {
	if l.done(startFile) {
		fmt.Fprintf(l.progress, "%s is there\n", l.file(startFile))
		return nil
	}
	full, err := l.store(ctx, l.Things)
	if err != nil {
		return err
	}
	s := Starts{Things: l.Things}
	for repetition := range l.Repeat {
		empty, err := l.store(ctx, 0)
		if err != nil {
			return err
		}
		for _, before := range []struct {
			after, store string
			prepare      func(ctx context.Context, l *lab, store string) error
		}{
			{nothingBefore, empty, leave}, {cleanEnd, full, endCleanly}, {killed, full, killModified},
		} {
			if err := before.prepare(ctx, l, before.store); err != nil {
				return err
			}
			err := l.with(ctx, before.store, func(g *gateway) error {
				s.Runs = append(s.Runs, Start{before.after, repetition + 1, g.ready.Seconds(), g.memory(ctx)})
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return l.keepJSON(startFile, s)
}

// leave leaves a store as it is.
func leave(context.Context, *lab, string) error { return nil }

// endCleanly leaves a store as a gateway that ends in order does, whatever was before.
func endCleanly(ctx context.Context, l *lab, store string) error {
	return l.with(ctx, store, func(*gateway) error { return nil })
}

// killModified kills a gateway while it is flooded with modifications.
func killModified(ctx context.Context, l *lab, store string) error {
	g, err := l.start(ctx, store)
	if err != nil {
		return err
	}
	defer g.Kill() // whatever happens
	b, err := l.startBench(g, []string{modify}, "--things", strconv.Itoa(l.Things), "--warm", strconv.Itoa(l.warm()),
		"--warmup", "0s", "--duration", "1h")
	if err != nil {
		return err
	}
	defer b.Stop(patience)
	select {
	case <-time.After(l.Warmup + l.Duration):
		fmt.Fprintln(l.progress, "the gateway is killed, so that all connections end")
		g.Kill()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.Done():
		return errors.New("the modifications have ended before the gateway was killed")
	}
	return nil
}
