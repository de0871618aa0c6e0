package httppush

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

const (
	awsDate    = "X-Amz-Date"
	awsContent = "X-Amz-Content-Sha256"
	awsTime    = "20060102T150405Z"
)

// signAWS4 signs as services of Amazon ask for: a canonical form of method, path, query, some headers and the body's hash, with a key that is
// derived from day, region and service. Besides the headers that are to be signed those are that are there for the signature.
func signAWS4(request *http.Request, body []byte, by *snapshot.HMAC, now time.Time) {
	hash := hashed(body)
	if by.ContentHash == snapshot.ContentHashUnsigned {
		hash = "UNSIGNED-PAYLOAD"
	}
	signed := append(slices.Clone(by.SignedHeaders), "x-amz-date")
	request.Header.Set(awsDate, now.Format(awsTime))
	request.Header.Del(awsContent)
	if by.ContentHash == snapshot.ContentHashIncluded || by.ContentHash == snapshot.ContentHashUnsigned {
		request.Header.Set(awsContent, hash)
		signed = append(signed, "x-amz-content-sha256")
	}
	names, headers := canonicalHeaders(request, signed)
	canonical := request.Method + "\n" + canonicalPath(request.URL, by.SingleEncoding) + "\n" + canonicalQuery(request.URL.RawQuery) + "\n" +
		headers + "\n" + names + "\n" + hash

	day := now.Format("20060102")
	scope := day + "/" + by.Region + "/" + by.Service + "/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + now.Format(awsTime) + "\n" + scope + "\n" + hashed([]byte(canonical))
	key := []byte("AWS4" + string(by.Key))
	for _, part := range []string{day, by.Region, by.Service, "aws4_request"} {
		key = mac(key, part)
	}
	request.Header.Set(authorization, "AWS4-HMAC-SHA256 Credential="+string(by.KeyID)+"/"+scope+
		", SignedHeaders="+names+", Signature="+hex.EncodeToString(mac(key, text)))
}

func hashed(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// canonicalHeaders returns the names, and the lines, of those headers that the request has.
func canonicalHeaders(request *http.Request, signed []string) (names, lines string) {
	slices.Sort(signed)
	var kept []string
	var b strings.Builder
	for _, name := range slices.Compact(signed) {
		values := request.Header.Values(name)
		if name == "host" {
			values = []string{request.Host}
		}
		if len(values) == 0 {
			continue
		}
		kept = append(kept, name)
		b.WriteString(name + ":")
		for i, value := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.Join(strings.Fields(value), " "))
		}
		b.WriteByte('\n')
	}
	return strings.Join(kept, ";"), b.String()
}

// canonicalPath returns the path as it is signed. Most services take what they get and encode that once more, without empty segments; S3
// encodes what it stands for.
func canonicalPath(at *url.URL, single bool) string {
	if at.Path == "" {
		return "/"
	}
	if single {
		return encodeSegments(at.Path)
	}
	path := at.EscapedPath()
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return encodeSegments(path)
}

func encodeSegments(path string) string {
	segments := strings.Split(path, "/")
	for i := range segments {
		segments[i] = encodeAll(segments[i])
	}
	return strings.Join(segments, "/")
}

// canonicalQuery returns the parameters sorted, first by their names.
func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	var pairs [][2]string
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, [2]string{recode(name), recode(value)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if by := strings.Compare(a[0], b[0]); by != 0 {
			return by
		}
		return strings.Compare(a[1], b[1])
	})
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0] + "=" + pair[1])
	}
	return b.String()
}

// recode encodes a part of a query in the one way that is signed, however it was.
func recode(part string) string {
	plain, err := url.QueryUnescape(part)
	if err != nil {
		plain = part
	}
	return encodeAll(plain)
}
