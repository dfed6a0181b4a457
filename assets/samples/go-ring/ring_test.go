package ring

import (
	"reflect"
	"testing"
)

// filled is a buffer of this size after these values.
func filled(size int, values ...int) *Buffer[int] {
	b := New[int](size)
	for _, value := range values {
		b.Push(value)
	}
	return b
}

func TestValues(t *testing.T) {
	cases := []struct {
		name   string
		size   int
		pushed []int
		want   []int
	}{
		{"empty", 3, nil, []int{}},
		{"not full", 3, []int{1, 2}, []int{1, 2}},
		{"just full", 3, []int{1, 2, 3}, []int{1, 2, 3}},
		{"past full", 3, []int{1, 2, 3, 4}, []int{2, 3, 4}},
		{"twice around", 2, []int{1, 2, 3, 4, 5}, []int{4, 5}},
		{"no room", 0, []int{1}, []int{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := filled(c.size, c.pushed...).Values(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPopTakesTheOldest(t *testing.T) {
	b := filled(3, 1, 2)
	if got, ok := b.Pop(); !ok || got != 1 {
		t.Errorf("got %v, %v, want 1, true", got, ok)
	}
	if b.Len() != 1 {
		t.Errorf("len %d, want 1", b.Len())
	}
}

func TestPopOfNothing(t *testing.T) {
	if got, ok := New[string](2).Pop(); ok || got != "" {
		t.Errorf("got %q, %v, want nothing", got, ok)
	}
}

func TestPushAfterPop(t *testing.T) {
	b := filled(2, 1, 2)
	b.Pop()
	b.Push(3)
	if got, want := b.Values(), []int{2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCapStays(t *testing.T) {
	if got := filled(3, 1, 2, 3, 4).Cap(); got != 3 {
		t.Errorf("cap %d, want 3", got)
	}
}
