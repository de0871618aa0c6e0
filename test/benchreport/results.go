package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/twinway/twinway/internal/bench"
)

// results are what has been measured. What is not there has not been.
type results struct {
	small, large, storm *bench.Report
	rates               []rated
	growth, fanOut      []numbered // by how many things, and by how many views
	idle                []numbered // by repetition
	stores              []Store    // by how many things
	starts              *Starts
}

// numbered is a report that has a number among others.
type numbered struct {
	number int
	*bench.Report
}

// rated is what came of a scenario at one rate after another.
type rated struct {
	scenario, over string
	steps          []paceStep
}

// paceStep is what came of one rate. Alone are messages that a program sends back once they are durable, at that rate, if they were
// measured.
type paceStep struct{ group, alone group }

// resultFile is where a result with a name is.
func resultFile(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)+".json") }

// readResults reads what is in a directory.
func readResults(dir string) (r *results, err error) {
	r = &results{}
	for name, into := range map[string]**bench.Report{smallFile: &r.small, largeFile: &r.large, stormFile: &r.storm} {
		if *into, err = readReport(dir, name); err != nil {
			return nil, err
		}
	}
	for name, into := range map[string]*[]numbered{growthFiles: &r.growth, fanOutFiles: &r.fanOut, idleFiles: &r.idle} {
		if *into, err = readNumbered(dir, name); err != nil {
			return nil, err
		}
	}
	if r.rates, err = readRates(dir); err != nil {
		return nil, err
	}
	if r.stores, err = readStores(dir); err != nil {
		return nil, err
	}
	r.starts, err = readJSON[Starts](resultFile(dir, startFile))
	return r, err
}

// readReport reads a report, nil if there is none.
func readReport(dir, name string) (*bench.Report, error) {
	r, err := bench.ReadReport(resultFile(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}

// numbers returns the numbers that are names of files, in order.
func numbers(dir, name string) (numbers []int) {
	files, _ := filepath.Glob(resultFile(dir, name+"/*")) // the pattern is a good one
	for _, file := range files {
		base := filepath.Base(file)
		if n, err := strconv.Atoi(base[:len(base)-len(".json")]); err == nil {
			numbers = append(numbers, n)
		}
	}
	return slices.Sorted(slices.Values(numbers))
}

// readNumbered reads the reports whose names are numbers.
func readNumbered(dir, name string) (all []numbered, err error) {
	for _, n := range numbers(dir, name) {
		r, err := readReport(dir, name+"/"+strconv.Itoa(n))
		if err != nil {
			return nil, err
		}
		all = append(all, numbered{n, r})
	}
	return all, nil
}

func readRates(dir string) (all []rated, err error) {
	for _, p := range paced {
		one := rated{scenario: p.scenario, over: p.over}
		for number := 1; number <= manyRates; number++ {
			r, err := readReport(dir, rateName(p.scenario, p.over, number))
			if err != nil {
				return nil, err
			}
			if r == nil {
				continue
			}
			if g := groupOf(r.Runs, p.scenario, p.over); len(g) > 0 {
				one.steps = append(one.steps, paceStep{g, groupOf(r.Limits, durableEcho, bench.WebSocket)})
			}
		}
		if len(one.steps) > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

func readStores(dir string) (all []Store, err error) {
	for _, n := range numbers(dir, storeFiles) {
		s, err := readJSON[Store](resultFile(dir, storeFiles+"/"+strconv.Itoa(n)))
		if err != nil {
			return nil, err
		}
		all = append(all, *s)
	}
	return all, nil
}

// readJSON reads a file, nil if there is none.
func readJSON[T any](file string) (*T, error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal(text, v); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

// runs returns those of a scenario over a transport in a report; none if there is no report.
func runs(r *bench.Report, scenario, over string) group {
	if r == nil {
		return nil
	}
	return groupOf(r.Runs, scenario, over)
}
