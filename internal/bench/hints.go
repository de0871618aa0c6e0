package bench

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// hints are what failures most likely mean, by how they begin.
var hints = []struct{ failure, means string }{
	{lost, fmt.Sprintf("no answer came until %v after the end, or the connection ended before it", lateness)},
	{notInTime, "the window was full until the end: the endpoint does not keep up, or --sessions and --window are too small for the rate"},
	{"401", "who asks is not known"},
	{"403", "who asks may not: --subject says who may do everything with the things"},
	{"404", "things are missing or are another subject's: take another --namespace"},
	{"408", "nobody answered in time"},
	{"413", "too much for one message"},
	{"not connected", "nobody answers there, or nothing that is understood"},
	{"429", "the endpoint bounds how much one user may ask"},
	{"503", "it is more than the endpoint takes"},
	{"too few found", "things are missing, or the index is behind"},
}

// prefixes are what stands before a status.
var prefixes = regexp.MustCompile("^(modify: |search: |refused with )")

// explain says what failures most likely mean, once for each kind, in the order of the hints.
func explain(failures map[string]int64) (said []string) {
	for _, h := range hints {
		known := slices.SortedFunc(maps.Keys(failures), strings.Compare)
		at := slices.IndexFunc(known, func(why string) bool {
			return strings.HasPrefix(prefixes.ReplaceAllString(why, ""), h.failure)
		})
		if at >= 0 {
			said = append(said, fmt.Sprintf("%s: %s", known[at], h.means))
		}
	}
	return said
}
