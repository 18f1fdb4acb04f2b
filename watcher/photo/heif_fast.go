//go:build amd64 || arm64

package photo

// heifDecodable reports whether HEIC and AVIF can be decoded here in reasonable time. Their decoders are
// WebAssembly, which is compiled on these processors and interpreted, twenty times slower, on all others.
const heifDecodable = true
