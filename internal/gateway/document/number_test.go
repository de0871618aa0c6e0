package document

import (
	"math/big"
	"strings"
	"testing"
)

// FuzzEqualNumbers compares numbers with exponents of any size by a normal form.
func FuzzEqualNumbers(f *testing.F) {
	f.Add("-100.50e99999999999999999999", "-1.005E+100000000000000000001")
	f.Add("0.001e1000000000000000000", "1e999999999999999997")
	f.Add("12e-1000000000000000000", "1.2e-999999999999999999")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			if KindOf([]byte(s)) != Number || Valid([]byte(s)) != nil || strings.TrimSpace(s) != s {
				return
			}
		}
		got, want := Equal([]byte(a), []byte(b)), normalNumber(a) == normalNumber(b)
		if got != want {
			t.Fatalf("%s and %s: got %v", a, b, got)
		}
	})
}

// normalNumber returns the number as an integer without trailing zeros and a power of ten.
func normalNumber(s string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	power := new(big.Int)
	power.SetString(strings.TrimPrefix(exponent, "+"), 10)
	power.Sub(power, big.NewInt(int64(len(fraction))))
	digits := strings.TrimLeft(strings.TrimPrefix(whole+fraction, "-"), "0")
	if digits == "" {
		return "0"
	}
	trimmed := strings.TrimRight(digits, "0")
	power.Add(power, big.NewInt(int64(len(digits)-len(trimmed))))
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	return sign + trimmed + "e" + power.String()
}
