// Command ferret is a MongoDB server for tests: FerretDB, which speaks MongoDB's
// wire protocol over a folder of SQLite files. It is a module of its own, so that
// none of what it needs reaches the product's go.mod.
//
//	ferret FOLDER
//
// It listens on a free port of the loopback interface, prints the URI on the first
// line of its output, and ends when its input does: so it never outlives the test
// that started it.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: ferret FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ferret:", err)
		os.Exit(1)
	}
}

// run serves the databases in a folder until the input ends.
func run(folder string, input io.Reader, output io.Writer) error {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	go func() {
		io.Copy(io.Discard, input) // until whoever started it is gone
		cancel()
	}()
	if _, err := fmt.Fprintln(output, server.MongoDBURI()); err != nil {
		return err
	}
	return <-done
}
