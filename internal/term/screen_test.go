package term

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestScreenOfWhatIsNoTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := ScreenOf(file); got != (Screen{}) {
		t.Errorf("file: got %+v", got)
	}
	if got := ScreenOf(&bytes.Buffer{}); got != (Screen{}) {
		t.Errorf("buffer: got %+v", got)
	}
}

func TestScreenOfATerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	defer terminal.Close()
	for _, env := range []struct {
		noColour, term string
		colour         bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		t.Setenv("NO_COLOR", env.noColour)
		t.Setenv("TERM", env.term)
		if got := ScreenOf(terminal); !got.Terminal || got.Colour != env.colour {
			t.Errorf("NO_COLOR=%q TERM=%q: got %+v", env.noColour, env.term, got)
		}
	}
}
