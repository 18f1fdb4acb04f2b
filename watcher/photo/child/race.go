//go:build race

package child

// raced tells that the race detector is built in, which maps more memory than any limit here allows.
const raced = true
