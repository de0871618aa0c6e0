package connections_test

import (
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
)

// figures are what a gateway counts of one source or Subscription.
type figures map[string]int

// figures reads what is counted of a source or Subscription, by what happened to the messages. What waits is there as "waiting".
func (w *world) figures(connection, direction, name string) figures {
	w.t.Helper()
	labels := `{connection="` + connection + `",direction="` + direction
	all := figures{}
	for line := range w.metrics() {
		switch {
		case strings.HasPrefix(line, "twinway_connection_waiting"+labels) && strings.Contains(line, `,name="`+name+`"}`):
			all["waiting"] = valueOf(line)
		case strings.HasPrefix(line, "twinway_connection_messages_total"+labels) && strings.Contains(line, `,name="`+name+`"`):
			_, fate, _ := strings.Cut(line, `fate="`)
			fate, _, _ = strings.Cut(fate, `"`)
			all[fate] = valueOf(line)
		}
	}
	return all
}

// metrics returns the lines of all metrics.
func (w *world) metrics() iter.Seq[string] {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+w.private+"/metrics", http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Lines(string(text))
}

func valueOf(line string) int {
	_, text, _ := strings.Cut(line, "} ")
	value, _ := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return int(value)
}

// settled says whether everything that came in has its end, and whether that adds up.
func (f figures) settled() bool {
	return f["waiting"] == 0 && f["consumed"] == f["accepted"]+f["redelivered"]+f["rejected"]
}

// gone says whether everything that was to go out has its end, and whether that adds up. What the filter leaves out was not consumed.
func (f figures) gone() bool {
	return f["waiting"] == 0 && f["consumed"] == f["delivered"]+f["failed"]+f["dropped"]
}
