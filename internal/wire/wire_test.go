package wire_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/internal/wire"
)

func TestWhatIsNotOneJSONValueIsMalformedAtALineAndByte(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "not valid JSON at line 1, byte 0: "},
		{"{\n\"a\":\n", "not valid JSON at line 3, byte 7: "},
		{"{\n  \"a\" 1}", "not valid JSON at line 2, byte 9: "},
		{"{}\n{}", "not valid JSON at line 2, byte 4: "},
		{"\xef\xbb\xbf{}", "not valid JSON at line 1, byte 1: "},
		{strings.Repeat("[", 10001), "not valid JSON at line 1, byte 10001: "},
		{"{\"a\":\n\"\xff\"}", "not valid UTF-8 at line 2, byte 7"},
		{"\xed\xa0\x80", "not valid UTF-8 at line 1, byte 0"},
	} {
		fault := wire.Check([]byte(test.text))
		require.NotNil(t, fault)
		require.True(t, fault.Malformed)
		require.True(t, strings.HasPrefix(fault.Problem, test.want), "%s", fault.Problem)
		require.Equal(t, fault, wire.Open([]byte(test.text)).Fault(), "%.20q", test.text)
	}
	require.Nil(t, wire.Check([]byte(" 5\n")))
}

// readings calls every reader of an Object once, on the field f.
var readings = map[string]struct {
	read  func(*wire.Object) any
	zero  any
	wants string // the JSON type
}{
	"Text":    {func(o *wire.Object) any { return o.Text("f") }, "", "a string"},
	"ID":      {func(o *wire.Object) any { return o.ID("f") }, uuid.Nil, "a string"},
	"Time":    {func(o *wire.Object) any { return o.Time("f") }, time.Time{}, "a string"},
	"Address": {func(o *wire.Object) any { return o.Address("f") }, netip.Addr{}, "a string"},
	"Int32":   {func(o *wire.Object) any { return o.Int32("f") }, int32(0), "a number"},
	"Uint16":  {func(o *wire.Object) any { return o.Uint16("f") }, uint16(0), "a number"},
	"Uint64":  {func(o *wire.Object) any { return o.Uint64("f") }, uint64(0), "a number"},
	"List":    {func(o *wire.Object) any { return wire.List(o, "f", wire.Text) }, []string(nil), "a list"},
	"One":     {func(o *wire.Object) any { return wire.One(o, "f", wire.From(readNothing)) }, 0, "an object"},
}

func readNothing(*wire.Object) int { return 0 }

func TestAbsentAndNullReadAsZero(t *testing.T) {
	for name, reading := range readings {
		for _, text := range []string{`{}`, `{"f":null}`, `{"F":"other case"}`, `{"g":{"f":[1]}}`} {
			o := wire.Open([]byte(text))
			require.Equal(t, reading.zero, reading.read(o), "%s of %s", name, text)
			require.Nil(t, o.Fault(), "%s of %s", name, text)
			require.False(t, o.Has("f"))
			require.Nil(t, o.Raw("f"))
		}
	}
}

func TestAValueOfTheWrongTypeIsMalformedAndNamesBoth(t *testing.T) {
	for value, is := range map[string]string{
		`"x"`: "a string", `5`: "a number", `-1`: "a number", `true`: "true or false", `false`: "true or false",
		`[]`: "a list", `{}`: "an object",
	} {
		for name, reading := range readings {
			if is == reading.wants {
				continue
			}
			o := wire.Open([]byte(`{"f": ` + value + ` }`))
			reading.read(o)
			require.Equal(t, &wire.Fault{Path: "f", Problem: "is " + is + "; want " + reading.wants, Malformed: true}, o.Fault(),
				"%s of %s", name, value)
		}
	}
	require.Equal(t, &wire.Fault{Problem: "is a list; want an object", Malformed: true}, wire.Open([]byte("[{}]")).Fault())
	require.Equal(t, &wire.Fault{Problem: "is null; want an object", Malformed: true}, wire.Open([]byte("null")).Fault())
}

func TestAFieldThatStandsTwiceIsMalformed(t *testing.T) {
	for _, text := range []string{`{"f":"a","f":"b"}`, `{"f":null,"\u0066":"b"}`, `{"f":"a","f":null}`} {
		o := wire.Open([]byte(text))
		o.Text("f")
		require.Equal(t, &wire.Fault{Path: "f", Problem: "stands twice; leave one of the two out", Malformed: true}, o.Fault(), text)
	}
	o := wire.Open([]byte(`{"g":1,"g":2,"f":"x"}`))
	require.Equal(t, "x", o.Text("f"))
	require.Nil(t, o.Fault(), "nobody reads g")
}

func TestTextsAreReadExactlyOrRefused(t *testing.T) {
	for value, want := range map[string]string{
		`""`: "", `"a b"`: "a b", `"\n\"\\\/é\u00e9"`: "\n\"\\/éé", `"\ud83d\ude00"`: "😀", `"\ufffd�"`: "��", `"\\u0000"`: `\u0000`, `"\\ud800"`: `\ud800`,
	} {
		o := wire.Open([]byte(`{"f":` + value + `}`))
		require.Equal(t, want, o.Text("f"))
		require.Nil(t, o.Fault(), value)
	}
	for value, problem := range map[string]string{
		`"a\u0000"`:            `holds a NUL character, \u0000`,
		`"\ud800"`:             `holds half a surrogate pair, \ud800`,
		`"\uDC00\uD800"`:       `holds half a surrogate pair, \udc00`,
		`"\ud800\u0041"`:       `holds half a surrogate pair, \ud800`,
		`"\ud83d\ude00\udbff"`: `holds half a surrogate pair, \udbff`,
		`"\ud800 \udc00"`:      `holds half a surrogate pair, \ud800`,
	} {
		want := &wire.Fault{Path: "f", Problem: problem, Malformed: true}
		o := wire.Open([]byte(`{"f":` + value + `}`))
		o.Text("f")
		require.Equal(t, want, o.Fault(), value)

		o = wire.Open([]byte(`{"f":{"deep":[` + value + `]}}`))
		o.Raw("f")
		require.Equal(t, want, o.Fault(), value)
	}
}

func TestIDsHave36Characters(t *testing.T) {
	const text = "550e8400-e29b-41d4-a716-446655440005"
	for _, value := range []string{text, strings.ToUpper(text), `\u0035` + text[1:]} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		require.Equal(t, uuid.MustParse(text), o.RequiredID("f"))
		require.Nil(t, o.Fault())
	}
	for _, value := range []string{
		"", "x", "{" + text + "}", "urn:uuid:" + text, strings.ReplaceAll(text, "-", ""), text + " ",
		"550e8400-e29b-41d4-a716_446655440005", "550e8400-e29b-41d4-a716-44665544000g", strings.Repeat("x", 1<<16),
	} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		o.ID("f")
		require.NotNil(t, o.Fault(), value)
		require.True(t, o.Fault().Malformed)
		require.Contains(t, o.Fault().Problem, "want a UUID")
		require.Less(t, len(o.Fault().Problem), 200)
	}
}

func TestARequiredIDIsThereAndNotNil(t *testing.T) {
	for _, text := range []string{`{}`, `{"f":null}`} {
		o := wire.Open([]byte(text))
		o.RequiredID("f")
		require.Equal(t, &wire.Fault{Path: "f", Problem: "is missing", Malformed: true}, o.Fault())
	}
	o := wire.Open([]byte(`{"f":"00000000-0000-0000-0000-000000000000"}`))
	o.RequiredID("f")
	require.Equal(t, &wire.Fault{Path: "f", Problem: "is the nil UUID; give the ID of what is meant"}, o.Fault())
}

func TestSiteIsAnotherNameOfNetwork(t *testing.T) {
	const a, b, none = `"550e8400-e29b-41d4-a716-446655440001"`, `"550e8400-e29b-41d4-a716-446655440002"`, `"00000000-0000-0000-0000-000000000000"`
	for _, text := range []string{
		`{"network_id":` + a + `}`, `{"site_id":` + a + `}`, `{"network_id":` + a + `,"site_id":` + a + `}`,
		`{"network_id":null,"site_id":` + a + `}`, `{"network_id":` + none + `,"site_id":` + a + `}`, `{"network_id":` + a + `,"site_id":` + none + `}`,
	} {
		o := wire.Open([]byte(text))
		require.Equal(t, a, `"`+o.NetworkID().String()+`"`, text)
		require.Nil(t, o.Fault(), text)
	}
	o := wire.Open([]byte(`{"network_id":` + a + `,"site_id":` + b + `}`))
	o.NetworkID()
	require.Equal(t, "site_id", o.Fault().Path)
	require.False(t, o.Fault().Malformed)
}

func TestTimesAreRFC3339WithinTheYearsThatJSONCanHold(t *testing.T) {
	for value, want := range map[string]time.Time{
		"2026-01-15T10:30:00Z":           time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC),
		"2026-01-15T12:30:00.123+02:00":  time.Date(2026, 1, 15, 10, 30, 0, 123e6, time.UTC),
		"0000-01-01T00:00:00Z":           time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		"9999-12-31T23:59:59.999999999Z": time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		require.Equal(t, want, o.Time("f"))
		require.Nil(t, o.Fault(), value)
	}
	for value, malformed := range map[string]bool{
		"":                             true,
		"2026-01-15":                   true,
		"2026-01-15 10:30:00Z":         true,
		"2026-02-30T10:30:00Z":         true,
		"10000-01-01T00:00:00Z":        true,
		"-001-01-01T00:00:00Z":         true,
		"0000-01-01T00:00:00+00:01":    false,
		"9999-12-31T23:59:59.9-00:01":  false,
		"2026-01-15T10:30:00Z" + "\\n": true,
	} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		o.Time("f")
		require.NotNil(t, o.Fault(), value)
		require.Equal(t, malformed, o.Fault().Malformed, value)
	}
}

func TestAddressesAreUnmappedAndKeepTheirZone(t *testing.T) {
	for value, want := range map[string]string{
		"10.0.0.5": "10.0.0.5", "::ffff:10.0.0.5": "10.0.0.5", "2001:DB8:0::1": "2001:db8::1", "fe80::1%eth0": "fe80::1%eth0",
	} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		require.Equal(t, netip.MustParseAddr(want), o.Address("f"))
		require.Nil(t, o.Fault())
	}
	for _, value := range []string{"", "10.0.0", "10.0.0.5/24", "10.0.0.5%eth0", "::ffff:10.0.0.5%eth0", "fe80::1%", "web-1"} {
		o := wire.Open([]byte(`{"f":"` + value + `"}`))
		o.Address("f")
		require.NotNil(t, o.Fault(), value)
		require.True(t, o.Fault().Malformed, value)
	}
}

func TestNumbersAreWholeAndInRange(t *testing.T) {
	o := wire.Open([]byte(`{"a":-2147483648,"b":2147483647,"c":65535,"d":18446744073709551615}`))
	require.Equal(t, int32(math.MinInt32), o.Int32("a"))
	require.Equal(t, int32(math.MaxInt32), o.Int32("b"))
	require.Equal(t, uint16(math.MaxUint16), o.Uint16("c"))
	require.Equal(t, uint64(math.MaxUint64), o.Uint64("d"))
	require.Nil(t, o.Fault())

	for _, test := range []struct {
		read    string
		value   string
		problem string
		whole   bool
	}{
		{"Int32", "2147483648", "is 2147483648; want -2147483648 to 2147483647", true},
		{"Int32", "-2147483649", "is -2147483649; want -2147483648 to 2147483647", true},
		{"Uint16", "65536", "is 65536; want 0 to 65535", true},
		{"Uint16", "-1", "is -1; want 0 to 65535", true},
		{"Uint64", "18446744073709551616", "is 18446744073709551616; want 0 to 18446744073709551615", true},
		{"Uint64", "-1", "is -1; want 0 to 18446744073709551615", true},
		{"Uint64", "1" + strings.Repeat("0", 1000), "is 1" + strings.Repeat("0", 39) + "; want 0 to 18446744073709551615", true},
		{"Uint16", "80.0", "is 80.0; want a whole number", false},
		{"Int32", "1e3", "is 1e3; want a whole number", false},
		{"Uint64", "1E400", "is 1E400; want a whole number", false},
	} {
		o := wire.Open([]byte(`{"f":` + test.value + `}`))
		readings[test.read].read(o)
		require.Equal(t, &wire.Fault{Path: "f", Problem: test.problem, Malformed: !test.whole}, o.Fault())
	}
}

func TestFaultsCarryTheirFullPathAndTheFirstIsKept(t *testing.T) {
	type inner struct{ list []string }
	readInner := func(o *wire.Object) inner { return inner{wire.List(o, "texts", wire.Text)} }
	o := wire.Open([]byte(`{"a":[{"texts":[]},{"texts":["x",5]},7],"b":{"texts":false}}`))
	wire.List(o, "a", wire.From(readInner))
	require.Equal(t, &wire.Fault{Path: "a[1].texts[1]", Problem: "is a number; want a string", Malformed: true}, o.Fault())
	wire.One(o, "b", wire.From(readInner))
	require.Equal(t, "a[1].texts[1]", o.Fault().Path)

	o = wire.Open([]byte(`{"a":[{},7],"b":{"texts":false}}`))
	wire.One(o, "b", wire.From(readInner))
	wire.List(o, "a", wire.From(readInner))
	require.Equal(t, "b.texts", o.Fault().Path)

	o = wire.Open([]byte(`{"a":[{},7]}`))
	wire.List(o, "a", wire.From(readInner))
	require.Equal(t, &wire.Fault{Path: "a[1]", Problem: "is a number; want an object", Malformed: true}, o.Fault())
}

func TestSelectKeepsFieldsInTheirOrder(t *testing.T) {
	o := wire.Open([]byte(` { "b" : [ 1 , {"x":"]}"} ] , "a" : "\"}" , "c":{},"d":-1.5e3 , "e" : null } `))
	kept := o.Select(func(name string) bool { return name != "c" })
	require.Equal(t, `{"b":[ 1 , {"x":"]}"} ],"a":"\"}","d":-1.5e3,"e":null}`, string(kept))
	require.Nil(t, o.Select(func(string) bool { return false }))
	require.Nil(t, wire.Open([]byte("{}")).Select(func(string) bool { return true }))
}

func TestATextOfTheModelIsUTF8WithoutNUL(t *testing.T) {
	require.Empty(t, wire.BadText("Büro\n\uFFFD"))
	require.Equal(t, "is not valid UTF-8", wire.BadText("a\xff"))
	require.Equal(t, "holds a NUL character", wire.BadText("a\x00"))
}

func TestCanonicalIsWhatMarshalWrites(t *testing.T) {
	for _, text := range []string{"null", "-0.50", `"x"`, "[]", "false"} {
		canonical, fault := wire.Canonical([]byte("\n" + text + " "))
		require.Nil(t, fault)
		require.Equal(t, text, string(canonical))
	}
	canonical, fault := wire.Canonical([]byte(` {"a": "<é` + "\u2028" + `>", "b": 1.0 } `))
	require.Nil(t, fault)
	require.Equal(t, `{"a":"\u003cé\u2028\u003e","b":1.0}`, string(canonical))
	_, fault = wire.Canonical([]byte(`{`))
	require.True(t, fault.Malformed)
}

func TestOpaqueJSONMayBeNestedAThousandLevelsDeep(t *testing.T) {
	for _, nest := range [][2]string{{"[", "]"}, {`{"a]":`, "}"}} {
		deepest := " " + strings.Repeat(nest[0], 1000) + `"[["` + strings.Repeat(nest[1], 1000)
		_, fault := wire.Canonical([]byte(deepest))
		require.Nil(t, fault)
		_, fault = wire.Canonical([]byte("[[]," + deepest + "]"))
		require.Equal(t, &wire.Fault{Problem: "is nested more than 1000 levels deep", Malformed: true}, fault)
	}
}

// strictly reads one field and a list of objects with one field.
type strictly struct{ read int }

func (s *strictly) ReadJSON(o *wire.Object) {
	o.Text("name")
	o.Ignore("old")
	wire.List(o, "list", wire.From(func(o *wire.Object) int { return int(o.Int32("n")) }))
	o.Raw("opaque")
	if o.Fault() == nil {
		s.read++
	}
}

func TestStrictDocumentsHaveNoFieldThatNothingReads(t *testing.T) {
	var s strictly
	require.Nil(t, wire.Unmarshal([]byte(`{"old":1,"name":"x","list":[{"n":1},{}],"opaque":{"x":1}}`), &s, true))
	require.Nil(t, wire.Unmarshal([]byte(`{"nmae":1,"list":[{"m":1}]}`), &s, false))
	require.Equal(t, 2, s.read)
	for text, want := range map[string]*wire.Fault{
		`{"nmae":"x"}`:               {Path: "nmae", Problem: "is no field that is known here; those are list, name, old, opaque"},
		`{"Name":"x"}`:               {Path: "Name", Problem: "is no field that is known here; those are list, name, old, opaque"},
		`{"list":[{"n":1},{"m":2}]}`: {Path: "list[1].m", Problem: "is no field that is known here; those are n"},
		`{"nmae":"x","name":5}`:      {Path: "name", Problem: "is a number; want a string", Malformed: true},
		`{"\u001b[2J":1}`:            {Path: "\uFFFD[2J", Problem: "is no field that is known here; those are list, name, old, opaque"},
		`[]`:                         {Problem: "is a list; want an object", Malformed: true},
	} {
		require.Equal(t, want, wire.Unmarshal([]byte(text), &s, true), text)
	}
	require.Equal(t, 2, s.read)
	fault := wire.Unmarshal([]byte(`{"`+strings.Repeat("x", 1<<20)+`":1}`), &s, true)
	require.Less(t, len(fault.Path), 60)
}

// FuzzCheck holds the scanner to the grammar of encoding/json.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `0`, `-0.5e+10`, `01`, `1.`, `.5`, `1e`, `-`, `"\u12g4"`, `"\x"`, "\"\t\"", `tru`, `nulll`, `[1,]`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `[`, `"`, `"\`,
		"\ufeff{}", `[[[]],{"":{}}]`, `{} []`, "\x00", `"\ud800"`, strings.Repeat("[", 10001), strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fault := wire.Check(text)
		require.Equal(t, utf8.Valid(text) && json.Valid(text), fault == nil, "%v", fault)
		if fault != nil {
			require.Contains(t, fault.Problem, "not valid")
			require.NotContains(t, fault.Problem, "GiB")
		}
	})
}

func TestTextsAndNumbersAreWrittenAsMarshalWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ToValidUTF8(rapid.String().Draw(t, "text"), "")
		number := rapid.Int64().Draw(t, "number")
		count := rapid.Uint64().Draw(t, "count")
		texts := rapid.SliceOf(rapid.SampledFrom([]string{"", "a", "<&>", "\u2028é\"\\"})).Draw(t, "texts")
		id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ID"))
		at := wire.Time(time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "time")))
		got, fault := wire.Marshal(func(w *wire.Writer) {
			w.Text("text", text)
			w.Int("number", number)
			w.OptionalUint("count", count)
			w.Texts("texts", texts)
			w.ID("id", id)
			w.NullID("null_id", id)
			w.OptionalTime("at", at)
			w.Object("within", func(w *wire.Writer) { w.NullText("null_text", text) })
		})
		require.Nil(t, fault)
		var nullID, nullText any
		if id != uuid.Nil {
			nullID = id
		}
		if text != "" {
			nullText = text
		}
		want, err := json.Marshal(struct {
			Text   string         `json:"text"`
			Number int64          `json:"number"`
			Count  uint64         `json:"count,omitempty"`
			Texts  []string       `json:"texts"`
			ID     uuid.UUID      `json:"id"`
			NullID any            `json:"null_id"`
			At     time.Time      `json:"at,omitzero"`
			Within map[string]any `json:"within"`
		}{text, number, count, append([]string{}, texts...), id, nullID, at, map[string]any{"null_text": nullText}})
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}

func TestFaultsOfWritingCarryTheirFullPathAndTheFirstIsKept(t *testing.T) {
	late := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	data, fault := wire.Marshal(func(w *wire.Writer) {
		w.Object("fine", func(w *wire.Writer) { w.Sightings(wire.Sightings{}) })
		wire.WriteList(w, "list", []time.Time{{}, late, late}, func(w *wire.Writer, at *time.Time) {
			w.Object("within", func(w *wire.Writer) { w.OptionalTime("at", *at) })
		})
		w.Fail(&wire.Fault{Path: "later"})
	})
	require.Nil(t, data)
	require.Equal(t, "list[1].within.at", fault.Path)
	_, fault = wire.Marshal(func(w *wire.Writer) {
		w.Fail(&wire.Fault{Path: "first"})
		w.Object("within", func(w *wire.Writer) { w.Fail(&wire.Fault{Path: "later"}) })
		wire.WriteList(w, "list", []int{1}, func(w *wire.Writer, _ *int) { w.Fail(&wire.Fault{Path: "later"}) })
	})
	require.Equal(t, "first", fault.Path)
}

// FuzzOpen holds the object reader to what encoding/json makes of the same text.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"a":1}`, ` { "a" : [ 1 , "]" , { "b" : "\\\"}" } ] , "\u0061b" : null } `, `{"a":1,"a":2}`, `{} {}`,
		`{"":-0.5E-1,"b":true}`, "{\"\xff\":1}", `{"a":"\ud800"}`, `[{"a":{}},[]]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := wire.Open(data)
		var want map[string]json.RawMessage
		valid := utf8.Valid(data) && json.Unmarshal(data, &want) == nil && want != nil
		require.Equal(t, valid, o.Fault() == nil, "%v", o.Fault())
		if !valid {
			return
		}
		got := map[string]json.RawMessage{}
		for name := range want {
			field := o.Select(func(n string) bool { return n == name })
			var one map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(field, &one))
			got[name] = one[name]

			list := wire.Open(append(append([]byte(`{"list":[0 , `), field...), ` ]}`...))
			elements := wire.List(list, "list", func(value wire.Value) (string, *wire.Fault) { return string(value.JSON()), nil })
			require.Equal(t, []string{"0", string(field)}, elements)
		}
		require.Equal(t, want, got)
	})
}
