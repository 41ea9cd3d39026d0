package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dendro-carbon/dendro/internal/config"
)

// Settings come from a file, the environment and flags; each knows where it came
// from, and all that is wrong is told at once.
func ExampleLoad() {
	folder, err := os.MkdirTemp("", "config")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "dendro.yaml")
	if err := os.WriteFile(file, []byte("time_zone: Europe/London\nlisten: 127.0.0.1:8420\nslot: 1h\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := config.Load(config.Input{File: file, Env: []string{"HOME=/home/someone", "DENDRO_SLOT=30m"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	calendar, err := loaded.Calendar()
	fmt.Println(calendar.Zone(), calendar.Grid().Step(), err)
	fmt.Println(strings.TrimPrefix(loaded.Origin("time_zone").String(), folder+string(filepath.Separator)))
	fmt.Println(loaded.Origin("slot"))

	var shown strings.Builder
	if err := loaded.Show(&shown); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(shown.String(), "time_zone: Europe/London"))
	loaded.Slot = 0
	for _, problem := range loaded.Validate() {
		fmt.Println(problem.Path, problem.Text)
	}
	// Output:
	// Europe/London 30m0s <nil>
	// dendro.yaml:1
	// environment DENDRO_SLOT
	// true
	// slot slot length is not valid: 0s does not divide one hour into whole seconds; use for example 30m, 15m or 5m
}

// An address that only this machine reaches needs no tokens.
func ExampleLoopback() {
	fmt.Println(config.Loopback("127.0.0.1"), config.Loopback("localhost"), config.Loopback("0.0.0.0"))
	// Output: true true false
}
