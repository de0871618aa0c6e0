package auth

import (
	"net/http"
	"net/netip"
)

// clientAddress names the peer of r for the limit per address. A peer with IPv6 commands a network of 64 bits, so all
// of that counts as one.
func clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr := peer.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
