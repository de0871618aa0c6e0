package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSize compares what is said of the keys of a thing with what they are.
func TestSize(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, rules := range []Rules{{}, NewRules([]string{"attributes/a", "features/*/properties/b", "features/x"}), NewRules(nil)} {
		for range 5_000 {
			a, b, c := randomObject(random, 3), randomObject(random, 3), randomObject(random, 2)
			x := thingOf(t, fmt.Sprintf(`{"attributes":%s,"features":{"%s":{"properties":%s}}}`, a, strings.Repeat("x", 1+random.IntN(200)), b))
			x.Meta = canonical(t, c)
			_, entries := rules.Changes(Thing{}, x)
			sum := 0
			for _, entry := range entries {
				sum += len(entry) + len("a:b") + keyOverhead
			}
			const times = 3 * (64 + 3 + keyOverhead) // entries of no document, and marks of containers
			if got := rules.Size(x, "a:b"); got < sum-times {
				t.Fatalf("%s: %d bytes, said to be %d", x.Doc, sum, got)
			} else if !strings.Contains(string(x.Doc)+string(x.Meta), "[") && got > sum+times {
				t.Fatalf("%s: %d bytes, said to be %d", x.Doc, sum, got)
			}
		}
	}
}

// TestFits is about the largest things there are: what fits is said to, and what is not looked at fits.
func TestFits(t *testing.T) {
	long := strings.Repeat("€", 256)
	array := func(n int) Thing {
		return Thing{Doc: []byte(`{"features":{"` + long + `":{"properties":{"a":[` + strings.Repeat("1,", n-1) + `1]}}}}`)}
	}
	for n := 1; n < 4<<20; n *= 2 {
		x := array(n)
		if got, want := (Rules{}).Fits(x, long), (Rules{}).Size(x, long) <= MaxSize; got != want {
			t.Errorf("%d elements: fits %t, want %t", n, got, want)
		}
		if !NewRules([]string{"attributes"}).Fits(x, long) {
			t.Errorf("%d elements that have no entries do not fit", n)
		}
	}
	if (Rules{}).Fits(array(1<<20), "a:b") {
		t.Error("a million elements with a long path fit")
	}
	plain := Thing{Doc: []byte(`{"attributes":{` + strings.Repeat(`"abcdef":"some text",`, 4<<20/21-1) + `"a":1}}`)}
	if !(Rules{}).Fits(plain, "org.example:a-thing-of-usual-name") {
		t.Error("four megabytes of usual values do not fit")
	}
}

// randomObject returns an object.
func randomObject(random *rand.Rand, depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "x", "a/b", strings.Repeat("long", 20)} {
		if random.IntN(2) == 0 {
			members = append(members, fmt.Sprintf("%q:%s", name, anyValue(random, depth-1)))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func anyValue(random *rand.Rand, depth int) string {
	switch n := random.IntN(6); {
	case n < 2 && depth > 0:
		return randomObject(random, depth)
	case n == 2 && depth > 0:
		return "[" + anyValue(random, depth-1) + "," + anyValue(random, depth-1) + "]"
	}
	return randomScalar(random)
}
