package rehearsal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// object is a JSON object. Unlike encoding/json's own decoding it keeps names to the letter and refuses one that
// comes twice; so a client's mistake cannot hide.
type object map[string]any

const maxDepth = 8

// readObject reads one object and nothing behind it.
func readObject(r io.Reader) (object, error) {
	dec := json.NewDecoder(r)
	value, err := readValue(dec, 0)
	if err != nil {
		return nil, err
	}
	o, ok := value.(object)
	if !ok {
		return nil, errors.New("no object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the object")
	}
	return o, nil
}

func readValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return readMembers(dec, depth)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := readValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}

func readMembers(dec *json.Decoder, depth int) (object, error) {
	o := object{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, errors.New("a name is no text")
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%q comes twice", name)
		}
		if o[name], err = readValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return o, err
}
