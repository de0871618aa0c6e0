package query

import (
	"encoding/binary"
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// maxCursor is how long a cursor may be that is looked at, in bytes. None that was made here is longer, unless what things are
// sorted by is.
const maxCursor = 192 << 10

// version is that of the form of cursors. It is to change with that of the values in a [Position], too.
const version = 1

// Cursor returns a cursor for the page of a query behind a position, which has a value for each key but the id.
func (q *Query) Cursor(last Position, seal *Seal) string {
	dst := binary.AppendUvarint([]byte{version}, uint64(q.Size))
	dst = appendOptional(dst, q.filterText(), q.Filter != nil)
	dst = binary.AppendUvarint(dst, uint64(len(q.Namespaces)))
	for _, ns := range q.Namespaces {
		dst = appendText(dst, ns)
	}
	dst = binary.AppendUvarint(dst, uint64(len(q.Sort)))
	for i, k := range q.Sort {
		dst = appendOptional(dst, k.Property, k.Descending)
		if i < len(q.Sort)-1 {
			value := last.value(i)
			dst = appendOptional(dst, string(value), value != nil)
		}
	}
	return seal.close(appendText(dst, last.ID))
}

// value returns one of the values, nil if there is none.
func (p *Position) value(i int) []byte {
	if i >= len(p.Values) {
		return nil
	}
	return p.Values[i]
}

func (q *Query) filterText() string {
	if q.Filter == nil {
		return ""
	}
	return q.Filter.String()
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// appendOptional appends a text with a mark.
func appendOptional(dst []byte, text string, mark bool) []byte {
	if mark {
		return appendText(append(dst, 1), text)
	}
	return appendText(append(dst, 0), text)
}

// resume returns the query that a cursor continues.
func resume(p protocol.SearchParameters, o options, seal *Seal) (*Query, *protocol.Error) {
	wrong := func(reason string) (*Query, *protocol.Error) {
		return nil, protocol.ErrSearchOptionInvalid(o.text, reason)
	}
	c, ok := openCursor(o.cursor, seal)
	switch {
	case !ok:
		return wrong("The cursor is none that this server has given, or was changed, or is too old.")
	case p.HasFilter && (!c.hasFilter || p.Filter != c.filter):
		return wrong("The cursor belongs to a search with another filter.")
	case len(p.Namespaces) > 0 && !slices.Equal(distinct(p.Namespaces), c.namespaces):
		return wrong("The cursor belongs to a search in other namespaces.")
	case o.has(optionSort) && !slices.Equal(o.order(), c.sort):
		return wrong("The cursor belongs to a search with another sort order.")
	}
	p.Filter, p.HasFilter, p.Namespaces = c.filter, c.hasFilter, c.namespaces
	q, err := newQuery(p)
	if err != nil {
		return nil, err
	}
	q.Sort, q.Size, q.After, q.Paging = c.sort, o.sizeOr(c.size), &c.last, ByCursor
	return q, nil
}

// contents is what a cursor says.
type contents struct {
	size       int
	filter     string
	hasFilter  bool
	namespaces []string
	sort       []Key
	last       Position
}

// openCursor reads a cursor, and reports whether it is one.
func openCursor(text string, seal *Seal) (c contents, ok bool) {
	if len(text) > maxCursor {
		return contents{}, false
	}
	plain, ok := seal.open(text)
	if !ok || len(plain) == 0 || plain[0] != version {
		return contents{}, false
	}
	d := decoder{rest: plain[1:]}
	c.size = d.number(MaxSize)
	c.filter, c.hasFilter = d.optional()
	for range d.number(len(d.rest)) {
		c.namespaces = append(c.namespaces, d.text())
	}
	keys := d.number(maxKeys + 1)
	for i := range keys {
		property, descending := d.optional()
		c.sort = append(c.sort, Key{property, descending})
		if i < keys-1 {
			c.last.Values = append(c.last.Values, d.value())
		}
	}
	c.last.ID = d.text()
	return c, !d.failed && len(d.rest) == 0 && keys > 0
}

// decoder reads what a cursor is made of. After something that cannot be it reads nothing any more.
type decoder struct {
	rest   []byte
	failed bool
}

// number reads a number that is not greater than another.
func (d *decoder) number(most int) int {
	n, size := binary.Uvarint(d.rest)
	if d.failed || size <= 0 || n > uint64(most) {
		d.failed = true
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

func (d *decoder) text() string {
	n := d.number(len(d.rest))
	if n > len(d.rest) { // the number itself has taken some
		d.failed = true
		return ""
	}
	text := string(d.rest[:n])
	d.rest = d.rest[n:]
	return text
}

// optional reads a text with its mark.
func (d *decoder) optional() (text string, mark bool) {
	mark = d.number(1) == 1
	return d.text(), mark
}

// value reads a value of a position, nil if there is none.
func (d *decoder) value() []byte {
	text, there := d.optional()
	if !there {
		return nil
	}
	return []byte(text)
}
