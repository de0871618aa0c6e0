package bench

import (
	"fmt"
	"strconv"
)

// stock is what there is to work with: things of the template of the reference's benchmark, those of devices, and the one that
// fanout changes. The latter ones have namespaces of their own, by which sessions ask for what concerns them.
type stock struct {
	namespace, subject string
	things             int
	plain              bool
}

func newStock(p Parameters) *stock {
	return &stock{namespace: p.Namespace, subject: p.Subject, things: p.Things, plain: p.Plain}
}

// What searches rely on: every thing has a serial number, and is in one of a hundred groups.
const (
	groups = 100
	page   = 25
)

// serialOf returns the serial number of a thing: an order that has nothing to do with that of the ids.
func (s *stock) serialOf(at int) int { return int(uint64(at) * 2654435761 % serials) }

// serials is a prime above any number of things, so that no two have the same.
const serials = 2147483647

// thing appends the id of a thing.
func (s *stock) thing(b []byte, at int) []byte {
	return strconv.AppendInt(append(append(b, s.namespace...), ":test-thing-"...), int64(at), 10)
}

// Namespaces of devices and of fanout.
func (s *stock) deviceNamespace(at int) string { return s.namespace + ".device" + strconv.Itoa(at) }
func (s *stock) fanoutNamespace() string       { return s.namespace + ".fanout" }

// body appends a thing, with a policy by which the subject may do everything.
func (s *stock) body(b []byte, at int) []byte {
	b = append(b, `{"definition":"org.eclipse.ditto:coffeebrewer:0.1.0","attributes":{"location":"test location","model":"Speaking coffee machine"`...)
	if !s.plain {
		serial := s.serialOf(at)
		b = fmt.Appendf(b, `,"serial":"SN%010d","line":"line-%02d","weight":%d`, serial, at%groups, serial%100_000)
	}
	return fmt.Appendf(b, `},"features":{"coffee-brewer":{"properties":{"brewed-coffees":0}}},`+
		`"_policy":{"entries":{"owner":{"subjects":{"%s":{"type":"benchmark"}},"resources":{`+
		`"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"policy:/":{"grant":["READ","WRITE"],"revoke":[]},`+
		`"message:/":{"grant":["READ","WRITE"],"revoke":[]}}}}}}`, s.subject)
}
