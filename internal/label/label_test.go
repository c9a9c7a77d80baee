package label_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/internal/label"
)

func TestNamesThatAreFitComeBackUnchanged(t *testing.T) {
	for _, name := range []string{"", "eth0", "Büro 3 / Nord", "名前"} {
		require.Equal(t, name, label.Of(name))
	}
}

func TestWhiteSpaceIsNoName(t *testing.T) {
	require.Empty(t, label.Of(" \t\n\u00a0"))
	require.Equal(t, "eth0", label.Of(" eth0\n"))
}

func TestTerminalEscapesAndLongNamesAreDefused(t *testing.T) {
	require.Equal(t, "\uFFFD[2Jeth0", label.Of("\x1b[2Jeth0"))
	require.Equal(t, strings.Repeat("x", 48)+"…", label.Of(strings.Repeat("x", 1<<20)))
}

func TestEveryLabelIsShortAndPrintable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := label.Of(string(rapid.SliceOf(rapid.Byte()).Draw(t, "name")))
		require.True(t, utf8.ValidString(got))
		require.LessOrEqual(t, utf8.RuneCountInString(got), 49)
		for _, r := range got {
			require.True(t, unicode.IsPrint(r) || r == utf8.RuneError, "%q", r)
		}
	})
}
