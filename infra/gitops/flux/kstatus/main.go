// Says how kstatus, by which Flux and Helm wait, sees each Kubernetes object (JSON, one or a list) on standard input.
package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

func main() {
	if err := say(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}

// A line each: its status, what it is, and why.
func say(from io.Reader, to io.Writer) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	found, err := objects(text)
	if err != nil {
		return err
	}
	// kubectl prints nothing of what it may ignore when it is not found.
	if len(found) == 0 {
		_, err := fmt.Fprintln(to, status.NotFoundStatus)
		return err
	}
	for _, object := range found {
		name := path.Join(object.GetNamespace(), object.GetName())
		judged, why := judge(&object)
		why = strings.Join(strings.Fields(why), " ")
		if _, err := fmt.Fprintf(to, "%s %s %s: %s\n", judged, object.GetKind(), name, why); err != nil {
			return err
		}
	}
	return nil
}

func objects(text []byte) ([]unstructured.Unstructured, error) {
	if len(text) == 0 {
		return nil, nil
	}
	read, err := runtime.Decode(unstructured.UnstructuredJSONScheme, text)
	if err != nil {
		return nil, err
	}
	switch read := read.(type) {
	case *unstructured.UnstructuredList:
		return read.Items, nil
	case *unstructured.Unstructured:
		return []unstructured.Unstructured{*read}, nil
	default:
		return nil, fmt.Errorf("%T is neither an object nor a list", read)
	}
}

// What the library cannot read is what those who wait by it call unknown.
func judge(object *unstructured.Unstructured) (status.Status, string) {
	result, err := status.Compute(object)
	if err != nil {
		return status.UnknownStatus, err.Error()
	}
	return result.Status, result.Message
}
