package child

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test's own program the child, well behaved or not.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if play, ok := plays[os.Args[1]]; ok {
			play()
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// plays are what a child can do instead of its work. Those that take the request's limits do so first.
var plays = map[string]func(){
	Command: func() { os.Exit(Serve(context.Background(), os.Stdin, os.Stdout)) },
	"hang":  func() { ready(); select {} },
	"spin": func() {
		ready()
		time.AfterFunc(time.Minute, func() { os.Exit(exitTold) }) // should the test itself be killed
		for n := 0; n >= 0; n ^= 1 {                              // a decoder that never ends
		}
	},
	"eat": func() { ready(); eat(math.MaxInt) },
	"eatUnheld": func() { // the system would let it
		most := readyWith(func(asked request) error { return limit(8*asked.Memory, asked.Seconds) }).Memory
		holdMemory(most)
		eat(4 * int(most))
		os.Exit(exitTold)
	},
	"crash":    func() { ready(); var none *int; *none = 1 },
	"end":      func() { ready(); os.Exit(0) },
	"told":     func() { os.Exit(exitTold) },
	"stranger": func() { fmt.Println("usage: something else"); os.Exit(2) },
	"killed":   func() { ready(); killSelf(); select {} },
	"babble":   func() { ready(); fmt.Println(strings.Repeat("x", 1<<20)) },
	"promise":  func() { ready(); fmt.Println(`{"size":1000000000}`) },
	"more": func() {
		ready()
		fmt.Print(`{"hash":"h","size":4,"width":200,"height":200}`+"\n", strings.Repeat("\xff\xd8\xff\xd9", 1<<16))
	},
	"less": func() {
		ready()
		fmt.Print(`{"hash":"h","size":4000,"width":200,"height":200}`+"\n", "\xff\xd8\xff\xd9")
	},
	"garbage":    func() { ready(); fmt.Print(`{"hash":"h","size":6,"width":200,"height":200}`+"\n", "GIF89a") },
	"words":      func() { ready(); fmt.Println(`{"hash":"h","cause":"<b>call 555 now</b>","format":"<b>evil</b>"}`) },
	"wordyFault": func() { ready(); fmt.Println(`{"hash":"h","cause":"broken","format":"<b>evil</b>"}`) },
	"once": func() { // brings the first child down, and no other: the photo tells
		if f, err := os.OpenFile(os.Args[2], os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			ready()
			_ = f.Close()
			os.Exit(2)
		}
		os.Exit(Serve(context.Background(), os.Stdin, os.Stdout))
	},
	"firstHangs": func() { // and no other
		if f, err := os.OpenFile(os.Args[2], os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			ready()
			select {}
		}
		os.Exit(Serve(context.Background(), os.Stdin, os.Stdout))
	},
	"parent": parent,
}

// eat takes memory, so many bytes.
func eat(most int) {
	var all [][]byte
	for len(all) < most>>24 {
		b := make([]byte, 16<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
		_ = all
	}
}

// ready does what Serve does before it works.
func ready() { readyWith(func(asked request) error { return limit(asked.Memory, asked.Seconds) }) }

// readyWith is ready with other limits.
func readyWith(limits func(request) error) request {
	line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
	var asked request
	if err == nil {
		err = json.Unmarshal(line, &asked)
	}
	if err == nil {
		err = limits(asked)
	}
	if err != nil {
		os.Exit(exitTold)
	}
	fmt.Print(hello)
	return asked
}

// parent starts a child that has to be ended by its parent's death, tells its number, and waits to be killed.
func parent() {
	signal.Ignore(os.Interrupt)
	c, err := New()
	if err != nil {
		os.Exit(1)
	}
	c.Program[1], c.Time = os.Args[2], time.Hour
	f, err := os.Open(os.Args[0])
	if err != nil {
		os.Exit(1)
	}
	_, err = c.Convert(context.Background(), f, "", options)
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// killSelf ends this process as the task manager or a machine out of memory does.
func killSelf() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
}
