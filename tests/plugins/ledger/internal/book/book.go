// Package book keeps the ledger: the "cloud" that the test plugins manage.
//
// A ledger is one append-only file with one JSON object per line. Every operation writes a line when it begins and
// another when it ends; whatever the file says is what exists. Several processes may share one file: lines are
// appended whole, and each process reads what the others wrote before it answers a question about the cloud.
package book

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Line is one line of the file. Begin and end lines of one operation carry the same Call.
type Line struct {
	Time    string         `json:"time,omitempty"`
	Process int            `json:"process,omitempty"`
	Call    string         `json:"call,omitempty"`
	Op      string         `json:"op"`
	Phase   string         `json:"phase"` // begin, end; "mark" for what has no duration
	URN     string         `json:"urn,omitempty"`
	Type    string         `json:"type,omitempty"`
	Name    string         `json:"name,omitempty"`
	ID      string         `json:"id,omitempty"`
	Inputs  map[string]any `json:"inputs,omitempty"`
	State   map[string]any `json:"state,omitempty"`
	Secrets []string       `json:"secrets,omitempty"` // top-level inputs that arrived secret
	Preview bool           `json:"preview,omitempty"`
	Outcome string         `json:"outcome,omitempty"` // ok, partial, failed, absent, gone
	Error   string         `json:"error,omitempty"`
	Detail  map[string]any `json:"detail,omitempty"`
}

// Object is one thing that exists in the cloud.
type Object struct {
	ID, Type, URN, Name string
	Inputs, State       map[string]any
	Secrets             []string
}

// Book is an open ledger. Its methods may be called concurrently.
type Book struct {
	path  string
	sync  bool
	calls atomic.Int64

	queue chan entry

	mu      sync.Mutex // guards what was read so far
	reader  *os.File
	rest    []byte
	objects map[string]Object
}

type entry struct {
	line []byte
	done chan error
}

// Open opens the ledger at path, creating it where needed. With durable false lines are written without fsync.
func Open(path string, durable bool) (*Book, error) {
	writer, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	reader, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := &Book{path: path, sync: durable, queue: make(chan entry, 1024), reader: reader, objects: map[string]Object{}}
	go b.write(writer)
	return b, nil
}

// write is the only writer. Lines that wait together share one write and one fsync.
func (b *Book) write(file *os.File) {
	for first := range b.queue {
		batch := []entry{first}
	more:
		for {
			select {
			case next := <-b.queue:
				batch = append(batch, next)
			default:
				break more
			}
		}
		var buffer bytes.Buffer
		for _, e := range batch {
			buffer.Write(e.line)
		}
		_, err := file.Write(buffer.Bytes())
		if err == nil && b.sync {
			err = file.Sync()
		}
		for _, e := range batch {
			e.done <- err
		}
	}
}

// NewCall returns a name that pairs the lines of one operation.
func (b *Book) NewCall() string {
	return strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(b.calls.Add(1), 10)
}

// NewID returns an identifier that no other process hands out.
func NewID(name string) string {
	var raw [5]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err)
	}
	return name + "-" + hex.EncodeToString(raw[:])
}

// Append makes line durable, then returns.
func (b *Book) Append(line Line) error {
	line.Time = time.Now().UTC().Format(time.RFC3339Nano)
	line.Process = os.Getpid()
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	e := entry{line: append(text, '\n'), done: make(chan error, 1)}
	b.queue <- e
	if err := <-e.done; err != nil {
		return fmt.Errorf("ledger %s: %w", b.path, err)
	}
	return nil
}

// Find returns the object with this id as the cloud holds it now.
func (b *Book) Find(id string) (Object, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.catchUp(); err != nil {
		return Object{}, false, err
	}
	o, ok := b.objects[id]
	return o, ok, nil
}

// All returns every object that exists now.
func (b *Book) All() ([]Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.catchUp(); err != nil {
		return nil, err
	}
	all := make([]Object, 0, len(b.objects))
	for _, o := range b.objects {
		all = append(all, o)
	}
	return all, nil
}

// catchUp reads the lines that were appended since the last time, by anybody. A last line without its newline is
// somebody's write in progress and waits for the next time.
func (b *Book) catchUp() error {
	fresh, err := io.ReadAll(b.reader)
	if err != nil {
		return fmt.Errorf("ledger %s: %w", b.path, err)
	}
	data := append(b.rest, fresh...)
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		var line Line
		if err := json.Unmarshal(data[:end], &line); err != nil {
			return fmt.Errorf("ledger %s: %w", b.path, err)
		}
		b.replay(line)
		data = data[end+1:]
	}
	b.rest = bytes.Clone(data)
	return nil
}

// replay applies one line to what exists.
//
//	create, plant            the object exists from here on
//	update, drift            the object has these contents from here on
//	delete, vanish           the object is gone
func (b *Book) replay(line Line) {
	if line.Preview || line.Phase == "begin" || (line.Outcome != "ok" && line.Outcome != "partial") {
		return
	}
	switch line.Op {
	case "create", "plant":
		b.objects[line.ID] = Object{
			ID: line.ID, Type: line.Type, URN: line.URN, Name: line.Name,
			Inputs: line.Inputs, State: line.State, Secrets: line.Secrets,
		}
	case "update":
		if o, ok := b.objects[line.ID]; ok {
			o.Inputs, o.State, o.Secrets = line.Inputs, line.State, line.Secrets
			b.objects[line.ID] = o
		}
	case "drift":
		if o, ok := b.objects[line.ID]; ok {
			o.Inputs, o.State = merged(o.Inputs, line.Inputs), merged(o.State, line.State)
			b.objects[line.ID] = o
		}
	case "delete", "vanish":
		delete(b.objects, line.ID)
	}
}

// merged returns old with the changes; a null takes the key away.
func merged(old, changes map[string]any) map[string]any {
	result := maps.Clone(old)
	if result == nil {
		result = map[string]any{}
	}
	for k, v := range changes {
		if v == nil {
			delete(result, k)
		} else {
			result[k] = v
		}
	}
	return result
}
