//go:build !amd64 && !arm64

package photo

// heifDecodable: see heif_fast.go. Here a phone's photo would take minutes.
const heifDecodable = false
