package storetest_test

import (
	"testing"

	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/service/storetest"
)

func TestMemstorePasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) service.Store { return memstore.New() })
}

func TestTheModelPasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) service.Store { return storetest.NewModel() })
}
