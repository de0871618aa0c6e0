package auth

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
)

// accounts are the users at one moment. They do not change; an update makes new ones.
type accounts struct {
	byName map[string]account
	decoys []*secret // the secrets of all users
}

type account struct {
	identity Identity
	secret   *secret
}

// secret is a user's stored hash and what is remembered about it. It lives as long as the hash stays the same, through
// any number of updates.
type secret struct {
	stored string
	hash   passwordHash
	memory memory
}

// newAccounts takes over the secrets of previous, which may be nil, where the user's hash is the same. It fails on the
// first user name or hash, in the order of names, that is not usable.
func newAccounts(users map[string]string, subjectPrefix string, previous *accounts) (*accounts, error) {
	next := &accounts{byName: make(map[string]account, len(users)), decoys: make([]*secret, 0, len(users))}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		s, err := newSecret(name, users[name], previous)
		if err != nil {
			return nil, fmt.Errorf("auth: user %.*q: %w", maxUserName, name, err)
		}
		next.byName[name] = account{
			identity: Identity{Kind: KindBasic, User: name, Subjects: Subjects{subjectPrefix + name}},
			secret:   s,
		}
		next.decoys = append(next.decoys, s)
	}
	return next, nil
}

var errUserName = fmt.Errorf("name is empty, longer than %d bytes, or has a colon or control character", maxUserName)

func newSecret(name, stored string, previous *accounts) (*secret, error) {
	if !validUserName(name) {
		return nil, errUserName
	}
	if previous != nil {
		if known, ok := previous.byName[name]; ok && known.secret.stored == stored {
			return known.secret, nil
		}
	}
	hash, err := parseHash(stored)
	if err != nil {
		return nil, err
	}
	return &secret{stored: stored, hash: hash}, nil
}

// secretFor returns the secret to verify the user's password against. For an unknown user that is the secret of some
// other user, always the same for the same name, so that the verification, whose verdict then must not count, takes as
// long as one of a known user does. It is nil when there are no users.
func (a *accounts) secretFor(user string, seed maphash.Seed) (s *secret, known bool) {
	if acc, ok := a.byName[user]; ok {
		return acc.secret, true
	}
	if len(a.decoys) == 0 {
		return nil, false
	}
	return a.decoys[maphash.String(seed, user)%uint64(len(a.decoys))], false
}
