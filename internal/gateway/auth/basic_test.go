package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeHash matches one password and counts how often it is asked. If gate is set, every verification waits there.
type fakeHash struct {
	right string
	asked atomic.Int64
	gate  chan struct{}
}

func (h *fakeHash) matches(password string) bool {
	h.asked.Add(1)
	if h.gate != nil {
		<-h.gate
	}
	return password == h.right
}

// newBasic returns a provider with the users "ditto" (password "ditto") and "anna" (password "annas"), whose hashes are
// replaced by fakes.
func newBasic(t testing.TB, o Options) (b *Basic, ditto, anna *fakeHash) {
	t.Helper()
	o.Users = map[string]string{"ditto": bcryptOfUStarU, "anna": argonOfPassword}
	if o.SubjectPrefix == "" {
		o.SubjectPrefix = "nginx:"
	}
	b, err := NewBasic(o)
	if err != nil {
		t.Fatal(err)
	}
	ditto, anna = &fakeHash{right: "ditto"}, &fakeHash{right: "annas"}
	b.accounts.Load().byName["ditto"].secret.hash = ditto
	b.accounts.Load().byName["anna"].secret.hash = anna
	return b, ditto, anna
}

type fakeClock struct{ now atomic.Int64 }

func (c *fakeClock) Now() time.Time          { return time.Unix(0, c.now.Load()) }
func (c *fakeClock) advance(d time.Duration) { c.now.Add(int64(d)) }

func request(user, password, address string) *http.Request {
	r := &http.Request{Header: http.Header{}, RemoteAddr: address + ":4711"}
	r.SetBasicAuth(user, password)
	return r
}

func mustEnter(t *testing.T, b *Basic, user, password string) {
	t.Helper()
	id, err := b.Authenticate(t.Context(), request(user, password, "192.0.2.1"))
	if err != nil {
		t.Fatalf("%s is refused: %v", user, err)
	}
	if id.User != user {
		t.Fatalf("%s is let in as %s", user, id.User)
	}
}

func mustFail(t *testing.T, b *Basic, r *http.Request, want error) {
	t.Helper()
	id, err := b.Authenticate(t.Context(), r)
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if diff := cmp.Diff(Identity{}, id); diff != "" {
		t.Fatalf("an identity beside the error:\n%s", diff)
	}
}

func mustAsk(t *testing.T, h *fakeHash, want int64) {
	t.Helper()
	if got := h.asked.Load(); got != want {
		t.Fatalf("the password was hashed %d times, want %d", got, want)
	}
}

// The whole way with real hashes.
func TestBasicWithRealHashes(t *testing.T) {
	b, err := NewBasic(Options{
		Users:         map[string]string{"ditto": bcryptOfUStarU, "anna": argonOfPassword},
		SubjectPrefix: "nginx:",
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.Authenticate(t.Context(), request("ditto", "U*U", "192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Identity{Kind: KindBasic, User: "ditto", Subjects: Subjects{"nginx:ditto"}}, id); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	mustEnter(t, b, "anna", "password")
	mustFail(t, b, request("anna", "U*U", "192.0.2.1"), ErrWrongCredentials)
	mustFail(t, b, request("bert", "U*U", "192.0.2.1"), ErrWrongCredentials)
	mustFail(t, b, &http.Request{}, ErrNoCredentials)
}

func TestBasicRemembersTheRightPassword(t *testing.T) {
	clock := &fakeClock{}
	b, ditto, _ := newBasic(t, Options{Clock: clock.Now})
	for range 1000 {
		mustEnter(t, b, "ditto", "ditto")
	}
	mustAsk(t, ditto, 1)
	clock.advance(rememberFor)
	mustEnter(t, b, "ditto", "ditto")
	mustAsk(t, ditto, 2)
}

func TestBasicDoesNotRememberWrongPasswords(t *testing.T) {
	b, ditto, _ := newBasic(t, Options{})
	mustEnter(t, b, "ditto", "ditto")
	mustFail(t, b, request("ditto", "dotti", "192.0.2.1"), ErrWrongCredentials)
	mustFail(t, b, request("ditto", "dotti", "192.0.2.1"), ErrWrongCredentials)
	mustAsk(t, ditto, 3)
	mustEnter(t, b, "ditto", "ditto")
	mustAsk(t, ditto, 3)
}

// An unknown user costs one hash, and never gets in, also not with the password of the user whose hash it was.
func TestBasicHashesForUnknownUsers(t *testing.T) {
	b, ditto, anna := newBasic(t, Options{FailuresPerMinute: 1000})
	for i := range 20 {
		for _, password := range []string{"ditto", "annas"} {
			before := ditto.asked.Load() + anna.asked.Load()
			mustFail(t, b, request(fmt.Sprint("unknown", i), password, "192.0.2.1"), ErrWrongCredentials)
			if asked := ditto.asked.Load() + anna.asked.Load() - before; asked != 1 {
				t.Fatalf("%d hashes for an unknown user, want 1", asked)
			}
		}
	}
	if ditto.asked.Load() == 0 || anna.asked.Load() == 0 {
		t.Error("all unknown users take the time of the same user")
	}
}

func TestBasicWithoutUsers(t *testing.T) {
	b, err := NewBasic(Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustFail(t, b, request("ditto", "ditto", "192.0.2.1"), ErrWrongCredentials)
}

func TestBasicLimitsFailuresPerUser(t *testing.T) {
	clock := &fakeClock{}
	b, ditto, _ := newBasic(t, Options{Clock: clock.Now, FailuresPerMinute: 3})
	for i := range 3 { // from everywhere
		mustFail(t, b, request("ditto", "wrong", fmt.Sprintf("192.0.2.%d", i)), ErrWrongCredentials)
	}
	_, err := b.Authenticate(t.Context(), request("ditto", "ditto", "192.0.2.9"))
	limited, ok := errors.AsType[*RateLimitedError](err)
	if !ok || limited.RetryAfter != 20*time.Second {
		t.Fatalf("error %v, want a limit for 20s", err)
	}
	mustAsk(t, ditto, 3)
	mustEnter(t, b, "anna", "annas")

	clock.advance(limited.RetryAfter)
	mustEnter(t, b, "ditto", "ditto")
}

func TestBasicLimitsFailuresPerAddress(t *testing.T) {
	clock := &fakeClock{}
	b, _, anna := newBasic(t, Options{Clock: clock.Now, AddressFailuresPerMinute: 4})
	for i := range 4 {
		mustFail(t, b, request(fmt.Sprint("guess", i), "wrong", "192.0.2.1"), ErrWrongCredentials)
	}
	before := anna.asked.Load()
	_, err := b.Authenticate(t.Context(), request("anna", "annas", "192.0.2.1"))
	if limited, ok := errors.AsType[*RateLimitedError](err); !ok || limited.RetryAfter != 15*time.Second {
		t.Fatalf("error %v, want a limit for 15s", err)
	}
	mustAsk(t, anna, before)
	if _, err := b.Authenticate(t.Context(), request("anna", "annas", "192.0.2.2")); err != nil {
		t.Fatalf("refused from another address: %v", err)
	}
}

// By default, a user has ten failures and an address a hundred.
func TestBasicDefaultLimits(t *testing.T) {
	b, _, _ := newBasic(t, Options{Clock: (&fakeClock{}).Now})
	for user := range 10 {
		r := request(fmt.Sprint("user", user), "wrong", "192.0.2.1")
		for range 10 {
			mustFail(t, b, r, ErrWrongCredentials)
		}
		limited := r.Clone(t.Context())
		limited.RemoteAddr = "192.0.2.2:4711"
		_, err := b.Authenticate(t.Context(), limited)
		if _, ok := errors.AsType[*RateLimitedError](err); !ok {
			t.Fatalf("error %v for user %d, want a limit", err, user)
		}
	}
	_, err := b.Authenticate(t.Context(), request("ditto", "ditto", "192.0.2.1"))
	if _, ok := errors.AsType[*RateLimitedError](err); !ok {
		t.Fatalf("error %v for the address, want a limit", err)
	}
}

// Nobody locks a user out who is known, whatever they send, wherever from.
func TestBasicDoesNotLockOutWhoIsRemembered(t *testing.T) {
	b, ditto, _ := newBasic(t, Options{FailuresPerMinute: 2, AddressFailuresPerMinute: 2, Clock: (&fakeClock{}).Now})
	mustEnter(t, b, "ditto", "ditto")
	for range 2 {
		mustFail(t, b, request("ditto", "wrong", "192.0.2.1"), ErrWrongCredentials)
	}
	_, err := b.Authenticate(t.Context(), request("ditto", "wrong", "192.0.2.1"))
	if _, ok := errors.AsType[*RateLimitedError](err); !ok {
		t.Fatalf("error %v, want a limit", err)
	}
	mustEnter(t, b, "ditto", "ditto")
	mustAsk(t, ditto, 3)
}

func TestUpdateKeepsWhatIsRemembered(t *testing.T) {
	b, ditto, _ := newBasic(t, Options{})
	mustEnter(t, b, "ditto", "ditto")
	if err := b.Update(map[string]string{"ditto": bcryptOfUStarU, "bert": bcryptOfUStarU}, "pre:"); err != nil {
		t.Fatal(err)
	}
	id, err := b.Authenticate(t.Context(), request("ditto", "ditto", "192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	mustAsk(t, ditto, 1)
	if diff := cmp.Diff(Subjects{"pre:ditto"}, id.Subjects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
	mustEnter(t, b, "bert", "U*U")
}

func TestUpdateForgetsChangedAndRemovedUsers(t *testing.T) {
	b, _, _ := newBasic(t, Options{})
	mustEnter(t, b, "ditto", "ditto")
	mustEnter(t, b, "anna", "annas")
	// The new hash is of another password; the old password must not get in by memory.
	other := strings.Replace(bcryptOfUStarU, "$2a$", "$2y$", 1)
	if err := b.Update(map[string]string{"ditto": other}, "nginx:"); err != nil {
		t.Fatal(err)
	}
	mustFail(t, b, request("ditto", "ditto", "192.0.2.1"), ErrWrongCredentials)
	mustFail(t, b, request("anna", "annas", "192.0.2.1"), ErrWrongCredentials)
	mustEnter(t, b, "ditto", "U*U")

	// Nor does a user who comes back with the old hash.
	if err := b.Update(map[string]string{"anna": argonOfPassword}, "nginx:"); err != nil {
		t.Fatal(err)
	}
	mustFail(t, b, request("anna", "annas", "192.0.2.1"), ErrWrongCredentials)
}

func TestUpdateRefusesAndChangesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		user, hash string
		err        error
	}{
		"empty name":         {"", bcryptOfUStarU, errUserName},
		"colon in the name":  {"a:b", bcryptOfUStarU, errUserName},
		"line break in name": {"a\nb", bcryptOfUStarU, errUserName},
		"long name":          {strings.Repeat("x", 257), bcryptOfUStarU, errUserName},
		"clear text":         {"a", "topsecret", errUnknownHash},
		"broken bcrypt":      {"a", "$2a$topsecret", errBcryptFormat},
		"broken argon2id":    {"a", "$argon2id$topsecret", errArgonFormat},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, _ := newBasic(t, Options{})
			err := b.Update(map[string]string{tc.user: tc.hash, "bert": bcryptOfUStarU}, "nginx:")
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows too much: %v", err)
			}
			mustEnter(t, b, "ditto", "ditto")
			mustFail(t, b, request("bert", "U*U", "192.0.2.1"), ErrWrongCredentials)
		})
	}
}

func TestNewBasicRefusesNegativeLimits(t *testing.T) {
	for _, o := range []Options{{FailuresPerMinute: -1}, {AddressFailuresPerMinute: -1}, {MaxConcurrent: -1}} {
		if _, err := NewBasic(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

func TestErrorsCarryNoSecrets(t *testing.T) {
	b, _, _ := newBasic(t, Options{FailuresPerMinute: 1})
	for _, r := range []*http.Request{
		request("dittouser", "topsecret", "192.0.2.1"),
		request("ditto", "topsecret", "192.0.2.1"),
		request("ditto", "topsecret", "192.0.2.1"), // limited now
		request("ditto", "topsecret\n", "192.0.2.1"),
	} {
		_, err := b.Authenticate(t.Context(), r)
		if err == nil || strings.Contains(err.Error(), "ditto") || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("error %q", err)
		}
	}
}

func BenchmarkBasicRemembered(b *testing.B) {
	basic, ditto, _ := newBasic(b, Options{})
	r := request("ditto", "ditto", "192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := basic.Authenticate(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	if ditto.asked.Load() != 1 {
		b.Fatal("not remembered")
	}
}

func BenchmarkBasicRememberedParallel(b *testing.B) {
	basic, _, _ := newBasic(b, Options{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := request("ditto", "ditto", "192.0.2.1")
		for pb.Next() {
			if _, err := basic.Authenticate(b.Context(), r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func TestBasicAdmits(t *testing.T) {
	b, _, _ := newBasic(t, Options{})
	id := Identity{Kind: KindBasic, User: "ditto"}
	if !b.Admits(id) || b.Admits(Identity{Kind: KindJWT, User: "ditto"}) || b.Admits(Identity{Kind: KindBasic, User: "bert"}) {
		t.Error("it does not admit its users, or others")
	}
	if err := b.Update(map[string]string{"anna": argonOfPassword}, "nginx:"); err != nil {
		t.Fatal(err)
	}
	if b.Admits(id) {
		t.Error("admitted although the user is gone")
	}
}
