package document

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkHostile runs what is made to be slow, at 25 KB and at four times that: the time must not grow much more than
// the size.
func BenchmarkHostile(b *testing.B) {
	for _, n := range []int{2000, 8000} {
		twins, up, down := manyMembers(n)
		deep := []byte(strings.Repeat(`{"a":0,"a":`, 99) + string(twins) + strings.Repeat("}", 99))
		digits := []byte(strings.Repeat("9", 10*n))
		exponent := []byte("1e" + string(digits))
		sel, err := ParseSelector("*/*/a,*" + strings.Repeat(",k1*", 254))
		if err != nil {
			b.Fatal(err)
		}
		for name, f := range map[string]func() error{
			"twins":                 func() error { _, err := Canonical(twins); return err },
			"twins on every level":  func() error { _, err := Canonical(deep); return err },
			"unique names":          func() error { _, err := Canonical(up); return err },
			"patch in reverse":      func() error { _, err := MergePatch(up, down); return err },
			"minimize in reverse":   func() error { Minimize(up, down); return nil },
			"comparison in reverse": func() error { Equal(up, down); return nil },
			"digits":                func() error { Equal(digits, append(digits, ".0"...)); return nil },
			"exponent":              func() error { Equal(exponent, append(exponent, '0')); return nil },
			"selector":              func() error { sel.Apply(up); return nil },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// manyMembers returns an object of n members of which always two have the same name, and two objects with n names in
// opposite order.
func manyMembers(n int) (twins, up, down []byte) {
	var t, u, d []string
	for i := range n {
		t = append(t, fmt.Sprintf(`"k%d":%d`, i/2, i))
		u = append(u, fmt.Sprintf(`"k%d":%d`, i, i))
		d = append(d, fmt.Sprintf(`"k%d":%d.0`, n-1-i, n-1-i))
	}
	object := func(members []string) []byte { return []byte("{" + strings.Join(members, ",") + "}") }
	return object(t), object(u), object(d)
}
