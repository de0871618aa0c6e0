// Package apiserver gives a package's tests a real API server with the custom
// resources of Twinway, one for all of them:
//
//	func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{}) }
//
// Tests share it, so each works in a Namespace of its own. The server and what
// runs beside it end with the test binary, also when that is killed.
//
// What watches over them are goroutines that stay: tests that look for leaked
// ones take goleak.IgnoreCurrent, and not while they Restart the server.
//
// The programs are those that tools/kube/build makes. Where they are missing
// the tests are left out, loudly; with CI=true that is an error.
package apiserver
