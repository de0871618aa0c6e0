package operator_test

import (
	"flag"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/twinway/twinway/test/apiserver"
)

// atOnce is how many tests run side by side if nobody asks for another number:
// most of the time they wait.
const atOnce = "6"

func TestMain(m *testing.M) {
	parallel := flag.Lookup("test.parallel")
	_ = parallel.Value.Set(atOnce) // before the command line is read
	log.SetLogger(logr.Discard())  // each operator has a logger of its own
	apiserver.Main(m, apiserver.Options{ControllerManager: true})
}
