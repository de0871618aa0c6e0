// Package storetest is the contract of package store as a test. Every
// implementation runs it from its own tests:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Opener { … })
//	}
//
// It says nothing about crashes and failing disks; how those are brought about
// is the implementation's knowledge, and so are the tests.
package storetest
