package rql

import "testing"

func TestBits(t *testing.T) {
	for begin := range maxLeaves {
		for _, end := range []int{begin, begin + 1, begin + 63, begin + 64, begin + 65, begin + 200} {
			if end > maxLeaves {
				continue
			}
			var b bits
			b.addAll(begin, end)
			if !b.hasAll(begin, end) {
				t.Fatalf("not all from %d to %d", begin, end)
			}
			for _, without := range []int{begin, end - 1, (begin + end) / 2} {
				if without < begin || without >= end {
					continue
				}
				less := b
				less[without>>6] &^= 1 << (without & 63)
				if less.has(without) || less.hasAll(begin, end) {
					t.Fatalf("all from %d to %d without %d", begin, end, without)
				}
			}
			if begin > 0 && b.has(begin-1) || end < maxLeaves && b.has(end) {
				t.Fatalf("more than from %d to %d", begin, end)
			}
		}
	}
}
