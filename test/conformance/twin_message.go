package conformance

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// message returns the request that sends a message, with its payload as it is outside of an envelope.
func (e *said) message(words []string) (r *request, reason string) {
	subject := strings.Join(words[5:], "/")
	box, is := strings.CutSuffix(e.path, "/messages/"+subject)
	parts := strings.Split(strings.TrimPrefix(box, "/"), "/")
	last := parts[len(parts)-1]
	if !is || subject == "" || last != "inbox" && last != "outbox" || len(parts) != 1 && (len(parts) != 3 || parts[0] != "features") {
		return nil, "is a message with a path that no URL has"
	}
	path, ok := escapePath(e.path)
	if !ok {
		return nil, "is a message with a path that no URL has"
	}
	r = &request{method: http.MethodPost, target: "/api/2/things/" + escapeText(words[0]+":"+words[1]) + path, message: true}
	if len(e.value) == 0 {
		return r, ""
	}
	media, _ := e.headers["content-type"].(string)
	content, ok := unwrapped(media, e.value)
	if !ok {
		return nil, "is a message whose payload is not of its type"
	}
	r.body, r.json = content.source, content.kind == jsonContent
	return r, ""
}

// unwrapped returns the payload of a message as it is outside of an envelope.
func unwrapped(media string, value json.RawMessage) (c content, ok bool) {
	if isJSON(media) {
		tree, err := decode(value)
		return content{kind: jsonContent, source: string(value), tree: tree}, err == nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return content{}, false
	}
	if strings.HasPrefix(media, "text/") {
		return content{kind: exactContent, source: text}, text != ""
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	same := base64.StdEncoding.EncodeToString(raw) == text // line breaks are none of base64
	return content{kind: exactContent, source: string(raw)}, err == nil && same && text != "" && !strings.Contains(string(raw), "<")
}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	return media == "application/json" || strings.HasSuffix(media, "+json") && media != "application/merge-patch+json"
}

// answerLikeMessage makes of the payload of a response what it is outside of an envelope. It reports whether that is known.
func (a *answer) answerLikeMessage(headers object, value any) bool {
	media, _ := headers["content-type"].(string)
	raw := json.RawMessage(encode(value))
	c, ok := unwrapped(media, raw)
	if !ok {
		return false
	}
	a.body = c
	if !isJSON(media) {
		a.body.exactMedia = true
	}
	return true
}

// timed returns a pattern of a message as it is if it was sent by HTTP: it says how long somebody waits.
func timed(p pattern) pattern {
	tree, _ := p.tree.(object)
	headers, _ := tree["headers"].(object)
	if topic, _ := tree["topic"].(string); !strings.Contains(topic, "/messages/") || headers["timeout"] != nil {
		return p
	}
	tree, headers = maps.Clone(tree), maps.Clone(headers)
	headers["timeout"] = "<text>"
	tree["headers"] = headers
	p.tree = tree
	return p
}
