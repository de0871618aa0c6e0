package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settings are those of a laboratory whose twinway is a fake, and the directory of which that knows.
func settings(t *testing.T) (Settings, string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv(fakeVariable, dir)
	return Settings{
		Binary: os.Args[0], Out: filepath.Join(t.TempDir(), "out"), Data: t.TempDir(), Port: freePort(t), Things: 2000,
		Duration: time.Millisecond, Repeat: 2, Sessions: 10, Subscribers: 100, Cache: "64Mi",
	}, dir
}

// freePort returns one that has a free one behind it.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		next, err := net.Listen("tcp", local(port+1))
		_ = l.Close()
		if err == nil {
			_ = next.Close()
			return port
		}
	}
	t.Fatal("there are no two free ports side by side")
	return 0
}

// measureAll does parts, and returns the error.
func measureAll(t *testing.T, s Settings, names ...string) error {
	t.Helper()
	picked, err := pick(names)
	if err != nil {
		t.Fatal(err)
	}
	return measure(t.Context(), s, picked, t.Output())
}

// happened returns what the fake has been told since the last time.
func happened(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// files returns the names of all files in a directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A store is made once, each step is done on a gateway that ends in order, and what has been done is not done again unless that is forced.
func TestStepsAreDoneOnce(t *testing.T) {
	s, dir := settings(t)
	if err := measureAll(t, s, "growth"); err != nil {
		t.Fatal(err)
	}
	one := []string{"gateway starts on things-", "bench warmup", "gateway ends", "gateway starts on things-", "bench read", "gateway ends"}
	if diff := cmp.Diff(append(one, one...), happened(t, dir)); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	want := []string{"growth/1000.json", "growth/2000.json", "stores/1000.json", "stores/2000.json"}
	if diff := cmp.Diff(want, files(t, s.Out)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}

	if err := os.Remove(filepath.Join(s.Out, "growth", "2000.json")); err != nil {
		t.Fatal(err)
	}
	if err := measureAll(t, s, "growth"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one[3:], happened(t, dir)); diff != "" {
		t.Errorf("what is missing (-want +got):\n%s", diff)
	}

	s.Force = true
	if err := measureAll(t, s, "growth"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(one[3:], one[3:]...), happened(t, dir)); diff != "" {
		t.Errorf("when forced (-want +got):\n%s", diff)
	}
}

// A step that fails leaves no result, and the gateway ends nevertheless.
func TestFailure(t *testing.T) {
	s, dir := settings(t)
	if err := os.WriteFile(filepath.Join(dir, "fail"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := measureAll(t, s, "storm"); err == nil {
		t.Error("there is no error")
	}
	if diff := cmp.Diff([]string{"gateway starts on empty-", "bench storm", "gateway ends"}, happened(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left := files(t, s.Out); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if left := files(t, s.Data); len(left) > 0 {
		t.Errorf("left behind beside the stores: %v", left)
	}
}

// Somebody else's gateway is not taken for ours.
func TestPortInUse(t *testing.T) {
	s, dir := settings(t)
	for _, port := range []int{s.Port, s.Port + 1} {
		l, err := net.Listen("tcp", local(port))
		if err != nil {
			t.Fatal(err)
		}
		if err := measureAll(t, s, "storm"); err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
			t.Errorf("port %d is in use: %v", port, err)
		}
		_ = l.Close()
	}
	if did := happened(t, dir); did != nil {
		t.Errorf("nevertheless: %v", did)
	}
}

// The part start kills a gateway that is being flooded, once in each repetition.
func TestStart(t *testing.T) {
	s, dir := settings(t)
	if err := measureAll(t, s, "start"); err != nil {
		t.Fatal(err)
	}
	once := []string{
		"gateway starts on empty-", "gateway ends", "gateway starts on things-", "gateway ends", "gateway starts on things-", "gateway ends",
		"gateway starts on things-", "gateway starts on things-", "gateway ends",
	}
	made := []string{"gateway starts on things-", "bench warmup", "gateway ends"}
	// Whether the flood has said anything by the time of the kill depends on the machine; it is an error if it has ended.
	did := slices.DeleteFunc(happened(t, dir), func(what string) bool { return what == "bench modify" })
	if diff := cmp.Diff(append(append(made, once...), once...), did); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r, err := readResults(s.Out)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, start := range r.starts.Runs {
		order = append(order, start.After)
		if start.ReadySeconds <= 0 {
			t.Errorf("ready after %v s", start.ReadySeconds)
		}
	}
	if diff := cmp.Diff([]string{nothingBefore, cleanEnd, killed, nothingBefore, cleanEnd, killed}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Store{{Things: 2000, DiskBytes: 10}}, r.stores); diff != "" {
		t.Errorf("stores (-want +got):\n%s", diff)
	}
}

// Rates come from what small has found.
func TestRatesNeedSmall(t *testing.T) {
	s, _ := settings(t)
	if err := measureAll(t, s, "rates"); err == nil || !strings.Contains(err.Error(), "small") {
		t.Errorf("without small: %v", err)
	}
	if err := measureAll(t, s, "rates", "small"); err != nil {
		t.Fatal(err)
	}
	r, err := readResults(s.Out)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.rates) != len(paced) || len(r.rates[0].steps) != manyRates {
		t.Errorf("there are %d scenarios at rates", len(r.rates))
	}
}

func TestPick(t *testing.T) {
	for _, names := range [][]string{{"small", "nothing"}, {"all", "small"}, {""}} {
		if _, err := pick(names); err == nil {
			t.Errorf("%q are picked", names)
		}
	}
	if picked, err := pick([]string{"none"}); err != nil || len(picked) != 0 {
		t.Errorf("none is %v, %v", picked, err)
	}
}

func TestSettings(t *testing.T) {
	for _, args := range []string{
		"-things 0", "-repeat 0", "-duration 0s", "-port 65535", "-cache 1Ti\nmore", "-subscribers 99",
	} {
		flag, value, _ := strings.Cut(args, " ")
		if _, _, err := parse([]string{flag, value}, t.Output()); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", args, err)
		}
	}
	s, names, err := parse([]string{"-things", "500", "small", "rates"}, t.Output())
	if err != nil || s.small() != 500 || s.warm() != 50 || len(names) != 2 {
		t.Errorf("%+v, %v, %v", s, names, err)
	}
}
