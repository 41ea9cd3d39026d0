package host

import (
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// users knows the names of users.
type users struct {
	path  string
	names map[uint64]string
	state stamp
}

// name returns the name of a user, or the number where there is none.
func (u *users) name(uid uint64) string {
	if changed, ok := u.state.changed(u.path); ok && changed {
		u.names = readPasswd(u.path)
	}
	if name, ok := u.names[uid]; ok {
		return name
	}
	return strconv.FormatUint(uid, 10)
}

// stamp tells whether a file has changed.
type stamp struct {
	read bool
	size int64
	time time.Time
}

// changed reports whether a file is another one than at the last call, and whether
// it can be looked at.
func (s *stamp) changed(path string) (changed, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return false, false
	}
	next := stamp{true, info.Size(), info.ModTime()}
	changed = next != *s
	*s = next
	return changed, true
}

// readPasswd returns the names in a file such as /etc/passwd, nothing if it cannot be
// read.
func readPasswd(path string) map[uint64]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return parsePasswd(string(text))
}

// parsePasswd reads lines of name:password:number:…; the first line of a number
// holds, as in the C library. Passwords are skipped.
func parsePasswd(text string) map[uint64]string {
	names := map[uint64]string{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		_, rest, _ = strings.Cut(rest, ":")
		number, _, ok := strings.Cut(rest, ":")
		uid, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || name == "" || name[0] == '#' || name[0] == '+' || name[0] == '-' || !utf8.ValidString(name) {
			continue
		}
		if _, twice := names[uid]; !twice {
			names[uid] = name
		}
	}
	return names
}
