package bench

import (
	"fmt"
	"strconv"
)

// request appends what asks for a task over HTTP.
func (e *Endpoint) request(b []byte, s *stock, t task) []byte {
	switch t.kind {
	case modify:
		var digits [20]byte
		return e.send(b, "PUT", func(b []byte) []byte {
			return append(s.thing(append(b, "/things/"...), t.at), "/features/coffee-brewer/properties/brewed-coffees"...)
		}, strconv.AppendInt(digits[:0], int64(t.value), 10))
	case message:
		return e.send(b, "POST", func(b []byte) []byte {
			return fmt.Appendf(b, "/things/%s:device/inbox/messages/ask", s.deviceNamespace(t.at))
		}, []byte(`{"brew":"coffee"}`))
	case searchID, searchAttribute, searchPage:
		return e.send(b, "GET", func(b []byte) []byte { return s.query(append(b, "/search/things?"...), t) }, nil)
	}
	return e.send(b, "GET", func(b []byte) []byte { return s.thing(append(b, "/things/"...), t.at) }, nil)
}

// query appends the query of a search.
func (s *stock) query(b []byte, t task) []byte {
	switch t.kind {
	case searchAttribute:
		return fmt.Appendf(b, "filter=eq(attributes/serial,%%22SN%010d%%22)", s.serialOf(t.at))
	case searchPage:
		return fmt.Appendf(b, "filter=eq(attributes/line,%%22line-%02d%%22)&option=sort(%%2Battributes/weight),size(%d)", t.at%groups, page)
	}
	return append(s.thing(append(b, "filter=eq(thingId,%22"...), t.at), "%22)"...)
}

// send appends a request with a body, unless that is nil.
func (e *Endpoint) send(b []byte, method string, path func(b []byte) []byte, body []byte) []byte {
	b = append(append(append(append(b, method...), ' '), e.base...), "/api/2"...)
	b = append(append(path(b), " HTTP/1.1\r\nHost: "...), e.host...)
	b = append(append(b, "\r\n"...), e.header...)
	if body == nil {
		return append(b, "\r\n\r\n"...)
	}
	b = append(b, "\r\nContent-Type: application/json\r\nContent-Length: "...)
	b = append(strconv.AppendInt(b, int64(len(body)), 10), "\r\n\r\n"...)
	return append(b, body...)
}
