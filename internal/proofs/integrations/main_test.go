//go:build integrations

package integrations

import (
	"os"
	"testing"

	"resetd/internal/testkit/instance"
)

// binary is the built program, the same for all tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(instance.Main(m, &binary))
}
