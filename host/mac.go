package host

import "net"

// MAC returns a MAC address as every one in bindset is: in lower case and with
// colons, such as "00:00:5e:00:53:01". A text that is no MAC address, in any form
// that net.ParseMAC reads, stays as it is.
func MAC(text string) string {
	if text == "" {
		return ""
	}
	mac, err := net.ParseMAC(text)
	if err != nil {
		return text
	}
	return mac.String()
}
