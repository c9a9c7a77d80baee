package validate_test

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/host"
)

// open opens a socket that shares nothing with others, on port 7000.
func (k kernelSocket) open(protocol host.Protocol) (closeSocket func(), err error) {
	at := netip.MustParseAddr(k.bind)
	family, kind := syscall.AF_INET, syscall.SOCK_STREAM
	if at.Is6() {
		family = syscall.AF_INET6
	}
	if protocol == host.UDP {
		kind = syscall.SOCK_DGRAM
	}
	fd, err := syscall.Socket(family, kind|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return func() {}, err
	}
	closeSocket = func() { _ = syscall.Close(fd) }
	if at.Is6() {
		only := 0
		if k.v6only {
			only = 1
		}
		err = syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, only)
	}
	if err == nil && k.tied != "" {
		err = syscall.BindToDevice(fd, k.tied)
	}
	if err == nil {
		var address syscall.Sockaddr
		if address, err = k.address(at); err == nil {
			err = syscall.Bind(fd, address)
		}
	}
	if err == nil && protocol == host.TCP {
		err = syscall.Listen(fd, 1)
	}
	return closeSocket, err
}

func (k kernelSocket) address(at netip.Addr) (syscall.Sockaddr, error) {
	if at.Is4() {
		return &syscall.SockaddrInet4{Port: 7000, Addr: at.As4()}, nil
	}
	address := &syscall.SockaddrInet6{Port: 7000, Addr: at.As16()}
	if k.zone != "" {
		f, err := net.InterfaceByName(k.zone)
		if err != nil {
			return nil, err
		}
		address.ZoneId = uint32(f.Index)
	}
	return address, nil
}

// networkOf names the test that runs in a network namespace of its own.
const networkOf = "BINDSET_TEST_NETWORK_OF"

// inNetworkOfItsOwn reports whether the test runs in a network namespace of its
// own. Where it does not, it runs the test again in one, as another process.
func inNetworkOfItsOwn(t *testing.T) bool {
	t.Helper()
	if os.Getenv(networkOf) == t.Name() {
		return true
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), networkOf+"="+t.Name())
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 { // root of a user namespace may have one, too, where there are such
		again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		again.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	}
	out, err := again.CombinedOutput()
	if again.Process == nil && os.Getenv("CI") != "true" {
		t.Skipf("a network namespace needs root: %v", err)
	}
	require.NoError(t, err, "%s", out)
	return false
}
