package document

import "testing"

var thingPath = Pointer{"features", "lamp-7", "properties", "reading", "value"}

func BenchmarkSkip(b *testing.B) {
	for name, text := range map[string]string{"envelope of 510 B": envelope510, "thing of 2 KB": thing2K} {
		b.Run(name, func(b *testing.B) {
			src := []byte(text)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Skip(src, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCanonical(b *testing.B) {
	pretty := indented(b, thing2K)
	for name, src := range map[string][]byte{"canonical thing of 2 KB": []byte(thing2K), "the same indented": pretty} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Canonical(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	doc := []byte(thing2K)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Get(doc, thingPath); !ok {
			b.Fatal("absent")
		}
	}
}

func BenchmarkSet(b *testing.B) {
	doc, value := []byte(thing2K), []byte("4711")
	b.ReportAllocs()
	for b.Loop() {
		Set(doc, thingPath, value)
	}
}

func BenchmarkDelete(b *testing.B) {
	doc := []byte(thing2K)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Delete(doc, thingPath); !ok {
			b.Fatal("absent")
		}
	}
}

func BenchmarkMergePatch(b *testing.B) {
	doc := []byte(thing2K)
	for name, text := range map[string]string{
		"one property":    `{"features":{"lamp-7":{"properties":{"reading":{"value":4711}}}}}`,
		"several changes": `{"attributes":{"serialno":null,"owner":"x"},"features":{"lamp-1":null,"lamp-2":{"properties":{"on":false}},"lamp-x":{"properties":{}}}}`,
		"a pattern":       `{"features":{"{{ ~lamp-[0-4]~ }}":null}}`,
	} {
		b.Run(name, func(b *testing.B) {
			patch := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := MergePatch(doc, patch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMinimize(b *testing.B) {
	doc, patch := []byte(thing2K), []byte(`{"features":{"lamp-7":{"properties":{"on":true,"reading":{"value":4711}}}}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, changed := Minimize(doc, patch); !changed {
			b.Fatal("no change")
		}
	}
}

func BenchmarkSelector(b *testing.B) {
	doc := []byte(thing2K)
	sel, err := ParseSelector("thingId,attributes(location,model),features/*/properties/reading")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		sel.Apply(doc)
	}
}

func BenchmarkEqual(b *testing.B) {
	doc := []byte(thing2K)
	other := Set(doc, thingPath, []byte("700.250"))
	b.ReportAllocs()
	for b.Loop() {
		if !Equal(doc, other) {
			b.Fatal("not equal")
		}
	}
}

func BenchmarkHash(b *testing.B) {
	doc := []byte(thing2K)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		Hash(doc)
	}
}

func BenchmarkChars(b *testing.B) {
	doc := []byte(thing2K)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		Chars(doc)
	}
}
