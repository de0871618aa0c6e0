package loopback

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// guardPort on a block's last address is listened on by its owner: the kernel
// gives the block back when the process ends, however it does.
const guardPort = 61916

// Block is 127.A.B.0/24, owned until Close or the end of the process.
type Block struct {
	prefix [3]byte
	guard  net.Listener
}

// Acquire takes the first block that is free.
func Acquire() (*Block, error) {
	for a := 64; a < 128; a++ {
		for b := range 256 {
			block := &Block{prefix: [3]byte{127, byte(a), byte(b)}}
			guard, err := net.Listen("tcp4", fmt.Sprintf("%s:%d", block.Address(255), guardPort))
			if err == nil {
				block.guard = guard
				return block, nil
			}
		}
	}
	return nil, errors.New("no block of loopback addresses is free: is all of 127.0.0.0/8 loopback here?")
}

// Address returns an address of the block; 1 to 254 are free to use.
func (b *Block) Address(host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{b.prefix[0], b.prefix[1], b.prefix[2], host})
}

// String returns what tells the block from others on this machine.
func (b *Block) String() string {
	return fmt.Sprintf("%d.%d.%d", b.prefix[0], b.prefix[1], b.prefix[2])
}

// Close gives the block back.
func (b *Block) Close() error { return b.guard.Close() }
