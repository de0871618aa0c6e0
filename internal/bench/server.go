package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Usage is what a server uses.
type Usage struct {
	// Memory is what is resident, in bytes.
	Memory int64
	// CPU is the time of processors since it was started.
	CPU time.Duration
}

// Server tells what a server uses.
type Server interface {
	Usage(ctx context.Context) (Usage, error)
}

// usage returns what the server uses, nil if nothing tells.
func (b *Bench) usage(ctx context.Context) *Usage {
	if b.Server == nil {
		return nil
	}
	u, err := b.Server.Usage(ctx)
	if err != nil {
		return nil
	}
	return &u
}

// Process is a server on this machine, by the number of its process; Linux tells what it uses.
type Process int

// ticks is how many there are in a second; Linux has shown no other number to programs for decades.
const ticks = 100

// Usage implements Server.
func (p Process) Usage(context.Context) (Usage, error) {
	sizes, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", int(p)))
	if err != nil {
		return Usage{}, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", int(p)))
	if err != nil {
		return Usage{}, err
	}
	pages := strings.Fields(string(sizes))
	times := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name before may have anything in it
	if len(pages) < 2 || len(times) < 13 {
		return Usage{}, fmt.Errorf("process %d is described in another way", int(p))
	}
	resident, err := strconv.ParseInt(pages[1], 10, 64)
	user, userErr := strconv.ParseInt(times[11], 10, 64)
	system, systemErr := strconv.ParseInt(times[12], 10, 64)
	return Usage{Memory: resident * int64(os.Getpagesize()), CPU: time.Duration(user+system) * time.Second / ticks},
		errors.Join(err, userErr, systemErr)
}

// Metrics is a server that tells what it uses at a URL, in the format of Prometheus by the names that its clients have for processes.
type Metrics string

// Usage implements Server.
func (m Metrics) Usage(ctx context.Context) (Usage, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, string(m), http.NoBody)
	if err != nil {
		return Usage{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Usage{}, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return Usage{}, fmt.Errorf("%s is answered %s", string(m), response.Status)
	}
	values := map[string]float64{"process_resident_memory_bytes": -1, "process_cpu_seconds_total": -1}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if _, wanted := values[name]; !wanted {
			continue
		}
		if values[name], err = strconv.ParseFloat(value, 64); err != nil {
			return Usage{}, err
		}
	}
	memory, cpu := values["process_resident_memory_bytes"], values["process_cpu_seconds_total"]
	if memory < 0 || cpu < 0 {
		return Usage{}, errors.Join(lines.Err(), fmt.Errorf("%s tells neither process_resident_memory_bytes nor process_cpu_seconds_total", string(m)))
	}
	return Usage{Memory: int64(memory), CPU: time.Duration(cpu * float64(time.Second))}, nil
}
