package wire

import (
	"bytes"
	"net"
	"testing"
)

func TestCutPiece(t *testing.T) {
	for _, sizes := range [][]int{{1}, {piece}, {piece + 1}, {3*piece + 5}, {1, piece - 1, 1}, {1, piece}, {piece, piece, 7}, {5, 2 * piece, 5}} {
		var frames net.Buffers
		var whole []byte
		for i, n := range sizes {
			f := bytes.Repeat([]byte{byte('a' + i)}, n)
			frames = append(frames, f)
			whole = append(whole, f...)
		}
		var got []byte
		for len(frames) > 0 {
			var next net.Buffers
			next, frames = cutPiece(frames)
			size := 0
			for _, f := range next {
				size += len(f)
				got = append(got, f...)
			}
			if size == 0 || size > piece {
				t.Fatalf("%v: a piece of %d bytes", sizes, size)
			}
		}
		if !bytes.Equal(got, whole) {
			t.Errorf("%v: %d bytes came out of %d", sizes, len(got), len(whole))
		}
	}
}
