package bindset

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// An Audit is what the rules of today say of all that is stored on a host.
type Audit struct {
	Services   []service.Service    // on the host, by Position, then by ID
	Results    []validate.Result    // what the rules would make of the set of each
	Violations []validate.Violation // of all; Set and Index count Services and their Bindings
}

// Err returns the violations as a *validate.Error, nil for none.
func (a *Audit) Err() error {
	if len(a.Violations) == 0 {
		return nil
	}
	return &validate.Error{Violations: a.Violations}
}

// Audit applies the rules to all that is stored on a host, as if it were given
// anew: V6, where it is on, judges all services among each other. It says what a
// rule that was added, or switched on, finds in what was stored before, and
// changes nothing. It fails with ErrNotFound for an unknown host; violations do
// not make it fail.
func (m *Manager) Audit(ctx context.Context, hostID uuid.UUID) (Audit, error) {
	return read(ctx, m, func(ctx context.Context, r store.Reader) (Audit, error) {
		inv, err := r.Inventory(ctx, hostID)
		if err != nil {
			return Audit{}, err
		}
		var a Audit
		if a.Services, err = r.ServicesOnHost(ctx, hostID); err != nil {
			return Audit{}, err
		}
		a.Results, err = m.validator.Host(inv, inputs(a.Services)...)
		var broken *validate.Error
		if errors.As(ofStored(err, a.Services), &broken) {
			a.Violations = broken.Violations
		}
		return a, nil
	})
}
