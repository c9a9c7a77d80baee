package scan

// A presence is a service at interfaces, without a port.
type presence struct {
	name       string
	definition string
	interfaces []string
}

// presences returns the services that interfaces are by themselves. One lone
// interface with forwarding switched on, as containers have it, is no router.
func presences(interfaces []Interface) []presence {
	router := presence{name: "router", definition: "Router"}
	var devices []presence
	for _, f := range interfaces {
		if !f.Up || f.Loopback {
			continue
		}
		if f.Forwards && len(f.Addresses) > 0 {
			router.interfaces = append(router.interfaces, f.Name)
		}
		definition := map[Kind]string{Bridge: "Bridge", Tunnel: "Tunnel"}[f.Kind]
		if definition != "" {
			devices = append(devices, presence{
				name: string(f.Kind) + " " + clean(f.Name), definition: definition, interfaces: []string{f.Name},
			})
		}
	}
	if len(router.interfaces) < 2 {
		return devices
	}
	return append([]presence{router}, devices...)
}
