package content

import (
	"bytes"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

func secretOf(size int) *corev1.Secret {
	return &corev1.Secret{Data: map[string][]byte{"k": bytes.Repeat([]byte{1}, size)}}
}

func version(uid, rv string) Version { return Version{UID: types.UID(uid), ResourceVersion: rv} }

func TestKeptContentIsOfOneVersion(t *testing.T) {
	k := newKept(1 << 20)
	k.put(version("a", "1"), secretOf(10))
	if _, ok := k.get(version("a", "1")); !ok {
		t.Error("what was put is not there")
	}
	if _, ok := k.get(version("a", "2")); ok {
		t.Error("an older version is returned for a newer one")
	}
	k.put(version("a", "2"), secretOf(10))
	if _, ok := k.get(version("a", "1")); ok {
		t.Error("two versions of an object are kept")
	}
}

func TestKeptContentIsBounded(t *testing.T) {
	const capacity = 100 << 10
	k := newKept(capacity)
	for i := range 1000 {
		k.get(version("first", "1")) // what is used stays
		if i == 0 {
			k.put(version("first", "1"), secretOf(10))
		}
		k.put(version(fmt.Sprint(i), "1"), secretOf(9<<10))
		if k.size > capacity || len(k.byUID) != k.recent.Len() {
			t.Fatalf("%d bytes in %d entries, of which %d are found", k.size, k.recent.Len(), len(k.byUID))
		}
	}
	if _, ok := k.get(version("first", "1")); !ok {
		t.Error("what is used all the time was dropped")
	}
	k.put(version("huge", "1"), secretOf(2*capacity))
	if k.size > capacity {
		t.Errorf("%d bytes", k.size)
	}
}
