package operator_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/twinway/twinway/test/apiserver"
)

// atOnce is how many tests run side by side if nobody asks for another number:
// most of the time they wait.
const atOnce = "6"

func TestMain(m *testing.M) {
	if os.Getenv("TWINWAY_OPERATOR") != "1" {
		fmt.Fprintln(os.Stderr, "\n*** LEFT OUT: the operator's life against a real API server; TWINWAY_OPERATOR=1 or \"make test-operator\" asks for it")
		os.Exit(0)
	}
	parallel := flag.Lookup("test.parallel")
	_ = parallel.Value.Set(atOnce) // before the command line is read
	log.SetLogger(logr.Discard())  // each operator has a logger of its own
	apiserver.Main(m, apiserver.Options{ControllerManager: true})
}
