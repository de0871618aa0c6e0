package admin

import (
	"encoding/json"
	"net/http"
)

// Connections are what the gateway keeps.
type Connections interface {
	// List returns them, as JSON has them.
	List() any
	// Events returns what has happened lately on the connection with the name, as JSON has it, and whether there is one.
	Events(name string) (any, bool)
}

// list answers with all connections.
func list(c Connections) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { show(w, c.List()) }
}

// events answers with what has happened on one.
func events(c Connections) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all, ok := c.Events(r.PathValue("name"))
		if !ok {
			http.Error(w, "there is no connection with this name", http.StatusNotFound)
			return
		}
		show(w, all)
	}
}

func show(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(what) // who asks has gone, then
}
