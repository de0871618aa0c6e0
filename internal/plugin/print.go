package plugin

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// clean returns text on one line, without control characters that a terminal
// would obey.
func clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }) < 0 {
		return s
	}
	quoted := strconv.QuoteToGraphic(s)
	return quoted[1 : len(quoted)-1]
}

// lines collects what is printed, up to the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) printf(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// node is a line of a tree and what is below it.
type node struct {
	text  string
	below []node
}

// tree prints nodes as branches.
func (l *lines) tree(indent string, nodes []node) {
	for i, n := range nodes {
		branch, next := "├─ ", "│  "
		if i == len(nodes)-1 {
			branch, next = "└─ ", "   "
		}
		l.printf("%s%s%s", indent, branch, n.text)
		l.tree(indent+next, n.below)
	}
}

// short shortens a hash for people.
func short(hash string) string {
	if hash == "" {
		return "none"
	}
	return hash[:min(12, len(hash))]
}
