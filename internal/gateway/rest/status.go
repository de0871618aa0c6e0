package rest

import "net/http"

// health answers whether the gateway takes clients, and nothing else: everybody may ask.
func health(q *request) *answer {
	a := &answer{status: http.StatusOK, body: []byte(`{"status":"UP"}`)}
	if q.server.options.Ready() != nil {
		a = &answer{status: http.StatusServiceUnavailable, body: []byte(`{"status":"DOWN"}`)}
	}
	a.header("cache-control", "no-store")
	return a
}
