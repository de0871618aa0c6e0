package admin

import (
	"net/http"
	"net/http/pprof"
)

// WithProfiles serves the profiles of the process beside a handler, below
// /debug/pprof/, as `go tool pprof` reads them. They hold names and sizes, no
// content; taking one costs processor time, so it is for whoever asked for it.
func WithProfiles(handler http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return mux
}
