package daemon

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// heldBy is the _pinfold.yaml, or the copy of one, that holds a post because it is wrong; "" if none does.
func heldBy(r store.Record) string {
	if r.State != post.Invalid || r.Problem == nil {
		return ""
	}
	stem := strings.TrimSuffix(watcher.DefaultsName, ".yaml")
	if !strings.HasPrefix(watcher.Key(path.Base(r.Problem.File)), stem) {
		return ""
	}
	return r.Problem.File
}

// heldTogether tells of each _pinfold.yaml that is wrong once, however many posts it holds.
func heldTogether(views []PostView) (problems []string) {
	held := map[string]int{}
	var order []PostView
	for _, v := range views {
		if v.heldBy == "" {
			continue
		}
		key := v.Folder + "\x00" + v.Problem
		if held[key]++; held[key] == 1 {
			order = append(order, v)
		}
	}
	for _, v := range order {
		problems = append(problems, fmt.Sprintf("%s (holds %d posts): %s",
			filepath.Join(v.Folder, filepath.FromSlash(v.heldBy)), held[v.Folder+"\x00"+v.Problem], v.Problem))
	}
	return problems
}
