package validate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// Report writes for people what the rules did: a line for every binding of the
// input with what became of it and why, or, where err is not nil, a line for
// every violation, and a summary. Indexes are those of the Result. A nil
// inventory is one of a host without anything on it: IDs stand for names. It
// returns the error of w.
func Report(w io.Writer, inv *host.Inventory, res Result, err error) error {
	if inv == nil {
		inv = &host.Inventory{}
	}
	var out bytes.Buffer
	var rules *Error
	switch {
	case errors.As(err, &rules):
		fmt.Fprintf(&out, "refused: %s\n", count(len(rules.Violations), "violation"))
		reportViolations(&out, rules.Violations)
	case err != nil:
		fmt.Fprintf(&out, "refused: %v\n", err)
	default:
		reportResult(&out, inv, &res)
	}
	_, err = w.Write(out.Bytes())
	return err
}

func reportResult(out io.Writer, inv *host.Inventory, res *Result) {
	fmt.Fprintf(out, "valid: %s kept, %d dropped, %d absorbed, %d skipped\n",
		count(len(res.Bindings), "binding"), len(res.Dropped), len(res.Absorbed), len(res.Skipped))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer table.Flush()
	line := func(b *binding.Binding, what, why string) {
		if why != "" {
			why = "\t" + why
		}
		fmt.Fprintf(table, "  %s\t%s%s\n", what, inv.Describe(b.Target), why)
	}
	for i := range res.Bindings {
		line(&res.Bindings[i], "kept", "")
	}
	for _, list := range []struct {
		what  string
		drops []Drop
	}{{"dropped", res.Dropped}, {"absorbed", res.Absorbed}} {
		for _, d := range list.drops {
			given, by := res.Input(d.Index), res.Input(d.By)
			line(&given, list.what, because(inv, d.Reason, by.Target))
		}
	}
	for i := range res.Skipped {
		v := &res.Skipped[i]
		line(&v.Binding, "skipped", fmt.Sprintf("%s %s: %s", v.Rule, v.Code, v.Message))
	}
	for _, r := range res.Rewritten {
		fmt.Fprintf(table, "  rewritten\t%s\tan %s by its reference, an %s on this host\n",
			inv.Describe(r.To), noun(r.From.Scope()), noun(r.To.Scope()))
	}
}

func because(inv *host.Inventory, reason Reason, by binding.Target) string {
	if reason == Duplicate {
		return "duplicate: the set has it once already"
	}
	return "superseded by " + inv.Describe(by)
}

func noun(s binding.Scope) string {
	if s.Kind() == binding.ScopeIPAddress {
		return "IP address"
	}
	return "interface"
}

func reportViolations(out io.Writer, violations []Violation) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer table.Flush()
	for i := range violations {
		v := &violations[i]
		fmt.Fprintf(table, "  %s %s\t%s\t%s\n", v.Rule, v.Code, v.Path, v.Message)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
