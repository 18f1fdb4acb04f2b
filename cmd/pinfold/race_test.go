//go:build race

package main

// raced: the tests look for data races in the child processes, too.
const raced = true

// slow is how much longer everything may take.
const slow = 4
