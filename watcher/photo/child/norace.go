//go:build !race

package child

// raced tells that the race detector is not built in.
const raced = false
