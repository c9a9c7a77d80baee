package bindset_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
)

func TestDidPrints(t *testing.T) {
	require.Equal(t, "added updated removed invalid", fmt.Sprint(bindset.Added, " ", bindset.Updated, " ", bindset.Removed, " ", bindset.Did(9)))
}
