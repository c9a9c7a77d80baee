package bindset_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
)

// An option that a use case does not take must not compile: the option is not of
// the type that the use case takes.
func TestUseCasesTakeTheirOptions(t *testing.T) {
	takes := map[string]string{
		"CreateHost":       "DryRun",
		"PutHost":          "DryRun IfRevision Cascade IfExists",
		"DeleteHost":       "DryRun IfRevision Cascade",
		"CreateService":    "DryRun",
		"UpdateService":    "DryRun IfRevision KeepPosition",
		"DeleteService":    "DryRun IfRevision",
		"DeleteServices":   "DryRun",
		"CreateBinding":    "DryRun IfRevision",
		"UpdateBinding":    "DryRun IfRevision",
		"DeleteBinding":    "DryRun IfRevision",
		"DeleteBindings":   "DryRun",
		"TransferListener": "DryRun IfRevision",
		"MoveService":      "DryRun IfRevision DropUnfit",
		"Observe":          "DryRun IdentifyHost",
		"Expire":           "DryRun IfRevision",
		"MergeHosts":       "DryRun IfRevision DropUnfit",
		"InTx":             "DryRun",
	}
	options := map[string]reflect.Type{
		"DryRun":       reflect.TypeOf(bindset.DryRun).Out(0),
		"IfRevision":   reflect.TypeOf(bindset.IfRevision).Out(0),
		"KeepPosition": reflect.TypeOf(bindset.KeepPosition).Out(0),
		"IfExists":     reflect.TypeOf(bindset.IfExists).Out(0),
		"Cascade":      reflect.TypeOf(bindset.Cascade).Out(0),
		"DropUnfit":    reflect.TypeOf(bindset.DropUnfit).Out(0),
		"IdentifyHost": reflect.TypeOf(bindset.IdentifyHost).Out(0),
	}
	manager := reflect.TypeFor[*bindset.Manager]()
	for i := range manager.NumMethod() {
		method := manager.Method(i)
		if !method.Type.IsVariadic() {
			require.NotContains(t, takes, method.Name)
			continue
		}
		want := strings.Fields(takes[method.Name])
		require.NotEmpty(t, want, "%s is not in the table", method.Name)
		taken := method.Type.In(method.Type.NumIn() - 1).Elem()
		for name, option := range options {
			require.Equal(t, contains(want, name), option.Implements(taken), "%s, %s", method.Name, name)
		}
	}
}

func contains(list []string, s string) bool {
	return strings.Contains(" "+strings.Join(list, " ")+" ", " "+s+" ")
}

func TestNilOptionsAskForNothing(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(set(everywhere(https)))[0]
	var cascade bindset.CascadeOption
	f.refuses("in_use", func() error {
		_, err := f.DeleteHost(f.ctx, webID, cascade)
		return err
	})
	f.does(func() (bindset.Change, error) { return f.DeleteService(f.ctx, s.ID, nil) })
}
