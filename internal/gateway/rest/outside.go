package rest

import (
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// publicRoutes are all paths beside those of the API. Everybody may ask them.
var publicRoutes = []route{
	{"/health", methods{"GET": health}},
	{"/status", methods{"GET": health}},
	{"/status/health", methods{"GET": health}},
	{"/apidoc", methods{"GET": apiPage}},
	{"/apidoc/openapi.json", methods{"GET": apiDescription}},
}

var outside = treeOf(publicRoutes)

// isAPI reports whether a path is one of the API, in whatever version.
func isAPI(path string) bool {
	rest, ok := strings.CutPrefix(path, "/"+base[0])
	return ok && (rest == "" || rest[0] == '/')
}

// serveOutside returns the answer to a request that is not for the API.
func (s *Server) serveOutside(w http.ResponseWriter, r *http.Request) *answer {
	segments, ok := split(r.URL.EscapedPath())
	if !ok {
		return refusal(protocol.ErrRouteNotFound(r.URL.EscapedPath()))
	}
	methods := outside.find(segments)
	if methods == nil {
		return refusal(protocol.ErrRouteNotFound(r.URL.EscapedPath()))
	}
	q := &request{server: s, settings: s.settings.Load(), http: r, writer: w, segments: segments}
	serves := methods[q.method()]
	if serves == nil {
		return methods.refuse(r.Method)
	}
	return serves(q)
}
