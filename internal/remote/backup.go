package remote

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	// backupPath is where a backup is asked for. Asking is not a GET, because it
	// needs a token of scope admin: the answer holds everything.
	backupPath = "/api/v1/backup"
	// digestHeader tells the digest of a file before its bytes come (RFC 9530).
	digestHeader = "Repr-Digest"
	// backupFolder is the folder, in that of the data, in which a backup is made.
	backupFolder = ".backup"
)

// backups answers requests for backups, one at a time.
type backups struct {
	data  string
	write func(ctx context.Context, file string) error
	place chan struct{} // holds something while one is made
}

// RegisterBackup adds POST /api/v1/backup to a server: it has write put the state of
// the ledger into a new file, for which there has to be room in the folder of the
// data, and answers with its bytes and their digest. One that a killed server left
// behind is removed at the next. Without a folder the ledger is in memory, and no
// backup is made.
func RegisterBackup(mux *http.ServeMux, data string, write func(ctx context.Context, file string) error) {
	b := &backups{data, write, make(chan struct{}, 1)}
	mux.HandleFunc("POST "+backupPath, b.serve)
}

func (b *backups) serve(w http.ResponseWriter, r *http.Request) {
	for name := range r.URL.Query() {
		refuse(w, http.StatusBadRequest, fmt.Errorf("%q is not a parameter of %s: it has none", name, backupPath))
		return
	}
	if b.data == "" {
		refuse(w, http.StatusNotImplemented, errors.New("the ledger is in the memory of this server and ends with it: there is nothing to back up"))
		return
	}
	select {
	case b.place <- struct{}{}:
		defer func() { <-b.place }()
	default:
		refuse(w, http.StatusConflict, errors.New("the server is making a backup already; wait for its end"))
		return
	}
	folder := filepath.Join(b.data, backupFolder)
	defer os.RemoveAll(folder)
	file, digest, err := b.make(r.Context(), folder)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, fmt.Errorf("the backup is not made: %w", err))
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	w.Header().Set(digestHeader, digest)
	w.Header().Set("Cache-Control", "no-store")
	if info, err := file.Stat(); err == nil {
		w.Header().Set("Content-Length", fmt.Sprint(info.Size()))
	}
	_, _ = io.Copy(patiently{w, http.NewResponseController(w)}, file) // the client sees an end too early
}

// make writes the file and reads its digest.
func (b *backups) make(ctx context.Context, folder string) (*os.File, string, error) {
	if err := os.RemoveAll(folder); err != nil {
		return nil, "", err
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, "", err
	}
	name := filepath.Join(folder, "ledger.db")
	if err := b.write(ctx, name); err != nil {
		return nil, "", err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, "", err
	}
	hash := sha256.New()
	if _, err = io.Copy(hash, file); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, "", errors.Join(err, file.Close())
	}
	return file, digestOf(hash.Sum(nil)), nil
}

func digestOf(sum []byte) string { return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":" }

// patiently writes to a client that has some time for each piece.
type patiently struct {
	io.Writer
	control *http.ResponseController
}

func (p patiently) Write(piece []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(patience)) // not every connection has one
	return p.Writer.Write(piece)
}

// Backup has the server write its ledger and copies it into a writer. It returns an
// error unless all of it came, as it was sent. Progress, which may be nil, is told how
// many bytes have come of how many.
func (c *Client) Backup(ctx context.Context, into io.Writer, progress func(done, total int64)) error {
	resp, err := c.send(ctx, http.MethodPost, backupPath, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	hash := sha256.New()
	in := &incoming{Reader: resp.Body, total: resp.ContentLength, tell: progress}
	if _, err := io.Copy(io.MultiWriter(into, hash), in); err != nil {
		if in.failed {
			return c.cutOff(ctx, err)
		}
		return err
	}
	if want, got := resp.Header.Get(digestHeader), digestOf(hash.Sum(nil)); want != got {
		return &Error{
			Text:   fmt.Sprintf("the backup of %s is not what was sent: %s is %q, and that of what came %q", c.base, digestHeader, want, got),
			Advice: "ask again, past whatever lies between and changes files",
		}
	}
	return nil
}

// incoming is an answer of which is told how much has come.
type incoming struct {
	io.Reader
	done, total int64
	tell        func(done, total int64)
	failed      bool // to read, and not to write
}

func (in *incoming) Read(piece []byte) (int, error) {
	n, err := in.Reader.Read(piece)
	if in.done += int64(n); in.tell != nil && n > 0 {
		in.tell(in.done, in.total)
	}
	in.failed = err != nil && !errors.Is(err, io.EOF)
	return n, err
}
