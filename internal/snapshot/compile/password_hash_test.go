package compile_test

import (
	"strings"
	"testing"
)

func TestPasswordHashes(t *testing.T) {
	const salt, key = "c29tZXNhbHRzb21lc2FsdA", "RdescudvJCsgt3ub+b/dWRWJTmaaJObGRdescudvJCs"
	const rest = "$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"
	const (
		noHash  = "must be a password hash"
		cost    = "cost of a bcrypt hash must be between 4 and 14"
		memory  = "memory (m) of an argon2id hash must be between 8 and 262144 KiB"
		passes  = "passes (t) of an argon2id hash must be between 1 and 16"
		lanes   = "lanes (p) of an argon2id hash must be between 1 and 16"
		encoded = "must be base64 without padding"
	)
	tests := map[string]string{ // hash: problem
		"$2a$10" + rest:                     "",
		"$2b$04" + rest:                     "",
		"$2y$14" + rest:                     "",
		" $2y$14" + rest + "\r\n":           "",
		"$2a$03" + rest:                     cost,
		"$2a$15" + rest:                     cost,
		"$2a$99" + rest:                     cost,
		"$2x$10" + rest:                     noHash,
		"$2$10" + rest:                      noHash,
		"$2a$10" + rest + "A":               noHash,
		"$2a$10" + rest[:53]:                noHash,
		"$2a$10" + rest[:53] + "!":          noHash,
		"":                                  noHash,
		"ditto":                             noHash,
		"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=": noHash,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + key:                     "",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key:                         "",
		"$argon2id$v=19$m=262144,t=16,p=16$" + salt + "$" + key:                  "",
		"$argon2id$v=19$m=7,t=3,p=4$" + salt + "$" + key:                         memory,
		"$argon2id$v=19$m=262145,t=3,p=4$" + salt + "$" + key:                    memory,
		"$argon2id$v=19$m=65536,t=0,p=4$" + salt + "$" + key:                     passes,
		"$argon2id$v=19$m=65536,t=17,p=4$" + salt + "$" + key:                    passes,
		"$argon2id$v=19$m=65536,t=3,p=0$" + salt + "$" + key:                     lanes,
		"$argon2id$v=19$m=65536,t=3,p=17$" + salt + "$" + key:                    lanes,
		"$argon2id$v=19$m=9999999999,t=3,p=4$" + salt + "$" + key:                noHash,
		"$argon2id$v=16$m=65536,t=3,p=4$" + salt + "$" + key:                     noHash,
		"$argon2i$v=19$m=65536,t=3,p=4$" + salt + "$" + key:                      noHash,
		"$argon2id$v=19$m=65536,t=3,p=4$short$" + key:                            noHash,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$":                           noHash,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "A=$" + key:                   noHash,
		"$argon2id$v=19$m=65536,t=3,p=4$" + strings.Repeat("A", 13) + "$" + key:  encoded,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + strings.Repeat("A", 25): encoded,
	}
	for hash, want := range tests {
		s := users()
		s.Data["ditto"] = []byte(hash)
		snap, findings := compileOne(gateway(), s)
		switch {
		case want == "" && snap == nil:
			t.Errorf("%q: refused: %v", hash, findings)
		case want != "" && (len(findings) != 1 || !strings.Contains(findings[0].Message, want)):
			t.Errorf("%q: findings %v, want %q", hash, findings, want)
		}
	}
}
