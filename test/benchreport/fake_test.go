package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/bench"
)

// fakeVariable makes the test binary stand in for twinway. Its value is a directory where it leaves what it was told, and where a file
// "fail" makes the benchmark end with half a report.
const fakeVariable = "BENCHREPORT_TEST_FAKE"

func TestMain(m *testing.M) {
	dir := os.Getenv(fakeVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := fake(dir, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fake is what twinway does, as far as it matters here.
func fake(dir string, args []string) error {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	if args[0] == "gateway" {
		return fakeGateway(log, args)
	}
	fmt.Fprintln(log, strings.Join(args[:2], " "))
	return fakeBench(dir, args)
}

// after returns the argument behind a flag.
func after(args []string, flag string) string {
	at := slices.Index(args, flag)
	if at < 0 {
		return ""
	}
	return args[at+1]
}

// fakeGateway is ready until it is asked to end, and leaves a file of ten bytes in its store.
func fakeGateway(log *os.File, args []string) error {
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	data := after(args, "--data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, "log"), []byte("0123456789"), 0o600); err != nil {
		return err
	}
	fmt.Fprintln(log, "gateway starts on "+strings.TrimRight(filepath.Base(data), "0123456789"))
	server := &http.Server{Addr: after(args, "--admin"), Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() {
		<-stopped
		fmt.Fprintln(log, "gateway ends")
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// fakeBench writes a report, or floods for as long as it is told.
func fakeBench(dir string, args []string) error {
	if d, _ := time.ParseDuration(after(args, "--duration")); d >= time.Hour {
		time.Sleep(d)
	}
	file := after(args, "--json")
	if _, err := os.Stat(filepath.Join(dir, "fail")); err == nil {
		return errors.Join(os.WriteFile(file, []byte("{"), 0o600), errors.New("nothing could be measured"))
	}
	if file == "" {
		return nil
	}
	var runs []bench.Record
	for over := range strings.SplitSeq(after(args, "--over"), ",") {
		for _, scenario := range args[1:] {
			if strings.HasPrefix(scenario, "--") {
				break
			}
			runs = append(runs, ran(scenario, over, 20_000))
		}
	}
	return report(1, 0, runs...).Write(file)
}
