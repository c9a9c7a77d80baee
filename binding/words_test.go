package binding_test

import (
	"bytes"
	"cmp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

func TestWordsOrderAndComeBackAsIDs(t *testing.T) {
	require.Equal(t, binding.Words{}, binding.WordsOf(uuid.Nil))
	rapid.Check(t, func(t *rapid.T) {
		a, b := bindingtest.ID().Draw(t, "a"), bindingtest.ID().Draw(t, "b")
		v, w := binding.WordsOf(a), binding.WordsOf(b)
		require.Equal(t, a, v.ID())
		require.Equal(t, bytes.Compare(a[:], b[:]), cmp.Or(cmp.Compare(v.High, w.High), cmp.Compare(v.Low, w.Low)))
	})
}

func TestWordsAreAllThereIsToATarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := bindingtest.Target().Draw(t, "target")
		port, place, kind, scope := target.Words()
		portID, _ := target.PortID()
		require.Equal(t, binding.WordsOf(portID), port)
		require.Equal(t, target.Kind(), kind)
		require.Equal(t, target.Scope().Kind(), scope)
		placeID, _ := target.InterfaceID()
		if id, ok := target.IPAddressID(); ok {
			placeID = id
		}
		require.Equal(t, binding.WordsOf(placeID), place)
	})
}
