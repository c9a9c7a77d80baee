package service_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/service"
)

func TestDidPrints(t *testing.T) {
	require.Equal(t, "added updated removed invalid", fmt.Sprint(service.Added, " ", service.Updated, " ", service.Removed, " ", service.Did(9)))
}
