package validate_test

import (
	"testing"

	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestTheRulesKeepTheirLaws(t *testing.T) {
	validatetest.Laws(t, validate.New(), validatetest.World{Inventory: inventory()})
}

func TestTheRulesKeepTheirLawsWithExclusivePorts(t *testing.T) {
	validatetest.Laws(t, validate.New(validate.WithExclusivePorts()), validatetest.World{Inventory: inventory()})
}
