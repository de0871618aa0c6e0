package podrunner_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/test/apiserver"
)

// envPuppet makes the test binary play a gateway, so that tests can tell it how
// to behave.
const envPuppet = "PODRUNNER_PUPPET"

func TestMain(m *testing.M) {
	if os.Getenv(envPuppet) != "" {
		os.Exit(puppet(os.Args[1:]))
	}
	apiserver.Main(m, apiserver.Options{ControllerManager: true})
}

// puppet serves the probes, the mounted Secret at /secret, and what was written
// to its data at /data. /unready and /sick change what the probes say, /exit
// ends it.
func puppet(args []string) int {
	flags := flag.NewFlagSet("puppet", flag.ContinueOnError)
	snapshot := flags.String("snapshot", "", "")
	data := flags.String("data", "", "")
	admin := flags.String("admin", "", "")
	listen := flags.String("listen", "", "")
	stubborn := flags.Bool("stubborn", false, "")
	if flags.Parse(args) != nil {
		return 2
	}
	fmt.Println("puppet listens on", *listen, "of", os.Getenv("POD"))
	var unready, sick atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", probe(&unready))
	mux.HandleFunc("/healthz", probe(&sick))
	mux.HandleFunc("/unready", func(http.ResponseWriter, *http.Request) { unready.Store(true) })
	mux.HandleFunc("/sick", func(http.ResponseWriter, *http.Request) { sick.Store(true) })
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("/secret", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, *snapshot) })
	mux.HandleFunc("/data", func(w http.ResponseWriter, r *http.Request) {
		file := filepath.Join(*data, "boots")
		if r.Method == http.MethodPost {
			_ = os.WriteFile(file, []byte("written"), 0o600)
		}
		http.ServeFile(w, r, file)
	})
	server := &http.Server{Addr: *admin, Handler: mux, ReadHeaderTimeout: time.Minute}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		fmt.Println("puppet is told to end")
		if !*stubborn {
			_ = server.Close()
		}
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func probe(bad *atomic.Bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if bad.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}
