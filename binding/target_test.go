package binding_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

// parts are what the methods of a target say of it; a nil ID is one that they
// say it has not. inPlace is whether its scope is valid.
type parts struct {
	kind               string
	scope              string
	port, iface, addr  uuid.UUID
	presence, listener bool
	valid              bool
	inPlace            bool
}

func TestATargetSaysWhatItWasMadeOf(t *testing.T) {
	nowhere := binding.Port(idB, binding.Scope{})
	for target, want := range map[binding.Target]parts{
		{}:                     {kind: "Invalid", scope: "invalid"},
		binding.Interface(idA): {kind: "Interface", scope: "interface:" + textA, iface: idA, presence: true, valid: true, inPlace: true},
		binding.IPAddress(idA): {kind: "IPAddress", scope: "ip_address:" + textA, addr: idA, presence: true, valid: true, inPlace: true},
		binding.Port(idB, binding.AllInterfaces()):  {kind: "Port", scope: "all", port: idB, listener: true, valid: true, inPlace: true},
		binding.Port(idB, binding.OnInterface(idA)): {kind: "Port", scope: "interface:" + textA, port: idB, iface: idA, listener: true, valid: true, inPlace: true},
		binding.Port(idB, binding.OnIPAddress(idA)): {kind: "Port", scope: "ip_address:" + textA, port: idB, addr: idA, listener: true, valid: true, inPlace: true},
		nowhere: {kind: "Port", scope: "invalid", port: idB, listener: true},
		binding.Port(uuid.Nil, binding.AllInterfaces()):  {kind: "Port", scope: "all", listener: true, inPlace: true},
		binding.Port(idB, binding.OnInterface(uuid.Nil)): {kind: "Port", scope: "interface:" + nilID, port: idB, listener: true},
		binding.Interface(uuid.Nil):                      {kind: "Interface", scope: "interface:" + nilID, presence: true},
		binding.IPAddress(uuid.Nil):                      {kind: "IPAddress", scope: "ip_address:" + nilID, presence: true},
	} {
		port, isListener := target.PortID()
		iface, onInterface := target.InterfaceID()
		addr, onIPAddress := target.IPAddressID()
		got := parts{
			kind: target.Kind().String(), scope: target.Scope().String(),
			port: port, iface: iface, addr: addr,
			presence: target.IsPresence(), listener: target.IsListener(),
			valid: target.IsValid(), inPlace: target.Scope().IsValid(),
		}
		require.Equal(t, want, got, "%s", target)
		require.Equal(t, want.listener, isListener, "%s", target)
		require.Equal(t, target.Scope().Kind() == binding.ScopeInterface, onInterface, "%s", target)
		require.Equal(t, target.Scope().Kind() == binding.ScopeIPAddress, onIPAddress, "%s", target)
	}
}

func TestWithScopeMovesATargetAndKeepsItsPort(t *testing.T) {
	all, onIface, onAddress := binding.AllInterfaces(), binding.OnInterface(idA), binding.OnIPAddress(idA)
	for _, test := range []struct {
		target binding.Target
		to     binding.Scope
		want   binding.Target
	}{
		{binding.Port(idB, all), onIface, binding.Port(idB, onIface)},
		{binding.Port(idB, onIface), all, binding.Port(idB, all)},
		{binding.Port(idB, onIface), binding.Scope{}, binding.Port(idB, binding.Scope{})},
		{binding.Interface(idB), onIface, binding.Interface(idA)},
		{binding.Interface(idB), onAddress, binding.IPAddress(idA)},
		{binding.IPAddress(idB), onIface, binding.Interface(idA)},
		{binding.IPAddress(idB), onAddress, binding.IPAddress(idA)},
		{binding.Interface(idB), all, binding.Target{}},
		{binding.IPAddress(idB), binding.Scope{}, binding.Target{}},
		{binding.Target{}, onIface, binding.Target{}},
		{binding.Target{}, onAddress, binding.Target{}},
		{binding.Target{}, all, binding.Target{}},
	} {
		require.Equal(t, test.want, test.target.WithScope(test.to), "%s to %s", test.target, test.to)
	}
}

func TestATargetAtItsOwnScopeIsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := bindingtest.Target().Draw(t, "target")
		require.Equal(t, target, target.WithScope(target.Scope()))
	})
}

func TestWordsAreAllThereIsToATarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := bindingtest.Target().Draw(t, "target")
		port, place, kind, scope := target.Words()
		portID, _ := target.PortID()
		require.Equal(t, portID, port.UUID())
		require.Equal(t, target.Kind(), kind)
		require.Equal(t, target.Scope().Kind(), scope)
		placeID, _ := target.InterfaceID()
		if id, ok := target.IPAddressID(); ok {
			placeID = id
		}
		require.Equal(t, placeID, place.UUID())
	})
}
