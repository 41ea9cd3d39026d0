package shelf_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// january returns the disclosure of a month.
func january() ([]byte, error) {
	d, err := disclosure.New(period(1, 4_000_000), disclosure.Request{
		Intent: disclosure.Internal, Confidentiality: disclosure.Public, Zone: time.UTC, By: []string{"service"},
		MadeAt: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), Program: disclosure.Program{Name: "dendro", Version: "v1"},
	})
	if err != nil {
		return nil, err
	}
	return d.Text()
}

// shelved returns a folder with the disclosure of a month, and what removes it.
func shelved() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "shelf"); err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	text, err := january()
	if err != nil {
		return dir, remove, err
	}
	err = os.WriteFile(filepath.Join(dir, "2026-01.json"), text, 0o600)
	return dir, remove, err
}

func Example() {
	dir, remove, err := shelved()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	s := shelf.New(shelf.Config{Dir: dir, Peek: sign.Open})
	ctx := context.Background()
	list, err := s.List(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	january := list.Items[0]
	fmt.Println(january.File, january.Totals.Energy, january.Holds, january.Signature.State, len(s.Keys()))

	file, v, err := s.Verify(ctx, january.ID, nil)
	fmt.Println(file, v.Checks[0].Name, v.Checks[0].State, err)

	d, err := s.Read(ctx, january.SHA256)
	fmt.Println(disclosure.Hash(d.Text) == january.SHA256, err)

	_, err = s.Compare(ctx, january.ID, "")
	fmt.Println(errors.Is(err, shelf.ErrNoOther))

	disclosed, err := s.Disclosed(ctx, period(1, 1).Span, []string{period(1, 1).Inputs[0].SHA256})
	fmt.Println(disclosed, err)
	// Output:
	// 2026-01.json 0.004 kWh true not given 0
	// 2026-01.json form ok <nil>
	// true <nil>
	// true
	// true <nil>
}

func ExampleMemory() {
	text, err := january()
	if err != nil {
		fmt.Println(err)
		return
	}
	var files shelf.Memory
	files.Put("2026-01.json", text)
	list, err := shelf.New(shelf.Config{Memory: &files, Peek: sign.Open}).List(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(list.Items[0].File, list.Items[0].Holds)
	// Output: 2026-01.json true
}
