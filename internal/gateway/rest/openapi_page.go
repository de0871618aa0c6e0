package rest

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"sync"
)

const mediaHTML = "text/html; charset=utf-8"

// apiDescription answers with the description of the API.
func apiDescription(*request) *answer { return &answer{status: http.StatusOK, body: openapi()} }

// apiPage answers with the description as a page for those who look at it in a browser, and as it is for programs.
func apiPage(q *request) *answer {
	a := apiDescription(q)
	if strings.Contains(q.http.Header.Get("Accept"), "text/html") {
		a.media, a.body = mediaHTML, page()
		a.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		a.header("x-content-type-options", "nosniff")
	}
	vary(q.writer.Header(), "Accept")
	return a
}

// page returns the page. It needs nothing from elsewhere, and runs nothing. It is put together by hand: templates find methods by their
// names, for which the linker would have to keep all methods of everything in the binary.
var page = sync.OnceValue(func() []byte {
	b := []byte(pageHead)
	for _, line := range pageLines() {
		b = line.append(b)
	}
	return append(b, pageEnd...)
})

// pageLine is an operation as the page shows it.
type pageLine struct {
	Tag, Method, Path, Summary string
	Parameters                 []string
}

// append appends the line as a row of the table.
func (l *pageLine) append(b []byte) []byte {
	b = fmt.Appendf(b, "<tr><td>%s</td><td><code>%s</code></td><td><code>%s</code></td><td>%s",
		html.EscapeString(l.Tag), html.EscapeString(l.Method), html.EscapeString(l.Path), html.EscapeString(l.Summary))
	if len(l.Parameters) > 0 {
		b = fmt.Appendf(b, "<br><small>%s</small>", html.EscapeString(strings.Join(l.Parameters, ", ")))
	}
	return append(b, "</td></tr>\n"...)
}

func pageLines() (lines []pageLine) {
	all := resources()
	slices.SortStableFunc(all, func(a, b resource) int { return strings.Compare(a.tag, b.tag) })
	for _, r := range all {
		path := "/" + strings.Join(base, "/") + pathOf(r.pattern)
		if r.outside {
			path = pathOf(r.pattern)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if o, has := r.operations[method]; has {
				lines = append(lines, pageLine{r.tag, method, path, o.summary, parameterNames(o.parameters)})
			}
		}
	}
	return lines
}

// parameterNames returns the names of parameters as requests write them.
func parameterNames(references []string) (names []string) {
	for _, reference := range references {
		if p, ok := parameters[reference].(object); ok {
			name, _ := p["name"].(string)
			names = append(names, name)
		}
	}
	return names
}

// What stands before the rows of the table, and behind them.
const (
	pageHead = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Twinway HTTP API</title><style>
body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;border-top:1px solid #ddd}
code{font-family:ui-monospace,monospace;white-space:nowrap}small{color:#555}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#444}small{color:#aaa}a{color:#8cf}}
</style></head><body><h1>Twinway HTTP API</h1>
<p>Version 2. For programs: <a href="/apidoc/openapi.json">openapi.json</a> (OpenAPI 3). Requests authenticate with HTTP Basic or a bearer token,
as the gateway is configured.</p>
<table><tr><th>About</th><th>Method</th><th>Path</th><th>What it does</th></tr>
`
	pageEnd = "</table></body></html>\n"
)
