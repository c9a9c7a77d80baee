package words_test

import (
	"bytes"
	"cmp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/internal/words"
)

func TestWordsOrderAndComeBackAsIDs(t *testing.T) {
	require.Equal(t, words.ID{}, words.Of(uuid.Nil))
	rapid.Check(t, func(t *rapid.T) {
		a, b := bindingtest.ID().Draw(t, "a"), bindingtest.ID().Draw(t, "b")
		v, w := words.Of(a), words.Of(b)
		require.Equal(t, a, v.UUID())
		require.Equal(t, bytes.Compare(a[:], b[:]), cmp.Or(cmp.Compare(v.High, w.High), cmp.Compare(v.Low, w.Low)))
	})
}
