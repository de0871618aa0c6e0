// Package wire joins the gateway's sessions to WebSocket connections.
//
// github.com/coder/websocket performs the handshake and reads: frames,
// fragments, masks, pings and close frames (RFC 6455). Writing is the
// gateway's own, because what goes out is prepared once and shared by many
// connections, and because everything that waits for a connection is to leave
// in one system call. Both write to the same socket, which is sound because:
//
//   - Every write of the library reaches Conn's socket wrapper as one Write
//     call that holds exactly one control frame: the library is never asked to
//     write data, and its buffer is larger than the largest control frame (129
//     bytes, RFC 6455 section 5.5).
//   - Every write of ours holds whole frames only.
//   - One mutex covers each write, so that frames never interleave.
//   - Nothing is written after a close frame, whoever wrote it (section 5.5.1).
//
// An idle connection costs one goroutine, the one that reads. The one that
// writes lives while there is something to write.
//
// What arrives is read into a buffer that a connection has only while there is
// something in it. Between messages it is awaited before the library is called,
// and pongs are passed over there: who waits has little on its stack, for as
// long as the peer only answers pings. Over TLS, which tells nobody whether it
// has something left to be read, the library waits, with the buffers of TLS.
//
// The package knows frames and bytes. It does not know what they mean.
package wire
