package process_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/test/process"
)

// envParent makes the test binary start a program, say its process id, and wait
// to be killed.
const envParent = "PROCESS_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(envParent) == "" {
		os.Exit(m.Run())
	}
	p, err := process.Start(process.Command{Path: "/bin/sleep", Args: []string{"1000"}})
	if err != nil {
		os.Exit(1)
	}
	fmt.Println(p.PID())
	time.Sleep(time.Hour)
}

func shell(t *testing.T, script string, output *process.Tail) *process.Process {
	t.Helper()
	p, err := process.Start(process.Command{Path: "/bin/sh", Args: []string{"-c", script}, Output: output})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// await polls, for a minute at most.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestProgramThatEnds(t *testing.T) {
	var output process.Tail
	p := shell(t, "echo out; echo err >&2; exit 3", &output)
	<-p.Done()
	if code := p.State().ExitCode(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	if got := output.String(); got != "out\nerr\n" {
		t.Errorf("it said %q", got)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("a signal to what has ended: %v", err)
	}
}

func TestStop(t *testing.T) {
	tests := map[string]struct {
		script string
		grace  time.Duration
		want   syscall.Signal
	}{
		"ends when asked": {"echo ready; exec sleep 1000", time.Hour, syscall.SIGTERM},
		"is stubborn":     {"trap '' TERM; echo ready; while :; do sleep 1; done", time.Millisecond, syscall.SIGKILL},
		"is frozen":       {"echo ready; kill -STOP $$", time.Millisecond, syscall.SIGKILL},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var output process.Tail
			p := shell(t, test.script, &output)
			await(t, "it is ready", func() bool { return output.String() == "ready\n" })
			p.Stop(test.grace)
			if signal := p.State().Sys().(syscall.WaitStatus).Signal(); signal != test.want {
				t.Errorf("ended by %s", signal)
			}
		})
	}
}

func TestProgramsEndWithTheTestBinary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only the kernel of Linux does that")
	}
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), envParent+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !runs(child) {
		t.Fatal("the program does not run")
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	await(t, "the program has ended", func() bool { return !runs(child) })
}

// runs says whether there is such a process that is not just waiting to be
// reaped.
func runs(id int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestTailIsBounded(t *testing.T) {
	tail := process.Tail{Limit: 10}
	for i := range 1000 {
		fmt.Fprintf(&tail, "%d,", i)
	}
	if got := tail.String(); len(got) > 20 || !strings.HasSuffix(got, "998,999,") {
		t.Errorf("kept %q", got)
	}
}
