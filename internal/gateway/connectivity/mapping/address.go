package mapping

import (
	"errors"
	"strings"
)

// errReserved does not show the address, of which parts may come from whoever has sent something.
var errReserved = errors.New("the address begins with $ for this signal, by which brokers are told what to do")

// isForBroker reports whether an address that a template stands for is one by which brokers are told what to do ($SYS, $CONTROL, $JS, …)
// without that the template says so itself: who can choose what it stands for, a device by its reply-to perhaps, is not to have the rights
// that the gateway has at the broker.
func isForBroker(template, address string) bool {
	return strings.HasPrefix(address, "$") && !strings.HasPrefix(template, "$")
}
