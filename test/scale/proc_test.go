package scale

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of times in /proc, the same on all that Go runs on.
const clockTick = 10 * time.Millisecond

// memory is what a process has resident, in bytes.
type memory struct {
	// resident is all of it, anonymous what is no page of a file.
	resident, anonymous int
	// peak is the most that was resident at any time.
	peak int
}

// memory returns what the operator has resident.
func (o *operator) memory() memory {
	o.t.Helper()
	o.mustRun()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", o.process.PID()))
	if err != nil {
		o.t.Fatal(err)
	}
	var m memory
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			m.resident = kilobytes << 10
		case "RssAnon":
			m.anonymous = kilobytes << 10
		case "VmHWM":
			m.peak = kilobytes << 10
		}
	}
	return m
}

// processor returns how much time of a processor the operator has used.
func (o *operator) processor() time.Duration {
	o.t.Helper()
	o.mustRun()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", o.process.PID()))
	if err != nil {
		o.t.Fatal(err)
	}
	// What follows the name, which is in parentheses: state is the third field,
	// utime and stime are the 14th and 15th.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			o.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}

// load returns the load average of the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
