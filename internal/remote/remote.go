// Package remote lets the commands ask a server that runs, instead of the data
// that it holds open: where it listens and how it is asked. So nobody stops a
// server to ask it something or to fill in the past.
//
// A server leaves its address, and a token made for this run, in a file beside its
// data that only its user can read: who may read the data may ask the server.
// What a reader would get wrong: the file may be stale, after kill -9. [Find]
// believes it only when the server there answers that it is the one.
package remote

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Address says where a server can be asked.
type Address struct {
	// URL is the base below which /api/v1 lies.
	URL string `json:"url"`
	// Token is a bearer token for everything, good for as long as the server runs.
	Token string `json:"token"`
	// Instance tells the server from all others that ever had its address.
	Instance string `json:"instance"`
	PID      int    `json:"pid"`
}

// fileName is the name of the file in the data folder.
const fileName = "server.json"

// InstanceHeader is the header of every answer that names the server's instance.
const InstanceHeader = "Dendro-Instance"

// NewAddress returns the address of a server that begins to listen at a URL.
func NewAddress(url string) Address {
	return Address{URL: url, Token: rand.Text(), Instance: rand.Text(), PID: os.Getpid()}
}

// Leave writes the address into a data folder and returns what removes it again.
func (a Address) Leave(folder string) (remove func() error, err error) {
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	path := filepath.Join(folder, fileName)
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) { // it could have another mode
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	return func() error { return a.remove(path) }, nil
}

// remove removes the file, unless another server has written its own.
func (a Address) remove(path string) error {
	found, err := readAddress(path)
	if err != nil || found.Instance != a.Instance {
		return nil
	}
	return os.Remove(path)
}

func readAddress(path string) (Address, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Address{}, err
	}
	var a Address
	if err := json.Unmarshal(text, &a); err != nil {
		return Address{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// ErrNoServer reports that no server runs on some data.
var ErrNoServer = errors.New("no server runs on this data")

// knock is how long a server has to say that it is there.
const knock = 5 * time.Second

// Find returns a client of the server that runs on a data folder, or an error that
// wraps [ErrNoServer].
func Find(ctx context.Context, folder string) (*Client, error) {
	a, err := readAddress(filepath.Join(folder, fileName))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	c, err := At(a.URL, a.Token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	ctx, cancel := context.WithTimeout(ctx, knock)
	defer cancel()
	resp, err := c.send(ctx, http.MethodGet, "/healthz", nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	defer resp.Body.Close()
	if resp.Header.Get(InstanceHeader) != a.Instance {
		return nil, fmt.Errorf("%w: at %s is another one", ErrNoServer, a.URL)
	}
	return c, nil
}
