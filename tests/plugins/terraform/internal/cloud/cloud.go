// Package cloud is what the test providers manage: a folder with one JSON file for each object, a file of the
// calls that were made, and a file that says what is to go wrong. Tests read and change all three.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Cloud is the folder.
type Cloud struct{ dir string }

// Object is what exists, by attribute.
type Object = map[string]any

// Open uses dir, and makes it if need be.
func Open(dir string) (*Cloud, error) {
	if dir == "" {
		return nil, errors.New("no path is configured")
	}
	return &Cloud{dir}, os.MkdirAll(filepath.Join(dir, "objects"), 0o755)
}

func (c *Cloud) file(id string) string {
	return filepath.Join(c.dir, "objects", strings.ReplaceAll(id, "/", "_")+".json")
}

// Put makes or replaces an object; a reader sees all of it or nothing.
func (c *Cloud) Put(id string, object Object) error {
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	fresh := c.file(id) + fmt.Sprintf(".%d.new", os.Getpid())
	if err := os.WriteFile(fresh, data, 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, c.file(id))
}

// Get looks at an object; nil if there is none.
func (c *Cloud) Get(id string) (Object, error) {
	data, err := os.ReadFile(c.file(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var object Object
	return object, json.Unmarshal(data, &object)
}

// Delete removes an object, if it is there.
func (c *Cloud) Delete(id string) error {
	err := os.Remove(c.file(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// IDs lists what exists.
func (c *Cloud) IDs() []string {
	names, _ := filepath.Glob(filepath.Join(c.dir, "objects", "*.json"))
	ids := make([]string, 0, len(names))
	for _, name := range names {
		ids = append(ids, strings.TrimSuffix(filepath.Base(name), ".json"))
	}
	sort.Strings(ids)
	return ids
}

// Record notes that a call was made.
func (c *Cloud) Record(op, kind, name string, detail map[string]any) {
	line := map[string]any{"op": op, "type": kind, "name": name, "process": os.Getpid()}
	for key, value := range detail {
		line[key] = value
	}
	data, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(filepath.Join(c.dir, "calls.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.Write(append(data, '\n')); err != nil {
		panic(err)
	}
}

// Fault reads faults.json anew: {"create NAME": "panic"}. Those that a provider acts upon itself are returned;
// panic, exit, hang, slow, chatter and error happen here.
func (c *Cloud) Fault(ctx context.Context, op, name string) (string, error) {
	var faults map[string]string
	data, err := os.ReadFile(filepath.Join(c.dir, "faults.json"))
	if err == nil {
		err = json.Unmarshal(data, &faults)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	fault, ok := faults[op+" "+name]
	if !ok {
		fault = faults[op+" *"]
	}
	word, rest, _ := strings.Cut(fault, ":")
	switch word {
	case "panic":
		done := make(chan struct{})
		// In a goroutine of its own, where no interceptor recovers it.
		go func() {
			defer close(done)
			panic("the test wanted " + op + " of " + name + " to panic")
		}()
		<-done
	case "exit":
		os.Exit(3)
	case "hang":
		<-ctx.Done()
		return "", ctx.Err()
	case "slow":
		pause, err := time.ParseDuration(rest)
		if err != nil {
			return "", err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	case "chatter":
		fmt.Fprintln(os.Stdout, "a word on standard output")
		fmt.Fprintln(os.Stderr, "a word on standard error")
	case "error":
		if rest == "" {
			rest = op + " of " + name + " was refused"
		}
		return "", errors.New(rest)
	}
	return fault, nil
}
