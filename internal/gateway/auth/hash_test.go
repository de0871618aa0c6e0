package auth

import (
	"errors"
	"strings"
	"testing"
)

// Hashes of the algorithms' own test suites, so that they do not come from the code that checks them.
const (
	bcryptOfUStarU  = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // "U*U"
	argonOfPassword = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
)

func TestHashMatches(t *testing.T) {
	for _, tc := range []struct{ name, stored, right string }{
		{"bcrypt 2a", bcryptOfUStarU, "U*U"},
		{"bcrypt 2b", strings.Replace(bcryptOfUStarU, "$2a$", "$2b$", 1), "U*U"},
		{"bcrypt 2y", strings.Replace(bcryptOfUStarU, "$2a$", "$2y$", 1), "U*U"},
		{"argon2id", argonOfPassword, "password"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := parseHash(tc.stored)
			if err != nil {
				t.Fatal(err)
			}
			if !h.matches(tc.right) {
				t.Errorf("%q does not match", tc.right)
			}
			for _, wrong := range []string{"", tc.right + "x", strings.ToLower(tc.right) + " ", tc.right[1:]} {
				if h.matches(wrong) {
					t.Errorf("%q matches", wrong)
				}
			}
		})
	}
}

func TestParseHashRefuses(t *testing.T) {
	argon := func(parameters string) string {
		return "$argon2id$v=19$" + parameters + "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	}
	for _, tc := range []struct {
		name, stored string
		err          error
	}{
		{"nothing", "", errUnknownHash},
		{"a password in clear", "secret", errUnknownHash},
		{"MD5 crypt", "$apr1$salt$hash", errUnknownHash},
		{"argon2i", strings.Replace(argonOfPassword, "2id", "2i", 1), errUnknownHash},

		{"bcrypt of an unknown kind", strings.Replace(bcryptOfUStarU, "$2a$", "$2x$", 1), errBcryptFormat},
		{"bcrypt cut short", bcryptOfUStarU[:59], errBcryptFormat},
		{"bcrypt too long", bcryptOfUStarU + "W", errBcryptFormat},
		{"bcrypt with a foreign character", bcryptOfUStarU[:59] + "=", errBcryptFormat},
		{"bcrypt cost below the algorithm's", strings.Replace(bcryptOfUStarU, "$05$", "$03$", 1), errBcryptFormat},
		{"bcrypt cost that takes minutes", strings.Replace(bcryptOfUStarU, "$05$", "$17$", 1), errBcryptTooHard},

		{"argon2id of version 1.0", strings.Replace(argonOfPassword, "v=19", "v=16", 1), errArgonFormat},
		{"argon2id without version", strings.Replace(argonOfPassword, "v=19$", "", 1), errArgonFormat},
		{"argon2id with padded salt", strings.Replace(argonOfPassword, "c29tZXNhbHQ", "c29tZXNhbHQ=", 1), errArgonFormat},
		{"argon2id with impossible salt", strings.Replace(argonOfPassword, "c29tZXNhbHQ", "c29tZXNhbHQAA", 1), errArgonFormat},
		{"argon2id number overflow", argon("m=99999999999999999999,t=2,p=1"), errArgonFormat},
		{"argon2id without passes", argon("m=64,t=0,p=1"), errArgonBounds},
		{"argon2id without threads", argon("m=64,t=1,p=0"), errArgonBounds},
		{"argon2id too many threads", argon("m=65536,t=1,p=17"), errArgonBounds},
		{"argon2id too many passes", argon("m=64,t=17,p=1"), errArgonBounds},
		{"argon2id too little memory", argon("m=7,t=1,p=1"), errArgonBounds},
		{"argon2id too much memory", argon("m=262145,t=1,p=1"), errArgonBounds},
		{"argon2id short salt", strings.Replace(argonOfPassword, "c29tZXNhbHQ", "c29t", 1), errArgonBounds},
		{"argon2id short hash", argonOfPassword[:len(argonOfPassword)-24], errArgonBounds},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := parseHash(tc.stored)
			if h != nil || !errors.Is(err, tc.err) {
				t.Errorf("got %v, %v; want %v", h, err, tc.err)
			}
		})
	}
}

// FuzzParseHash looks for a stored hash that is accepted with parameters beyond the bounds, or that crashes.
func FuzzParseHash(f *testing.F) {
	f.Add(bcryptOfUStarU)
	f.Add(argonOfPassword)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, stored string) {
		h, err := parseHash(stored)
		if (h == nil) == (err == nil) {
			t.Fatalf("got %v, %v", h, err)
		}
		if a, ok := h.(*argon2idHash); ok && uint64(a.memory)*uint64(a.passes) > maxArgonMemory*maxArgonPasses {
			t.Fatalf("accepted %+v", a)
		}
	})
}
