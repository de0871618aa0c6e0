package protocol

import (
	"strconv"
	"time"
)

// milliseconds returns a duration as errors spell it. Protocol rule: thousands are separated by commas, "65,000ms".
func milliseconds(d time.Duration) string {
	digits := strconv.FormatInt(max(0, d.Milliseconds()), 10)
	text := digits[:(len(digits)-1)%3+1]
	for rest := digits[len(text):]; rest != ""; rest = rest[3:] {
		text += "," + rest[:3]
	}
	return text + "ms"
}
