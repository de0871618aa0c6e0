package query

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Bounds of options.
const (
	maxOptions = 16 << 10 // bytes, beside a cursor
	maxKeys    = 16       // properties to sort by
)

// The names of options.
const (
	optionSort   = "sort"
	optionSize   = "size"
	optionCursor = "cursor"
	optionLimit  = "limit"
)

// options are what the text of options says.
type options struct {
	text   string
	given  []string // their names
	sort   []Key
	size   int
	cursor string
	// offset and count are those of limit.
	offset, count int
}

func (o *options) has(name string) bool { return slices.Contains(o.given, name) }

// order returns the sort order. Protocol rule: things that are equal in all that was named are in the order of their ids.
func (o *options) order() []Key {
	if len(o.sort) == 0 {
		return []Key{{Property: ByID}}
	}
	var sort []Key
	seen := map[string]bool{}
	for _, k := range o.sort {
		if !seen[k.Property] {
			sort = append(sort, k)
		}
		if k.Property == ByID {
			return sort // what comes behind it makes no difference
		}
		seen[k.Property] = true
	}
	return append(sort, Key{Property: ByID})
}

// sizeOr returns the size of a page, or that if none was named.
func (o *options) sizeOr(without int) int {
	if o.has(optionSize) {
		return o.size
	}
	return without
}

// parseOptions reads the text of options. The error is thing-search:search.option.invalid.
func parseOptions(text string) (options, *protocol.Error) {
	r := reader{text: text, options: options{text: text}}
	r.read()
	if r.fault != "" {
		return options{}, protocol.ErrSearchOptionInvalid(text, r.fault)
	}
	return r.options, nil
}

// reader reads the text of options from at on. After the first fault it reads nothing any more.
type reader struct {
	text    string
	at      int
	fault   string
	options options
}

func (r *reader) read() {
	for more := r.text != ""; more && r.fault == ""; more = r.take(",") {
		r.option()
	}
	switch o := &r.options; {
	case r.fault != "":
	case r.at < len(r.text):
		r.expect("a comma or the end")
	case len(r.text)-len(o.cursor) > maxOptions:
		r.fault = "They are longer than 16 KiB."
	case o.has(optionLimit) && (o.has(optionSize) || o.has(optionCursor)):
		r.fault = "With limit there can be neither size nor cursor."
	}
}

// option reads one option.
func (r *reader) option() {
	name, _, _ := strings.Cut(r.rest(), "(")
	if r.options.has(name) {
		r.fail("there is " + name + " for the second time")
		return
	}
	read := r.reading(name)
	if read == nil {
		r.expect("sort, size, cursor or limit with parentheses")
		return
	}
	r.options.given = append(r.options.given, name)
	r.at += len(name)
	if r.need("("); r.fault == "" {
		read()
	}
	r.need(")")
}

// reading returns what reads the arguments of an option, nil if there is no such option.
func (r *reader) reading(name string) func() {
	switch name {
	case optionSort:
		return r.sort
	case optionSize:
		return func() { r.options.size = r.number(1, MaxSize) }
	case optionCursor:
		return r.cursor
	case optionLimit:
		return func() {
			r.options.offset = r.number(0, maxOffset)
			r.need(",")
			r.options.count = r.number(1, MaxSize)
		}
	}
	return nil
}

// maxOffset is how many things can be passed over.
const maxOffset = 1<<31 - 1

func (r *reader) sort() {
	for more := true; more && r.fault == ""; more = r.take(",") {
		if len(r.options.sort) == maxKeys {
			r.fail("there are more than " + strconv.Itoa(maxKeys) + " properties to sort by")
			return
		}
		r.key()
	}
}

// key reads a property with its sign. Protocol rule: the sign is mandatory.
func (r *reader) key() {
	k := Key{Descending: r.takeFold("-", "%2d")}
	if !k.Descending && !r.takeFold("+", "%2b") {
		r.expect("a + or - before the property; in URLs, + is %2B")
		return
	}
	name, end, err := rql.ParseOrder(r.text, r.at)
	if err != nil {
		r.property(err)
		return
	}
	k.Property, r.at = name, end
	r.options.sort = append(r.options.sort, k)
}

// property fails because of a property that things cannot be sorted by.
func (r *reader) property(err error) {
	var at *rql.Error
	if errors.As(err, &at) {
		r.at = at.Offset
	}
	if errors.Is(err, rql.ErrSyntax) && at != nil {
		r.expect(at.Expected)
	}
	r.expect("a property with a single value, such as attributes/location or _modified")
}

// cursor reads up to the closing parenthesis.
func (r *reader) cursor() {
	r.options.cursor, _, _ = strings.Cut(r.rest(), ")")
	if r.options.cursor == "" {
		r.expect("a cursor")
	}
	r.at += len(r.options.cursor)
}

// number reads a number within bounds.
func (r *reader) number(from, to int) int {
	digits := r.rest()
	if end := strings.IndexAny(digits, ",)"); end >= 0 {
		digits = digits[:end]
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < from || n > to {
		r.expect("a number from " + strconv.Itoa(from) + " to " + strconv.Itoa(to))
		return 0
	}
	r.at += len(digits)
	return n
}

func (r *reader) rest() string { return r.text[r.at:] }

// take skips what comes next if it is the token.
func (r *reader) take(token string) bool {
	if r.fault != "" || !strings.HasPrefix(r.rest(), token) {
		return false
	}
	r.at += len(token)
	return true
}

// takeFold skips a sign, or what it is in a URL.
func (r *reader) takeFold(sign, encoded string) bool {
	if rest := r.rest(); len(rest) >= len(encoded) && strings.EqualFold(rest[:len(encoded)], encoded) {
		r.at += len(encoded)
		return true
	}
	return r.take(sign)
}

// need skips the token, which must come next.
func (r *reader) need(token string) {
	if r.fault == "" && !r.take(token) {
		r.expect(token)
	}
}

// expect fails because something else is to come next.
func (r *reader) expect(what string) { r.fail("there must be " + what) }

func (r *reader) fail(reason string) {
	if r.fault == "" {
		r.fault = "At byte " + strconv.Itoa(r.at) + " " + reason + "."
	}
}
