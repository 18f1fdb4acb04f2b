package daemon

import (
	"context"

	"github.com/divitio/pinfold/daemon/doctor"
	"github.com/divitio/pinfold/daemon/web"
)

// Examine lets the doctor look at the daemon that runs.
func (b *backend) Examine(ctx context.Context) []web.Check {
	patient, closing := b.reporter.Installation.Patient(ctx, Faults{File: b.configFile})
	defer closing()
	var checks []web.Check
	for _, f := range doctor.Examine(ctx, patient).Findings {
		checks = append(checks, web.Check{ID: f.ID, Status: string(f.Status), About: f.About, Message: f.Message, Fix: f.Fix})
	}
	return checks
}
