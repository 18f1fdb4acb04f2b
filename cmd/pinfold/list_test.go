package main

import (
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
)

func TestListShowsTimesInTheUsersZone(t *testing.T) {
	t.Parallel()
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	tokyo := time.FixedZone("JST", 9*3600)
	posts := []daemon.PostView{
		{ID: 1, State: post.Scheduled, Folder: "/p", Path: "fog.jpg", Board: "Landscapes", Section: "Norway", Account: "main", PlannedAt: new(time.Date(2026, 7, 1, 2, 30, 0, 0, tokyo))},
		{ID: 2, State: post.Draft, Folder: "/p", Path: "lake.jpg", Account: "main", Images: 2, Title: "Lake"},
	}
	want := `ID  STATE      WHEN                   BOARD                PATH           TITLE
1   scheduled  2026-06-30 19:30 CEST  Landscapes › Norway  fog.jpg
2   draft      -                                           lake.jpg (+2)  Lake
`
	if got := written(t, postTable(posts, oslo), screen{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestListNamesAccountsAndFoldersWhereThereAreSeveral(t *testing.T) {
	t.Parallel()
	posts := []daemon.PostView{
		{ID: 1, State: post.Draft, Folder: "/home/ann/Pins", Path: "fog.jpg", Account: "main"},
		{ID: 2, State: post.Draft, Folder: "/srv/Shop", Path: "fog.jpg", Account: "shop"},
	}
	got := written(t, postTable(posts, time.UTC), screen{})
	wantText(t, "list", got, "ACCOUNT", "main", "shop", "Pins/fog.jpg", "Shop/fog.jpg")
	if got := written(t, postTable(posts[:1], time.UTC), screen{}); strings.Contains(got, "ACCOUNT") || strings.Contains(got, "Pins/") {
		t.Errorf("got\n%s", got)
	}
}
