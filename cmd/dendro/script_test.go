package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dendro-carbon/dendro/internal/golden"
)

// TestMain lets the scripts run this very program as `exec dendro`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dendro": main})
}

// TestScript runs testdata/script/*.txtar: command lines, what they print and
// how they end. With -update the expectations inside are rewritten.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       golden.Update(),
	})
}
