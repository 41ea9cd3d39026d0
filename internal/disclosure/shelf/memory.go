package shelf

import (
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory holds the files of disclosures that are nowhere else: those of a simulated
// facility, which leave nothing behind however the program ends. The zero value is empty.
// It is safe for use by several goroutines.
type Memory struct {
	mu    sync.Mutex
	files map[string]*memoryFile
}

// Put adds a file, or replaces it. The text is kept and must not be changed afterwards.
func (m *Memory) Put(name string, text []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string]*memoryFile{}
	}
	m.files[name] = &memoryFile{name, text, time.Now()}
}

func (m *Memory) close() {}

func (m *Memory) names(int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.files)), nil
}

func (m *Memory) lookAt(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.files[name]; ok {
		return f, nil
	}
	return nil, fs.ErrNotExist
}

func (m *Memory) read(name string) ([]byte, error) {
	f, err := m.lookAt(name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(f.(*memoryFile).text), nil
}

// memoryFile is a file that is not changed after it was put.
type memoryFile struct {
	name string
	text []byte
	put  time.Time
}

func (f *memoryFile) Name() string       { return f.name }
func (f *memoryFile) Size() int64        { return int64(len(f.text)) }
func (f *memoryFile) Mode() fs.FileMode  { return 0o400 }
func (f *memoryFile) ModTime() time.Time { return f.put }
func (f *memoryFile) IsDir() bool        { return false }
func (f *memoryFile) Sys() any           { return nil }
