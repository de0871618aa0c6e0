package rest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// worthPacking is how large a body must be to be packed, in bytes.
const worthPacking = 1 << 10

// packers are used again: one takes more memory than most bodies.
var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level exists
	return z
}}

// pack returns the body as it is sent to a client, and says so in the header.
//
// The entity tag stays as it is. Other than HTTP means it, that of the protocol stands for the state of the resource, whatever
// its representation, and clients send it back to change that state. Caches keep the representations apart by Vary.
func (a *answer) pack(h http.Header, r *http.Request) []byte {
	if len(a.body) < worthPacking || !packable(a.media) {
		return a.body
	}
	vary(h, "Accept-Encoding")
	if !unpacks(r.Header.Values("Accept-Encoding")) {
		return a.body
	}
	packed := gzipped(a.body)
	if len(packed) >= len(a.body) {
		return a.body
	}
	h.Set("Content-Encoding", "gzip")
	return packed
}

// packable reports whether what is of a media type is usually smaller when packed.
func packable(media string) bool {
	return media == "" || strings.HasPrefix(media, mediaJSON) || strings.HasPrefix(media, "text/")
}

// gzipped returns content packed.
func gzipped(content []byte) []byte {
	var packed bytes.Buffer
	packed.Grow(len(content) / 2)
	z, _ := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&packed)
	_, _ = z.Write(content) // a buffer takes everything
	_ = z.Close()
	return packed.Bytes()
}

// unpacks reports whether a client that accepts these encodings takes gzip (RFC 9110, section 12.5.3).
func unpacks(accepted []string) bool {
	all := false
	for _, list := range accepted {
		for one := range strings.SplitSeq(list, ",") {
			name, parameters, _ := strings.Cut(one, ";")
			wanted := !isRefused(parameters)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return wanted
			case "*":
				all = wanted
			}
		}
	}
	return all
}
