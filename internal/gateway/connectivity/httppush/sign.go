package httppush

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// sign signs a request with a key that both ends know.
func sign(request *http.Request, body []byte, by *snapshot.HMAC, now time.Time) error {
	if by.Algorithm == snapshot.HMACAWS4 {
		signAWS4(request, body, by, now)
		return checkSigned(request)
	}
	key, err := base64.StdEncoding.DecodeString(string(by.Key))
	if err != nil {
		return &link.Refusal{Cause: errors.New("the key for signatures is not in base64")}
	}
	switch by.Algorithm {
	case snapshot.HMACAzureMonitor:
		signAzureMonitor(request, body, by, key, now)
	case snapshot.HMACAzureSAS:
		signAzureSAS(request, by, key, now)
	default:
		return &link.Refusal{Cause: errors.New("the algorithm of signatures is not known")}
	}
	return checkSigned(request)
}

// checkSigned finds names of keys that cannot be in a header.
func checkSigned(request *http.Request) error {
	if isValue(request.Header.Get(authorization)) {
		return nil
	}
	return &link.Refusal{Cause: errors.New("the key for signatures has a name that HTTP cannot carry")}
}

// signAzureMonitor signs for Azure Monitor's data collector: method, length and type of the body, date and path.
func signAzureMonitor(request *http.Request, body []byte, by *snapshot.HMAC, key []byte, now time.Time) {
	date := now.Format(http.TimeFormat)
	text := request.Method + "\n" + strconv.Itoa(len(body)) + "\n" + request.Header.Get("Content-Type") +
		"\nx-ms-date:" + date + "\n" + request.URL.EscapedPath()
	request.Header.Set("X-Ms-Date", date)
	request.Header.Set(authorization, "SharedKey "+string(by.KeyID)+":"+base64.StdEncoding.EncodeToString(mac(key, text)))
}

// signAzureSAS adds a shared access signature, which says what it gives access to and until when, and nothing of the request.
func signAzureSAS(request *http.Request, by *snapshot.HMAC, key []byte, now time.Time) {
	resource, end := encodeAll(by.Endpoint), strconv.FormatInt(now.Add(by.TTL).Unix(), 10)
	signature := base64.StdEncoding.EncodeToString(mac(key, resource+"\n"+end))
	request.Header.Set(authorization, "SharedAccessSignature sr="+resource+"&sig="+encodeAll(signature)+"&se="+end+
		"&skn="+encodeAll(string(by.KeyID)))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// encodeAll encodes all but what never has a meaning of its own in URLs, octets that look encoded included.
func encodeAll(s string) string {
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		if s[i] != '%' && plainAt(s, i, unreserved) {
			b = append(b, s[i])
			continue
		}
		b = append(b, '%', hexadecimal[s[i]>>4], hexadecimal[s[i]&15])
	}
	return string(b)
}
