// Command dendro is a carbon accounting engine for computing: it adds energy
// and carbon up along time and up a tree, and says whose they are.
//
// Exit status: 0 done, 1 failed, 2 usage, 3 the data is not valid.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/dendro-carbon/dendro/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks the command to stop; a second one ends the program.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
