package sidecar

import (
	"os"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, fs := Parse("full.yaml", data); len(fs) > 0 {
			b.Fatal(fs)
		}
	}
}
