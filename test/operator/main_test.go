package operator_test

import (
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/twinway/twinway/test/apiserver"
)

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // each operator has a logger of its own
	apiserver.Main(m, apiserver.Options{ControllerManager: true})
}
