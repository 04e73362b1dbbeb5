//go:build embedded

package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const nodeMajor = 24

// environment is that of this process, without what is meant for other programs.
func environment() []string {
	kept := []string{"MALLOC_ARENA_MAX=2", "NODE_USE_ENV_PROXY=1"}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if name == "NODE_OPTIONS" || name == "NODE_PATH" || strings.HasPrefix(name, "BREAKWATCH_") ||
			strings.HasPrefix(name, "TENCENTCLOUD_") || strings.HasPrefix(name, "PLUGIN_") {
			continue
		}
		kept = append(kept, variable)
	}
	return kept
}

// program is the server's main file and its folder.
type program struct{ file, folder string }

// findProgram finds the server beside this executable: sources in a checkout, compiled in the full package.
func findProgram() (program, error) {
	executable, err := os.Executable()
	if err != nil {
		return program{}, internal(err.Error())
	}
	folder := filepath.Join(filepath.Dir(executable), "server")
	for _, file := range []string{"src/cli/embedded.ts", "lib/cli/embedded.js"} {
		path := filepath.Join(folder, file)
		if _, err := os.Stat(path); err == nil {
			return program{file: path, folder: folder}, nil
		}
	}
	return program{}, notConfigured("Mode (mode) is embedded, but the folder server of the plugin is missing. Install the full package of the plugin.")
}

// findNode finds Node and returns its flags.
func findNode() (string, []string, error) {
	if path := os.Getenv("GF_PLUGIN_NODE_PATH"); path != "" {
		flags, err := checkNode(path)
		if err != nil {
			return "", nil, embeddedFailure(fmt.Sprintf(
				"GF_PLUGIN_NODE_PATH (node_path in grafana.ini) is not the path of Node %d or later: %v", nodeMajor, err))
		}
		return path, flags, nil
	}
	executable, err := os.Executable()
	if err != nil {
		return "", nil, internal(err.Error())
	}
	bundled := filepath.Join(filepath.Dir(executable), fmt.Sprintf("node_%s_%s", runtime.GOOS, runtime.GOARCH))
	problem := "there is none in the plugin"
	if _, err := os.Stat(bundled); err == nil {
		flags, err := checkNode(bundled)
		if err == nil {
			return bundled, flags, nil
		}
		problem = err.Error()
		if errors.Is(err, os.ErrNotExist) {
			problem = "the Node of the plugin cannot run in this image, which lacks the GNU C library (Alpine); use the image of Grafana that ends in -ubuntu"
		}
	}
	if path, err := exec.LookPath("node"); err == nil {
		if flags, err := checkNode(path); err == nil {
			return path, flags, nil
		}
	}
	return "", nil, embeddedFailure(fmt.Sprintf("Node %d or later was not found: %s", nodeMajor, problem))
}

// checkNode returns the flags for this Node.
func checkNode(path string) ([]string, error) {
	flags := []string{"--max-semi-space-size=4", "--v8-pool-size=1", "--use-system-ca", "--no-warnings"}
	// Some versions of Node 24 abort when threads start and stop, unless this option is set. Others do not know it.
	const noKeys = "--no-memory-protection-keys"
	version, err := nodeVersion(path, noKeys)
	if err == nil {
		flags = append([]string{noKeys}, flags...)
	} else if version, err = nodeVersion(path); err != nil {
		return nil, err
	}
	major, _, _ := strings.Cut(version, ".")
	if number, err := strconv.Atoi(major); err != nil || number < nodeMajor {
		return nil, fmt.Errorf("%s is Node %s", path, shorten(version))
	}
	return flags, nil
}

func nodeVersion(path string, flags ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, path, append(flags, "-p", "process.versions.node")...)
	command.Env = environment()
	output, err := command.Output()
	return string(bytes.TrimSpace(output)), err
}
