package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
)

// result is the outcome of a login that runs beside the test.
type result struct {
	id  Identity
	err error
}

func start(ctx context.Context, b *Basic, user, password string) <-chan result {
	done := make(chan result, 1)
	go func() {
		id, err := b.Authenticate(ctx, request(user, password, "192.0.2.1"))
		done <- result{id, err}
	}()
	return done
}

func TestConcurrentFirstLoginsHashOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, _ := newBasic(t, Options{MaxConcurrent: 4})
		ditto.gate = make(chan struct{})
		var right, wrong []<-chan result
		for range 2000 { // more than may wait for a turn
			right = append(right, start(t.Context(), b, "ditto", "ditto"))
			wrong = append(wrong, start(t.Context(), b, "ditto", "wrong"))
		}
		synctest.Wait()
		close(ditto.gate)
		for i := range right {
			if r := <-right[i]; r.err != nil || r.id.User != "ditto" {
				t.Fatalf("login %d: %+v", i, r)
			}
			if r := <-wrong[i]; !errors.Is(r.err, ErrWrongCredentials) {
				t.Fatalf("wrong login %d: %+v", i, r)
			}
		}
		mustAsk(t, ditto, 2)
		if len(b.flights.by) != 0 || b.turnstile.waiting.Load() != 0 || len(b.turnstile.slots) != 0 {
			t.Error("something is left behind")
		}
	})
}

func TestHashingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, _ := newBasic(t, Options{MaxConcurrent: 3})
		ditto.gate = make(chan struct{})
		for i := range 10 {
			start(t.Context(), b, "ditto", fmt.Sprint("wrong", i))
		}
		synctest.Wait()
		mustAsk(t, ditto, 3)
		close(ditto.gate)
		synctest.Wait()
		mustAsk(t, ditto, 10)
	})
}

// The limit holds for those too that were let through before it was reached.
func TestLimitCountsWhatHappenedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, _ := newBasic(t, Options{MaxConcurrent: 1, FailuresPerMinute: 5})
		ditto.gate = make(chan struct{})
		var logins []<-chan result
		for i := range 100 {
			logins = append(logins, start(t.Context(), b, "ditto", fmt.Sprint("wrong", i)))
		}
		synctest.Wait()
		close(ditto.gate)
		limited := 0
		for _, l := range logins {
			if _, ok := errors.AsType[*RateLimitedError]((<-l).err); ok {
				limited++
			}
		}
		mustAsk(t, ditto, 5)
		if limited != 95 {
			t.Errorf("%d logins were limited, want 95", limited)
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, _ := newBasic(t, Options{MaxConcurrent: 1})
		ditto.gate = make(chan struct{})
		hashing := start(t.Context(), b, "ditto", "ditto")
		synctest.Wait()

		gone := errors.New("client is gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		waiting := start(ctx, b, "anna", "annas")   // for a turn
		follower := start(ctx, b, "ditto", "ditto") // for the verdict of the first
		synctest.Wait()
		cancel(gone)
		for _, l := range []<-chan result{waiting, follower} {
			if r := <-l; !errors.Is(r.err, ErrBusy) || !errors.Is(r.err, gone) {
				t.Errorf("error %v, want busy because of the context", r.err)
			}
		}
		close(ditto.gate)
		if r := <-hashing; r.err != nil {
			t.Errorf("the first login: %v", r.err)
		}
		mustEnter(t, b, "anna", "annas")
	})
}

// Who waits for somebody who gives up takes over.
func TestFollowerTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, anna := newBasic(t, Options{MaxConcurrent: 1})
		ditto.gate = make(chan struct{})
		start(t.Context(), b, "ditto", "ditto") // takes the only turn
		synctest.Wait()

		ctx, cancel := context.WithCancel(t.Context())
		leader := start(ctx, b, "anna", "annas")
		synctest.Wait()
		var followers []<-chan result
		for range 10 {
			followers = append(followers, start(t.Context(), b, "anna", "annas"))
		}
		synctest.Wait()
		cancel()
		if r := <-leader; !errors.Is(r.err, ErrBusy) {
			t.Errorf("the leader: %v", r.err)
		}
		close(ditto.gate)
		for _, f := range followers {
			if r := <-f; r.err != nil || r.id.User != "anna" {
				t.Errorf("a follower: %+v", r)
			}
		}
		mustAsk(t, anna, 1)
	})
}

// Between a look into the memory and a turn, somebody else's verification may have ended.
func TestNothingIsHashedThatIsRememberedMeanwhile(t *testing.T) {
	b, ditto, _ := newBasic(t, Options{})
	s := b.accounts.Load().byName["ditto"].secret
	l := &login{user: "ditto", password: "ditto", secret: s, known: true, print: fingerprint{1}}
	s.memory.remember(l.print, b.clock())
	if v, err := b.verify(t.Context(), l); v != matched || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	mustAsk(t, ditto, 0)
}

// Who is limited learns so at once and takes nobody's place among those who wait.
func TestLimitedDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, anna := newBasic(t, Options{MaxConcurrent: 1, FailuresPerMinute: 1})
		mustFail(t, b, request("anna", "wrong", "192.0.2.1"), ErrWrongCredentials)
		ditto.gate = make(chan struct{})
		start(t.Context(), b, "ditto", "ditto") // takes the only turn
		synctest.Wait()
		_, err := b.Authenticate(t.Context(), request("anna", "annas", "192.0.2.2"))
		if _, ok := errors.AsType[*RateLimitedError](err); !ok {
			t.Errorf("error %v, want a limit", err)
		}
		mustAsk(t, anna, 1)
		close(ditto.gate)
	})
}

func TestTooManyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ditto, _ := newBasic(t, Options{MaxConcurrent: 1})
		ditto.gate = make(chan struct{})
		for i := range maxWaiting + 1 {
			start(t.Context(), b, "ditto", fmt.Sprint("wrong", i))
		}
		synctest.Wait()
		if r := <-start(t.Context(), b, "anna", "annas"); !errors.Is(r.err, ErrBusy) {
			t.Errorf("error %v, want busy", r.err)
		}
		close(ditto.gate)
		synctest.Wait()
	})
}

// A user who is removed, or whose password is changed, while it is verified does not get in with it.
func TestUpdateWhileHashing(t *testing.T) {
	for name, users := range map[string]map[string]string{
		"removed": {"anna": argonOfPassword},
		"changed": {"ditto": "$2y" + bcryptOfUStarU[3:]},
		"emptied": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, ditto, _ := newBasic(t, Options{})
				ditto.gate = make(chan struct{})
				login := start(t.Context(), b, "ditto", "ditto")
				synctest.Wait()
				if err := b.Update(users, "nginx:"); err != nil {
					t.Fatal(err)
				}
				close(ditto.gate)
				if r := <-login; !errors.Is(r.err, ErrWrongCredentials) {
					t.Errorf("%+v, want wrong credentials", r)
				}
			})
		})
	}
}

// For the race detector: logins of every kind while the users change.
func TestUpdateWhileAuthenticating(t *testing.T) {
	b, _, _ := newBasic(t, Options{FailuresPerMinute: 1 << 20})
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 200 {
				user, password := "ditto", "ditto"
				if n%10 == i {
					password = fmt.Sprint("wrong", n)
				}
				if n%10 == 9 {
					user = fmt.Sprint("unknown", n)
				}
				id, err := b.Authenticate(t.Context(), request(user, password, "192.0.2.1"))
				switch {
				case password == "ditto" && user == "ditto":
					if err != nil || len(id.Subjects) != 1 || id.User != "ditto" {
						t.Errorf("the right login: %+v, %v", id, err)
					}
				case !errors.Is(err, ErrWrongCredentials):
					t.Errorf("a wrong login: %+v, %v", id, err)
				}
			}
		})
	}
	for i := range 100 {
		users := map[string]string{"ditto": bcryptOfUStarU, fmt.Sprint("user", i): bcryptOfUStarU}
		if err := b.Update(users, fmt.Sprintf("prefix%d:", i)); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
}
