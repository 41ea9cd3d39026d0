package emit

import (
	"strings"
	"testing"
)

func BenchmarkText(b *testing.B) {
	texts := map[string]string{
		"Plain":  "eu-west-1",
		"Spaces": "Intel Xeon Platinum 8259CL",
		"Colons": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abcd",
		"Quoted": "2023-12-12 00:00:00",
		"Digits": "8259CL",
		"Accent": "Zürich café",
		"Folded": strings.Repeat("long words ", 12),
		"Escape": "a\tb",
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = appendText(dst[:0], text, 6, false)
			}
		})
	}
}

func BenchmarkCachedText(b *testing.B) {
	text := "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abcd"
	var styles styleCache
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = styles.appendText(dst[:0], text, 6)
	}
}
