package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/bench"
	"github.com/twinway/twinway/test/process"
)

// lab is where steps are done, one after another. Its fields are not for several goroutines.
type lab struct {
	Settings
	progress io.Writer
	// scratch is removed at the end; data, where stores are, only if nobody has named it and it is there.
	scratch, data string
	// config is the directory of the gateway's manifests.
	config string
}

// newLab makes the directories that are needed.
func newLab(s Settings, progress io.Writer) (l *lab, err error) {
	l = &lab{Settings: s, progress: progress, data: s.Data}
	if l.Binary, err = filepath.Abs(s.Binary); err != nil {
		return nil, err
	}
	beside := s.Data
	if beside == "" {
		beside = filepath.Dir(l.Binary) // directories for temporary files are often in memory
	}
	if err := os.MkdirAll(beside, 0o700); err != nil {
		return nil, err
	}
	if l.scratch, err = os.MkdirTemp(beside, "benchreport-*"); err != nil {
		return nil, err
	}
	if l.data == "" {
		l.data = filepath.Join(l.scratch, "data")
	}
	l.config = filepath.Join(l.scratch, "config")
	if err := errors.Join(os.MkdirAll(l.data, 0o700), os.MkdirAll(l.config, 0o700), writeConfig(l.config, s)); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// close removes what nobody needs any more.
func (l *lab) close() error { return os.RemoveAll(l.scratch) }

// file is where a result is.
func (l *lab) file(name string) string { return resultFile(l.Out, name) }

// done reports whether a result is there, and may stay.
func (l *lab) done(name string) bool {
	_, err := os.Stat(l.file(name))
	return err == nil && !l.Force
}

// keep writes a result, which gets its name when it is whole.
func (l *lab) keep(name string, write func(file string) error) error {
	file := l.file(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	unfinished := file + ".unfinished"
	defer os.Remove(unfinished) //nolint:errcheck // it has its name by then, or is of no use
	if err := write(unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}

// on does those of some steps that have not been done, with a gateway that has so many things; 0: an empty one.
func (l *lab) on(ctx context.Context, things int, steps ...step) error {
	var left []step
	for _, s := range steps {
		if l.done(s.name) {
			fmt.Fprintf(l.progress, "%s is there\n", l.file(s.name))
			continue
		}
		left = append(left, s)
	}
	if len(left) == 0 {
		return nil
	}
	store, err := l.store(ctx, things)
	if err != nil {
		return err
	}
	return l.with(ctx, store, func(g *gateway) error {
		for _, s := range left {
			if err := l.do(ctx, g, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// with lets a gateway serve a store as long as something takes, and ends it in order.
func (l *lab) with(ctx context.Context, store string, do func(*gateway) error) error {
	g, err := l.start(ctx, store)
	if err != nil {
		return err
	}
	err = do(g)
	if g.State() != nil {
		err = errors.Join(err, g.ended())
	}
	return errors.Join(err, g.stop())
}

// do does a step.
func (l *lab) do(ctx context.Context, g *gateway, s step) error {
	return l.keep(s.name, func(file string) error {
		ended := l.bench(ctx, g, s.scenarios, append([]string{"--over", s.over, "--json", file}, s.flags...)...)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r, err := bench.ReadReport(file)
		switch {
		case err != nil:
			return errors.Join(ended, err)
		case r.Cut:
			return errors.Join(ended, errors.New("the run was cut short"))
		}
		return nil // that not everything succeeded is in the report
	})
}

// patience is how long a benchmark may take to print what there is once it is asked to end.
const patience = 20 * time.Second

// bench runs the benchmark to its end. It is an error if anything did not succeed.
func (l *lab) bench(ctx context.Context, g *gateway, scenarios []string, flags ...string) error {
	p, err := l.startBench(g, scenarios, flags...)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Stop(patience)
		return context.Cause(ctx)
	}
	if !p.State().Success() {
		return fmt.Errorf("twinway bench: %v", p.State())
	}
	return nil
}

// startBench starts the benchmark.
func (l *lab) startBench(g *gateway, scenarios []string, flags ...string) (*process.Process, error) {
	args := append([]string{"bench"}, scenarios...)
	args = append(args, "--url", "http://"+g.address, "--user", user, "--pid", strconv.Itoa(g.PID()))
	args = append(args, flags...)
	fmt.Fprintf(l.progress, "\n$ twinway %s\n", strings.Join(args, " "))
	return process.Start(process.Command{
		Path: l.Binary, Args: args, Output: l.progress, Env: append(os.Environ(), "TWINWAY_PASSWORD="+password),
	})
}
