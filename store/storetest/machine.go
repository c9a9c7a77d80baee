package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// A Machine drives a store and a [Model] side by side through random
// transactions, all methods and all their errors among them, and compares what
// they return and what they hold then. Use it with rapid's Repeat:
//
//	rapid.Check(t, func(t *rapid.T) {
//		m := storetest.NewMachine(open(t), 1)
//		t.Repeat(m.Actions())
//	})
//
// Add actions of your own to those: one that closes the store and opens it again
// finds what does not last.
type Machine struct {
	store store.Store
	model *Model
	place place
}

// NewMachine returns a machine for a store. It uses IDs that only the machine
// with that number uses, so that machines of different numbers can share a store.
func NewMachine(store store.Store, number uint32) *Machine {
	return &Machine{store: store, model: NewModel(), place: newPlace(number)}
}

// Use goes on with another store, which must hold what the one before held.
func (m *Machine) Use(store store.Store) { m.store = store }

// Actions returns the machine's actions: Update under that name, and Check
// under "", which Repeat calls after every action.
func (m *Machine) Actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){"Update": m.Update, "": m.Check}
}

// Check compares all that the store holds of the machine's with the model.
func (m *Machine) Check(t *rapid.T) {
	require.Equal(t, m.read(t, m.model), m.read(t, m.store))
}

func (m *Machine) read(t *rapid.T, s store.Store) (got state) {
	err := s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		got, err = readState(ctx, r, m.place)
		return err
	})
	require.NoError(t, err)
	return got
}

// A call is one call of a method in a transaction, and what it returned from the
// model.
type call struct {
	name string
	do   func(ctx context.Context, w store.Writer) (result any, err error)
	want any
	err  error
}

// An ending is how a transaction ends.
type ending string

const (
	commits ending = "commit"
	fails   ending = "error"
	panics  ending = "panic"
	cancels ending = "cancel"
)

// Update runs one transaction of up to six random calls, which commits, or ends
// with an error, a panic or a canceled context.
func (m *Machine) Update(t *rapid.T) {
	end := rapid.SampledFrom([]ending{commits, commits, commits, commits, fails, panics, cancels}).Draw(t, "ending")
	n := rapid.IntRange(1, 6).Draw(t, "calls")
	var calls []call
	m.run(t, m.model, end, func(ctx context.Context, w store.Writer) {
		for range n {
			c := m.draw(ctx, t, w)
			c.want, c.err = c.do(ctx, w)
			calls = append(calls, c)
		}
	})
	m.run(t, m.store, end, func(ctx context.Context, w store.Writer) {
		for _, c := range calls {
			got, err := c.do(ctx, w)
			require.Equal(t, kindOf(c.err), kindOf(err), "%s: %v", c.name, err)
			require.Equal(t, c.want, got, c.name)
		}
	})
}

// run runs a transaction to its end, and checks that it ends as it must.
func (m *Machine) run(t *rapid.T, s store.Store, end ending, fn func(ctx context.Context, w store.Writer)) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reached := false
	update := func() error {
		return s.Update(ctx, func(ctx context.Context, w store.Writer) error {
			fn(ctx, w)
			reached = true
			switch end {
			case fails:
				return errBoom
			case panics:
				panic(errBoom)
			case cancels:
				cancel()
			}
			return nil
		})
	}
	switch end {
	case commits:
		require.NoError(t, update())
	case fails:
		require.ErrorIs(t, update(), errBoom)
	case cancels:
		require.ErrorIs(t, update(), context.Canceled)
	case panics:
		defer func() {
			if !reached {
				return // it is another panic, of rapid's own
			}
			require.Equal(t, errBoom, recover())
		}()
		_ = update()
		require.Fail(t, "the panic did not go on")
	}
}

// kindOf returns what two stores must agree on in an error.
func kindOf(err error) string {
	var entity *store.EntityError
	var field *binding.FieldError
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &entity):
		return fmt.Sprintf("%s: %s %s", entity.Code, entity.Entity, entity.ID)
	case errors.As(err, &field):
		return fmt.Sprintf("invalid: a field, malformed: %t", field.Malformed)
	default:
		return err.Error()
	}
}

func testMachine(t *testing.T, open opener) {
	t.Run("the store does what the model does", func(t *testing.T) {
		store, number := open(t), uint32(0)
		rapid.Check(t, func(t *rapid.T) {
			number++
			t.Repeat(NewMachine(store, number).Actions())
		})
	})
}
