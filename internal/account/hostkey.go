package account

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// ErrNormalizer reports a normaliser that does not exist or cannot be used.
var ErrNormalizer = errors.New("host normaliser is not valid")

// HostKey turns the names under which sources and directories know a host into
// one key. Names are matched by their keys alone, never by a pattern. It is
// immutable and safe for concurrent use; the zero value changes nothing.
type HostKey struct{ steps []func(string) string }

// NewHostKey returns the key of an ordered list of normalisers:
//
//	strip-port           host:9100 → host, [::1]:9100 → ::1
//	lower                HOST → host
//	short-name           host.example.org → host; addresses stay as they are
//	dashed-ip:TEMPLATE   with host-{ip}.example.org as TEMPLATE,
//	                     host-10-0-0-1.example.org → 10.0.0.1
//
// It returns [ErrNormalizer] for any other.
func NewHostKey(names ...string) (HostKey, error) {
	var k HostKey
	for _, name := range names {
		kind, template, _ := strings.Cut(name, ":")
		switch {
		case name == "strip-port":
			k.steps = append(k.steps, stripPort)
		case name == "lower":
			k.steps = append(k.steps, strings.ToLower)
		case name == "short-name":
			k.steps = append(k.steps, shortName)
		case kind == "dashed-ip" && strings.Count(template, "{ip}") == 1:
			prefix, suffix, _ := strings.Cut(template, "{ip}")
			k.steps = append(k.steps, func(host string) string { return dashedIP(host, prefix, suffix) })
		default:
			return HostKey{}, fmt.Errorf("%w: %q: use strip-port, lower, short-name or dashed-ip:PREFIX{ip}SUFFIX", ErrNormalizer, name)
		}
	}
	return k, nil
}

// Of returns the key of a host's name, as [VisibleText].
func (k HostKey) Of(host string) string {
	host = VisibleText(host)
	for _, step := range k.steps {
		host = step(host)
	}
	return host
}

func stripPort(host string) string {
	if rest, ok := strings.CutPrefix(host, "["); ok {
		if inside, after, ok := strings.Cut(rest, "]"); ok && (after == "" || isPort(after)) {
			return inside
		}
		return host
	}
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.Count(host, ":") > 1 || !isPort(host[i:]) { // a bare IPv6 address has many colons
		return host
	}
	return host[:i]
}

// isPort reports whether s is a colon and digits.
func isPort(s string) bool {
	return len(s) > 1 && s[0] == ':' && strings.Trim(s[1:], "0123456789") == ""
}

func shortName(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	short, _, _ := strings.Cut(host, ".")
	return short
}

func dashedIP(host, prefix, suffix string) string {
	if len(host) < len(prefix)+len(suffix) || !strings.HasPrefix(host, prefix) || !strings.HasSuffix(host, suffix) {
		return host
	}
	middle := host[len(prefix) : len(host)-len(suffix)]
	address, err := netip.ParseAddr(strings.ReplaceAll(middle, "-", "."))
	if err != nil || !address.Is4() {
		return host
	}
	return address.String()
}
