package auth

import (
	"encoding/base64"
	"net/http"
	"strings"
)

const (
	maxAuthorization = 2048 // bytes of the header's value
	maxUserName      = 256  // bytes
)

// basicCredentials reads user and password from the Authorization header. ErrNoCredentials: there is none, or it is of
// another scheme. ErrWrongCredentials: it is there and malformed, too long, or there more than once, which leaves open
// whose credentials they are.
func basicCredentials(h http.Header) (user, password string, err error) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", "", ErrNoCredentials
	}
	scheme, encoded, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", ErrNoCredentials
	}
	if len(values) > 1 || len(encoded) > maxAuthorization {
		return "", "", ErrWrongCredentials
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", ErrWrongCredentials
	}
	user, password, found := strings.Cut(string(decoded), ":")
	if !found || !validUserName(user) || hasControl(password) {
		return "", "", ErrWrongCredentials
	}
	return user, password, nil
}

// validUserName tells whether a user of this name can authenticate: RFC 7617 allows neither a colon nor control
// characters.
func validUserName(name string) bool {
	return name != "" && len(name) <= maxUserName && !strings.Contains(name, ":") && !hasControl(name)
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
