package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version, and what it was built from",
		Args:  cobra.NoArgs,
		RunE: p.do(func(*cobra.Command, []string) error {
			build, platform := daemon.ThisBuild(), runtime.GOOS+"/"+runtime.GOARCH
			if p.json {
				return p.printJSON(map[string]string{
					"version": build.Version, "commit": build.Commit, "date": build.Date,
					"go": runtime.Version(), "platform": platform,
				})
			}
			about := []string{runtime.Version(), platform}
			if build.Commit != "" {
				about = append([]string{"commit " + build.Commit}, about...)
			}
			if build.Date != "" {
				about = append([]string{build.Date}, about...)
			}
			_, err := fmt.Fprintf(p.stdout, "pinfold %s (%s)\n", build.Version, strings.Join(about, ", "))
			return err
		}),
	}
}
