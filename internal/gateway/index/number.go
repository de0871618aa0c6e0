package index

import (
	"encoding/binary"

	"github.com/twinway/twinway/internal/gateway/document"
)

// The signs of numbers.
const (
	signNegative = 1 + iota
	signZero
	signPositive
)

// The first byte of a magnitude says what it is, if it is small, and else that eight bytes with it follow.
const (
	magnitudeZero  = 0x80
	smallMagnitude = 0x7D // the largest that is its own first byte
	magnitudeBelow = 0x01
	magnitudeAbove = 0xFF
)

// maxPairs is how many pairs of digits are in an entry. Numbers that begin with the same digits are not told apart beyond.
const maxPairs = 40

// Pairs of digits are 2 to 101, so that what ends them comes first.
const (
	noMorePairs = 0
	morePairs   = 1
	firstPair   = 2
)

// appendNumber appends a number so that the order of bytes is that of decimals.
func appendNumber(dst, raw []byte) []byte {
	d := document.ParseDecimal(raw)
	switch d.Sign() {
	case 0:
		return append(dst, signZero)
	case 1:
		return appendDigits(appendMagnitude(append(dst, signPositive), d.Magnitude), d.Digits)
	}
	dst = append(dst, signNegative)
	begin := len(dst)
	dst = appendDigits(appendMagnitude(dst, d.Magnitude), d.Digits)
	for i := begin; i < len(dst); i++ {
		dst[i] = ^dst[i]
	}
	return dst
}

func appendMagnitude(dst []byte, n int64) []byte {
	const sign = 1 << 63
	switch {
	case n > smallMagnitude:
		return binary.BigEndian.AppendUint64(append(dst, magnitudeAbove), uint64(n)^sign)
	case n < -smallMagnitude:
		return binary.BigEndian.AppendUint64(append(dst, magnitudeBelow), uint64(n)^sign)
	}
	return append(dst, byte(magnitudeZero+n))
}

// appendDigits appends digits, with a point among them that does not count.
func appendDigits(dst, digits []byte) []byte {
	pair, half, pairs := byte(0), false, 0
	for _, c := range digits {
		if c == '.' {
			continue
		}
		if pairs == maxPairs {
			return append(dst, morePairs)
		}
		pair = pair*10 + c - '0'
		if half {
			dst = append(dst, pair+firstPair)
			pairs++
			pair = 0
		}
		half = !half
	}
	if half {
		dst = append(dst, pair*10+firstPair)
	}
	return append(dst, noMorePairs)
}
