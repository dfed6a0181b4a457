// Package ring has a buffer that keeps the last values it was given.
package ring

// Buffer keeps up to a fixed number of values and forgets the oldest first. The zero Buffer keeps nothing; use New.
// It is not safe for use by several goroutines at once.
type Buffer[T any] struct {
	values []T
	// start is where the oldest value lies, length how many there are.
	start, length int
}

// New makes a buffer for size values. It panics when size is negative.
func New[T any](size int) *Buffer[T] {
	return &Buffer[T]{values: make([]T, size)}
}

// Len is how many values there are.
func (b *Buffer[T]) Len() int { return b.length }

// Cap is how many values there can be.
func (b *Buffer[T]) Cap() int { return len(b.values) }

// Push adds a value; when the buffer is full, the oldest value goes.
func (b *Buffer[T]) Push(value T) {
	if len(b.values) == 0 {
		return
	}
	end := (b.start + b.length) % len(b.values)
	b.values[end] = value
	if b.length < len(b.values) {
		b.length++
	}
}

// Pop takes the oldest value out, if there is one.
func (b *Buffer[T]) Pop() (T, bool) {
	var none T
	if b.length == 0 {
		return none, false
	}
	value := b.values[b.start]
	b.values[b.start] = none
	b.start = (b.start + 1) % len(b.values)
	b.length--
	return value, true
}

// Values are all values, the oldest first, in a slice of their own.
func (b *Buffer[T]) Values() []T {
	all := make([]T, 0, b.length)
	for i := 0; i < b.length; i++ {
		all = append(all, b.values[(b.start+i)%len(b.values)])
	}
	return all
}
