package rest

import (
	"net/http"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// whoami answers with who the request comes from.
func whoami(q *request) *answer {
	body := document.AppendString([]byte(`{"type":`), string(q.who.Kind))
	body = document.AppendString(append(body, `,"defaultSubject":`...), q.who.Subjects[0])
	body = protocol.AppendLabels(append(body, `,"subjects":`...), q.who.Subjects)
	return &answer{status: http.StatusOK, body: append(body, '}')}
}
